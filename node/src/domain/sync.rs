//! Following a log: compare what we hold with what is offered, then check every batch against the
//! signed head before anything is kept.

use cairn_proto::{
    checkpoint::Checkpoint,
    limits,
    log::{Frontier, Hash, InvalidLeaf, Leaf, ProofError, verify_consistency},
};

/// What we hold of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Verified leaves, as a Merkle frontier.
    pub frontier: Frontier,
    /// Openings of all records below this index are settled: held, withheld, withdrawn or expired.
    pub settled_to: u64,
    /// Leaves are followed, for what is withdrawn, and no records are taken: its author signed two logs, or we paused it.
    pub leaves_only: bool,
}

/// What to do about an offered head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing is missing.
    UpToDate,
    /// Ask for leaves and openings from here on.
    Pull {
        /// First leaf to ask for.
        from_size: u64,
        /// First opening to ask for.
        openings_from: u64,
    },
    /// The author offers less than we hold and have verified: it was restored from an older copy,
    /// or shows us another log. Nothing is asked for; a person has to look.
    Behind {
        /// What we hold.
        held: u64,
        /// What is offered.
        offered: u64,
    },
}

/// Compares what we hold with a head of size `offered`.
#[must_use]
pub fn compare(held: &Held, offered: u64) -> Plan {
    let size = held.frontier.size();
    if offered < size {
        return Plan::Behind { held: size, offered };
    }
    if offered == size && (held.leaves_only || held.settled_to >= size) {
        return Plan::UpToDate;
    }
    let openings_from = if held.leaves_only { offered } else { held.settled_to.min(size) };
    Plan::Pull { from_size: size, openings_from }
}

/// Why a batch of leaves was refused. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefused {
    /// It does not continue where we stand.
    #[error("the batch starts at leaf {from}, but we hold {held}")]
    NotNext {
        /// Its first index.
        from: u64,
        /// What we hold.
        held: u64,
    },
    /// It is empty, too large or not a whole number of leaves.
    #[error("the batch has {0} bytes, which is not between 1 and {max} leaves", max = limits::LEAF_BATCH)]
    Size(usize),
    /// It goes past the head it is proven against.
    #[error("the batch goes to leaf {to}, past the signed head of {head}")]
    PastHead {
        /// Its end.
        to: u64,
        /// The head's size.
        head: u64,
    },
    /// A leaf is malformed.
    #[error("leaf {index} is malformed: {error}")]
    Leaf {
        /// Its index.
        index: u64,
        /// What is wrong.
        error: InvalidLeaf,
    },
    /// A retraction of a leaf that does not come before it.
    #[error("leaf {index} withdraws leaf {target}, which does not come before it")]
    Target {
        /// Its index.
        index: u64,
        /// What it withdraws.
        target: u64,
    },
    /// It is not part of the signed log.
    #[error("the leaves are not part of the log that its author signed: {0}")]
    NotInLog(ProofError),
}

/// A verified batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The frontier after the batch.
    pub frontier: Frontier,
    /// Index of the first leaf.
    pub from: u64,
    /// The leaves.
    pub leaves: Vec<Leaf>,
}

/// Checks that `bytes` are the leaves that follow `frontier` in the log whose signed head is `head`.
///
/// # Errors
/// [`BatchRefused`]; the caller keeps nothing.
pub fn extend(
    frontier: &Frontier,
    from: u64,
    bytes: &[u8],
    proof: &[Hash],
    head: &Checkpoint,
) -> Result<Extension, BatchRefused> {
    let held = frontier.size();
    if from != held {
        return Err(BatchRefused::NotNext { from, held });
    }
    let (chunks, rest) = bytes.as_chunks::<{ Leaf::LEN }>();
    if chunks.is_empty() || chunks.len() > limits::LEAF_BATCH || !rest.is_empty() {
        return Err(BatchRefused::Size(bytes.len()));
    }
    let mut frontier = frontier.clone();
    let mut leaves = Vec::with_capacity(chunks.len());
    for (chunk, index) in chunks.iter().zip(from..) {
        let leaf = Leaf::from_bytes(chunk).map_err(|error| BatchRefused::Leaf { index, error })?;
        if let Some(target) = leaf.target().filter(|&target| target >= index) {
            return Err(BatchRefused::Target { index, target });
        }
        frontier.append(leaf.hash());
        leaves.push(leaf);
    }
    let to = frontier.size();
    if to > head.size {
        return Err(BatchRefused::PastHead { to, head: head.size });
    }
    verify_consistency(to, head.size, proof, &frontier.root(), &head.root).map_err(BatchRefused::NotInLog)?;
    Ok(Extension { frontier, from, leaves })
}

#[cfg(test)]
mod tests {
    use cairn_proto::log::consistency_plan;
    use proptest::prelude::*;

    use super::*;

    /// A log of `size` leaves, as bytes, with the frontier after each.
    fn log(size: u64) -> (Vec<[u8; 42]>, Vec<Frontier>) {
        let mut frontier = Frontier::new();
        let mut frontiers = vec![frontier.clone()];
        let mut leaves = Vec::new();
        for n in 0..size {
            let leaf = Leaf::record([n as u8; 32]);
            frontier.append(leaf.hash());
            leaves.push(leaf.to_bytes());
            frontiers.push(frontier.clone());
        }
        (leaves, frontiers)
    }

    fn head(frontier: &Frontier) -> Checkpoint {
        Checkpoint { origin: "cairn/x".into(), size: frontier.size(), root: frontier.root() }
    }

    fn proof(leaves: &[[u8; 42]], from: u64, to: u64) -> Vec<Hash> {
        let subtree = |level: u8, index: u64| {
            let mut hashes: Vec<Hash> = leaves[(index << level) as usize..((index + 1) << level) as usize]
                .iter()
                .map(|l| cairn_proto::log::leaf_hash(l))
                .collect();
            while hashes.len() > 1 {
                hashes = hashes.chunks(2).map(|p| cairn_proto::log::node_hash(&p[0], &p[1])).collect();
            }
            hashes.first().copied()
        };
        consistency_plan(from, to).unwrap().assemble(|s| subtree(s.level, s.index)).unwrap()
    }

    proptest! {
        #[test]
        fn following_in_any_batches_ends_at_the_head(size in 1u64..200, cuts in prop::collection::vec(1u64..64, 1..40)) {
            let (leaves, frontiers) = log(size);
            let head = head(&frontiers[size as usize]);
            let mut held = Held::default();
            let mut cuts = cuts.into_iter().cycle();
            while let Plan::Pull { from_size, .. } = compare(&held, size) {
                if from_size == size { held.settled_to = size; continue; }
                let to = size.min(from_size + cuts.next().unwrap());
                let bytes = leaves[from_size as usize..to as usize].concat();
                let proof = proof(&leaves, to, size);
                let batch = extend(&held.frontier, from_size, &bytes, &proof, &head).unwrap();
                held.frontier = batch.frontier;
            }
            prop_assert_eq!(held.frontier.root(), head.root);
            prop_assert_eq!(compare(&held, size), Plan::UpToDate);
        }

        #[test]
        fn a_changed_byte_is_refused(size in 2u64..64, byte in 0usize..42, which in any::<prop::sample::Index>()) {
            let (mut leaves, frontiers) = log(size);
            let head = head(&frontiers[size as usize]);
            let good = proof(&leaves, size, size);
            leaves[which.index(size as usize)][byte] ^= 1;
            let refused = extend(&Frontier::new(), 0, &leaves.concat(), &good, &head);
            prop_assert!(refused.is_err());
        }
    }

    #[test]
    fn an_author_that_offers_less_is_not_followed() {
        let (_, frontiers) = log(5);
        let held = Held { frontier: frontiers[5].clone(), settled_to: 5, leaves_only: false };
        assert_eq!(compare(&held, 4), Plan::Behind { held: 5, offered: 4 });
        let half = Held { settled_to: 3, ..held };
        assert_eq!(compare(&half, 5), Plan::Pull { from_size: 5, openings_from: 3 });
        let paused = Held { leaves_only: true, ..half };
        assert_eq!(compare(&paused, 5), Plan::UpToDate);
        assert_eq!(compare(&paused, 7), Plan::Pull { from_size: 5, openings_from: 7 });
    }

    #[test]
    fn misplaced_and_oversized_batches_are_refused() {
        let (leaves, frontiers) = log(4);
        let head = head(&frontiers[4]);
        let try_with = |from, bytes: &[u8]| extend(&Frontier::new(), from, bytes, &[], &head).unwrap_err();
        assert!(matches!(try_with(1, &leaves.concat()), BatchRefused::NotNext { .. }));
        assert!(matches!(try_with(0, &[]), BatchRefused::Size(0)));
        assert!(matches!(try_with(0, &leaves.concat()[..41]), BatchRefused::Size(41)));
        assert!(matches!(
            try_with(0, &[leaves.concat(), leaves.concat()].concat()),
            BatchRefused::PastHead { .. }
        ));
        let retraction = Leaf::retraction(0, [1; 32]).to_bytes();
        assert!(matches!(try_with(0, &retraction), BatchRefused::Target { .. }));
    }
}
