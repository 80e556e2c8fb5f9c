//! Numbers that name one person or one account, told apart from other numbers by their check digits.

use super::{Class, Span, piece::Pieces};

/// An identity number that begins at the piece `index`.
pub(super) fn at(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let (class, last) = health(pieces, index)
        .or_else(|| irish_health(pieces, index))
        .or_else(|| insurance(pieces, index))
        .or_else(|| ppsn(pieces, index))
        .or_else(|| account(pieces, index))
        .or_else(|| iban(pieces, index))
        .or_else(|| finnish(pieces, index))?;
    Some((class, pieces.span(index, last)))
}

type Hit = Option<(Class, usize)>;

/// The three health numbers of the United Kingdom share ten digits and the check; their ranges do not overlap.
fn health(pieces: &Pieces<'_>, index: usize) -> Hit {
    let (digits, last) = match pieces.groups(index, &[10]) {
        Some(digits) => (digits, index),
        None => match pieces.groups(index, &[3, 3, 4]) {
            Some(digits) => (digits, index.checked_add(2)?),
            // A CHI number is often written as a date and four digits.
            None => (pieces.groups(index, &[6, 4])?, index.checked_add(1)?),
        },
    };
    // One number in eleven passes the check; what the text says is an invoice's is.
    if !eleven(&digits) || pieces.cue(index, 1, &["invoice", "order", "tender", "contract", "grant"]) {
        return None;
    }
    let class = match digits.get(..3)?.parse::<u32>().ok()? {
        10..=311 if day(&digits) => Class::ChiNumber,
        320..=399 => Class::HealthAndCareNumber,
        400..=499 | 600..=799 | 900..=999 => Class::NhsNumber,
        // Not given out so far: only when the text says what it is.
        _ if pieces.cue(index, 4, &["nhs"]) => Class::NhsNumber,
        _ => return None,
    };
    Some((class, last))
}

/// Whether ten digits have the check digit of the NHS: weights 10 to 2, mod 11 (NHS Data Dictionary, NHS NUMBER).
pub(super) fn eleven(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, body)) = values.split_last() else { return false };
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(value, weight)| value * weight).sum();
    // A remainder that asks for 10 is never given out, and 10 is no digit.
    body.len() == 9 && (11 - sum % 11) % 11 == *check
}

/// Whether digits begin with a day as DDMMYY.
fn day(digits: &str) -> bool {
    let two = |from: usize| digits.get(from..from.saturating_add(2)).and_then(|t| t.parse::<u32>().ok());
    matches!((two(0), two(2)), (Some(1..=31), Some(1..=12)))
}

/// Irish health identifier: a GS1 service relation number, 18 digits of which the last checks the others.
fn irish_health(pieces: &Pieces<'_>, index: usize) -> Hit {
    let digits = pieces.groups(index, &[18])?;
    // 539 is the prefix of GS1 Ireland; without it the text must say what it is, for one number in ten passes the check.
    let said = digits.starts_with("539") || pieces.cue(index, 6, &["ihi", "identifier"]);
    (said && gs1(&digits)).then_some((Class::IrishHealthIdentifier, index))
}

/// Whether the last digit is the GS1 check digit of the others: weights 3 and 1 from the right, mod 10.
pub(super) fn gs1(digits: &str) -> bool {
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = digits.chars().rev().filter_map(|c| c.to_digit(10)).zip(weights).map(|(d, w)| d * w).sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// National Insurance number: two letters, six digits, A to D (HMRC, NIM39110). It has no check digit.
fn insurance(pieces: &Pieces<'_>, index: usize) -> Hit {
    let mut text = String::new();
    for last in index..index.saturating_add(5) {
        let piece = pieces.get(last)?;
        if last > index && !(piece.follows() || piece.gap == "-") {
            return None;
        }
        text.push_str(piece.text);
        if text.len() >= 9 {
            return insurance_number(&text).then_some((Class::NationalInsurance, last));
        }
    }
    None
}

fn insurance_number(text: &str) -> bool {
    let bytes = text.to_ascii_uppercase().into_bytes();
    let [first, second, digits @ .., suffix] = bytes.as_slice() else { return false };
    let letter = |b: u8, never: &[u8]| b.is_ascii_uppercase() && !never.contains(&b);
    let prefix = [*first, *second];
    // QQ is never given out, but it is what official examples and so many practice files use.
    let given = prefix == *b"QQ"
        || (letter(*first, b"DFIQUV")
            && letter(*second, b"DFIOQUV")
            && !matches!(&prefix, b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ"));
    given && digits.len() == 6 && digits.iter().all(u8::is_ascii_digit) && matches!(suffix, b'A'..=b'D')
}

/// Irish PPS number: seven digits, a check letter, and since 2013 a second letter.
fn ppsn(pieces: &Pieces<'_>, index: usize) -> Hit {
    let first = pieces.get(index)?;
    if first.text.len() != 7 || !first.digits() {
        return ppsn_number(first.text).then_some((Class::Ppsn, index));
    }
    let next = pieces.get(index.checked_add(1)?)?;
    // A letter that stands apart may be a word ("1234567 A man"): only when the text says what it is.
    let said = pieces.cue(index, 5, &["pps", "ppsn"]);
    let joined = next.gap == "-" || (next.follows() && said);
    (joined && ppsn_number(&format!("{}{}", first.text, next.text)))
        .then_some((Class::Ppsn, index.saturating_add(1)))
}

/// Weights 8 to 2, the second letter 9 (W stands for none), mod 23; 0 is W.
pub(super) fn ppsn_number(text: &str) -> bool {
    let (Some(digits), Some(letters)) = (text.get(..7), text.get(7..)) else { return false };
    let mut letters = letters.chars().map(|c| c.to_ascii_uppercase());
    let (Some(check), second, None) = (letters.next(), letters.next(), letters.next()) else { return false };
    let value = |c: char| if c == 'W' { Some(0) } else { c.to_digit(36).and_then(|v| v.checked_sub(9)) };
    let second = match second {
        None => 0,
        Some(c @ ('A'..='I' | 'W')) => value(c).unwrap_or(0),
        Some(_) => return false,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits.chars().filter_map(|c| c.to_digit(10)).zip((2..=8).rev()).map(|(d, w)| d * w).sum();
    value(check) == Some((sum + 9 * second) % 23)
}

/// Finnish personal identity code: DDMMYY, the sign of the century, three digits, a check character (mod 31).
fn finnish(pieces: &Pieces<'_>, index: usize) -> Hit {
    let first = pieces.get(index)?;
    if let [b'0'..=b'9', ..] = first.text.as_bytes()
        && first.text.len() == 11
    {
        return finnish_number(first.text).then_some((Class::FinnishPersonalId, index));
    }
    let next = pieces.get(index.checked_add(1)?)?;
    let joined = first.text.len() == 6 && next.text.len() == 4 && matches!(next.gap, "-" | "+");
    (joined && finnish_number(&format!("{}{}{}", first.text, next.gap, next.text)))
        .then_some((Class::FinnishPersonalId, index.saturating_add(1)))
}

/// The characters of the check, in order of the remainder (Digital and Population Data Services Agency).
const FINNISH: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

pub(super) fn finnish_number(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let (Some(date), Some(sign), Some(serial), Some(check)) =
        (text.get(..6), text.get(6..7), text.get(7..10), text.get(10..))
    else {
        return false;
    };
    if !"+-YXWVUABCDEF".contains(sign) || !(date.bytes().chain(serial.bytes())).all(|b| b.is_ascii_digit()) {
        return false;
    }
    let remainder = format!("{date}{serial}").parse::<usize>().map_or(0, |number| number % 31);
    // 000 and 001 are never given out.
    day(date) && serial > "001" && FINNISH.get(remainder).is_some_and(|c| check.as_bytes() == [*c])
}

/// A sort code and an account number, of the United Kingdom.
fn account(pieces: &Pieces<'_>, index: usize) -> Hit {
    pieces.groups(index, &[2, 2, 2])?;
    let from = index.checked_add(3)?;
    let last = (from..from.saturating_add(4)).find(|n| pieces.groups(*n, &[8]).is_some())?;
    pieces.cue(index, 4, &["sort", "account", "bank"]).then_some((Class::BankAccount, last))
}

/// How long an account number is, by country: those that public servants here meet.
const IBAN: [(&str, usize); 17] = [
    ("GB", 22),
    ("IE", 22),
    ("FI", 18),
    ("SE", 24),
    ("NO", 15),
    ("DK", 18),
    ("EE", 20),
    ("LV", 21),
    ("LT", 20),
    ("PL", 28),
    ("DE", 22),
    ("FR", 27),
    ("NL", 18),
    ("BE", 16),
    ("ES", 24),
    ("PT", 25),
    ("IT", 27),
];

fn iban(pieces: &Pieces<'_>, index: usize) -> Hit {
    let country = pieces.get(index)?.text.get(..2)?;
    let (_, length) = IBAN.iter().find(|(code, _)| *code == country)?;
    let mut text = String::new();
    for last in index..index.saturating_add(10) {
        let piece = pieces.get(last)?;
        if last > index && !piece.follows() {
            return None;
        }
        text.push_str(piece.text);
        if text.len() >= *length {
            return (text.len() == *length && ninety_seven(&text)).then_some((Class::BankAccount, last));
        }
    }
    None
}

/// ISO 13616: the first four characters to the end, letters as 10 to 35, remainder 1 of 97.
pub(super) fn ninety_seven(text: &str) -> bool {
    let (Some(head), Some(body)) = (text.get(..4), text.get(4..)) else { return false };
    let mut remainder = 0;
    for letter in body.chars().chain(head.chars()) {
        let Some(value) = letter.to_digit(36) else { return false };
        remainder = (remainder * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    remainder == 1
}
