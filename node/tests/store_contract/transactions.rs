//! Transactions: all or nothing, one consistent state to read, and nothing written by a reader.

use cairn_node::store::StoreError;

use crate::{
    databases::Db,
    samples::{append, at, hold, leaves, new_log, node, opening},
};

contracts!(
    a_dropped_transaction_leaves_no_trace,
    what_came_before_an_error_is_not_kept_either,
    a_reader_sees_one_state,
    a_reader_sees_nothing_uncommitted,
    a_reader_cannot_write,
);

async fn a_dropped_transaction_leaves_no_trace(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[opening(0)]).await;
    let mut tx = db.write().await;
    tx.add_place_version("{}", at(0)).await.unwrap();
    tx.set_self(&node(1)).await.unwrap();
    let row = tx.log_for_update(&node(1)).await.unwrap();
    append(&mut tx, log, &row.frontier, &leaves(0..300)).await;
    tx.purge(log, 0, at(1)).await.unwrap();
    tx.log_for_update(&node(2)).await.unwrap();
    drop(tx);

    let mut tx = db.write().await;
    assert_eq!(tx.place().await.unwrap(), None);
    assert_eq!(tx.self_id().await.unwrap(), None);
    assert_eq!(tx.logs().await.unwrap(), [row]);
    assert!(matches!(tx.leaves(log, 0, 300).await, Err(StoreError::Corrupt(_))));
    assert_eq!(tx.openings(log, 0, 9, 9).await.unwrap(), [opening(0)]);
    assert!(tx.tombstones(log, 0, 9).await.unwrap().is_empty());
}

async fn what_came_before_an_error_is_not_kept_either(db: Db) {
    let mut tx = db.write().await;
    tx.set_self(&node(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.write().await;
    tx.add_place_version("{}", at(0)).await.unwrap();
    assert!(matches!(tx.set_self(&node(2)).await, Err(StoreError::Conflict(_))));
    drop(tx);
    assert_eq!(db.read().await.place().await.unwrap(), None);
}

async fn a_reader_sees_one_state(db: Db) {
    let log = new_log(&db, 1).await;
    let mut reader = db.read().await;
    assert_eq!(reader.place().await.unwrap(), None);

    let mut tx = db.write().await;
    tx.add_place_version("new", at(0)).await.unwrap();
    tx.add_openings(log, &[opening(0)]).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(reader.place().await.unwrap(), None);
    assert_eq!(reader.held_count(log).await.unwrap(), 0);
    assert!(reader.openings(log, 0, 9, 9).await.unwrap().is_empty());
    drop(reader);
    let mut reader = db.read().await;
    assert_eq!(reader.place().await.unwrap().as_deref(), Some("new"));
    assert_eq!(reader.held_count(log).await.unwrap(), 1);
}

async fn a_reader_sees_nothing_uncommitted(db: Db) {
    let mut tx = db.write().await;
    tx.add_place_version("new", at(0)).await.unwrap();
    assert_eq!(tx.place().await.unwrap().as_deref(), Some("new"));
    assert_eq!(db.read().await.place().await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.place().await.unwrap().as_deref(), Some("new"));
}

async fn a_reader_cannot_write(db: Db) {
    let mut reader = db.read().await;
    assert!(reader.add_place_version("{}", at(0)).await.is_err());
    drop(reader);
    assert_eq!(db.read().await.place().await.unwrap(), None);
}
