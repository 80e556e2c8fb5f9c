//! What one consented summary gives to pattern finding: its traits, and nothing of its prose.

use std::{collections::BTreeSet, fmt};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::civil::Date;

use super::{FLOOR, Term, Vocabulary};
use crate::domain::{
    experiment::{Force, State, Summary},
    place::Scale,
    text::Line,
};

/// Which way a factor blew (R113).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It hindered.
    Headwind,
    /// It helped.
    Tailwind,
}

/// How something ended. None of them is good or bad (R070, N17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Ended as planned.
    EndedAsPlanned,
    /// Ended early.
    EndedEarly,
    /// Became ordinary practice.
    BecamePractice,
}

/// Something a summary says that may recur elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// A factor and which way it blew.
    Factor(Term, Direction),
    /// A condition under which it was tried.
    Condition(Term),
    /// A management practice it was about.
    PracticeArea(Term),
    /// A theme.
    Theme(Term),
    /// How it ended.
    Ended(Outcome),
}

impl Trait {
    /// Traits that contradict it at the same place: the other direction of a factor, or another end.
    #[must_use]
    pub fn opposites(&self) -> Vec<Self> {
        use Outcome::{BecamePractice, EndedAsPlanned, EndedEarly};
        match self {
            Self::Factor(term, Direction::Headwind) => vec![Self::Factor(term.clone(), Direction::Tailwind)],
            Self::Factor(term, Direction::Tailwind) => vec![Self::Factor(term.clone(), Direction::Headwind)],
            Self::Ended(ended) => {
                let others = [EndedAsPlanned, EndedEarly, BecamePractice].into_iter().filter(|o| o != ended);
                others.map(Self::Ended).collect()
            }
            Self::Condition(_) | Self::PracticeArea(_) | Self::Theme(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Trait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Factor(term, Direction::Headwind) => write!(f, "headwind: {}", term.as_str()),
            Self::Factor(term, Direction::Tailwind) => write!(f, "tailwind: {}", term.as_str()),
            Self::Condition(term) => write!(f, "condition: {}", term.as_str()),
            Self::PracticeArea(term) => write!(f, "practice area: {}", term.as_str()),
            Self::Theme(term) => write!(f, "theme: {}", term.as_str()),
            Self::Ended(Outcome::EndedAsPlanned) => f.write_str("ended as planned"),
            Self::Ended(Outcome::EndedEarly) => f.write_str("ended early"),
            Self::Ended(Outcome::BecamePractice) => f.write_str("became practice"),
        }
    }
}

/// What one consented summary gives to pattern finding (R120). That it may be used so is decided before it comes here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The record of the summary.
    pub record: RecordId,
    /// The place it comes from.
    pub place: NodeId,
    /// The scale it worked at.
    pub scale: Scale,
    /// The day as of which it is true.
    pub as_of: Date,
    /// How many places must share something before the source wants it shown; never below [`FLOOR`].
    pub floor: u32,
    /// What it says.
    pub traits: BTreeSet<Trait>,
}

impl Contribution {
    /// What `summary` gives, in the words under which `vocabulary` counts those of `place`. `told` is the day it was
    /// published: it counts where the summary does not say as of when it is true. Conditions stand in prose, which is not
    /// taken apart here; people add them ([`Trait::Condition`]).
    #[must_use]
    pub fn of(
        summary: &Summary,
        record: RecordId,
        place: NodeId,
        told: Date,
        floor: u32,
        vocabulary: &Vocabulary,
    ) -> Self {
        let word = |text: &str| Term::new(text).map(|term| vocabulary.counted_as(place, &term));
        let forces = |forces: &[Force], direction| -> Vec<Trait> {
            let terms = forces.iter().filter_map(|force| word(force.what.as_str()));
            terms.map(|term| Trait::Factor(term, direction)).collect()
        };
        let lines = |lines: &[Line], kind: fn(Term) -> Trait| -> Vec<Trait> {
            lines.iter().filter_map(|line| word(line.as_str())).map(kind).collect()
        };
        let mut traits = BTreeSet::new();
        traits.extend(forces(&summary.headwinds, Direction::Headwind));
        traits.extend(forces(&summary.tailwinds, Direction::Tailwind));
        traits.extend(lines(&summary.themes, Trait::Theme));
        traits.extend(lines(&summary.practice_areas, Trait::PracticeArea));
        traits.extend(ended(summary.state).map(Trait::Ended));
        let as_of = summary.as_of.map_or(told, |date| date.last_day().min(told));
        Self { record, place, scale: summary.scale.clone(), as_of, floor: floor.max(FLOOR), traits }
    }
}

/// How it ended, if it did.
fn ended(state: State) -> Option<Outcome> {
    match state {
        State::Designing | State::Running | State::Paused => None,
        State::EndedAsPlanned => Some(Outcome::EndedAsPlanned),
        State::EndedEarly => Some(Outcome::EndedEarly),
        State::BecamePractice => Some(Outcome::BecamePractice),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{experiment::Declaration, text::Prose};

    fn summary() -> Summary {
        let force = |what| Force { what: Prose::new("what", what).unwrap(), scale: Scale::Place };
        Summary {
            title: Line::new("title", "One contact").unwrap(),
            whose: None,
            kind: Line::new("kind", "experiment").unwrap(),
            state: State::EndedEarly,
            scale: Scale::Place,
            themes: vec![Line::new("themes", "Housing").unwrap()],
            practice_areas: vec![Line::new("practice_areas", "Commissioning").unwrap()],
            questions: vec![],
            tried: None,
            why: None,
            context: None,
            unknowns: None,
            noticed: None,
            figures: vec![],
            surprised: None,
            went_wrong: None,
            learnt: None,
            how_sure: None,
            headwinds: vec![force("Short contracts."), force(&"long ".repeat(1000))],
            tailwinds: vec![force("trust")],
            principle: None,
            may_not_travel: None,
            compromises: None,
            voices_in: vec![],
            voices_missing: vec![],
            declaration: Declaration::InRetrospect,
            began: None,
            ended: None,
            as_of: Some("2025".parse().unwrap()),
            sources: vec![],
        }
    }

    #[test]
    fn a_summary_gives_its_traits_and_no_prose() {
        let place = NodeId::from_bytes([1; 32]);
        let record = RecordId { author: place, index: 3 };
        let given = Contribution::of(&summary(), record, place, date(2025, 6, 1), 1, &Vocabulary::default());
        let traits: Vec<_> = given.traits.iter().map(ToString::to_string).collect();
        assert_eq!(
            traits,
            [
                "headwind: short contracts",
                "tailwind: trust",
                "practice area: commissioning",
                "theme: housing",
                "ended early"
            ]
        );
        assert_eq!((given.floor, given.as_of), (FLOOR, date(2025, 6, 1)));
    }
}
