//! What a release rests on: whether contributors' consents cover it (P05, P14, P17). Consents themselves are
//! documents at home, see `learning::consent`; only their state and a salted hash travel.

use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};

use super::{
    date::end_of,
    learning::consent::{Consent as Given, Standing},
    policy::{Policy, Purpose, Reach},
    text::Prose,
};

/// What a summary rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// These consents; all of them must cover a release.
    Given(Vec<Given>),
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
    /// Asked for, and no answer is on record.
    #[error("consent \"{0}\" has no event that says it was given; record it with `cairn consent give`")]
    NotGiven(String),
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
            Self::Given(records) => records.iter().filter_map(Given::last_day).min().map(end_of),
            Self::NotNeeded(_) => None,
        }
    }

    /// Everything that keeps the consent from covering a release under `policy` at `now`.
    #[must_use]
    pub fn gaps(&self, policy: &Policy, now: Timestamp) -> Vec<Gap> {
        match self {
            Self::NotNeeded(_) => Vec::new(),
            Self::Given(records) if records.is_empty() => vec![Gap::NothingRecorded],
            Self::Given(records) => records.iter().flat_map(|given| gaps(given, policy, now)).collect(),
        }
    }
}

fn gaps(given: &Given, policy: &Policy, now: Timestamp) -> Vec<Gap> {
    let id = || given.id.as_ref().map_or_else(String::new, ToString::to_string);
    match given.standing(now) {
        Standing::Refused => return vec![Gap::Refused(id())],
        Standing::Withdrawn => return vec![Gap::Withdrawn(id())],
        Standing::Unknown => return vec![Gap::NotGiven(id())],
        Standing::Expired(until) => return vec![Gap::Expired { id: id(), until }],
        Standing::Holds => {}
    }
    let mut gaps = Vec::new();
    if let Some(until) = given.last_day()
        && policy.expires_at.is_none_or(|at| at > end_of(until))
    {
        gaps.push(Gap::Outlives { id: id(), until });
    }
    let wanted = policy.audience.reach();
    if wanted > given.audience {
        gaps.push(Gap::Narrower { id: id(), agreed: given.audience, wanted });
    }
    let missing = policy.purposes.difference(&given.purposes);
    gaps.extend(missing.map(|&purpose| Gap::Purpose { id: id(), purpose }));
    gaps
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

    use crate::domain::policy::{Card, For};

    fn consent(audience: &str, until: &str, state: &str) -> Consent {
        let consent = serde_json::json!({
            "id": "teller-1", "whose": "a resident", "covers": "one story", "audience": audience,
            "purposes": ["peer learning"], "given_on": "2026-01", "until": until, "state": state,
        });
        let consent = crate::domain::learning::shape::pruned(consent);
        Consent::Given(vec![serde_json::from_value(consent).unwrap()])
    }

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn consent_covers_what_was_agreed_and_nothing_more() {
        let named = Card::NamedPeers
            .policy(std::collections::BTreeSet::from([cairn_proto::ids::NodeId::from_bytes([1; 32])]).into())
            .unwrap();
        let network = Card::Network.policy(For::default()).unwrap();
        let given = consent("named peers", "", "given");
        assert_eq!(given.gaps(&named, now()), []);
        let gaps = given.gaps(&network, now());
        assert!(matches!(gaps[0], Gap::Narrower { .. }), "{gaps:?}");
        assert!(matches!(gaps[1], Gap::Purpose { purpose: Purpose::PatternFinding, .. }), "{gaps:?}");
    }

    #[test]
    fn refused_withdrawn_expired_and_missing_consent_block() {
        let policy = Card::NamedPeers
            .policy(std::collections::BTreeSet::from([cairn_proto::ids::NodeId::from_bytes([1; 32])]).into())
            .unwrap();
        for state in ["refused", "withdrawn"] {
            assert_eq!(consent("public", "", state).gaps(&policy, now()).len(), 1);
        }
        let expired = consent("public", "2026-11-22", "given");
        assert!(matches!(expired.gaps(&policy, now())[..], [Gap::Expired { .. }]));
        assert_eq!(Consent::Given(vec![]).gaps(&policy, now()), [Gap::NothingRecorded]);
    }

    #[test]
    fn a_record_may_not_outlive_its_consent() {
        let mut policy = Card::NamedPeers
            .policy(std::collections::BTreeSet::from([cairn_proto::ids::NodeId::from_bytes([1; 32])]).into())
            .unwrap();
        let ends = consent("public", "2026-12-31", "given");
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
