//! Which records speak of which others: found by what they speak of, and gone with the record that speaks.

use cairn_node::{
    domain::dialogue::How,
    store::{LinkToRow, OpeningRow},
};
use cairn_proto::ids::RecordId;

use crate::{
    databases::Db,
    samples::{at, hold, new_log, node, opening},
};

contracts!(
    what_speaks_of_a_record_is_found_and_nothing_else,
    a_link_is_kept_once,
    links_go_with_their_record,
    what_was_withdrawn_before_it_came_gets_no_links,
    as_many_links_as_a_batch_has,
);

/// A record of node `n`.
fn record(n: u8, index: u64) -> RecordId {
    RecordId { author: node(n), index }
}

async fn link(db: &Db, log: i64, links: &[(u64, How, RecordId)]) {
    let row = |&(index, how, target): &(u64, How, RecordId)| LinkToRow { index, how, target };
    let rows: Vec<_> = links.iter().map(row).collect();
    let mut tx = db.write().await;
    tx.add_record_links(log, &rows).await.unwrap();
    tx.commit().await.unwrap();
}

async fn linked(db: &Db, target: RecordId, how: How) -> Vec<RecordId> {
    db.read().await.records_linked_to(&target, how, 100).await.unwrap()
}

async fn what_speaks_of_a_record_is_found_and_nothing_else(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    link(&db, one, &[]).await;
    link(&db, two, &[(7, How::About, record(1, 3)), (7, How::InReplyTo, record(1, 4))]).await;
    link(&db, one, &[(9, How::About, record(1, 3)), (8, How::About, record(2, 3))]).await;
    link(&db, two, &[(8, How::DerivedFrom, record(1, 3))]).await;
    assert_eq!(linked(&db, record(1, 3), How::About).await, [record(1, 9), record(2, 7)]);
    assert_eq!(linked(&db, record(1, 4), How::InReplyTo).await, [record(2, 7)]);
    assert_eq!(linked(&db, record(1, 3), How::DerivedFrom).await, [record(2, 8)]);
    assert!(linked(&db, record(1, 4), How::About).await.is_empty());
    let some = db.read().await.records_linked_to(&record(1, 3), How::About, 1).await.unwrap();
    assert_eq!(some, [record(1, 9)]);
}

async fn a_link_is_kept_once(db: Db) {
    let log = new_log(&db, 1).await;
    for _ in 0..2 {
        link(&db, log, &[(5, How::About, record(2, 0)), (5, How::About, record(2, 0))]).await;
    }
    assert_eq!(linked(&db, record(2, 0), How::About).await, [record(1, 5)]);
}

async fn links_go_with_their_record(db: Db) {
    let log = new_log(&db, 1).await;
    let ending = OpeningRow { expires_at: Some(at(9)), ..opening(2) };
    hold(&db, log, &[opening(1), ending, opening(3)]).await;
    let about = |index| (index, How::About, record(2, 0));
    link(&db, log, &[about(1), about(2), about(3)]).await;
    let mut tx = db.write().await;
    tx.purge(log, 1, at(5)).await.unwrap();
    tx.purge_expired(at(9)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(linked(&db, record(2, 0), How::About).await, [record(1, 3)]);
}

/// A retraction may travel faster than what it retracts.
async fn what_was_withdrawn_before_it_came_gets_no_links(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    tx.purge(log, 1, at(5)).await.unwrap();
    tx.commit().await.unwrap();
    link(&db, log, &[(1, How::About, record(2, 0)), (2, How::About, record(2, 0))]).await;
    assert_eq!(linked(&db, record(2, 0), How::About).await, [record(1, 2)]);
}

async fn as_many_links_as_a_batch_has(db: Db) {
    let log = new_log(&db, 1).await;
    let links: Vec<_> = (0..4096).map(|index| (index, How::About, record(2, index % 2))).collect();
    link(&db, log, &links).await;
    let found = db.read().await.records_linked_to(&record(2, 1), How::About, 5000).await.unwrap();
    assert_eq!(found.len(), 2048);
}
