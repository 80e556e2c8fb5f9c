//! Cosignatures, evidence of forks, and the gate before our own key.

use cairn_node::store::{CosignatureRow, ForkRow, GateRow};
use cairn_proto::{checkpoint, note::NoteSignature};
use jiff::Timestamp;

use crate::{
    databases::Db,
    samples::{at, new_log, node},
};

contracts!(
    the_newest_cosignature_of_each_witness_is_kept,
    the_first_evidence_of_a_fork_is_kept,
    the_gate_is_closed_once_and_opened,
    carriers_are_forgotten,
);

fn cosignature(witness: u8, size: u64, second: i64) -> CosignatureRow {
    let line = NoteSignature {
        name: checkpoint::origin(&node(witness)),
        key_id: [witness, 1, 2, 3],
        signature: vec![witness; 72],
    };
    CosignatureRow { witness: node(witness), size, at: Timestamp::from_second(second).unwrap(), line }
}

async fn the_newest_cosignature_of_each_witness_is_kept(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    let mut tx = db.write().await;
    for row in [cosignature(1, 4, 10), cosignature(2, 4, 30), cosignature(1, 5, 20)] {
        tx.save_cosignature(log, &row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.cosignatures(log).await.unwrap(), [cosignature(2, 4, 30), cosignature(1, 5, 20)]);
    assert_eq!(tx.cosignatures(other).await.unwrap(), []);
}

async fn the_first_evidence_of_a_fork_is_kept(db: Db) {
    let row = |origin: u8, evidence: u8| ForkRow {
        origin: node(origin),
        found_at: at(origin.into()),
        evidence: vec![evidence; 9],
    };
    let mut tx = db.write().await;
    assert!(tx.save_fork(&row(2, 1)).await.unwrap());
    assert!(tx.save_fork(&row(1, 1)).await.unwrap());
    assert!(!tx.save_fork(&row(2, 7)).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = db.write().await;
    assert_eq!(tx.forks().await.unwrap(), [row(1, 1), row(2, 1)]);
    assert_eq!(tx.fork(&node(2)).await.unwrap(), Some(row(2, 1)));
    assert_eq!(tx.fork(&node(3)).await.unwrap(), None);
    tx.forget_fork(&node(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.forks().await.unwrap(), [row(1, 1)]);
}

async fn the_gate_is_closed_once_and_opened(db: Db) {
    let row = |reason: &str, size| GateRow { at: at(3), reason: reason.into(), size };
    assert_eq!(db.read().await.gate().await.unwrap(), None);
    let mut tx = db.write().await;
    tx.close_gate(&row("an older copy", 7)).await.unwrap();
    tx.close_gate(&row("again", 9)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.write().await;
    assert_eq!(tx.gate().await.unwrap(), Some(row("an older copy", 7)));
    tx.open_gate().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.gate().await.unwrap(), None);
}

async fn carriers_are_forgotten(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    let mut tx = db.write().await;
    for log in [log, other] {
        tx.save_carrier(log, &node(1), "").await.unwrap();
    }
    tx.forget_carriers(log).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert!(tx.carriers(log).await.unwrap().is_empty());
    assert_eq!(tx.carriers(other).await.unwrap().len(), 1);
}
