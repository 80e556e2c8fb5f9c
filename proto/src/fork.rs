//! Evidence of a fork: one file from which anyone can see that a node signed two heads that no single log can have.
//!
//! Proven by it: that keys of this identity signed both. Deliberately not proven: who holds these keys, and why it
//! happened. Most such forks in other networks were restores from a copy, not malice.

use prost::Message as _;
use thiserror::Error;

use crate::{
    checkpoint::{self, Checkpoint, CheckpointError},
    identity::{Identity, IdentityError},
    limits::{EVIDENCE_BYTES, PROOF_HASHES},
    log::{Hash, ProofError, verify_consistency},
    pb::exchange::ForkEvidence,
};

/// The first line of a file; the message follows.
const MAGIC: &[u8] = b"cairn-fork/v1\n";

/// Two heads that contradict each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Fork {
    /// Who signed both, as of the making of the evidence.
    pub author: Identity,
    /// The head of the smaller size.
    pub smaller: Checkpoint,
    /// The head of the larger size, or the other of the same size.
    pub larger: Checkpoint,
}

/// Why evidence of a fork proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ForkError {
    /// Larger than [`EVIDENCE_BYTES`].
    #[error("the evidence has {0} bytes and at most {EVIDENCE_BYTES} are accepted")]
    TooLarge(usize),
    /// The first line is missing.
    #[error("this is no evidence of a fork: it does not begin with the line \"cairn-fork/v1\"")]
    NotFork,
    /// Not a protobuf message of the right shape.
    #[error("the evidence cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// The author's identity chain does not hold.
    #[error("the author's identity does not hold: {0}")]
    Author(#[from] IdentityError),
    /// One of the heads is not one the author signed.
    #[error("one of the two heads does not hold: {0}")]
    Head(#[from] CheckpointError),
    /// The smaller head is the larger.
    #[error("the two heads are in the wrong order")]
    Order,
    /// The root or a hash of the proof has the wrong length, or is there for equal sizes.
    #[error("the root and every hash of the proof must have 32 bytes, and equal sizes need neither")]
    HashLength,
    /// The root is not shown to be what the larger log had at the smaller size.
    #[error("the larger log is not shown to have had this root: {0}")]
    Proof(#[from] ProofError),
    /// One log can have both.
    #[error("the two heads do not contradict each other: one log can have both")]
    NoFork,
}

/// Whether a file is meant to be evidence of a fork.
pub fn is_fork(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The bytes of a file.
pub fn encode(evidence: &ForkEvidence) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(evidence.encode_to_vec());
    bytes
}

/// Reads a file and checks it, trusting nothing but the hashes and signatures in it.
pub fn verify(bytes: &[u8]) -> Result<Fork, ForkError> {
    if bytes.len() > EVIDENCE_BYTES {
        return Err(ForkError::TooLarge(bytes.len()));
    }
    let message = bytes.strip_prefix(MAGIC).ok_or(ForkError::NotFork)?;
    check(&ForkEvidence::decode(message)?)
}

/// Checks evidence of a fork.
pub fn check(evidence: &ForkEvidence) -> Result<Fork, ForkError> {
    check_for(&Identity::verify(&evidence.identity)?, evidence)
}

/// Checks evidence of a fork by another chain of its author than the one it brings: after a recovery, what a stolen key
/// signed beyond the trusted size is void, and so is evidence from it.
pub fn check_for(author: &Identity, evidence: &ForkEvidence) -> Result<Fork, ForkError> {
    let ForkEvidence { identity: _, smaller, larger, root, consistency_proof } = evidence;
    let smaller = checkpoint::verify(smaller, author)?;
    let larger = checkpoint::verify(larger, author)?;
    if smaller.size > larger.size {
        return Err(ForkError::Order);
    }
    if smaller.size == larger.size {
        if !(root.is_empty() && consistency_proof.is_empty()) {
            return Err(ForkError::HashLength);
        }
        let fork = smaller.root != larger.root;
        return if fork {
            Ok(Fork { author: author.clone(), smaller, larger })
        } else {
            Err(ForkError::NoFork)
        };
    }
    let root: Hash = root.as_slice().try_into().map_err(|_| ForkError::HashLength)?;
    if consistency_proof.len() > PROOF_HASHES {
        return Err(ProofError::Length(consistency_proof.len()).into());
    }
    let proof =
        consistency_proof.iter().map(|hash| hash.as_slice().try_into().map_err(|_| ForkError::HashLength));
    let proof = proof.collect::<Result<Vec<Hash>, _>>()?;
    // The root comes from leaves, not from the proof: a proof from a power of two would not hold it.
    verify_consistency(smaller.size, larger.size, &proof, &root, &larger.root)?;
    if root == smaller.root {
        return Err(ForkError::NoFork);
    }
    Ok(Fork { author: author.clone(), smaller, larger })
}
