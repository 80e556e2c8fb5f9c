//! E-mail addresses, phone numbers, accounts on social media.

use super::{Class, Span, piece::Pieces};

/// The longest part of an address before the @ (RFC 5321).
const LOCAL_BYTES: usize = 64;
/// The longest name of a host.
const HOST_BYTES: usize = 255;
/// Words before a number that is not a phone's.
const REFERENCES: &[&str] = &[
    "ref",
    "reference",
    "invoice",
    "order",
    "contract",
    "tender",
    "po",
    "grant",
    "charity",
    "company",
    "job",
    "isbn",
];
/// Words before a number that is a phone's, however short.
const PHONES: &[&str] = &["tel", "telephone", "phone", "mobile", "mob", "puh", "puhelin", "gsm"];

/// A contact that begins at the piece `index`.
pub(super) fn at(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    email(pieces, index).or_else(|| phone(pieces, index)).or_else(|| handle(pieces, index))
}

/// Found at the piece after the @, so that each @ is looked at once.
fn email(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let piece = pieces.get(index)?;
    piece.gap.ends_with('@').then_some(())?;
    let sign = piece.start.checked_sub(1)?;
    let bytes = pieces.text.as_bytes();
    let local = |b: &u8| b.is_ascii_alphanumeric() || b"._%+-'".contains(b);
    let host = |b: &u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let before = bytes.get(..sign)?.iter().rev().take(LOCAL_BYTES).take_while(|b| local(b)).count();
    let after = bytes.get(piece.start..)?.iter().take(HOST_BYTES).take_while(|b| host(b)).count();
    let name = pieces.text.get(piece.start..piece.start.checked_add(after)?)?.trim_end_matches(['.', '-']);
    let (_, ending) = name.rsplit_once('.')?;
    let real = before > 0 && ending.len() >= 2 && ending.bytes().all(|b| b.is_ascii_alphabetic());
    real.then(|| (Class::Email, sign.saturating_sub(before)..piece.start.saturating_add(name.len())))
}

/// `@name` that is no e-mail address.
fn handle(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let piece = pieces.get(index)?;
    let alone = piece.gap == "@" || [" @", "(@", "\n@", "\"@"].iter().any(|end| piece.gap.ends_with(end));
    let more = pieces.text.get(piece.start..)?.bytes().take(31);
    let length = more.take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let letters = piece.text.bytes().any(|b| b.is_ascii_alphabetic());
    let (from, to) = (piece.start.checked_sub(1)?, piece.start.saturating_add(length));
    let first = piece.gap != "@" || from == 0;
    (alone && first && letters && (3..=30).contains(&length)).then_some((Class::SocialHandle, from..to))
}

/// International with + or 00, national with 0, or short after a word such as "tel".
fn phone(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let piece = pieces.get(index)?;
    piece.text.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
    let glued = piece.gap.ends_with(['.', '/', '-', '_', '£', '€', '$', '#', ',']);
    let (groups, last) = run(pieces, index);
    let digits = groups.concat();
    let start = match piece.gap {
        gap if gap.ends_with("+(") => piece.start.checked_sub(2)?,
        gap if gap.ends_with(['+', '(']) => piece.start.checked_sub(1)?,
        _ => piece.start,
    };
    let abroad = piece.gap.ends_with('+') || piece.gap.ends_with("+(") || digits.starts_with("00");
    let referred = pieces.cue(index, 3, REFERENCES);
    let said = pieces.cue(index, 2, PHONES);
    let real = if abroad {
        (9..=15).contains(&digits.len())
    } else {
        !glued && !referred && (national(&groups, &digits) || (said && (6..=12).contains(&digits.len())))
    };
    real.then(|| (Class::Phone, start..pieces.span(index, last).end))
}

/// Groups of digits from `index` on, at most six and fifteen digits, joined as people write phone numbers.
fn run<'a>(pieces: &Pieces<'a>, index: usize) -> (Vec<&'a str>, usize) {
    let (mut groups, mut last, mut total) = (Vec::new(), index, 0_usize);
    for n in index..index.saturating_add(6) {
        let Some(piece) = pieces.get(n) else { break };
        let joined =
            n == index || piece.follows() || matches!(piece.gap, "-" | ") " | ")" | " (" | "." | "\u{2011}");
        total = total.saturating_add(piece.text.len());
        if !joined || !piece.digits() || total > 15 {
            break;
        }
        groups.push(piece.text);
        last = n;
    }
    (groups, last)
}

/// A number dialled within the United Kingdom, Ireland or Finland. Those that begin 03, 08 (United Kingdom) or are short
/// (101, 111) belong to organisations and are left; Irish mobiles begin 083 to 089.
fn national(groups: &[&str], digits: &str) -> bool {
    let Some(first) = groups.first() else { return false };
    let service = digits.starts_with("03") && digits.len() == 11
        || digits.starts_with("080")
        || digits.starts_with("084");
    let area = match groups.len() {
        1 => (10..=11).contains(&digits.len()),
        2..=5 => (2..=6).contains(&first.len()) && groups.iter().skip(1).all(|g| (2..=8).contains(&g.len())),
        _ => false,
    };
    let length = match digits.get(..2) {
        Some("01") => (9..=11).contains(&digits.len()),
        Some("07" | "08") => (10..=11).contains(&digits.len()),
        Some("02" | "03" | "04" | "05" | "06" | "09") => (9..=11).contains(&digits.len()),
        _ => false,
    };
    area && length && !service
}
