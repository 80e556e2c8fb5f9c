//! Counts of people in a text: a number in digits or words, and the noun it counts. Money, durations, years,
//! percentages, staff and organisations are no counts of people served.

use std::ops::Range;

use super::{
    number_words::{ABOUT, BELOW, FINNISH, LABELS, LINKS, NOT_BETWEEN, ONES, PEOPLE, TENS},
    piece::{Piece, Pieces},
};

/// A number that counts people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Where the number stands, in bytes, with a word such as "about".
    pub(super) at: Range<usize>,
    /// From the number to the end of its noun.
    pub(super) whole: Range<usize>,
    /// How many.
    pub(super) count: u64,
    /// The noun, in small letters; empty if it is only in the question.
    pub(super) noun: String,
    /// Said to be only about right.
    pub(super) about: bool,
    /// The index of the count that it is a part of ("4 of 23 families").
    pub(super) of: Option<usize>,
    /// The first piece and the one after the noun.
    pub(super) pieces: Range<usize>,
}

/// Whether a word counts people.
pub(super) fn person(piece: Option<&Piece<'_>>) -> bool {
    piece.is_some_and(|p| PEOPLE.contains(&p.lower().as_str()))
}

/// Whether a text speaks of people who can be counted.
pub(super) fn about_people(text: &str) -> bool {
    let pieces = Pieces::of(text);
    (0..pieces.len()).any(|n| person(pieces.get(n)))
}

/// A whole number at `index` and its last piece. Decimals, money, percentages and parts of references are none.
pub(super) fn number(pieces: &Pieces<'_>, index: usize) -> Option<(u64, usize)> {
    let piece = pieces.get(index)?;
    if !piece.digits() {
        return word(pieces, index);
    }
    let glued = piece.gap.ends_with(['£', '€', '$', '/', '_', '#'])
        || (index > 0 && matches!(piece.gap, "." | "," | "-" | ":"));
    let (mut text, mut last) = (piece.text.to_owned(), index);
    while text.len() < 16
        && let Some(next) = pieces.get(last.saturating_add(1))
        && next.digits()
        && next.text.len() == 3
        && (next.gap == "," || (matches!(next.gap, " " | "\u{a0}") && piece.text.len() <= 3))
    {
        text.push_str(next.text);
        last = last.saturating_add(1);
    }
    let after = pieces.gap_after(last);
    let joined = pieces
        .get(last.saturating_add(1))
        .is_some_and(|p| p.digits() && matches!(p.gap, "." | "," | "/" | ":" | "-"));
    let share = after.trim_start().starts_with('%');
    (!glued && !joined && !share).then(|| text.parse().ok().map(|count| (count, last)))?
}

/// A number in words: three, twenty-three, kolme.
fn word(pieces: &Pieces<'_>, index: usize) -> Option<(u64, usize)> {
    let word = pieces.get(index)?.lower();
    let place = |words: &[&str], text: &str| {
        words.iter().position(|w| *w == text).and_then(|n| u64::try_from(n).ok())
    };
    let finnish =
        || FINNISH.iter().position(|(a, b)| *a == word || *b == word).and_then(|n| u64::try_from(n).ok());
    if let Some(count) = place(ONES, &word).or_else(finnish) {
        // "two-parent families" counts parents of one family, not families.
        return (pieces.gap_after(index) != "-").then_some((count, index));
    }
    let tens = place(TENS, &word)?.saturating_add(2).saturating_mul(10);
    let next = index.saturating_add(1);
    let ones = pieces.get(next).filter(|p| p.gap == "-").and_then(|p| place(ONES, &p.lower()));
    Some(ones.map_or((tens, index), |ones| (tens.saturating_add(ones), next)))
}

/// The noun that a number before `index` counts: its piece.
fn noun(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let mut at = index;
    if pieces.get(at)?.text == "of" {
        at = at.saturating_add(1);
        if !LINKS.contains(&pieces.get(at)?.lower().as_str()) {
            return None;
        }
        at = at.saturating_add(1);
    }
    for n in at..at.saturating_add(3) {
        let piece = pieces.get(n)?;
        if !(piece.follows() || (n > at && piece.gap == "-")) {
            return None;
        }
        if person(Some(piece)) {
            // "rough sleepers", "case workers", "family hubs": the last noun says what is counted.
            let next = pieces.get(n.saturating_add(1)).filter(|p| p.follows());
            let other = next.is_some_and(|p| {
                matches!(
                    p.lower().as_str(),
                    "worker"
                        | "workers"
                        | "hub"
                        | "hubs"
                        | "centres"
                        | "studies"
                        | "conferences"
                        | "meetings"
                        | "visits"
                        | "services"
                        | "notes"
                        | "files"
                        | "managers"
                )
            });
            return if person(next) {
                Some(n.saturating_add(1))
            } else {
                (!other && piece.text != "rough").then_some(n)
            };
        }
        let lower = piece.lower();
        let plural = lower.ends_with('s') && !lower.ends_with("ss");
        if plural || NOT_BETWEEN.contains(&lower.as_str()) || !piece.text.chars().all(char::is_alphabetic) {
            return None;
        }
    }
    None
}

/// The counts of people in a text, in order.
pub(super) fn counts(pieces: &Pieces<'_>) -> Vec<Count> {
    let mut found: Vec<Count> = Vec::new();
    let mut index = 0;
    while index < pieces.len() {
        let Some((count, last)) = number(pieces, index) else {
            index = index.saturating_add(1);
            continue;
        };
        let next = last.saturating_add(1);
        let labelled = pieces.cue(index, 1, LABELS);
        let less = below(pieces, index);
        if let (Some(noun), false) = (noun(pieces, next), labelled) {
            found.extend((!less).then(|| one(pieces, index..last, noun, count)));
        } else if let (Some((total, of, noun)), false) = (out_of(pieces, next), labelled) {
            let whole = found.len().saturating_add(1);
            let part = Count { of: Some(whole), ..one(pieces, index..last, noun, count) };
            found.extend((!less).then_some(part));
            found.push(one(pieces, of, noun, total));
            index = noun;
        }
        index = index.max(last).saturating_add(1);
    }
    found
}

/// "of 23 families", "out of 23 families", "/ 23 families": the number, its pieces, its noun.
fn out_of(pieces: &Pieces<'_>, index: usize) -> Option<(u64, Range<usize>, usize)> {
    let from = match pieces.get(index)?.text {
        "of" => index.checked_add(1)?,
        "out" if pieces.get(index.checked_add(1)?)?.text == "of" => index.checked_add(2)?,
        _ => return None,
    };
    let from = if LINKS.contains(&pieces.get(from)?.text) { from.checked_add(1)? } else { from };
    let (total, last) = number(pieces, from)?;
    Some((total, from..last, noun(pieces, last.checked_add(1)?)?))
}

fn below(pieces: &Pieces<'_>, index: usize) -> bool {
    pieces.cue(index, 1, BELOW) || (pieces.cue(index, 1, &["than"]) && pieces.cue(index, 2, BELOW))
}

fn one(pieces: &Pieces<'_>, number: Range<usize>, noun: usize, count: u64) -> Count {
    let about = pieces.cue(number.start, 1, ABOUT);
    let first = if about { number.start.saturating_sub(1) } else { number.start };
    Count {
        at: pieces.span(first, number.end),
        whole: pieces.span(number.start, noun),
        count,
        noun: pieces.get(noun).map(Piece::lower).unwrap_or_default(),
        about,
        of: None,
        pieces: number.start..noun.saturating_add(1),
    }
}

/// A value that is nothing but a number, counting what its question asks for ("How many families stayed?").
pub(super) fn bare(value: &Pieces<'_>, question: &str) -> Option<Count> {
    let (count, last) = number(value, 0)?;
    if value.len() != last.checked_add(1)? {
        return None;
    }
    let asked = Pieces::of(question);
    let many = |n: usize| {
        let start = asked.cue(n, 1, &["how", "kuinka", "montako"])
            && asked.get(n).is_some_and(|p| matches!(p.text, "many" | "moni" | "monta"));
        let sum = asked.cue(n, 1, &["number"]) && asked.get(n).is_some_and(|p| p.text == "of");
        start || sum
    };
    (0..asked.len()).any(|n| many(n) && (1..=4).any(|on| person(asked.get(n.saturating_add(on))))).then(
        || Count { noun: String::new(), whole: value.span(0, last), ..one(value, 0..last, last, count) },
    )
}
