//! Dates of birth: a full date next to a word about being born. An age or a year of birth alone is not found: it
//! names nobody by itself, and ages stand in nearly every story.

use super::{Class, Span, piece::Pieces};

/// Words about being born, English and Finnish. `b` is what is left of "d.o.b.".
const CUES: &[&str] = &[
    "born",
    "dob",
    "b",
    "birth",
    "birthday",
    "birthdate",
    "synt",
    "syntynyt",
    "syntynyttä",
    "syntyi",
    "syntymäaika",
    "syntymäpäivä",
    "syntymäpäivänsä",
];
/// What is "born" without being a person.
const THINGS: &[&str] = &[
    "alliance",
    "service",
    "project",
    "idea",
    "team",
    "programme",
    "partnership",
    "experiment",
    "scheme",
    "group",
    "trust",
    "network",
    "pilot",
    "approach",
    "model",
    "charity",
    "forum",
];
/// Months, by their first three letters in English and Finnish.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "tam", "hel", "maa",
    "huh", "tou", "kes", "hei", "elo", "syy", "lok", "mar", "jou",
];

/// A date of birth that begins at the piece `index`.
pub(super) fn at(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let last = date(pieces, index)?;
    let cued = pieces.cue(index, 5, CUES) || pieces.cue_after(last, 5, CUES);
    (cued && !pieces.cue(index, 7, THINGS)).then(|| (Class::DateOfBirth, pieces.span(index, last)))
}

/// The last piece of a full date in one of its common forms.
fn date(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let [first, second, third] = [0, 1, 2].map(|n| index.checked_add(n).and_then(|n| pieces.get(n)));
    let (first, second, third) = (first?, second?, third?);
    let last = index.checked_add(2)?;
    let numeric = matches!(second.gap, "/" | "." | "-") && third.gap == second.gap;
    let day_first = within(first.text, 31) && within(second.text, 12) && year(third.text);
    let year_first = first.text.len() == 4 && within(second.text, 12) && within(third.text, 31);
    if numeric && first.digits() && (day_first || year_first) {
        return Some(last);
    }
    let spaced = matches!(second.gap, " " | ". " | " of ") && matches!(third.gap, " " | ", ");
    let ordinal = first.text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let written = (within(ordinal, 31) && month(second.text))
        || (month(first.text) && within(second.text.trim_end_matches(|c: char| c.is_ascii_lowercase()), 31));
    (spaced && written && third.text.len() == 4 && year(third.text)).then_some(last)
}

fn within(text: &str, most: u32) -> bool {
    text.len() <= 2 && text.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
}

fn year(text: &str) -> bool {
    matches!(text.len(), 2 | 4) && text.bytes().all(|b| b.is_ascii_digit())
}

fn month(text: &str) -> bool {
    let lower = text.to_lowercase();
    let whole = lower.chars().all(char::is_alphabetic);
    whole && MONTHS.iter().any(|m| lower.starts_with(m))
}
