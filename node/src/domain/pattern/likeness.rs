//! Which words may mean the same: suggestions for people, who decide. Nothing is joined here.

use std::collections::BTreeSet;

use super::Term;

/// How alike two terms are, from 0 to 1. A seam: other measures than [`lexical`] fit here.
pub type Likeness = fn(&Term, &Term) -> f64;

/// Two terms that may mean the same. Not more than a question to the places whose words they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    /// The one, first in the order of letters.
    pub one: Term,
    /// The other.
    pub other: Term,
}

/// From here on two terms are suggested: below, most are alike in their letters only.
const ALIKE: f64 = 0.5;

/// The most terms that are compared each with each: two million comparisons at most, whatever is contributed.
const MAX_TERMS: usize = 2_000;

/// How alike two terms are in their letters: the share of groups of three letters, or of words, that both have.
#[must_use]
pub fn lexical(one: &Term, other: &Term) -> f64 {
    let words = |term: &Term| term.as_str().split(' ').map(str::to_owned).collect();
    shared(&trigrams(one), &trigrams(other)).max(shared(&words(one), &words(other)))
}

/// Terms that may mean the same, and whether some were left out since there were too many to compare.
#[must_use]
pub fn suggest(terms: &BTreeSet<Term>, likeness: Likeness) -> (Vec<Suggestion>, bool) {
    let mut found = Vec::new();
    for (one, n) in terms.iter().take(MAX_TERMS).zip(1..) {
        let others = terms.iter().take(MAX_TERMS).skip(n).filter(|other| likeness(one, other) >= ALIKE);
        found.extend(others.map(|other| Suggestion { one: one.clone(), other: other.clone() }));
    }
    (found, terms.len() > MAX_TERMS)
}

/// Groups of three letters, with a space before and after so that short terms have some.
fn trigrams(term: &Term) -> BTreeSet<String> {
    let letters: Vec<char> = format!(" {} ", term.as_str()).chars().collect();
    letters.windows(3).map(|group| group.iter().collect()).collect()
}

fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let both = one.intersection(other).count();
    let either = one.len() + other.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_look_alike_are_suggested() {
        let terms = ["waiting list", "waiting lists", "rent arrears"].map(|t| Term::new(t).unwrap());
        let (found, cut) = suggest(&terms.clone().into(), lexical);
        let [one, other, _] = terms;
        assert_eq!(found, [Suggestion { one, other }]);
        assert!(!cut);
    }
}
