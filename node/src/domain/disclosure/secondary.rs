//! Secondary suppression: what must be hidden besides, so that no hidden number can be worked out from a total.
//!
//! The test is the reader's: from what is shown, which values may a hidden number have? Parts add up to their total,
//! so each value's least and greatest follow from those of the others.

use super::{Rules, Zero};

/// The fewest values a hidden number must still be able to have. With two, a guess is right half the time.
pub(super) const POSSIBLE: u64 = 3;

/// How a number of a table leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Shown, rounded where the rules say so.
    Shown,
    /// Hidden because it is small: the reader knows that it is.
    Small,
    /// Hidden so that others cannot be worked out: the reader knows that it is not small.
    Besides,
}

/// A number of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// What it is.
    pub(super) count: u64,
    /// How it leaves.
    pub(super) state: State,
}

impl Cell {
    /// A number, hidden if the rules hide it.
    pub(super) fn new(count: u64, rules: &Rules) -> Self {
        Self { count, state: if rules.hides(count) { State::Small } else { State::Shown } }
    }

    /// The values a reader may think of, least and greatest.
    fn range(self, rules: &Rules) -> (u64, u64) {
        match self.state {
            State::Shown => rules.unrounded(rules.rounded(self.count)),
            State::Small => (u64::from(rules.zero == Zero::Shown), u64::from(rules.hide_to)),
            State::Besides => (u64::from(rules.hide_to).saturating_add(1), u64::MAX),
        }
    }
}

/// Hides more of `parts`, and at last `total`, until no small number can be worked out. A remainder that is not shown
/// (25 of 30 said yes) counts as a part that the reader knows nothing of. Parts that exceed the total do not add up to
/// it, and are left.
pub(super) fn hide(parts: &mut [Cell], total: &mut Cell, rules: &Rules) {
    let sum = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.count));
    let Some(rest) = total.count.checked_sub(sum) else { return };
    while open(parts, *total, rest, rules) {
        let shown = parts.iter_mut().filter(|p| p.state == State::Shown && p.count > 0);
        match shown.min_by_key(|p| p.count) {
            Some(next) => next.state = State::Besides,
            None if total.state == State::Shown => total.state = State::Besides,
            None => return,
        }
    }
}

/// Whether a small number can be worked out, or nearly.
fn open(parts: &[Cell], total: Cell, rest: u64, rules: &Rules) -> bool {
    let unknown = (0, if rest == 0 { 0 } else { u64::MAX });
    let ranges: Vec<_> = parts.iter().map(|p| p.range(rules)).chain([unknown]).collect();
    let (total_least, total_most) = total.range(rules);
    let possible = |index: usize, (least, most): (u64, u64)| {
        let others = || ranges.iter().enumerate().filter(|(n, _)| *n != index).map(|(_, range)| *range);
        let others_least = others().fold(0_u64, |sum, (least, _)| sum.saturating_add(least));
        let others_most = others().fold(0_u64, |sum, (_, most)| sum.saturating_add(most));
        let least = least.max(total_least.saturating_sub(others_most));
        let most = most.min(total_most.saturating_sub(others_least));
        (least, most)
    };
    let narrow = |(least, most): (u64, u64)| most.saturating_sub(least).saturating_add(1) < POSSIBLE;
    let small = parts.iter().enumerate().filter(|(_, part)| part.state == State::Small);
    let part_open = small.map(|(n, part)| possible(n, part.range(rules))).any(narrow);
    let rest_open = rest > 0 && rules.hides(rest) && narrow(possible(parts.len(), unknown));
    part_open || rest_open
}
