//! Limits and suspensions of a peering: each side decides by itself, for itself, and both read why. The stricter of the
//! two counts, both ways. What a limit lets through can be said in one sentence, so that nobody has to guess: profiles, what
//! is public, and all that belongs to withdrawals.

use jiff::{Timestamp, civil::Date};

use super::policy::Audience;

/// How far a peering is held back; the later is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Degree {
    /// Profiles and what is public flow; nothing is passed on.
    Limited,
    /// Nothing flows but withdrawals and their receipts.
    Suspended,
}

impl Degree {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Limited, Self::Suspended];

    /// In a word, as it is stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Limited => "limited",
            Self::Suspended => "suspended",
        }
    }

    /// What flows between the two, in words.
    #[must_use]
    pub fn flows(degree: Option<Self>) -> &'static str {
        match degree {
            None => "all that policies and the contract allow flows, both ways",
            Some(Self::Limited) => {
                "both ways, profiles and what is public flow, and nothing is passed on; withdrawals and their receipts flow always"
            }
            Some(Self::Suspended) => {
                "nothing flows, either way; only withdrawals and their receipts do, always"
            }
        }
    }
}

/// That one side holds a peering back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// How far.
    pub degree: Degree,
    /// Why; both sides read it.
    pub reason: String,
    /// When whoever did it looks at it again. The other side may not have said.
    pub review_on: Option<Date>,
    /// Since when, by our clock.
    pub since: Timestamp,
}

impl Restriction {
    /// Whether it says the same as another, whenever it was said.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        (self.degree, &self.reason, self.review_on) == (other.degree, &other.reason, other.review_on)
    }

    /// Whether the day has come on which it is looked at again.
    #[must_use]
    pub fn review_due(&self, today: Date) -> bool {
        self.review_on.is_some_and(|day| day <= today)
    }

    /// In words, `by` one side.
    #[must_use]
    pub fn words(&self, by: &str) -> String {
        let Self { degree, reason, review_on, .. } = self;
        let again = review_on.map(|day| format!(" (looked at again on {day})")).unwrap_or_default();
        format!("{} {by}: {reason}{again}", degree.word())
    }
}

/// What a record is, as far as a limit asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Who a place is.
    Profile,
    /// A retraction, or a receipt for one.
    Withdrawal,
    /// Anything else.
    Other,
}

impl Sort {
    /// Whether it flows while a peering is limited; its own policy is asked besides.
    #[must_use]
    pub fn passes_limit(self, audience: &Audience) -> bool {
        match self {
            Self::Profile | Self::Withdrawal => true,
            Self::Other => *audience == Audience::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lets_profiles_withdrawals_and_what_is_public_through() {
        for audience in [Audience::AllPeers, Audience::NamedPeers([].into())] {
            assert!(Sort::Profile.passes_limit(&audience) && Sort::Withdrawal.passes_limit(&audience));
            assert!(!Sort::Other.passes_limit(&audience));
        }
        assert!(Sort::Other.passes_limit(&Audience::Public));
    }

    #[test]
    fn a_restriction_says_by_whom_why_and_until_when() {
        let day = "2027-03-01".parse().unwrap();
        let since = Timestamp::UNIX_EPOCH;
        let reason = "the contact has left".to_owned();
        let one = Restriction { degree: Degree::Limited, reason, review_on: Some(day), since };
        assert_eq!(
            one.words("by them"),
            "limited by them: the contact has left (looked at again on 2027-03-01)"
        );
        assert!(one.review_due(day) && !one.review_due(day.yesterday().unwrap()));
        assert!(one.says(&Restriction { since: Timestamp::MAX, ..one.clone() }));
        assert!(!one.says(&Restriction { degree: Degree::Suspended, ..one.clone() }));
    }
}
