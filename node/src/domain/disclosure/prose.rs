//! Small numbers of people in free text. A number in a story is often the story, so this only warns.

use super::{Class, Found, Passage, Rules, number, piece::Pieces};

/// After one: not a count but a way of speaking ("one person at a time", "more than one family").
const SPEECH_BEFORE: &[&str] =
    &["than", "to", "for", "no", "any", "each", "every", "only", "least", "as", "with", "by"];
/// Who stands for an organisation rather than for themselves.
const STAFF: &[&str] = &["team", "council", "staff", "board", "committee", "office", "department"];

/// Counts of people in `passages` that are at or below what `rules` hide.
#[must_use]
pub fn small_counts(passages: &[Passage<'_>], rules: &Rules) -> Vec<Found> {
    let of = |passage: &Passage<'_>| {
        let pieces = Pieces::of(passage.text);
        let counts = number::counts(&pieces);
        let small = counts.iter().filter(|c| c.count > 0 && rules.hides(c.count));
        small
            .filter(|c| c.count > 1 || told(&pieces, c.pieces.start, c.pieces.end))
            .filter(|c| !pieces.cue_after(c.pieces.end.saturating_sub(1), 4, STAFF))
            .filter_map(|c| Found::new(Class::SmallCount, passage, c.whole.clone()))
            .collect::<Vec<_>>()
    };
    passages.iter().flat_map(of).collect()
}

/// "One" counts only where something is told of that one: "one of the mothers", "one family left". Otherwise it is
/// mostly "one person at a time".
fn told(pieces: &Pieces<'_>, start: usize, after: usize) -> bool {
    let spoken = pieces.cue(start, 1, SPEECH_BEFORE);
    let of = pieces.get(start.saturating_add(1)).is_some_and(|p| p.text == "of");
    let verb = pieces.get(after).is_some_and(|p| {
        p.follows()
            && (p.text.ends_with("ed")
                || matches!(p.text, "left" | "went" | "came" | "withdrew" | "chose" | "died" | "lost"))
    });
    !spoken && (of || verb)
}
