//! The append-only log: RFC 6962 / RFC 9162 hashing, leaves, frontier and proofs.
//!
//! A log is a Merkle tree over 42-byte leaves that hold only salted commitments; salts and envelopes lie
//! beside the tree and can be erased while every proof stays valid. Deliberately not here: storage. Provers say
//! which subtree hashes they need ([`ProofPlan`]) and the caller fetches them.

use sha2::{Digest as _, Sha256};

mod frontier;
mod leaf;
mod plan;
mod proof;

pub use frontier::{Frontier, InvalidFrontier};
pub use leaf::{InvalidLeaf, Leaf, LeafKind, commitment};
pub use plan::{ProofPlan, Subtree, consistency_plan, inclusion_plan, root_plan};
pub use proof::{ProofError, verify_consistency, verify_inclusion};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Hash of a leaf: SHA-256 of `0x00` and its bytes (RFC 6962, 2.1).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(leaf).finalize().into()
}

/// Hash of an inner node: SHA-256 of `0x01` and its children (RFC 6962, 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of the log without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}
