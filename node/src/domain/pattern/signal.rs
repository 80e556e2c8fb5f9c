//! Signals: what recurs together, where, and what speaks against it. Where to look, never what to do (R114).

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::civil::Date;

use super::Trait;

/// How likely what was found is without any pattern. About a set of traits, never about a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// At how many places the traits would stand together if each were spread over the places for itself.
    pub expected: f64,
    /// How likely at least as many places are, if one of the traits were spread for itself: of all its traits, the one
    /// for which it is the most likely.
    pub alone: f64,
    /// The share of false ones to expect among all signals that are at least as unlikely (Benjamini-Yekutieli).
    pub false_share: f64,
}

/// Traits that recur together at places, more often than chance explains.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The traits.
    pub traits: BTreeSet<Trait>,
    /// The places that have all of them: the only way on from here (R115). Their order means nothing.
    pub places: BTreeSet<NodeId>,
    /// How many places the strictest of them asks for.
    pub floor: u32,
    /// How likely it is by chance.
    pub chance: Chance,
}

/// What an answer leaves out. It is never silent about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// Some sets have more than [`super::MAX_TRAITS`] traits.
    LargerSets,
    /// There are more than [`super::MAX_SETS`] sets; those at fewer than so many places were left out.
    MoreSets {
        /// From how many places on all sets were looked at.
        places: u32,
    },
    /// There are more than [`super::MAX_SIGNALS`] signals; those later by name are left out.
    MoreSignals,
}

/// All signals of a workspace, in the order of the names of their traits.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    /// The signals.
    pub signals: Vec<Signal>,
    /// How many places contribute.
    pub places: u32,
    /// How many sets of two and more traits were tested, also those that do not recur.
    pub tested: f64,
    /// How many closed sets recur at enough places, chance or not.
    pub recurring: u32,
    /// What is left out.
    pub cut: BTreeSet<Cut>,
}

/// How a place differs from a signal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Differs {
    /// It has the contrary of one trait: the other direction of a factor, or another end.
    Contrary {
        /// The trait it lacks.
        lacks: Trait,
        /// What it has instead.
        has: Trait,
    },
    /// It ended the same way without this trait: here it held without.
    Without(Trait),
}

/// A place that has all traits of a signal but one, and tells against it; shown as prominently as a match (R119).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterExample {
    /// The place.
    pub place: NodeId,
    /// How it differs.
    pub differs: Differs,
}

/// How the records of a signal lie in time, in words: there is no curve to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Over {
    /// All on one day or spread over the time.
    Steady,
    /// Most of them in the later half of the time.
    Emerging,
    /// Most of them in the earlier half.
    Fading,
}

/// Most, for [`Over`]: three of four, so that one record more or less does not turn the word around.
const MOST: (usize, usize) = (3, 4);

impl Over {
    /// How `days` lie between the first and the last of them.
    #[must_use]
    pub fn of(days: &[Date]) -> Self {
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Self::Steady };
        let after = |day: Date| first.until(day).map_or(0, |span| span.get_days());
        let late = days.iter().filter(|day| after(**day) * 2 > after(*last)).count();
        let most = |some: usize| some * MOST.1 >= days.len() * MOST.0;
        match (first == last, most(late), most(days.len() - late)) {
            (false, true, _) => Self::Emerging,
            (false, _, true) => Self::Fading,
            _ => Self::Steady,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Steady => "over the whole time",
            Self::Emerging => "mostly lately",
            Self::Fading => "mostly in the past",
        }
    }
}

/// What a signal rests on, and what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Records of its places that have at least one of its traits.
    pub records: BTreeSet<RecordId>,
    /// The scales of these records in words, each with the places that worked at it.
    pub scales: BTreeMap<String, BTreeSet<NodeId>>,
    /// The first and the last day of these records.
    pub between: Option<(Date, Date)>,
    /// How they lie in between.
    pub over: Over,
    /// Places that have all but one of the traits, and differ.
    pub counter_examples: BTreeSet<CounterExample>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn time_is_told_in_words() {
        let days = |months: &[i8]| months.iter().map(|m| date(2025, *m, 1)).collect::<Vec<_>>();
        assert_eq!(Over::of(&[]), Over::Steady);
        assert_eq!(Over::of(&days(&[4, 4])), Over::Steady);
        assert_eq!(Over::of(&days(&[1, 10, 11, 12])), Over::Emerging);
        assert_eq!(Over::of(&days(&[1, 1, 2, 12])), Over::Fading);
        assert_eq!(Over::of(&days(&[1, 2, 11, 12])), Over::Steady);
    }
}
