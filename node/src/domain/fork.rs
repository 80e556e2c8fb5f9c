//! Looking for the place where another log of an author parts from the one held here: its leaves go by once, and only the few
//! hashes stay that prove what they were.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::{
    checkpoint::Checkpoint,
    limits,
    log::{Frontier, Hash, Leaf, ProofError, ProofPlan, Subtree, consistency_plan},
};

/// Largest other log that is looked through: millions of leaves, and bounded work however large a head is signed.
pub const LEAVES_MOST: u64 = 1 << 22;

/// Leaves of another log, as they go by.
#[derive(Debug)]
pub struct Search {
    held: Checkpoint,
    other: Checkpoint,
    plan: ProofPlan,
    wanted: BTreeSet<Subtree>,
    found: BTreeMap<Subtree, Hash>,
    frontier: Frontier,
    root: Option<Hash>,
}

/// Why leaves are not looked at any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchEnded {
    /// Not the next ones, malformed, or more than the head has.
    #[error("the leaves are not those of the head that was signed")]
    NotTheirs,
    /// The two heads have nothing to contradict each other in.
    #[error("the heads cannot be compared: {0}")]
    Sizes(#[from] ProofError),
}

impl Search {
    /// Looks for the root that the log of `other`, the larger one, had at the size of `held`.
    ///
    /// # Errors
    /// [`SearchEnded`] for sizes that leave nothing to look for, or are too large.
    pub fn new(held: Checkpoint, other: Checkpoint) -> Result<Self, SearchEnded> {
        if held.size == 0 || held.size >= other.size || other.size > LEAVES_MOST {
            return Err(SearchEnded::NotTheirs);
        }
        let plan = consistency_plan(held.size, other.size)?;
        let wanted = plan.subtrees().into_iter().collect();
        let (found, frontier) = (BTreeMap::new(), Frontier::new());
        Ok(Self { held, other, plan, wanted, found, frontier, root: None })
    }

    /// Takes the next leaves.
    ///
    /// # Errors
    /// [`SearchEnded::NotTheirs`].
    pub fn take(&mut self, from: u64, bytes: &[u8]) -> Result<(), SearchEnded> {
        let (chunks, rest) = bytes.as_chunks::<{ Leaf::LEN }>();
        let whole = !chunks.is_empty() && chunks.len() <= limits::LEAF_BATCH && rest.is_empty();
        if !whole || from != self.frontier.size() {
            return Err(SearchEnded::NotTheirs);
        }
        for chunk in chunks {
            let leaf = Leaf::from_bytes(chunk).map_err(|_| SearchEnded::NotTheirs)?;
            let Self { wanted, found, .. } = self;
            self.frontier.append_with(leaf.hash(), |subtree, hash| {
                if wanted.contains(&subtree) {
                    found.insert(subtree, hash);
                }
            });
            if self.frontier.size() == self.held.size {
                self.root = Some(self.frontier.root());
            }
        }
        if self.frontier.size() > self.other.size { Err(SearchEnded::NotTheirs) } else { Ok(()) }
    }

    /// Leaves taken so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Once all leaves were taken: the root that the other log had at the size of the head held here, and the proof that leads
    /// from there to its head. `None` when they contradict nothing, or are not those of that head.
    #[must_use]
    pub fn contradiction(&self) -> Option<(Hash, Vec<Hash>)> {
        if self.frontier.size() != self.other.size || self.frontier.root() != self.other.root {
            return None;
        }
        let root = self.root.filter(|root| *root != self.held.root)?;
        let proof = self.plan.assemble(|subtree| self.found.get(&subtree).copied())?;
        Some((root, proof))
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::log::verify_consistency;
    use proptest::prelude::*;

    use super::*;

    fn log(size: u64, from: u64) -> (Vec<[u8; 42]>, Checkpoint) {
        let mut frontier = Frontier::new();
        let leaves = (0..size).map(|n| Leaf::record([if n < from { n as u8 } else { n as u8 ^ 0x80 }; 32]));
        let leaves: Vec<_> =
            leaves.inspect(|leaf| frontier.append(leaf.hash())).map(|leaf| leaf.to_bytes()).collect();
        (leaves, Checkpoint { origin: "cairn/x".into(), size, root: frontier.root() })
    }

    fn search(held: &Checkpoint, leaves: &[[u8; 42]], other: &Checkpoint) -> Option<(Hash, Vec<Hash>)> {
        let mut search = Search::new(held.clone(), other.clone()).unwrap();
        for batch in leaves.chunks(7) {
            search.take(search.size(), &batch.concat()).unwrap();
        }
        search.contradiction()
    }

    proptest! {
        #[test]
        fn wherever_they_part_it_is_found_and_proven(held in 1u64..100, more in 1u64..28, from in 0u64..100) {
            let from = from.min(held - 1);
            let (_, held) = log(held, 200);
            let (leaves, other) = log(held.size + more, from);
            let (root, proof) = search(&held, &leaves, &other).unwrap();
            prop_assert_ne!(root, held.root);
            prop_assert_eq!(verify_consistency(held.size, other.size, &proof, &root, &other.root), Ok(()));
        }

        #[test]
        fn a_log_that_goes_on_contradicts_nothing(held in 1u64..100, more in 1u64..28) {
            let ((_, held), (leaves, other)) = (log(held, 200), log(held + more, 200));
            prop_assert_eq!(search(&held, &leaves, &other), None);
        }
    }

    #[test]
    fn leaves_of_something_else_prove_nothing() {
        let ((_, held), (_, other), (leaves, _)) = (log(5, 200), log(9, 3), log(9, 2));
        assert_eq!(search(&held, &leaves, &other), None);
        let mut search = Search::new(held.clone(), other.clone()).unwrap();
        for (from, bytes) in [(1, leaves[..1].concat()), (0, vec![]), (0, vec![1; 41])] {
            assert_eq!(search.take(from, &bytes), Err(SearchEnded::NotTheirs));
        }
        assert!(Search::new(other.clone(), held.clone()).is_err());
        assert!(Search::new(held, Checkpoint { size: LEAVES_MOST + 1, ..other }).is_err());
    }
}
