//! Proofs from stored leaves and subtree hashes, checked as another node would check them.

use cairn_node::store::{StoreError, Tx};
use cairn_proto::log::{
    Frontier, Hash, consistency_plan, inclusion_plan, verify_consistency, verify_inclusion,
};

use crate::{
    databases::Db,
    samples::{append, leaf, leaves, new_log},
};

contracts!(
    every_proof_of_up_to_257_leaves,
    every_proof_of_512_leaves,
    every_proof_of_700_leaves,
    proofs_of_older_heads,
    batches_leave_no_mark,
    proofs_across_65_536_leaves,
    a_proof_beyond_the_log_is_noticed,
);

/// Numbers of leaves just below, at and above those where subtrees are stored.
const SIZES: [u64; 8] = [1, 2, 255, 256, 257, 511, 512, 700];
/// Sizes of batches, taken in turn: single leaves, whole rows of subtrees, and across their ends.
const ODD: [u64; 7] = [1, 97, 255, 3, 256, 31, 300];

/// Roots of the logs of 0, 1, 2, ... `size` leaves.
fn roots(size: u64) -> Vec<Hash> {
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for index in 0..size {
        frontier.append(leaf(index).hash());
        roots.push(frontier.root());
    }
    roots
}

/// A log of `size` leaves, appended in batches of these sizes in turn, one transaction each.
async fn grown(db: &Db, n: u8, size: u64, batches: &[u64]) -> i64 {
    let log = new_log(db, n).await;
    let mut frontier = Frontier::new();
    for batch in batches.iter().cycle() {
        let to = size.min(frontier.size() + batch);
        let mut tx = db.write().await;
        frontier = append(&mut tx, log, &frontier, &leaves(frontier.size()..to)).await;
        tx.commit().await.unwrap();
        if to == size {
            break;
        }
    }
    log
}

async fn check_inclusion(tx: &mut Tx, log: i64, index: u64, size: u64, root: &Hash) {
    let proof = tx.proof(log, &inclusion_plan(index, size).unwrap()).await.unwrap();
    let verdict = verify_inclusion(&leaf(index).hash(), index, size, &proof, root);
    assert_eq!(verdict, Ok(()), "leaf {index} of {size}");
}

async fn check_consistency(tx: &mut Tx, log: i64, older: (u64, &Hash), newer: (u64, &Hash)) {
    let proof = tx.proof(log, &consistency_plan(older.0, newer.0).unwrap()).await.unwrap();
    let verdict = verify_consistency(older.0, newer.0, &proof, older.1, newer.1);
    assert_eq!(verdict, Ok(()), "{} to {}", older.0, newer.0);
}

/// Every leaf is in the log, and the log continues every shorter one.
async fn every_proof(db: &Db, n: u8, size: u64) {
    let log = grown(db, n, size, &ODD).await;
    let roots = roots(size);
    let root = roots.last().unwrap();
    let mut tx = db.read().await;
    for (index, older) in (0..size).zip(&roots[1..]) {
        check_inclusion(&mut tx, log, index, size, root).await;
        check_consistency(&mut tx, log, (index + 1, older), (size, root)).await;
    }
}

async fn every_proof_of_up_to_257_leaves(db: Db) {
    for (size, n) in [1, 2, 3, 255, 256, 257].into_iter().zip(1..) {
        every_proof(&db, n, size).await;
    }
}

async fn every_proof_of_512_leaves(db: Db) {
    every_proof(&db, 1, 512).await;
}

async fn every_proof_of_700_leaves(db: Db) {
    every_proof(&db, 1, 700).await;
}

/// A peer may be behind: what a log was once can be proven from what it is now.
async fn proofs_of_older_heads(db: Db) {
    let log = grown(&db, 1, 700, &ODD).await;
    let roots = roots(700);
    let mut tx = db.read().await;
    for size in SIZES {
        let root = &roots[usize::try_from(size).unwrap()];
        for index in SIZES.iter().map(|edge| edge - 1).filter(|index| *index < size) {
            check_inclusion(&mut tx, log, index, size, root).await;
        }
        for older in SIZES.into_iter().filter(|older| *older <= size) {
            let older_root = &roots[usize::try_from(older).unwrap()];
            check_consistency(&mut tx, log, (older, older_root), (size, root)).await;
        }
    }
}

async fn batches_leave_no_mark(db: Db) {
    let root = *roots(700).last().unwrap();
    for (batch, n) in [1, 7, 255, 256, 257, 512, 699, 700].into_iter().zip(1..) {
        let log = grown(&db, n, 700, &[batch]).await;
        let mut tx = db.read().await;
        for index in [0, 254, 255, 256, 511, 512, 699] {
            check_inclusion(&mut tx, log, index, 700, &root).await;
        }
    }
}

/// Far enough for the second stored level: one hash for 65,536 leaves.
async fn proofs_across_65_536_leaves(db: Db) {
    const EDGES: [u64; 9] = [1, 256, 32_768, 65_279, 65_535, 65_536, 65_537, 65_792, SIZE];
    const SIZE: u64 = 65_536 + 513;
    let log = grown(&db, 1, SIZE, &[8_192, 257, 4_001]).await;
    let roots = roots(SIZE);
    let root_of = |size: u64| &roots[usize::try_from(size).unwrap()];
    let mut tx = db.read().await;
    for index in EDGES.map(|edge| edge - 1) {
        check_inclusion(&mut tx, log, index, SIZE, root_of(SIZE)).await;
    }
    for older in EDGES {
        check_consistency(&mut tx, log, (older, root_of(older)), (SIZE, root_of(SIZE))).await;
    }
    check_consistency(&mut tx, log, (65_535, root_of(65_535)), (65_536, root_of(65_536))).await;
    check_inclusion(&mut tx, log, 65_535, 65_536, root_of(65_536)).await;
}

async fn a_proof_beyond_the_log_is_noticed(db: Db) {
    let log = grown(&db, 1, 300, &ODD).await;
    let mut tx = db.read().await;
    for (index, size) in [(0, 301), (0, 512), (511, 512), (0, 70_000)] {
        let refused = tx.proof(log, &inclusion_plan(index, size).unwrap()).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{index} of {size}: {refused:?}");
    }
    let plan = inclusion_plan(0, 1).unwrap();
    assert!(tx.proof(log, &plan).await.unwrap().is_empty());
}
