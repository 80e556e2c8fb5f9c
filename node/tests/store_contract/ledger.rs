//! What is kept about our own records: who was given them, and what each release rests on.

use cairn_node::store::{LedgerRow, ReleaseRow, StoreError};
use cairn_proto::ids::RecordId;

use crate::{
    databases::Db,
    samples::{at, node},
};

contracts!(
    the_first_disclosure_stays,
    the_ledger_is_of_one_log_one_record_or_one_recipient,
    as_many_disclosures_as_a_batch_has,
    releases_come_back_in_order,
    a_release_is_written_once,
);

/// The contract under which the recipient `to` is given something.
fn contract(to: u8) -> [u8; 32] {
    [to.wrapping_add(1); 32]
}

/// Enters that `to` is given records of the log of node 1, and gives that log's number.
async fn disclose(db: &Db, indices: &[u64], to: u8, when: i64) -> i64 {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(1)).await.unwrap();
    tx.add_to_ledger(log.id, indices, &node(to), &contract(to), at(when)).await.unwrap();
    tx.commit().await.unwrap();
    log.id
}

fn row(index: u64, to: u8, when: i64) -> LedgerRow {
    let record = RecordId { author: node(1), index };
    LedgerRow { record, recipient: node(to), contract: Some(contract(to)), at: at(when), title_only: false }
}

async fn the_first_disclosure_stays(db: Db) {
    disclose(&db, &[1, 2], 8, 5).await;
    disclose(&db, &[3, 2, 2, 1], 8, 9).await;
    let log = disclose(&db, &[2], 8, 1).await;
    let all = db.read().await.ledger(log, None, None).await.unwrap();
    assert_eq!(all, [row(3, 8, 9), row(2, 8, 5), row(1, 8, 5)]);
}

async fn the_ledger_is_of_one_log_one_record_or_one_recipient(db: Db) {
    disclose(&db, &[], 1, 0).await;
    disclose(&db, &[4], 200, 7).await;
    disclose(&db, &[4], 2, 7).await;
    let log = disclose(&db, &[4, 5], 3, 6).await;
    let mut tx = db.read().await;
    let four = tx.ledger(log, Some(4), None).await.unwrap();
    assert_eq!(four, [row(4, 2, 7), row(4, 200, 7), row(4, 3, 6)]);
    assert_eq!(tx.ledger(log, None, Some(&node(3))).await.unwrap(), [row(5, 3, 6), row(4, 3, 6)]);
    assert_eq!(tx.ledger(log, Some(5), Some(&node(2))).await.unwrap(), []);
    assert_eq!(tx.ledger(log + 1, None, None).await.unwrap(), []);
}

async fn as_many_disclosures_as_a_batch_has(db: Db) {
    let indices: Vec<u64> = (0..4096).collect();
    let log = disclose(&db, &indices, 1, 0).await;
    for index in [0, 2048, 4095] {
        assert_eq!(db.read().await.ledger(log, Some(index), None).await.unwrap(), [row(index, 1, 0)]);
    }
}

fn release(index: u64, experiment_id: Option<&str>) -> ReleaseRow {
    ReleaseRow {
        index,
        experiment_id: experiment_id.map(str::to_owned),
        version: 3,
        card: "{\"purpose\":\"learning\"}".into(),
        authorised_by: "steward".into(),
        consent: "[]".into(),
        consent_salt: [index.to_be_bytes()[7]; 32],
        at: at(index.cast_signed()),
        overrides: format!("[{index}]"),
        approved_by: "head of service".into(),
    }
}

async fn releases_come_back_in_order(db: Db) {
    assert!(db.read().await.releases().await.unwrap().is_empty());
    let mut tx = db.write().await;
    for row in [release(11, Some("b")), release(2, None), release(300, Some("b"))] {
        tx.add_release(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let expected = [release(2, None), release(11, Some("b")), release(300, Some("b"))];
    assert_eq!(db.read().await.releases().await.unwrap(), expected);
}

async fn a_release_is_written_once(db: Db) {
    let mut tx = db.write().await;
    tx.add_release(&release(1, None)).await.unwrap();
    tx.commit().await.unwrap();
    let refused = db.write().await.add_release(&release(1, Some("a"))).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(db.read().await.releases().await.unwrap(), [release(1, None)]);
}
