//! Making identity events. They are signed here and judged by [`Identity::verify`] like anyone else's.
//!
//! Deliberately not here: making keys or nonces (randomness is an argument) and any check beyond signing; a
//! caller verifies the extended chain before it stores or sends an event.

use ed25519_dalek::{SigningKey, VerifyingKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::{Identity, Kind};
use crate::{
    envelope::{self, PayloadType},
    ids::NodeId,
    pb::exchange::{Envelope, Inception, Recovery, Rotation, Succession, Successor},
};

/// Makes the first event of a new node and the NodeId it fixes.
///
/// `next` is the signing key of the first rotation; only its hash is named. `nonce` is 16 random bytes.
pub fn inception(
    signing: &SigningKey,
    witness: &VerifyingKey,
    next: &VerifyingKey,
    recovery: &[VerifyingKey],
    threshold: u32,
    nonce: [u8; 16],
) -> (NodeId, Envelope) {
    let event = Inception {
        signing_key: signing.verifying_key().to_bytes().to_vec(),
        witness_key: witness.to_bytes().to_vec(),
        next_key_hash: key_hash(next),
        recovery_keys: encoded(recovery),
        recovery_threshold: threshold,
        nonce: nonce.to_vec(),
    };
    let payload = event.encode_to_vec();
    let node_id = NodeId::from_bytes(Sha256::digest(&payload).into());
    (node_id, envelope::sign(PayloadType::Inception, payload, &[signing]))
}

/// Makes the next event, signed by the current and by the new key: `current` signs indices below `log_size`,
/// `new` from there on.
pub fn rotation(
    identity: &Identity,
    current: &SigningKey,
    new: &SigningKey,
    witness: &VerifyingKey,
    next: &VerifyingKey,
    log_size: u64,
) -> Envelope {
    let event = Rotation {
        node_id: identity.node_id().to_string(),
        seq: identity.seq().saturating_add(1),
        previous: identity.newest_hash().to_vec(),
        signing_key: new.verifying_key().to_bytes().to_vec(),
        witness_key: witness.to_bytes().to_vec(),
        next_key_hash: key_hash(next),
        log_size,
    };
    envelope::sign(PayloadType::Rotation, event.encode_to_vec(), &[current, new])
}

/// Makes the next event, signed by recovery keys and by the new key. Whatever earlier keys signed from
/// `log_size` on is void. `recovery_keys` and `threshold` are those in force from now on. A succession that begins there or later
/// is lifted, unless it begins exactly there and `keeps_succession`.
#[expect(clippy::too_many_arguments, reason = "the fields of the event and its signers; each is needed once")]
pub fn recovery(
    identity: &Identity,
    signers: &[&SigningKey],
    new: &SigningKey,
    witness: &VerifyingKey,
    next: &VerifyingKey,
    log_size: u64,
    recovery_keys: &[VerifyingKey],
    threshold: u32,
    keeps_succession: bool,
) -> Envelope {
    let event = Recovery {
        node_id: identity.node_id().to_string(),
        seq: identity.seq().saturating_add(1),
        previous: identity.newest_hash().to_vec(),
        signing_key: new.verifying_key().to_bytes().to_vec(),
        witness_key: witness.to_bytes().to_vec(),
        next_key_hash: key_hash(next),
        log_size,
        recovery_keys: encoded(recovery_keys),
        recovery_threshold: threshold,
        keeps_succession,
    };
    let mut envelope = envelope::sign(PayloadType::Recovery, event.encode_to_vec(), signers);
    envelope::countersign(&mut envelope, new);
    envelope
}

/// Makes the next event, which names who goes on in the place of this node, without signatures: the successors countersign
/// first and the node last, because whoever holds it with all signatures can make it known. From `log_size` on the records
/// of this node are void.
pub fn succession(identity: &Identity, kind: Kind, successors: &[&Identity], log_size: u64) -> Envelope {
    let named = |successor: &&Identity| Successor { identity: successor.events().to_vec() };
    let event = Succession {
        node_id: identity.node_id().to_string(),
        seq: identity.seq().saturating_add(1),
        previous: identity.newest_hash().to_vec(),
        log_size,
        kind: kind.into(),
        successors: successors.iter().map(named).collect(),
    };
    envelope::sign(PayloadType::Succession, event.encode_to_vec(), &[])
}

fn encoded(keys: &[VerifyingKey]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| key.to_bytes().to_vec()).collect()
}

fn key_hash(key: &VerifyingKey) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}
