//! Policies, audiences and purposes.

use std::collections::BTreeSet;

use cairn_proto::{
    ids::NodeId,
    limits,
    pb::exchange::{self as pb, audience::Kind},
};

use super::{InvalidRecord, time, timestamp};
use crate::domain::{
    policy::{Audience, InvalidPolicy, Policy, Prohibited, Purpose},
    text::Line,
};

/// The wire value of a purpose.
#[must_use]
pub fn purpose_to_pb(purpose: Purpose) -> pb::Purpose {
    match purpose {
        Purpose::PeerLearning => pb::Purpose::PeerLearning,
        Purpose::PatternFinding => pb::Purpose::PatternFinding,
        Purpose::PolicyDesign => pb::Purpose::PolicyDesign,
        Purpose::Research => pb::Purpose::Research,
        Purpose::OfficialStatistics => pb::Purpose::OfficialStatistics,
        Purpose::PublicNarrative => pb::Purpose::PublicNarrative,
    }
}

fn prohibited_to_pb(prohibited: Prohibited) -> pb::Purpose {
    match prohibited {
        Prohibited::Ranking => pb::Purpose::Ranking,
        Prohibited::PerformanceManagement => pb::Purpose::PerformanceManagement,
        Prohibited::Inspection => pb::Purpose::Inspection,
        Prohibited::FundingDecision => pb::Purpose::FundingDecision,
        Prohibited::StaffAssessment => pb::Purpose::StaffAssessment,
        Prohibited::CommercialUse => pb::Purpose::CommercialUse,
        Prohibited::ModelTraining => pb::Purpose::ModelTraining,
    }
}

/// Wire values of purposes.
#[must_use]
pub fn purposes_to_pb(purposes: &BTreeSet<Purpose>) -> Vec<i32> {
    purposes.iter().map(|&p| purpose_to_pb(p).into()).collect()
}

/// Reads a list of purposes that are permitted.
///
/// # Errors
/// [`InvalidPolicy`] for an empty list, an unknown or a prohibited purpose.
pub fn purposes_from_pb(values: &[i32]) -> Result<BTreeSet<Purpose>, InvalidPolicy> {
    let purposes: BTreeSet<_> = values.iter().map(|&v| purpose_from_pb(v)).collect::<Result<_, _>>()?;
    if purposes.is_empty() { Err(InvalidPolicy::NoPurpose) } else { Ok(purposes) }
}

fn purpose_from_pb(value: i32) -> Result<Purpose, InvalidPolicy> {
    if let Some(prohibited) = Prohibited::ALL.into_iter().find(|&p| i32::from(prohibited_to_pb(p)) == value) {
        return Err(InvalidPolicy::Prohibited(prohibited));
    }
    let permitted = Purpose::ALL.into_iter().find(|&p| i32::from(purpose_to_pb(p)) == value);
    permitted.ok_or_else(|| InvalidPolicy::UnknownPurpose(value.to_string()))
}

impl From<&Policy> for pb::Policy {
    fn from(policy: &Policy) -> Self {
        let Policy { audience, purposes, relay, back_fill, name_place, expires_at, licence } = policy;
        Self {
            audience: Some(audience.into()),
            purposes: purposes_to_pb(purposes),
            prohibited: Prohibited::ALL.into_iter().map(|p| prohibited_to_pb(p).into()).collect(),
            relay: *relay,
            back_fill: *back_fill,
            name_place: *name_place,
            expires_at: expires_at.map(timestamp),
            licence: licence.clone(),
        }
    }
}

impl TryFrom<pb::Policy> for Policy {
    type Error = InvalidRecord;

    fn try_from(policy: pb::Policy) -> Result<Self, InvalidRecord> {
        let pb::Policy { audience, purposes, prohibited, relay, back_fill, name_place, expires_at, licence } =
            policy;
        if purposes.len() > limits::LIST_ITEMS || prohibited.len() > limits::LIST_ITEMS {
            return Err(InvalidPolicy::Unreadable("too many purposes").into());
        }
        let missing =
            Prohibited::ALL.into_iter().find(|&p| !prohibited.contains(&prohibited_to_pb(p).into()));
        if let Some(missing) = missing {
            return Err(InvalidPolicy::MissingProhibition(missing).into());
        }
        Ok(Self {
            audience: audience.ok_or(InvalidPolicy::NoAudience)?.try_into()?,
            purposes: purposes_from_pb(&purposes)?,
            relay,
            back_fill,
            name_place,
            expires_at: expires_at.map(|at| time("expires_at", &at)).transpose()?,
            licence: Line::optional("licence", &licence)?.map_or(String::new(), |l| l.to_string()),
        })
    }
}

impl From<&Audience> for pb::Audience {
    fn from(audience: &Audience) -> Self {
        let kind = match audience {
            Audience::NamedPeers(nodes) => {
                Kind::NamedPeers(pb::NamedPeers { node_ids: nodes.iter().map(NodeId::to_string).collect() })
            }
            Audience::Group(id) => Kind::Group(pb::GroupMembers { group_id: id.to_string() }),
            Audience::AllPeers => Kind::AllPeers(pb::AllPeers {}),
            Audience::Public => Kind::Public(pb::Public {}),
        };
        Self { kind: Some(kind) }
    }
}

impl TryFrom<pb::Audience> for Audience {
    type Error = InvalidRecord;

    fn try_from(audience: pb::Audience) -> Result<Self, InvalidRecord> {
        match audience.kind.ok_or(InvalidPolicy::NoAudience)? {
            Kind::Group(pb::GroupMembers { group_id }) => {
                Ok(Self::Group(super::group_id("group_id", &group_id)?))
            }
            Kind::AllPeers(pb::AllPeers {}) => Ok(Self::AllPeers),
            Kind::Public(pb::Public {}) => Ok(Self::Public),
            Kind::NamedPeers(pb::NamedPeers { node_ids }) if node_ids.is_empty() => {
                Err(InvalidPolicy::NobodyNamed.into())
            }
            Kind::NamedPeers(pb::NamedPeers { node_ids }) if node_ids.len() > limits::NAMED_PEERS => {
                Err(InvalidPolicy::TooManyNamed(node_ids.len()).into())
            }
            Kind::NamedPeers(pb::NamedPeers { node_ids }) => {
                let nodes = node_ids.iter().map(|id| super::node_id("audience", id));
                Ok(Self::NamedPeers(nodes.collect::<Result<_, _>>()?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{Card, For};

    #[test]
    fn a_policy_survives_the_wire() {
        let group = crate::domain::policy::GroupId::new("northern-circle").unwrap();
        let whom = For { peers: [NodeId::from_bytes([3; 32])].into(), group: Some(group) };
        for card in Card::ALL.into_iter().filter(|card| *card != Card::KeepHere) {
            let policy = card.policy(whom.clone()).unwrap();
            assert_eq!(Policy::try_from(pb::Policy::from(&policy)).unwrap(), policy);
        }
    }

    #[test]
    fn prohibited_missing_and_empty_are_refused() {
        let good = pb::Policy::from(&Card::Network.policy(For::default()).unwrap());
        let refused = |change: fn(&mut pb::Policy)| {
            let mut policy = good.clone();
            change(&mut policy);
            Policy::try_from(policy).unwrap_err()
        };
        let ranking = refused(|p| p.purposes.push(pb::Purpose::Ranking.into()));
        assert_eq!(ranking, InvalidPolicy::Prohibited(Prohibited::Ranking).into());
        assert_eq!(refused(|p| p.purposes.clear()), InvalidPolicy::NoPurpose.into());
        assert_eq!(refused(|p| p.audience = None), InvalidPolicy::NoAudience.into());
        let missing = refused(|p| p.prohibited.retain(|&v| v != i32::from(pb::Purpose::Inspection)));
        assert_eq!(missing, InvalidPolicy::MissingProhibition(Prohibited::Inspection).into());
        assert!(matches!(
            refused(|p| p.purposes.push(99)),
            InvalidRecord::Policy(InvalidPolicy::UnknownPurpose(_))
        ));
    }
}
