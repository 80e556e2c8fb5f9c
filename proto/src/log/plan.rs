//! Making proofs, as a plan: which perfect subtrees' hashes are needed, and how they become the proof.
//!
//! Perfect subtrees never change once complete, so a prover stores their hashes once and answers for every
//! size. Deliberately not here: fetching.

use super::{Hash, ProofError, node_hash};

/// A perfect subtree: the leaves from `index << level` up to `(index + 1) << level` (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// Height; 0 is a leaf.
    pub level: u8,
    /// Number among the subtrees of its height, from 0.
    pub index: u64,
}

/// What a proof consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPlan {
    /// One entry for each hash of the proof: the perfect subtrees it is made of, from left to right.
    hashes: Vec<Vec<Subtree>>,
}

impl ProofPlan {
    /// All perfect subtrees whose hashes are needed.
    pub fn subtrees(&self) -> Vec<Subtree> {
        self.hashes.iter().flatten().copied().collect()
    }

    /// The proof, or `None` if a subtree's hash is not to be had.
    pub fn assemble(&self, mut hash_of: impl FnMut(Subtree) -> Option<Hash>) -> Option<Vec<Hash>> {
        let one = |subtrees: &Vec<Subtree>| {
            let mut hashes = subtrees.iter().rev().map(|subtree| hash_of(*subtree));
            let last = hashes.next()??;
            hashes.try_fold(last, |right, left| Some(node_hash(&left?, &right)))
        };
        self.hashes.iter().map(one).collect()
    }
}

/// Plans the one hash that is the root of the log at `size` leaves, 1 at least.
pub fn root_plan(size: u64) -> Result<ProofPlan, ProofError> {
    if size == 0 {
        return Err(ProofError::FromEmpty);
    }
    Ok(ProofPlan { hashes: vec![Range { begin: 0, end: size }.subtrees()] })
}

/// Plans the proof that leaf `index` is in the log of `size` leaves (RFC 6962, 2.1.1).
pub fn inclusion_plan(index: u64, size: u64) -> Result<ProofPlan, ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let mut range = Range { begin: 0, end: size };
    let mut hashes = Vec::new();
    while let Some((left, right)) = range.halves() {
        let sibling;
        (range, sibling) = if index < right.begin { (left, right) } else { (right, left) };
        hashes.push(sibling.subtrees());
    }
    hashes.reverse();
    Ok(ProofPlan { hashes })
}

/// Plans the proof that the log of `size2` leaves begins with that of `size1` leaves (RFC 6962, 2.1.2).
pub fn consistency_plan(size1: u64, size2: u64) -> Result<ProofPlan, ProofError> {
    if size1 > size2 {
        return Err(ProofError::Backwards { older: size1, newer: size2 });
    }
    let mut hashes = Vec::new();
    if size1 == size2 {
        return Ok(ProofPlan { hashes });
    }
    if size1 == 0 {
        return Err(ProofError::FromEmpty);
    }
    let mut range = Range { begin: 0, end: size2 };
    while range.end != size1
        && let Some((left, right)) = range.halves()
    {
        let sibling;
        (range, sibling) = if size1 <= right.begin { (left, right) } else { (right, left) };
        hashes.push(sibling.subtrees());
    }
    // A left-most range is the older log itself, whose root the verifier has.
    if range.begin != 0 {
        hashes.push(range.subtrees());
    }
    hashes.reverse();
    Ok(ProofPlan { hashes })
}

/// Leaves from `begin` up to `end` (exclusive) that form a node of the tree.
#[derive(Clone, Copy)]
struct Range {
    begin: u64,
    end: u64,
}

impl Range {
    fn len(self) -> u64 {
        self.end.saturating_sub(self.begin)
    }

    /// Split at the largest power of two below its length, as RFC 6962 does; `None` for a single leaf.
    fn halves(self) -> Option<(Self, Self)> {
        let last = self.len().checked_sub(1)?;
        let middle = self.begin.saturating_add(1_u64 << last.checked_ilog2()?);
        Some((Self { begin: self.begin, end: middle }, Self { begin: middle, end: self.end }))
    }

    /// The perfect subtrees it consists of, from left to right.
    fn subtrees(self) -> Vec<Subtree> {
        let mut begin = self.begin;
        let mut subtrees = Vec::new();
        for level in (0..u64::BITS).rev().filter(|level| self.len() >> level & 1 == 1) {
            let index = begin >> level;
            subtrees.push(Subtree { level: u8::try_from(level).unwrap_or(u8::MAX), index });
            begin = begin.saturating_add(1 << level);
        }
        subtrees
    }
}
