//! Peering contracts, and how a side sees a peering.

use cairn_proto::{
    envelope::{self, EnvelopeError, PayloadType},
    identity::Identity,
    pb::exchange as pb,
};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::{InvalidRecord, node_id, policy, time, timestamp};
use crate::domain::{
    date,
    peer::{Contract, Peering, Seen, SeenStanding, Standing, Terms},
    restriction::{Degree, Restriction},
    text::Prose,
};

/// Why a contract was refused.
#[derive(Debug, thiserror::Error)]
pub enum InvalidContract {
    /// Its content is not allowed.
    #[error("the contract cannot be accepted: {0}")]
    Content(#[from] InvalidRecord),
    /// Its envelope or signature is wrong.
    #[error("the contract is not signed as it must be: {0}")]
    Signature(#[from] EnvelopeError),
    /// It is not a protobuf message.
    #[error("the contract cannot be read: {0}")]
    Unreadable(#[from] prost::DecodeError),
}

/// SHA-256 of a contract's payload: how both sides name it.
#[must_use]
pub fn contract_hash(contract: &pb::Envelope) -> [u8; 32] {
    Sha256::digest(&contract.payload).into()
}

/// The exact bytes of a contract, ready to be signed.
#[must_use]
pub fn encode(contract: &Contract, nonce: [u8; 16]) -> Vec<u8> {
    let Contract { proposer, accepter, terms, proposed_at } = contract;
    pb::PeeringContract {
        proposer: proposer.to_string(),
        accepter: accepter.to_string(),
        purposes: policy::purposes_to_pb(&terms.purposes),
        relay: terms.relay,
        purge_hours: terms.purge_hours,
        backup_days: terms.backup_days,
        daily_bytes: terms.daily_bytes,
        review_on: terms.review_on.map(|day| day.to_string()).unwrap_or_default(),
        proposed_at: Some(timestamp(*proposed_at)),
        nonce: nonce.to_vec(),
    }
    .encode_to_vec()
}

/// Checks that `contract` carries a valid signature of each of `signers`, and reads it.
///
/// # Errors
/// [`InvalidContract`].
pub fn open(contract: &pb::Envelope, signers: &[&Identity]) -> Result<Contract, InvalidContract> {
    let keys: Vec<_> = signers.iter().map(|identity| identity.current().signing_key).collect();
    let payload = envelope::verify(contract, PayloadType::PeeringContract, &keys, keys.len())?;
    Ok(pb::PeeringContract::decode(payload)?.try_into()?)
}

impl TryFrom<pb::PeeringContract> for Contract {
    type Error = InvalidRecord;

    fn try_from(contract: pb::PeeringContract) -> Result<Self, InvalidRecord> {
        let pb::PeeringContract {
            proposer,
            accepter,
            purposes,
            relay,
            purge_hours,
            backup_days,
            daily_bytes,
            review_on,
            proposed_at,
            nonce: _,
        } = contract;
        let terms = Terms {
            purposes: policy::purposes_from_pb(&purposes)?,
            relay,
            purge_hours,
            backup_days,
            daily_bytes,
            review_on: if review_on.is_empty() { None } else { Some(date::day(&review_on)?) },
        };
        Ok(Self {
            proposer: node_id("proposer", &proposer)?,
            accepter: node_id("accepter", &accepter)?,
            terms,
            proposed_at: time("proposed_at", &proposed_at.ok_or(InvalidRecord::Missing("proposed_at"))?)?,
        })
    }
}

/// The wire value of a standing.
#[must_use]
pub fn standing_to_pb(standing: Standing) -> pb::Standing {
    match standing {
        Standing::Proposed(_) => pb::Standing::Proposed,
        Standing::Active => pb::Standing::Active,
        Standing::Ended(_) => pb::Standing::Ended,
    }
}

/// The wire value of a limit or suspension.
#[must_use]
pub fn degree_to_pb(degree: Degree) -> pb::Standing {
    match degree {
        Degree::Limited => pb::Standing::Limited,
        Degree::Suspended => pb::Standing::Suspended,
    }
}

impl From<&Peering> for pb::Relationship {
    /// How we see it; what the other side decided is for it to say.
    fn from(peering: &Peering) -> Self {
        let contract_hash = peering.contract_hash.to_vec();
        match &peering.by_us {
            Some(Restriction { degree, reason, review_on, since }) => Self {
                standing: degree_to_pb(*degree).into(),
                reason: reason.clone(),
                since: Some(timestamp(*since)),
                contract_hash,
                review_on: review_on.map(|day| day.to_string()).unwrap_or_default(),
            },
            None => Self {
                standing: standing_to_pb(peering.standing).into(),
                reason: peering.reason.clone(),
                since: Some(timestamp(peering.since)),
                contract_hash,
                review_on: String::new(),
            },
        }
    }
}

/// Reads how the other side sees the peering; nothing said means: strangers.
///
/// # Errors
/// [`InvalidRecord`] when the reason is not text that can be shown, or the day is none.
pub fn seen(relationship: Option<pb::Relationship>) -> Result<Seen, InvalidRecord> {
    let pb::Relationship { standing, reason, since: _, contract_hash, review_on } =
        relationship.unwrap_or_default();
    let standing = match pb::Standing::try_from(standing) {
        Ok(pb::Standing::Unspecified) => SeenStanding::Stranger,
        Ok(pb::Standing::Proposed) => SeenStanding::Proposed,
        Ok(pb::Standing::Active) => SeenStanding::Active,
        Ok(pb::Standing::Limited) => SeenStanding::Restricted(Degree::Limited),
        // A standing of a later version holds something back; it never opens more.
        Ok(pb::Standing::Suspended) | Err(_) => SeenStanding::Restricted(Degree::Suspended),
        Ok(pb::Standing::Ended) => SeenStanding::Ended,
    };
    let reason = Prose::optional("reason", &reason)?.map_or(String::new(), |r| r.to_string());
    let review_on = if review_on.is_empty() { None } else { Some(date::day(&review_on)?) };
    Ok(Seen { standing, reason, contract_hash: contract_hash.as_slice().try_into().ok(), review_on })
}
