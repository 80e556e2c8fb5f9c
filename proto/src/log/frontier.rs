//! The frontier (compact range): the few hashes from which a growing log's root follows.
//!
//! It takes leaves one by one and holds at most 64 hashes. Not here: the leaves themselves.

use thiserror::Error;

use super::{Hash, Subtree, empty_root, node_hash};
use crate::limits::LOG_SIZE;

/// Roots of the perfect subtrees of a log, from left to right: one for each binary digit 1 of its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// Why bytes are not a frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidFrontier {
    /// Too short for a size, or not the number of hashes the size calls for.
    #[error("a frontier has 8 bytes and 32 for each binary digit 1 of its size; this has {0}")]
    Length(usize),
    /// A size beyond any log.
    #[error("the frontier is of a log of {0} leaves, more than any log can have")]
    Size(u64),
}

impl Frontier {
    /// The frontier of an empty log.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Takes in the hash of the next leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _| ());
    }

    /// Takes in the hash of the next leaf and tells of each perfect subtree that is now complete, the leaf
    /// itself first: what a prover must keep to answer any [`super::ProofPlan`].
    pub fn append_with(&mut self, leaf: Hash, mut completed: impl FnMut(Subtree, Hash)) {
        let mut hash = leaf;
        let mut at = Subtree { level: 0, index: self.size };
        completed(at, hash);
        while at.index & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            at = Subtree { level: at.level.saturating_add(1), index: at.index >> 1 };
            completed(at, hash);
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// Leaves taken in so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the log so far.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Size (8 bytes, big-endian) and peaks (32 bytes each, from left to right).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.peaks.iter().flatten());
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote. Any hashes pass: compare the root with a signed one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidFrontier> {
        let length = InvalidFrontier::Length(bytes.len());
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(length)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, stray) = rest.as_chunks::<32>();
        if !stray.is_empty() || u32::try_from(peaks.len()) != Ok(size.count_ones()) {
            return Err(length);
        }
        if size > LOG_SIZE {
            return Err(InvalidFrontier::Size(size));
        }
        Ok(Self { size, peaks: peaks.to_vec() })
    }
}
