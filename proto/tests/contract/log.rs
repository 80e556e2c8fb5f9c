//! The log against RFC 6962's own definition, and proofs that no flipped bit survives.

use cairn_proto::log::{
    Frontier, Hash, InvalidFrontier, InvalidLeaf, Leaf, LeafKind, ProofError, commitment, consistency_plan,
    empty_root, inclusion_plan, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::place::Log;

/// MTH of RFC 6962, 2.1, written down as it stands there.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        many => {
            let middle = many.len().next_power_of_two() / 2;
            node_hash(&naive_root(&many[..middle]), &naive_root(&many[middle..]))
        }
    }
}

fn log(size: u64) -> Log {
    let mut log = Log::default();
    for index in 0..size {
        log.append(leaf_hash(&index.to_be_bytes()));
    }
    log
}

fn root(log: &Log, size: u64) -> Hash {
    naive_root(&log.hashes[..usize::try_from(size).unwrap()])
}

fn consistency(log: &Log, older: u64, newer: u64) -> Vec<Hash> {
    let plan = consistency_plan(older, newer).unwrap();
    plan.assemble(|subtree| log.subtrees.get(&subtree).copied()).unwrap()
}

fn flipped(proof: &[Hash], bit: prop::sample::Index) -> Vec<Hash> {
    let mut proof = proof.to_vec();
    let at = bit.index(proof.len() * 256);
    proof[at / 256][at / 8 % 32] ^= 1 << (at % 8);
    proof
}

/// The eight leaves of RFC 6962's reference implementation; their roots are in every implementation's tests.
#[test]
fn roots_are_those_of_certificate_transparency() {
    let leaves: [&[u8]; 4] = [b"", b"\x00", b"\x10", b"\x20\x21"];
    let mut frontier = Frontier::new();
    let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(frontier.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    frontier.append(leaf_hash(leaves[0]));
    assert_eq!(hex(frontier.root()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    frontier.append(leaf_hash(leaves[1]));
    assert_eq!(hex(frontier.root()), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    frontier.append(leaf_hash(leaves[2]));
    frontier.append(leaf_hash(leaves[3]));
    assert_eq!(hex(frontier.root()), "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
}

#[test]
fn a_leaf_has_one_encoding() {
    let record = Leaf::record([7; 32]);
    let retraction = Leaf::retraction(258, [9; 32]);
    assert_eq!(record.to_bytes()[..10], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(retraction.to_bytes()[..10], [1, 2, 0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!((record.kind(), record.target()), (LeafKind::Record, None));
    assert_eq!((retraction.kind(), retraction.target()), (LeafKind::Retraction, Some(258)));
    for leaf in [record, retraction, Leaf::retraction(0, [0; 32])] {
        assert_eq!(Leaf::from_bytes(&leaf.to_bytes()), Ok(leaf));
        assert_eq!(leaf.hash(), leaf_hash(&leaf.to_bytes()));
    }
    let changed = |at: usize, to: u8| {
        let mut bytes = record.to_bytes();
        bytes[at] = to;
        Leaf::from_bytes(&bytes)
    };
    assert_eq!(changed(0, 2), Err(InvalidLeaf::Version(2)));
    assert_eq!(changed(1, 3), Err(InvalidLeaf::Kind(3)));
    assert_eq!(changed(9, 1), Err(InvalidLeaf::RecordWithTarget(1)));
    assert_eq!(Leaf::from_bytes(&[1; 41]), Err(InvalidLeaf::Length(41)));
    assert_eq!(
        Leaf::from_bytes(&Leaf::retraction(u64::MAX, [0; 32]).to_bytes()),
        Err(InvalidLeaf::TargetBeyondLog(u64::MAX))
    );
}

#[test]
fn a_commitment_hides_behind_its_salt() {
    assert_ne!(commitment(&[1; 32], b"text"), commitment(&[2; 32], b"text"));
    assert_ne!(commitment(&[1; 32], b"text"), commitment(&[1; 32], b"texts"));
}

/// Every index and every pair of sizes of small logs, where the shapes differ most.
#[test]
fn all_proofs_of_small_logs_hold() {
    let log = log(40);
    for newer in 1..=40 {
        let head = root(&log, newer);
        for index in 0..newer {
            let proof = log.inclusion(index, newer);
            let leaf = &log.hashes[usize::try_from(index).unwrap()];
            assert_eq!(verify_inclusion(leaf, index, newer, &proof, &head), Ok(()), "{index} of {newer}");
        }
        for older in 1..=newer {
            let proof = consistency(&log, older, newer);
            let held = root(&log, older);
            assert_eq!(verify_consistency(older, newer, &proof, &held, &head), Ok(()), "{older} to {newer}");
        }
    }
}

#[test]
fn impossible_proofs_are_refused_with_the_reason() {
    assert_eq!(inclusion_plan(3, 3), Err(ProofError::NoSuchLeaf { index: 3, size: 3 }));
    assert_eq!(consistency_plan(4, 3), Err(ProofError::Backwards { older: 4, newer: 3 }));
    assert_eq!(consistency_plan(0, 3), Err(ProofError::FromEmpty));
    assert_eq!(verify_consistency(0, 3, &[], &empty_root(), &[0; 32]), Err(ProofError::FromEmpty));
    let log = log(5);
    let (held, head) = (root(&log, 3), root(&log, 5));
    let proof = consistency(&log, 3, 5);
    assert_eq!(verify_consistency(3, 5, &proof, &[0; 32], &head), Err(ProofError::OlderRoot));
    assert_eq!(verify_consistency(3, 5, &proof, &held, &[0; 32]), Err(ProofError::NewerRoot));
    assert_eq!(verify_consistency(3, 5, &proof[1..], &held, &head), Err(ProofError::Length(3)));
    assert_eq!(verify_consistency(3, 3, &[], &held, &head), Err(ProofError::OlderRoot));
    // Sizes at the edge of the number range must not overflow.
    assert!(inclusion_plan(u64::MAX - 1, u64::MAX).is_ok());
    assert!(consistency_plan(u64::MAX - 1, u64::MAX).is_ok());
    assert!(verify_inclusion(&head, u64::MAX - 1, u64::MAX, &[head; 63], &head).is_err());
    assert!(verify_consistency(1 << 63, u64::MAX, &[head; 63], &head, &head).is_err());
}

#[test]
fn frontiers_are_read_strictly() {
    let frontier = log(5).frontier;
    let bytes = frontier.to_bytes();
    assert_eq!(bytes.len(), 8 + 2 * 32);
    assert_eq!(Frontier::from_bytes(&bytes), Ok(frontier));
    assert_eq!(Frontier::from_bytes(&bytes[..71]), Err(InvalidFrontier::Length(71)));
    assert_eq!(Frontier::from_bytes(&[0; 7]), Err(InvalidFrontier::Length(7)));
    let beyond = [1_u64 << 63].map(u64::to_be_bytes).concat();
    let beyond = [beyond, vec![0; 32]].concat();
    assert_eq!(Frontier::from_bytes(&beyond), Err(InvalidFrontier::Size(1 << 63)));
    assert_eq!(Frontier::from_bytes(&[0; 8]), Ok(Frontier::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn frontier_and_definition_agree(size in 0_u64..600, cut in 0_u64..600) {
        let whole = log(size);
        prop_assert_eq!(whole.frontier.root(), root(&whole, size));
        let mut resumed = Frontier::from_bytes(&log(cut.min(size)).frontier.to_bytes()).unwrap();
        for hash in &whole.hashes[usize::try_from(cut.min(size)).unwrap()..] {
            resumed.append(*hash);
        }
        prop_assert_eq!(resumed, whole.frontier);
    }

    #[test]
    fn inclusion_proofs_hold_and_changed_ones_do_not(
        size in 2_u64..600, at: prop::sample::Index, bit: prop::sample::Index,
    ) {
        let (log, index) = (log(size), u64::try_from(at.index(usize::try_from(size).unwrap())).unwrap());
        let (leaf, head) = (log.hashes[usize::try_from(index).unwrap()], log.frontier.root());
        let proof = log.inclusion(index, size);
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &head), Ok(()));
        let wrong = verify_inclusion(&leaf, index, size, &flipped(&proof, bit), &head);
        prop_assert_eq!(wrong, Err(ProofError::Root));
        prop_assert!(verify_inclusion(&leaf, index ^ 1, size, &proof, &head).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &proof[1..], &head).is_err());
        let longer = [proof, vec![head]].concat();
        prop_assert!(verify_inclusion(&leaf, index, size, &longer, &head).is_err());
    }

    #[test]
    fn consistency_proofs_hold_and_changed_ones_do_not(
        size in 2_u64..600, at: prop::sample::Index, bit: prop::sample::Index,
    ) {
        let older = 1 + u64::try_from(at.index(usize::try_from(size - 1).unwrap())).unwrap();
        let log = log(size);
        let (held, head) = (root(&log, older), log.frontier.root());
        let proof = consistency(&log, older, size);
        prop_assert_eq!(verify_consistency(older, size, &proof, &held, &head), Ok(()));
        prop_assert!(verify_consistency(older, size, &flipped(&proof, bit), &held, &head).is_err());
        prop_assert!(verify_consistency(older, size, &proof[1..], &held, &head).is_err());
        let longer = [proof, vec![head]].concat();
        prop_assert!(verify_consistency(older, size, &longer, &held, &head).is_err());
    }
}
