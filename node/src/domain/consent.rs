//! Contributor consent: whose words or data, for whom, for what, until when. Consent records stay
//! at home; only their state and a salted hash travel (after ISO/IEC TS 27560, P05, P14, P17).

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};

use super::{
    date::{PartialDate, end_of},
    policy::{Policy, Purpose, Reach},
    text::{Line, Prose},
};

/// Where a consent stands by its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Given, or given again.
    Given,
    /// Asked for and refused.
    Refused,
    /// Given and taken back.
    Withdrawn,
}

/// One consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Local id.
    pub id: Line,
    /// Whose words or data, by a reference that names nobody.
    pub whose: Prose,
    /// What it covers.
    pub covers: Prose,
    /// How far it may travel.
    pub reach: Reach,
    /// What it may be used for.
    pub purposes: BTreeSet<Purpose>,
    /// How it was given.
    pub how: Prose,
    /// To whom it was given.
    pub to_whom: Prose,
    /// When.
    pub on: PartialDate,
    /// Last day on which it holds.
    pub until: Option<Date>,
    /// Where it stands.
    pub state: State,
}

/// What a summary rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// These consents; all of them must cover a release.
    Given(Vec<ConsentRecord>),
    /// It holds nobody's words or data, for the reason given.
    NotNeeded(Prose),
}

/// Why consent does not cover a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// Nothing on record.
    #[error(
        "no consent is on record; record whose words or data it holds, or why nobody's consent is needed"
    )]
    NothingRecorded,
    /// Refused.
    #[error("consent \"{0}\" was refused")]
    Refused(String),
    /// Withdrawn.
    #[error("consent \"{0}\" was withdrawn")]
    Withdrawn(String),
    /// Past its last day.
    #[error("consent \"{id}\" ended on {until}")]
    Expired {
        /// The consent's id.
        id: String,
        /// Its last day.
        until: Date,
    },
    /// The audience is wider than agreed.
    #[error("consent \"{id}\" reaches as far as \"{}\", but the release would reach \"{}\"", .agreed.words(), .wanted.words())]
    Narrower {
        /// The consent's id.
        id: String,
        /// What was agreed.
        agreed: Reach,
        /// What the release would need.
        wanted: Reach,
    },
    /// A purpose nobody agreed to.
    #[error("consent \"{id}\" does not include the purpose \"{}\"", .purpose.words())]
    Purpose {
        /// The consent's id.
        id: String,
        /// The purpose.
        purpose: Purpose,
    },
    /// The record would be held longer than agreed.
    #[error("consent \"{id}\" ends on {until}, before the record would expire")]
    Outlives {
        /// The consent's id.
        id: String,
        /// Its last day.
        until: Date,
    },
}

impl Consent {
    /// The moment the first of the consents ends, if any does.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Given(records) => records.iter().filter_map(|r| r.until).min().map(end_of),
            Self::NotNeeded(_) => None,
        }
    }

    /// Everything that keeps the consent from covering a release under `policy` at `now`.
    #[must_use]
    pub fn gaps(&self, policy: &Policy, now: Timestamp) -> Vec<Gap> {
        match self {
            Self::NotNeeded(_) => Vec::new(),
            Self::Given(records) if records.is_empty() => vec![Gap::NothingRecorded],
            Self::Given(records) => records.iter().flat_map(|r| r.gaps(policy, now)).collect(),
        }
    }
}

impl ConsentRecord {
    fn gaps(&self, policy: &Policy, now: Timestamp) -> Vec<Gap> {
        let id = || self.id.as_str().to_owned();
        match self.state {
            State::Refused => return vec![Gap::Refused(id())],
            State::Withdrawn => return vec![Gap::Withdrawn(id())],
            State::Given => {}
        }
        let mut gaps = Vec::new();
        if let Some(until) = self.until {
            if end_of(until) <= now {
                return vec![Gap::Expired { id: id(), until }];
            }
            if policy.expires_at.is_none_or(|at| at > end_of(until)) {
                gaps.push(Gap::Outlives { id: id(), until });
            }
        }
        let wanted = policy.audience.reach();
        if wanted > self.reach {
            gaps.push(Gap::Narrower { id: id(), agreed: self.reach, wanted });
        }
        let missing = policy.purposes.difference(&self.purposes);
        gaps.extend(missing.map(|&purpose| Gap::Purpose { id: id(), purpose }));
        gaps
    }

    /// What it covers, in a line for people.
    #[must_use]
    pub fn words(&self) -> String {
        let purposes: Vec<_> = self.purposes.iter().map(|p| p.words()).collect();
        let until = self.until.map_or(String::new(), |day| format!(", until {day}"));
        let state = match self.state {
            State::Given => "given",
            State::Refused => "refused",
            State::Withdrawn => "withdrawn",
        };
        format!(
            "{}: {state} {} by {}, as far as {}, for {}{until}",
            self.id,
            self.on,
            self.whose,
            self.reach.words(),
            purposes.join(", ")
        )
    }
}

/// The salted hash that travels instead of the consent records. `records` is their exact local
/// form; with the salt, which stays at home, an auditor can check that they existed.
#[must_use]
pub fn commitment(salt: &[u8; 32], records: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"cairn/consent/v1\0");
    hash.update(salt);
    hash.update(records);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{date::day, policy::Card};

    fn consent(reach: Reach, until: Option<&str>, state: State) -> Consent {
        let text = |t| Prose::new("t", t).unwrap();
        Consent::Given(vec![ConsentRecord {
            id: Line::new("id", "teller-1").unwrap(),
            whose: text("a resident"),
            covers: text("one story"),
            reach,
            purposes: [Purpose::PeerLearning].into(),
            how: text("in writing"),
            to_whom: text("the steward"),
            on: "2026-01".parse().unwrap(),
            until: until.map(|d| day(d).unwrap()),
            state,
        }])
    }

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn consent_covers_what_was_agreed_and_nothing_more() {
        let named = Card::NamedPeers.policy([cairn_proto::ids::NodeId::from_bytes([1; 32])].into()).unwrap();
        let network = Card::Network.policy(BTreeSet::new()).unwrap();
        let given = consent(Reach::NamedPeers, None, State::Given);
        assert_eq!(given.gaps(&named, now()), []);
        let gaps = given.gaps(&network, now());
        assert!(matches!(gaps[0], Gap::Narrower { .. }), "{gaps:?}");
        assert!(matches!(gaps[1], Gap::Purpose { purpose: Purpose::PatternFinding, .. }), "{gaps:?}");
    }

    #[test]
    fn refused_withdrawn_expired_and_missing_consent_block() {
        let policy = Card::NamedPeers.policy([cairn_proto::ids::NodeId::from_bytes([1; 32])].into()).unwrap();
        for state in [State::Refused, State::Withdrawn] {
            assert_eq!(consent(Reach::Public, None, state).gaps(&policy, now()).len(), 1);
        }
        let expired = consent(Reach::Public, Some("2026-11-22"), State::Given);
        assert!(matches!(expired.gaps(&policy, now())[..], [Gap::Expired { .. }]));
        assert_eq!(Consent::Given(vec![]).gaps(&policy, now()), [Gap::NothingRecorded]);
    }

    #[test]
    fn a_record_may_not_outlive_its_consent() {
        let mut policy =
            Card::NamedPeers.policy([cairn_proto::ids::NodeId::from_bytes([1; 32])].into()).unwrap();
        let ends = consent(Reach::Public, Some("2026-12-31"), State::Given);
        assert!(matches!(ends.gaps(&policy, now())[..], [Gap::Outlives { .. }]));
        policy.expires_at = ends.ends_at();
        assert_eq!(ends.gaps(&policy, now()), []);
    }

    #[test]
    fn the_commitment_needs_the_salt() {
        assert_ne!(commitment(&[0; 32], b"x"), commitment(&[1; 32], b"x"));
        assert_ne!(commitment(&[0; 32], b"x"), commitment(&[0; 32], b"y"));
    }
}
