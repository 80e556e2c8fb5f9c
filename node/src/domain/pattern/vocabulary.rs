//! Words of places, and which of them mean the same. Each place keeps its own words; joining is for counting only.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::{ids::NodeId, limits};

use crate::domain::text;

/// A word or short phrase of a place, folded: small letters without accents, single spaces, no marks at its ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(String);

impl Term {
    /// The term in `text`; none when nothing is left of it or it is longer than a line, for such a text is a story.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.len() > limits::LINE_BYTES {
            return None;
        }
        let folded = text::fold(text);
        let words: Vec<_> = folded.split_whitespace().collect();
        let term = words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        (!term.is_empty()).then_some(Self(term))
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the word of a place relates to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Means the same: counted together while nobody disputes it.
    SameAs,
    /// Close, but not the same: shown, never counted together.
    CloseTo,
    /// The other word is broader: shown, never counted together.
    Broader,
}

/// What somebody said about how the word of a place relates to another word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// The place whose word it is.
    pub place: NodeId,
    /// Its word.
    pub from: Term,
    /// The other word.
    pub to: Term,
    /// How they relate.
    pub relation: Relation,
    /// Who said so.
    pub by: NodeId,
    /// Who does not agree.
    pub disputed_by: BTreeSet<NodeId>,
}

impl Mapping {
    /// Whether the words are counted together.
    #[must_use]
    pub fn joins(&self) -> bool {
        self.relation == Relation::SameAs && self.disputed_by.is_empty()
    }
}

/// A word as one place uses it, or as everybody does who said nothing else.
type Use = (Option<NodeId>, Term);

/// Which words are counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    mappings: Vec<Mapping>,
    /// Words of places that are counted under another word.
    counted_as: BTreeMap<Use, Term>,
}

impl Vocabulary {
    /// The vocabulary of these mappings; their order does not matter.
    #[must_use]
    pub fn new(mappings: impl IntoIterator<Item = Mapping>) -> Self {
        let mappings: Vec<_> = mappings.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut joined = Joined::default();
        for mapping in mappings.iter().filter(|m| m.joins()) {
            joined.join((Some(mapping.place), mapping.from.clone()), (None, mapping.to.clone()));
        }
        Self { counted_as: joined.counted_as(), mappings }
    }

    /// The word under which a word of a place is counted. Without a mapping it is itself, the same for all places.
    #[must_use]
    pub fn counted_as(&self, place: NodeId, term: &Term) -> Term {
        let own = self.counted_as.get(&(Some(place), term.clone()));
        own.or_else(|| self.counted_as.get(&(None, term.clone()))).unwrap_or(term).clone()
    }

    /// All mappings, also those that join nothing: for showing.
    #[must_use]
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }
}

/// Groups of uses that mean the same (union-find).
#[derive(Default)]
struct Joined {
    parent: BTreeMap<Use, Use>,
}

impl Joined {
    fn root(&self, mut of: Use) -> Use {
        while let Some(parent) = self.parent.get(&of).filter(|parent| **parent != of) {
            of = parent.clone();
        }
        of
    }

    /// The root of a group is the least of it, so that it does not depend on the order of joining. A use of everybody's is
    /// less than one of a place.
    fn join(&mut self, one: Use, other: Use) {
        self.parent.entry(one.clone()).or_insert_with(|| one.clone());
        self.parent.entry(other.clone()).or_insert_with(|| other.clone());
        let (one, other) = (self.root(one), self.root(other));
        self.parent.insert(one.clone().max(other.clone()), one.min(other));
    }

    fn counted_as(self) -> BTreeMap<Use, Term> {
        self.parent.keys().map(|of| (of.clone(), self.root(of.clone()).1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u8) -> NodeId {
        NodeId::from_bytes([n; 32])
    }

    fn term(text: &str) -> Term {
        Term::new(text).unwrap()
    }

    fn mapping(n: u8, from: &str, to: &str, relation: Relation) -> Mapping {
        let (from, to) = (term(from), term(to));
        Mapping { place: place(n), from, to, relation, by: place(n), disputed_by: BTreeSet::new() }
    }

    #[test]
    fn terms_are_folded() {
        assert_eq!(term("  Wartelisten,\n zu  LÄNG.").as_str(), "wartelisten, zu lang");
        assert_eq!(Term::new(" … "), None);
        assert_eq!(Term::new(&"x".repeat(limits::LINE_BYTES + 1)), None);
    }

    #[test]
    fn only_undisputed_same_words_are_counted_together() {
        let mut disputed = mapping(3, "queues", "waiting", Relation::SameAs);
        disputed.disputed_by.insert(place(9));
        let words = [
            mapping(1, "queues", "waiting", Relation::SameAs),
            mapping(2, "queues", "waiting", Relation::CloseTo),
            disputed,
            mapping(4, "queues", "waiting", Relation::Broader),
        ];
        let vocabulary = Vocabulary::new(words.clone());
        assert_eq!(vocabulary.counted_as(place(1), &term("Queues")), term("waiting"));
        for n in 2..6 {
            assert_eq!(vocabulary.counted_as(place(n), &term("queues")), term("queues"), "{n}");
        }
        assert_eq!(vocabulary, Vocabulary::new(words.into_iter().rev()));
        assert_eq!(vocabulary.mappings().len(), 4);
    }

    #[test]
    fn two_words_for_one_are_one_for_all() {
        let words = [
            mapping(1, "queues", "waiting", Relation::SameAs),
            mapping(1, "queues", "delay", Relation::SameAs),
        ];
        let vocabulary = Vocabulary::new(words);
        assert_eq!(vocabulary.counted_as(place(7), &term("waiting")), term("delay"));
        assert_eq!(vocabulary.counted_as(place(1), &term("queues")), term("delay"));
    }
}
