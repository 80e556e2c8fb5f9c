//! The identity of a node: a short signed chain of events, verified as a whole.
//!
//! An inception fixes the NodeId; rotations and recoveries replace keys; a succession names who goes on in its place. Keys are
//! valid by log position, never by clock. Making events is in `identity/build.rs`, the rules of a chain in `identity/chain.rs` and
//! `identity/succession.rs`.
//!
//! Deliberately not here: names, addresses and certificates (attributes that may change), and what to do with
//! two chains of the same node neither of which extends the other (the node keeps both and asks a person).

use ed25519_dalek::VerifyingKey;

use crate::{ids::NodeId, limits::IDENTITY_EVENTS, log::Hash, pb::exchange::Envelope};

mod build;
mod chain;
mod error;
mod succession;

pub use build::{inception, recovery, rotation, succession};
pub use error::IdentityError;
pub use succession::{Kind, Succession};

/// The time of one signing key, in positions of the node's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Sequence number of the event that named the key; inception is 0.
    pub seq: u32,
    /// Signs records, checkpoints and TLS.
    pub signing_key: VerifyingKey,
    /// Cosigns other nodes' checkpoints.
    pub witness_key: VerifyingKey,
    /// First index the key may sign.
    pub from: u64,
    /// First index it may no longer sign; `None` for the current key. Not above `from`: the key never counts.
    pub until: Option<u64>,
}

impl Epoch {
    /// May this key sign the record at `index`?
    pub fn covers_index(&self, index: u64) -> bool {
        index >= self.from && self.until.is_none_or(|until| index < until)
    }

    /// May this key sign a checkpoint of `size` leaves?
    pub fn covers_size(&self, size: u64) -> bool {
        size >= self.from && self.until.is_none_or(|until| size <= until)
    }
}

/// A verified identity chain. There is no way to hold one that was not verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    node_id: NodeId,
    events: Vec<Envelope>,
    epochs: Vec<Epoch>,
    current: Epoch,
    newest: Hash,
    next_key_hash: Hash,
    recovery_keys: Vec<VerifyingKey>,
    recovery_threshold: u32,
    recoveries: usize,
    witnessing_from: u32,
    succession: Option<Succession>,
    /// Events, and recoveries among them, of the chains inside all successions so far.
    inside: (usize, usize),
}

impl Identity {
    /// Verifies a whole chain, oldest event first.
    pub fn verify(events: &[Envelope]) -> Result<Self, IdentityError> {
        if events.len() > IDENTITY_EVENTS {
            return Err(IdentityError::TooLong(events.len()));
        }
        let (first, rest) = events.split_first().ok_or(IdentityError::Empty)?;
        let mut identity = Self::begin(first)?;
        for event in rest {
            identity.apply(event)?;
        }
        Ok(identity)
    }

    /// The identity with one more event.
    pub fn extended(&self, event: &Envelope) -> Result<Self, IdentityError> {
        let mut identity = self.clone();
        identity.apply(event)?;
        Ok(identity)
    }

    /// SHA-256 of the inception's payload.
    pub fn node_id(&self) -> NodeId {
        self.node_id
    }

    /// Sequence number of the newest event.
    pub fn seq(&self) -> u32 {
        u32::try_from(self.events.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The epoch of the key in force.
    pub fn current(&self) -> &Epoch {
        &self.current
    }

    /// All epochs, oldest first, the current one last.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The events, oldest first, as they were given.
    pub fn events(&self) -> &[Envelope] {
        &self.events
    }

    /// SHA-256 of the newest event's payload: what the next event must name as previous.
    pub fn newest_hash(&self) -> &Hash {
        &self.newest
    }

    /// SHA-256 of the key a rotation must bring.
    pub fn next_key_hash(&self) -> &Hash {
        &self.next_key_hash
    }

    /// The recovery keys in force.
    pub fn recovery_keys(&self) -> &[VerifyingKey] {
        &self.recovery_keys
    }

    /// How many recovery keys must sign a recovery.
    pub fn recovery_threshold(&self) -> u32 {
        self.recovery_threshold
    }

    /// How often the identity was recovered with its recovery keys.
    pub fn recoveries(&self) -> usize {
        self.recoveries
    }

    /// Who goes on in this node's place, if that was said and not lifted since.
    pub fn succession(&self) -> Option<&Succession> {
        self.succession.as_ref()
    }

    /// The signing key named by event `seq`, if it may sign the record at `index`.
    pub fn record_key(&self, seq: u32, index: u64) -> Result<VerifyingKey, IdentityError> {
        let epoch = self.epochs.iter().find(|epoch| epoch.seq == seq);
        let epoch = epoch.ok_or(IdentityError::NoSuchEvent { seq, newest: self.seq() })?;
        if epoch.covers_index(index) {
            Ok(epoch.signing_key)
        } else {
            Err(IdentityError::OutsideRange { seq, index, from: epoch.from, until: epoch.until })
        }
    }

    /// The signing keys that may sign a checkpoint of `size` leaves: one, or two where keys meet.
    pub fn head_keys(&self, size: u64) -> Vec<VerifyingKey> {
        let covering = self.epochs.iter().filter(|epoch| epoch.covers_size(size));
        covering.map(|epoch| epoch.signing_key).collect()
    }

    /// The witness keys whose cosignatures count: all since the last recovery, newest first. A recovery says
    /// that keys were lost or stolen, so earlier witness keys count for nothing.
    pub fn witness_keys(&self) -> Vec<VerifyingKey> {
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for epoch in self.epochs.iter().rev().filter(|epoch| epoch.seq >= self.witnessing_from) {
            if !keys.contains(&epoch.witness_key) {
                keys.push(epoch.witness_key);
            }
        }
        keys
    }

    /// Do this identity's events begin with all of `older`'s? Compares the signed bytes.
    pub fn extends(&self, older: &Self) -> bool {
        let same = |(mine, theirs): (&Envelope, &Envelope)| {
            mine.payload == theirs.payload && mine.payload_type == theirs.payload_type
        };
        self.events.len() >= older.events.len() && self.events.iter().zip(&older.events).all(same)
    }
}
