//! The rules by which an identity event may follow the ones before it.
//!
//! Signatures that can be checked before a payload is parsed are checked first. Not here: making events.

use ed25519_dalek::VerifyingKey;
use prost::Message;
use sha2::{Digest as _, Sha256};

use super::{Epoch, Identity, IdentityError};
use crate::{
    envelope::{self, EnvelopeError, PayloadType},
    ids::NodeId,
    limits::{IDENTITY_EVENTS, LOG_SIZE, RECOVERIES, RECOVERY_KEYS, SIGNATURES},
    log::Hash,
    pb::exchange::{Envelope, Inception, Recovery, Rotation},
};

/// Bytes of an inception's nonce.
const NONCE_BYTES: usize = 16;

/// Recovery keys and how many of them must sign.
struct RecoveryRule {
    keys: Vec<VerifyingKey>,
    threshold: u32,
}

/// What a rotation and a recovery have in common.
struct Change {
    node_id: String,
    seq: u32,
    previous: Vec<u8>,
    signing_key: VerifyingKey,
    witness_key: VerifyingKey,
    next_key_hash: Hash,
    log_size: u64,
}

impl Identity {
    /// Verifies an inception. It vouches for itself: its hash is the NodeId.
    pub(super) fn begin(event: &Envelope) -> Result<Self, IdentityError> {
        let found = envelope::check(event).map_err(at(0))?;
        if found != PayloadType::Inception {
            return Err(IdentityError::WrongKind { seq: 0, found });
        }
        let Inception { signing_key, witness_key, next_key_hash, recovery_keys, recovery_threshold, nonce } =
            read(0, &event.payload)?;
        let signing_key = key(0, &signing_key)?;
        let witness_key = key(0, &witness_key)?;
        signatures(0, event, 1)?;
        envelope::verify(event, PayloadType::Inception, &[signing_key], 1).map_err(at(0))?;
        if nonce.len() != NONCE_BYTES {
            return Err(IdentityError::Length { seq: 0, field: "nonce", expected: NONCE_BYTES });
        }
        let recovery = recovery_rule(0, &recovery_keys, recovery_threshold)?;
        let newest = sha256(&event.payload);
        let current = Epoch { seq: 0, signing_key, witness_key, from: 0, until: None };
        let identity = Self {
            node_id: NodeId::from_bytes(newest),
            events: vec![event.clone()],
            epochs: vec![current.clone()],
            current,
            newest,
            next_key_hash: hash(0, "next_key_hash", &next_key_hash)?,
            recovery_keys: recovery.keys,
            recovery_threshold: recovery.threshold,
            recoveries: 0,
            witnessing_from: 0,
            succession: None,
            inside: (0, 0),
        };
        if signing_key == witness_key || identity.is_recovery_key_reused() {
            return Err(IdentityError::KeyReused { seq: 0 });
        }
        Ok(identity)
    }

    /// Verifies one more event and takes it in. After an error the identity must be dropped.
    pub(super) fn apply(&mut self, event: &Envelope) -> Result<(), IdentityError> {
        let seq = self.seq().saturating_add(1);
        self.has_room_for(1)?;
        match envelope::check(event).map_err(at(seq))? {
            PayloadType::Rotation => self.apply_rotation(seq, event)?,
            PayloadType::Recovery => self.apply_recovery(seq, event)?,
            PayloadType::Succession => self.apply_succession(seq, event)?,
            found @ (PayloadType::Inception
            | PayloadType::PeeringContract
            | PayloadType::Record
            | PayloadType::ExperimentDeclaration
            | PayloadType::TrustList) => {
                return Err(IdentityError::WrongKind { seq, found });
            }
        }
        if self.is_recovery_key_reused() || self.is_key_shared() {
            return Err(IdentityError::KeyReused { seq });
        }
        self.newest = sha256(&event.payload);
        self.events.push(event.clone());
        Ok(())
    }

    /// Is there room for so many events more, those of the chains inside successions counted?
    pub(super) fn has_room_for(&self, more: usize) -> Result<(), IdentityError> {
        let events = self.events.len().saturating_add(self.inside.0).saturating_add(more);
        if events > IDENTITY_EVENTS { Err(IdentityError::TooLong(events)) } else { Ok(()) }
    }

    /// Is there room for so many recoveries more? Each may cost hundreds of signature checks, also inside a succession.
    pub(super) fn has_room_for_recoveries(&self, more: usize) -> Result<(), IdentityError> {
        let recoveries = self.recoveries.saturating_add(self.inside.1).saturating_add(more);
        if recoveries > RECOVERIES { Err(IdentityError::TooManyRecoveries) } else { Ok(()) }
    }

    /// Do the fields fit by which each event names its place in the chain?
    pub(super) fn follows(
        &self,
        seq: u32,
        node_id: &str,
        own: u32,
        previous: &[u8],
    ) -> Result<(), IdentityError> {
        if node_id != self.node_id.to_string() {
            return Err(IdentityError::OtherNode { seq });
        }
        if own != seq {
            return Err(IdentityError::Sequence { expected: seq, found: own });
        }
        if previous != self.newest {
            return Err(IdentityError::Previous { seq });
        }
        Ok(())
    }

    fn apply_rotation(&mut self, seq: u32, event: &Envelope) -> Result<(), IdentityError> {
        signatures(seq, event, 2)?;
        let current = [self.current.signing_key];
        let payload = envelope::verify(event, PayloadType::Rotation, &current, 1).map_err(at(seq))?;
        let Rotation { node_id, seq: own, previous, signing_key, witness_key, next_key_hash, log_size } =
            read(seq, payload)?;
        let change = Change {
            node_id,
            seq: own,
            previous,
            signing_key: key(seq, &signing_key)?,
            witness_key: key(seq, &witness_key)?,
            next_key_hash: hash(seq, "next_key_hash", &next_key_hash)?,
            log_size,
        };
        envelope::verify(event, PayloadType::Rotation, &[change.signing_key], 1).map_err(at(seq))?;
        if sha256(change.signing_key.as_bytes()) != self.next_key_hash {
            return Err(IdentityError::NotAnnounced { seq });
        }
        self.change(seq, change, self.current.from)
    }

    fn apply_recovery(&mut self, seq: u32, event: &Envelope) -> Result<(), IdentityError> {
        self.has_room_for_recoveries(1)?;
        self.recoveries = self.recoveries.saturating_add(1);
        let threshold = usize::try_from(self.recovery_threshold).unwrap_or(usize::MAX);
        let payload = envelope::verify(event, PayloadType::Recovery, &self.recovery_keys, threshold)
            .map_err(at(seq))?;
        let Recovery {
            node_id,
            seq: own,
            previous,
            signing_key,
            witness_key,
            next_key_hash,
            log_size,
            recovery_keys,
            recovery_threshold,
            keeps_succession,
        } = read(seq, payload)?;
        let change = Change {
            node_id,
            seq: own,
            previous,
            signing_key: key(seq, &signing_key)?,
            witness_key: key(seq, &witness_key)?,
            next_key_hash: hash(seq, "next_key_hash", &next_key_hash)?,
            log_size,
        };
        envelope::verify(event, PayloadType::Recovery, &[change.signing_key], 1).map_err(at(seq))?;
        let recovery = recovery_rule(seq, &recovery_keys, recovery_threshold)?;
        self.lift_succession(seq, log_size, keeps_succession)?;
        self.change(seq, change, 0)?;
        self.recovery_keys = recovery.keys;
        self.recovery_threshold = recovery.threshold;
        self.witnessing_from = seq;
        Ok(())
    }

    /// Checks what both kinds have in common, ends the earlier epochs and begins the new one.
    fn change(&mut self, seq: u32, change: Change, smallest_cut: u64) -> Result<(), IdentityError> {
        let Change { node_id, seq: own, previous, signing_key, witness_key, next_key_hash, log_size } =
            change;
        self.follows(seq, &node_id, own, &previous)?;
        if log_size < smallest_cut || log_size > LOG_SIZE {
            return Err(IdentityError::Cut { seq, size: log_size, from: smallest_cut });
        }
        let used = |epoch: &Epoch| {
            epoch.signing_key == signing_key
                || epoch.witness_key == signing_key
                || epoch.signing_key == witness_key
        };
        if signing_key == witness_key || self.epochs.iter().any(used) {
            return Err(IdentityError::KeyReused { seq });
        }
        for epoch in &mut self.epochs {
            epoch.until = Some(epoch.until.map_or(log_size, |until| until.min(log_size)));
        }
        self.current = Epoch { seq, signing_key, witness_key, from: log_size, until: None };
        self.epochs.push(self.current.clone());
        self.next_key_hash = next_key_hash;
        Ok(())
    }

    /// Is a recovery key in force also a signing or witness key, now or earlier?
    fn is_recovery_key_reused(&self) -> bool {
        let keys = self.epochs.iter().flat_map(|epoch| [&epoch.signing_key, &epoch.witness_key]);
        keys.into_iter().any(|key| self.recovery_keys.contains(key))
    }
}

pub(super) fn at(seq: u32) -> impl Fn(EnvelopeError) -> IdentityError {
    move |error| IdentityError::Envelope { seq, error }
}

/// Inceptions, rotations and successions have exactly their signers' signatures: others could only cost verifiers time.
pub(super) fn signatures(seq: u32, event: &Envelope, needed: usize) -> Result<(), IdentityError> {
    match event.signatures.len() {
        found if found == needed => Ok(()),
        found => Err(IdentityError::Signatures { seq, found, needed }),
    }
}

pub(super) fn read<M: Message + Default>(seq: u32, payload: &[u8]) -> Result<M, IdentityError> {
    M::decode(payload).map_err(|error| IdentityError::Malformed { seq, error })
}

fn key(seq: u32, bytes: &[u8]) -> Result<VerifyingKey, IdentityError> {
    envelope::public_key(bytes).map_err(|error| IdentityError::Key { seq, error })
}

fn hash(seq: u32, field: &'static str, bytes: &[u8]) -> Result<Hash, IdentityError> {
    bytes.try_into().map_err(|_| IdentityError::Length { seq, field, expected: size_of::<Hash>() })
}

pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

fn recovery_rule(seq: u32, keys: &[Vec<u8>], threshold: u32) -> Result<RecoveryRule, IdentityError> {
    // One signature of the recovery's envelope is the new key's.
    let most = keys.len().min(SIGNATURES.saturating_sub(1));
    let enough = usize::try_from(threshold).is_ok_and(|threshold| threshold <= most);
    if threshold == 0 || !enough || keys.len() > RECOVERY_KEYS {
        return Err(IdentityError::Threshold { seq, threshold, keys: keys.len() });
    }
    let mut parsed: Vec<VerifyingKey> = Vec::with_capacity(keys.len());
    for bytes in keys {
        let one = key(seq, bytes)?;
        if parsed.contains(&one) {
            return Err(IdentityError::KeyReused { seq });
        }
        parsed.push(one);
    }
    Ok(RecoveryRule { keys: parsed, threshold })
}
