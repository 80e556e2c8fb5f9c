//! Witnesses: whose cosignature a place asks for before it calls the head of a log witnessed, and how old it may be. A cosignature
//! says that its witness saw this head, and no other that contradicts it; never that the records are good.

use std::collections::BTreeSet;

use cairn_proto::ids::NodeId;
use jiff::{SignedDuration, Timestamp};

/// What a place asks for (configuration, `[witnesses]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The nodes whose cosignatures count; without any nothing is asked for.
    pub named: BTreeSet<NodeId>,
    /// How many of them must have cosigned.
    pub need: usize,
    /// How old the youngest `need` of their cosignatures may be.
    pub fresh: SignedDuration,
    /// Whether heads of other logs are compared with those that our peers hold.
    pub compare: bool,
}

/// How old a cosignature may be unless the place says otherwise: witnesses cosign anew once a day.
pub const FRESH: SignedDuration = SignedDuration::from_hours(48);

/// A witness cosigns a head that has not changed anew after this long, so that it stays fresh.
pub const COSIGN_AGAIN: SignedDuration = SignedDuration::from_hours(24);

impl Default for Policy {
    fn default() -> Self {
        Self { named: BTreeSet::new(), need: 1, fresh: FRESH, compare: true }
    }
}

/// A cosignature of a log's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// By whom.
    pub witness: NodeId,
    /// The size of the head.
    pub size: u64,
    /// When, by the clock of the witness.
    pub at: Timestamp,
}

/// How a head stands with those who were named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Witnessed {
    /// Nobody was named: nothing was asked for.
    #[default]
    NotAsked,
    /// So many of those who were named have cosigned it, and more are needed.
    Short(usize),
    /// Enough have, and the last needed one did so at this time, which is too long ago.
    Old(Timestamp),
    /// Enough have, lately.
    Fresh(Timestamp),
}

impl Policy {
    /// How the head of `size` leaves stands, by these cosignatures.
    #[must_use]
    pub fn judge(&self, size: u64, cosigned: &[Cosigned], now: Timestamp) -> Witnessed {
        if self.named.is_empty() {
            return Witnessed::NotAsked;
        }
        let counts = |one: &&Cosigned| one.size == size && self.named.contains(&one.witness);
        // A clock that is ahead makes nothing fresher than now.
        let mut times: Vec<_> = cosigned.iter().filter(counts).map(|one| one.at.min(now)).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        match self.need.checked_sub(1).and_then(|last| times.get(last)) {
            None => Witnessed::Short(times.len()),
            Some(at) if now.duration_since(*at) > self.fresh => Witnessed::Old(*at),
            Some(at) => Witnessed::Fresh(*at),
        }
    }

    /// The judgement in words.
    #[must_use]
    pub fn words(&self, witnessed: Witnessed) -> String {
        let (need, named) = (self.need, self.named.len());
        match witnessed {
            Witnessed::NotAsked => "no witnesses are asked for here".to_owned(),
            Witnessed::Short(have) => {
                format!(
                    "not witnessed yet: {have} of the {named} nodes named here have cosigned, {need} are needed"
                )
            }
            Witnessed::Old(at) => format!("witnessed, and not fresh: last on {}", day(at)),
            Witnessed::Fresh(at) => format!("witnessed and fresh: last on {}", day(at)),
        }
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> NodeId {
        NodeId::from_bytes([n; 32])
    }

    fn hours(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n)
    }

    fn cosigned(witness: u8, size: u64, hour: i64) -> Cosigned {
        Cosigned { witness: node(witness), size, at: hours(hour) }
    }

    fn two_of_three() -> Policy {
        Policy { named: [node(1), node(2), node(3)].into(), need: 2, ..Policy::default() }
    }

    #[test]
    fn whoever_asks_for_nothing_is_told_so() {
        let judged = Policy::default().judge(5, &[cosigned(1, 5, 0)], hours(1));
        assert_eq!(judged, Witnessed::NotAsked);
    }

    #[test]
    fn only_named_witnesses_of_this_very_head_count() {
        let policy = two_of_three();
        let given = [cosigned(1, 5, 10), cosigned(2, 4, 10), cosigned(9, 5, 10)];
        assert_eq!(policy.judge(5, &given, hours(11)), Witnessed::Short(1));
        let enough = [cosigned(1, 5, 10), cosigned(3, 5, 12), cosigned(9, 5, 10)];
        assert_eq!(policy.judge(5, &enough, hours(13)), Witnessed::Fresh(hours(10)));
    }

    #[test]
    fn as_fresh_as_the_last_that_is_needed() {
        let policy = two_of_three();
        let given = [cosigned(1, 5, 0), cosigned(2, 5, 40), cosigned(3, 5, 100)];
        assert_eq!(policy.judge(5, &given, hours(88)), Witnessed::Fresh(hours(40)));
        assert_eq!(policy.judge(5, &given, hours(89)), Witnessed::Old(hours(40)));
    }

    #[test]
    fn a_clock_that_is_ahead_makes_nothing_fresher() {
        let policy = Policy { need: 1, ..two_of_three() };
        assert_eq!(policy.judge(5, &[cosigned(1, 5, 500)], hours(1)), Witnessed::Fresh(hours(1)));
    }
}
