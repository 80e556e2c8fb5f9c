//! Which versions of the protocol two nodes can speak with each other, and which a place asks for.

use cairn_proto::limits;

/// The versions that this node speaks, and the oldest that is enough for learning to flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    low: u32,
    high: u32,
    minimum: u32,
}

impl Default for Versions {
    fn default() -> Self {
        Self::speaking(limits::MIN_PROTOCOL_VERSION, limits::PROTOCOL_VERSION)
    }
}

impl Versions {
    /// Versions `low` to `high`, all of them enough. Differs from the default only where another software is tried out.
    #[must_use]
    pub const fn speaking(low: u32, high: u32) -> Self {
        Self { low, high, minimum: low }
    }

    /// With `minimum` asked of peers. None if this node does not speak that version itself.
    #[must_use]
    pub fn asking(self, minimum: u32) -> Option<Self> {
        (self.low..=self.high).contains(&minimum).then_some(Self { minimum, ..self })
    }

    /// The oldest that this node speaks.
    #[must_use]
    pub fn low(self) -> u32 {
        self.low
    }

    /// The newest that this node speaks.
    #[must_use]
    pub fn high(self) -> u32 {
        self.high
    }

    /// The oldest in which learning flows. In an older one that both speak, only what must never wait does: withdrawals.
    #[must_use]
    pub fn minimum(self) -> u32 {
        self.minimum
    }

    /// The highest version that both speak, if there is one, with another that speaks `low` to `high`.
    #[must_use]
    pub fn agreed(self, low: u32, high: u32) -> Option<u32> {
        let highest = self.high.min(high);
        (highest >= self.low.max(low)).then_some(highest)
    }

    /// Whether learning flows in the version agreed on.
    #[must_use]
    pub fn is_enough(self, agreed: u32) -> bool {
        agreed >= self.minimum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any() -> impl Strategy<Value = Versions> {
        (0..9_u32, 0..9_u32, 0..9_u32).prop_map(|(low, more, least)| Versions {
            low,
            high: low + more,
            minimum: low + least.min(more),
        })
    }

    proptest! {
        #[test]
        fn both_agree_on_the_same_and_each_speaks_it(ours in any(), theirs in any()) {
            let agreed = ours.agreed(theirs.low, theirs.high);
            prop_assert_eq!(agreed, theirs.agreed(ours.low, ours.high));
            let common = (0..32).filter(|v| (ours.low..=ours.high).contains(v) && (theirs.low..=theirs.high).contains(v));
            prop_assert_eq!(agreed, common.max());
        }

        #[test]
        fn only_a_version_that_is_spoken_can_be_asked_for(ours in any(), minimum in 0..32_u32) {
            match ours.asking(minimum) {
                Some(asking) => {
                    prop_assert_eq!(asking.minimum(), minimum);
                    prop_assert!(asking.is_enough(asking.high()) && !asking.is_enough(minimum.wrapping_sub(1)) || minimum == 0);
                }
                None => prop_assert!(minimum < ours.low || minimum > ours.high),
            }
        }

        #[test]
        fn what_is_no_range_is_not_agreed_on(ours in any(), low in 1..32_u32) {
            prop_assert_eq!(ours.agreed(low, low - 1), None);
        }
    }
}
