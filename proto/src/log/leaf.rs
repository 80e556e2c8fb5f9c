//! The 42 bytes of a leaf: all that a log says in public about a record, and all that remains after a purge.
//!
//! Deliberately not here: anything unsalted about the record, its author's words or its audience.

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{Hash, leaf_hash};
use crate::limits::LOG_SIZE;

/// First byte of every leaf of this version.
const VERSION: u8 = 0x01;

/// Domain separation of commitments.
const COMMITMENT_DOMAIN: &[u8] = b"cairn/commit/v1\0";

/// What a leaf stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LeafKind {
    /// A record.
    Record = 1,
    /// The withdrawal of an earlier record. Public, so that a holder who may not read it can still act.
    Retraction = 2,
}

/// One leaf: `0x01 || kind (1) || target index (8, big-endian) || commitment (32)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leaf {
    kind: LeafKind,
    target: u64,
    commitment: Hash,
}

/// Why bytes are not a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLeaf {
    /// Not 42 bytes.
    #[error("a leaf has {len} bytes and this has {0}", len = Leaf::LEN)]
    Length(usize),
    /// A version of which nothing is known here.
    #[error("the leaf has version {0}, which is not known here")]
    Version(u8),
    /// A kind of which nothing is known here.
    #[error("the leaf has kind {0}, which is not known here")]
    Kind(u8),
    /// A record that names a target.
    #[error("the leaf of a record names the target {0}; only retractions have one")]
    RecordWithTarget(u64),
    /// A retraction of something no log can hold.
    #[error("the leaf retracts index {0}, beyond any log")]
    TargetBeyondLog(u64),
}

impl Leaf {
    /// Bytes of a leaf.
    pub const LEN: usize = 42;

    /// The leaf of a record.
    pub const fn record(commitment: Hash) -> Self {
        Self { kind: LeafKind::Record, target: 0, commitment }
    }

    /// The leaf that retracts the record at index `target` of the same log.
    pub const fn retraction(target: u64, commitment: Hash) -> Self {
        Self { kind: LeafKind::Retraction, target, commitment }
    }

    /// What it stands for.
    pub const fn kind(&self) -> LeafKind {
        self.kind
    }

    /// The index it retracts, if it is a retraction.
    pub const fn target(&self) -> Option<u64> {
        match self.kind {
            LeafKind::Record => None,
            LeafKind::Retraction => Some(self.target),
        }
    }

    /// The salted hash of its envelope.
    pub const fn commitment(&self) -> &Hash {
        &self.commitment
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let target = self.target.to_be_bytes();
        let parts = [VERSION, self.kind as u8].into_iter().chain(target).chain(self.commitment);
        for (place, byte) in bytes.iter_mut().zip(parts) {
            *place = byte;
        }
        bytes
    }

    /// Reads a leaf; there is only one encoding of each.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidLeaf> {
        let array: [u8; Self::LEN] = bytes.try_into().map_err(|_| InvalidLeaf::Length(bytes.len()))?;
        let [version, kind, rest @ ..] = array;
        let length = |_| InvalidLeaf::Length(bytes.len());
        let (target, commitment) = rest.split_at(size_of::<u64>());
        let target = u64::from_be_bytes(target.try_into().map_err(length)?);
        let commitment = commitment.try_into().map_err(length)?;
        match (version, kind) {
            (VERSION, 1) if target == 0 => Ok(Self::record(commitment)),
            (VERSION, 1) => Err(InvalidLeaf::RecordWithTarget(target)),
            (VERSION, 2) if target < LOG_SIZE => Ok(Self::retraction(target, commitment)),
            (VERSION, 2) => Err(InvalidLeaf::TargetBeyondLog(target)),
            (VERSION, _) => Err(InvalidLeaf::Kind(kind)),
            (_, _) => Err(InvalidLeaf::Version(version)),
        }
    }

    /// Its hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.to_bytes())
    }
}

/// Binds a leaf to an envelope: SHA-256 of `"cairn/commit/v1\0" || salt || envelope bytes`.
///
/// `salt` is 32 random bytes, new for each leaf. Once salt and envelope are erased, not even a correct guess
/// of the content can be confirmed.
pub fn commitment(salt: &[u8; 32], envelope: &[u8]) -> Hash {
    Sha256::new().chain_update(COMMITMENT_DOMAIN).chain_update(salt).chain_update(envelope).finalize().into()
}
