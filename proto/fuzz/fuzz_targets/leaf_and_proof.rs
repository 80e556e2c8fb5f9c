//! Any bytes as a leaf, a frontier and proofs: no crash, one encoding, and no proof of what is not so.
#![no_main]

use cairn_proto::{
    limits::PROOF_HASHES,
    log::{
        Frontier, Hash, Leaf, consistency_plan, inclusion_plan, leaf_hash, verify_consistency,
        verify_inclusion,
    },
};
use libfuzzer_sys::fuzz_target;

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks::<32>().0.to_vec()
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(leaf) = Leaf::from_bytes(bytes) {
        assert_eq!(leaf.to_bytes(), bytes);
    }
    if let Ok(mut frontier) = Frontier::from_bytes(bytes) {
        assert_eq!(frontier.to_bytes(), bytes);
        let size = frontier.size();
        frontier.append(leaf_hash(bytes));
        assert_eq!(frontier.size(), size + 1);
        let _ = frontier.root();
    }
    let Some((first, rest)) = bytes.split_first_chunk::<8>() else { return };
    let Some((second, rest)) = rest.split_first_chunk::<8>() else { return };
    let (a, b) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
    let proof = hashes(rest);
    let (leaf, root) = (leaf_hash(first), leaf_hash(second));
    assert!(verify_inclusion(&leaf, a, b, &proof, &root).is_err(), "a proof found by chance");
    if a != b {
        assert!(verify_consistency(a, b, &proof, &leaf, &root).is_err(), "a proof found by chance");
    }
    // A log whose hashes are all alike keeps planner and verifier honest about lengths at any size.
    for plan in [inclusion_plan(a, b), consistency_plan(a, b)].into_iter().flatten() {
        let made = plan.assemble(|_| Some(root)).expect("every hash is given");
        assert!(made.len() <= PROOF_HASHES || b > 1 << 62);
        assert!(plan.subtrees().iter().all(|subtree| subtree.level < 64));
    }
});
