//! What a place decided about its pre-flight: more care than the floor, never less.

use std::collections::{BTreeMap, BTreeSet};

use super::Sort;
use crate::domain::{
    disclosure::{InvalidRules, RuleSet, Rules, Weight},
    policy::Card,
};

/// What a place decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    rules: Rules,
    raised: BTreeSet<Sort>,
    two_persons: BTreeSet<Card>,
    second_person_for_overrides: bool,
}

/// Why settings were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// Nothing by that name is found.
    #[error(
        "[preflight] blocks names \"{found}\", which pre-flight does not look for; choose from {known}. What blocks anyway \
         need not be named, and cannot be made to warn only"
    )]
    Unknown {
        /// The name.
        found: String,
        /// Those that may be named.
        known: String,
    },
    /// No card of that name.
    #[error("[preflight] two_persons names \"{0}\", which is not a policy card under which something leaves; choose from {known}",
        known = cards())]
    Card(String),
    /// Rules for small numbers below the floor.
    #[error("[preflight] {0}")]
    Rules(#[from] InvalidRules),
}

fn cards() -> String {
    let cards = Card::ALL.into_iter().filter(|card| *card != Card::KeepHere).map(Card::name);
    cards.collect::<Vec<_>>().join(", ")
}

impl Settings {
    /// Checks what a place decided: which findings block besides those that always do, the small-number rules, the
    /// cards that need two persons, and whether overrides do.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn new(
        blocks: &[String],
        rules: RuleSet,
        two_persons: &[String],
        second_person_for_overrides: bool,
    ) -> Result<Self, InvalidSettings> {
        let known: BTreeMap<_, _> = Sort::all().map(|sort| (sort.word(), sort)).collect();
        let raise = |word: &String| {
            known.get(word.trim()).copied().ok_or_else(|| InvalidSettings::Unknown {
                found: word.chars().take(60).collect(),
                known: Sort::all()
                    .filter(|s| s.floor() == Weight::Warns)
                    .map(Sort::word)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
        };
        let card = |name: &String| {
            let card = Card::from_words(name).filter(|card| *card != Card::KeepHere);
            card.ok_or_else(|| InvalidSettings::Card(name.chars().take(60).collect()))
        };
        Ok(Self {
            rules: Rules::new(rules)?,
            raised: blocks.iter().map(raise).collect::<Result<_, _>>()?,
            two_persons: two_persons.iter().map(card).collect::<Result<_, _>>()?,
            second_person_for_overrides,
        })
    }

    /// The small-number rules.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What a finding does here.
    #[must_use]
    pub fn weight(&self, sort: Sort) -> Weight {
        if self.raised.contains(&sort) { Weight::Blocks } else { sort.floor() }
    }

    /// Whether a card needs two persons here.
    #[must_use]
    pub fn needs_two(&self, card: Card) -> bool {
        self.two_persons.contains(&card)
    }

    /// Why a release needs a second person here; nothing if it does not.
    #[must_use]
    pub fn second_person(&self, card: Card, overridden: usize) -> Option<String> {
        if self.needs_two(card) {
            return Some(format!("releases under the card \"{}\" need two persons here", card.name()));
        }
        (self.second_person_for_overrides && overridden > 0).then(|| {
            "what pre-flight found is to leave all the same, which needs two persons here".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::disclosure::Class;

    fn blocks(words: &[&str]) -> Result<Settings, InvalidSettings> {
        let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        Settings::new(&words, RuleSet::Default, &["public".to_owned()], true)
    }

    #[test]
    fn a_place_can_raise_what_is_found_and_never_lower_it() {
        let settings = blocks(&["name"]).unwrap();
        assert_eq!(settings.weight(Sort::Data(Class::Name)), Weight::Blocks);
        assert_eq!(settings.weight(Sort::Data(Class::Postcode)), Weight::Warns);
        for sort in Sort::all() {
            assert!(settings.weight(sort) >= sort.floor());
        }
        let refused = blocks(&["nome"]).unwrap_err().to_string();
        assert!(refused.contains("\"nome\"") && refused.contains("postcode"), "{refused}");
    }

    #[test]
    fn two_persons_by_card_or_for_overrides() {
        let settings = blocks(&[]).unwrap();
        assert!(settings.second_person(Card::Public, 0).is_some());
        assert!(settings.second_person(Card::Network, 0).is_none());
        assert!(settings.second_person(Card::Network, 1).is_some());
        assert!(Settings::default().second_person(Card::Public, 1).is_none());
        let refused = Settings::new(&[], RuleSet::Default, &["keep here".to_owned()], false).unwrap_err();
        assert!(refused.to_string().contains("national pattern-finding"), "{refused}");
    }
}
