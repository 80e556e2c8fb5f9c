//! The audit log and the pause.

use cairn_node::store::{AuditRow, PauseRow, StoreError};

use crate::{databases::Db, samples::at};

contracts!(audit_entries_stay_in_order, sharing_is_paused_once_and_resumed);

fn entry(seq: u64) -> AuditRow {
    let byte = seq.to_be_bytes()[7];
    AuditRow { seq, entry: format!("{{\"words\":\"{seq}\"}}"), hash: [byte; 32], signature: [byte; 64] }
}

async fn audit_entries_stay_in_order(db: Db) {
    assert_eq!(db.read().await.newest_audit().await.unwrap(), None);
    for seq in 1..=12 {
        let mut tx = db.write().await;
        tx.add_audit(&entry(seq)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let again = db.write().await.add_audit(&entry(12)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let mut tx = db.write().await;
    assert_eq!(tx.newest_audit().await.unwrap(), Some(entry(12)));
    assert_eq!(tx.audit(9, 3).await.unwrap(), [entry(9), entry(10), entry(11)]);
    assert_eq!(tx.audit(13, 3).await.unwrap(), []);
}

async fn sharing_is_paused_once_and_resumed(db: Db) {
    let row = |when| PauseRow { at: at(when), by: "steward".into(), reason: format!("reason {when}") };
    let mut tx = db.write().await;
    assert_eq!(tx.paused().await.unwrap(), None);
    assert!(!tx.resume().await.unwrap());
    tx.pause(&row(1)).await.unwrap();
    tx.pause(&row(2)).await.unwrap();
    assert_eq!(tx.paused().await.unwrap(), Some(row(1)));
    assert!(tx.resume().await.unwrap());
    assert_eq!(tx.paused().await.unwrap(), None);
}
