//! What a release rests on: whether contributors' consents cover it (P05, P14, P17). Consents themselves are
//! documents at home, see `learning::consent`; only their state and a salted hash travel.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};

use super::{
    date::end_of,
    learning::consent::{Consent as Given, Standing},
    policy::{Card, Policy, Purpose, Reach},
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

/// A consent that covers some parts of a summary only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfParts {
    /// The parts.
    pub parts: Vec<String>,
    /// The consent.
    pub consent: Given,
}

/// What one consent covers of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The consent's id; empty: none is needed, or none is on record.
    pub consent: String,
    /// Parts that rest on it; none: all of it.
    pub parts: Vec<String>,
    /// In words: whose, as far as, for what, until when.
    pub words: String,
    /// What keeps it from covering the release.
    pub gaps: Vec<Gap>,
}

impl Coverage {
    /// Whether its parts are left out for want of consent.
    #[must_use]
    pub fn left_out(&self) -> bool {
        !self.parts.is_empty() && !self.gaps.is_empty()
    }
}

/// The moment a release under `policy` has to end by: when the first of the consents ends that remain in it.
#[must_use]
pub fn ends_at(whole: &Consent, parts: &[OfParts], policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    let remaining = parts.iter().filter_map(|of| {
        let end = end_of(of.consent.last_day()?);
        let until = Policy { expires_at: Some(end), ..policy.clone() };
        gaps(&of.consent, &Wanted::of(&until), now).is_empty().then_some(end)
    });
    whole.ends_at().into_iter().chain(remaining).min()
}

/// What each consent covers of a release under `policy`.
#[must_use]
pub fn coverage(whole: &Consent, parts: &[OfParts], policy: &Policy, now: Timestamp) -> Vec<Coverage> {
    let wanted = Wanted::of(policy);
    let line = |parts: &[String], given: &Given| Coverage {
        consent: given.id.as_ref().map_or_else(String::new, ToString::to_string),
        parts: parts.to_vec(),
        words: given.words(now),
        gaps: gaps(given, &wanted, now),
    };
    let mut lines = match whole {
        Consent::NotNeeded(reason) => vec![Coverage {
            consent: String::new(),
            parts: Vec::new(),
            words: format!("not needed: {reason}"),
            gaps: Vec::new(),
        }],
        Consent::Given(records) if records.is_empty() => vec![Coverage {
            consent: String::new(),
            parts: Vec::new(),
            words: "none on record".to_owned(),
            gaps: vec![Gap::NothingRecorded],
        }],
        Consent::Given(records) => records.iter().map(|given| line(&[], given)).collect(),
    };
    lines.extend(parts.iter().map(|of| line(&of.parts, &of.consent)));
    lines
}

impl Consent {
    /// The widest card, as it comes, that it covers; nothing if it covers none.
    #[must_use]
    pub fn covers_card(&self, expires_at: Option<Timestamp>, now: Timestamp) -> Option<Card> {
        let Self::Given(records) = self else { return None };
        let cards = [Card::Public, Card::Network, Card::Group, Card::NamedPeers].into_iter();
        let reaches = [Reach::Public, Reach::Network, Reach::Group, Reach::NamedPeers];
        let covered = cards.zip(reaches).find(|(card, reach)| {
            let purposes = card.purposes();
            let wanted = Wanted { reach: *reach, purposes: &purposes, expires_at };
            records.iter().all(|given| gaps(given, &wanted, now).is_empty())
        });
        covered.filter(|_| !records.is_empty()).map(|(card, _)| card)
    }

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
            Self::Given(records) => {
                records.iter().flat_map(|given| gaps(given, &Wanted::of(policy), now)).collect()
            }
        }
    }
}

/// What a release asks of a consent.
struct Wanted<'a> {
    reach: Reach,
    purposes: &'a BTreeSet<Purpose>,
    expires_at: Option<Timestamp>,
}

impl<'a> Wanted<'a> {
    fn of(policy: &'a Policy) -> Self {
        Self { reach: policy.audience.reach(), purposes: &policy.purposes, expires_at: policy.expires_at }
    }
}

fn gaps(given: &Given, release: &Wanted<'_>, now: Timestamp) -> Vec<Gap> {
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
        && release.expires_at.is_none_or(|at| at > end_of(until))
    {
        gaps.push(Gap::Outlives { id: id(), until });
    }
    let wanted = release.reach;
    if wanted > given.audience {
        gaps.push(Gap::Narrower { id: id(), agreed: given.audience, wanted });
    }
    let missing = release.purposes.difference(&given.purposes);
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
    use crate::domain::policy::For;

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
    fn a_part_whose_consent_is_narrower_is_left_out_and_its_end_does_not_count() {
        let of = |audience, until| {
            let Consent::Given(mut given) = consent(audience, until, "given") else { return Vec::new() };
            vec![OfParts { parts: vec!["noticed".into()], consent: given.remove(0) }]
        };
        let mut policy = Card::NamedPeers
            .policy(BTreeSet::from([cairn_proto::ids::NodeId::from_bytes([1; 32])]).into())
            .unwrap();
        let whole = consent("public", "2027-12-31", "given");
        let (fits, narrow) = (of("public", "2026-12-31"), of("named peers", "2026-12-31"));
        assert_eq!(ends_at(&whole, &fits, &policy, now()), fits[0].consent.last_day().map(end_of));
        policy.audience = crate::domain::policy::Audience::AllPeers;
        assert_eq!(ends_at(&whole, &narrow, &policy, now()), whole.ends_at());
        policy.expires_at = whole.ends_at();
        let lines = coverage(&whole, &narrow, &policy, now());
        assert!(!lines[0].left_out() && lines[0].gaps.is_empty());
        assert!(lines[1].left_out(), "{lines:?}");
        assert_eq!(whole.covers_card(whole.ends_at(), now()), Some(Card::Group), "purposes count, too");
    }

    #[test]
    fn the_commitment_needs_the_salt() {
        assert_ne!(commitment(&[0; 32], b"x"), commitment(&[1; 32], b"x"));
        assert_ne!(commitment(&[0; 32], b"x"), commitment(&[0; 32], b"y"));
    }
}
