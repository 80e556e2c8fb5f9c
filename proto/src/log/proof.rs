//! Checking inclusion and consistency proofs: RFC 9162, 2.1.3.2 and 2.1.4.2.
//!
//! Not here: making proofs (see [`super::plan`]).

use thiserror::Error;

use super::{Hash, node_hash};
use crate::limits::PROOF_HASHES;

/// Why a proof does not prove what it should, or cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The leaf is not in a log of that size.
    #[error("index {index} does not exist in a log of {size} leaves")]
    NoSuchLeaf {
        /// Index of the leaf.
        index: u64,
        /// Size of the log.
        size: u64,
    },
    /// The older size is the larger.
    #[error("a log of {newer} leaves cannot be the continuation of one of {older}")]
    Backwards {
        /// Size that should be the smaller.
        older: u64,
        /// Size that should be the larger.
        newer: u64,
    },
    /// Everything continues the empty log: there is nothing to prove.
    #[error("there is no consistency proof from the empty log")]
    FromEmpty,
    /// Too few or too many hashes for these sizes.
    #[error("the proof has {0} hashes, which is not the number these sizes call for")]
    Length(usize),
    /// An inclusion proof leads to another root.
    #[error("the proof does not lead from this leaf to this root")]
    Root,
    /// A consistency proof leads to the newer root but not to the older: the two heads contradict each other,
    /// or the older root is wrong.
    #[error("the proof leads to the newer root but not to the older one")]
    OlderRoot,
    /// A consistency proof does not lead to the newer root.
    #[error("the proof does not lead to the newer root")]
    NewerRoot,
}

/// Checks that the leaf with this hash stands at `index` of the log of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let length = ProofError::Length(proof.len());
    if proof.len() > PROOF_HASHES {
        return Err(length);
    }
    let mut walk = Walk { node: index, last: size.saturating_sub(1) };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match walk.step().ok_or(length)? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    if walk.last != 0 {
        return Err(length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the log of `size2` leaves with `root2` begins with the log of `size1` leaves with `root1`.
pub fn verify_consistency(
    size1: u64,
    size2: u64,
    proof: &[Hash],
    root1: &Hash,
    root2: &Hash,
) -> Result<(), ProofError> {
    let length = ProofError::Length(proof.len());
    if size1 > size2 {
        return Err(ProofError::Backwards { older: size1, newer: size2 });
    }
    if size1 == size2 {
        return match proof {
            [] if root1 == root2 => Ok(()),
            [] => Err(ProofError::OlderRoot),
            _ => Err(length),
        };
    }
    if size1 == 0 {
        return Err(ProofError::FromEmpty);
    }
    if proof.len() > PROOF_HASHES {
        return Err(length);
    }
    let (seed, rest) =
        if size1.is_power_of_two() { (root1, proof) } else { proof.split_first().ok_or(length)? };
    let (older, newer) = fold_consistency(size1, size2, seed, rest).ok_or(length)?;
    match (older == *root1, newer == *root2) {
        (true, true) => Ok(()),
        (false, true) => Err(ProofError::OlderRoot),
        (_, false) => Err(ProofError::NewerRoot),
    }
}

/// The two roots a consistency proof leads to, if it has the right number of hashes.
fn fold_consistency(size1: u64, size2: u64, seed: &Hash, rest: &[Hash]) -> Option<(Hash, Hash)> {
    let mut walk = Walk { node: size1.saturating_sub(1), last: size2.saturating_sub(1) };
    let below = walk.node.trailing_ones();
    walk.climb(below);
    let (mut older, mut newer) = (*seed, *seed);
    for sibling in rest {
        match walk.step()? {
            Side::Left => {
                older = node_hash(sibling, &older);
                newer = node_hash(sibling, &newer);
            }
            Side::Right => newer = node_hash(&newer, sibling),
        }
    }
    (walk.last == 0).then_some((older, newer))
}

/// On which side the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way up from a node to the root: its number on its level and that of the level's last node.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    /// The side of the next sibling; then one level up, or several where a node has no sibling.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last { Side::Left } else { Side::Right };
        if matches!(side, Side::Left) && self.node & 1 == 0 && self.node != 0 {
            let lonely = self.node.trailing_zeros();
            self.climb(lonely);
        }
        self.climb(1);
        Some(side)
    }

    fn climb(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }
}
