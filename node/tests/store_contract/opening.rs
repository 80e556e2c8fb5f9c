//! Opening and closing a database, new, known, or from another time.

use cairn_node::store::{Store, StoreError};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    databases::Db,
    samples::{at, node},
};

contracts!(
    what_was_committed_is_there_after_reopening,
    another_process_sees_what_was_committed,
    a_closed_store_says_so,
    a_newer_schema_is_refused,
    nothing_needs_forgetting,
);

async fn what_was_committed_is_there_after_reopening(db: Db) {
    let mut tx = db.write().await;
    tx.set_self(&node(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut left = db.write().await;
    left.add_place_version("never committed", at(0)).await.unwrap();
    drop(left);
    db.store.close().await;

    let again = Store::open(&db.url).await.unwrap();
    assert_eq!(again.database(), db.store.database());
    let mut tx = again.read().await.unwrap();
    assert_eq!(tx.self_id().await.unwrap(), Some(node(1)));
    assert_eq!(tx.place().await.unwrap(), None);
    drop(tx);
    again.close().await;
}

async fn another_process_sees_what_was_committed(db: Db) {
    let other = Store::open(&db.url).await.unwrap();
    let mut tx = db.write().await;
    tx.add_place_version("one", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = other.write().await.unwrap();
    assert_eq!(tx.place().await.unwrap().as_deref(), Some("one"));
    tx.add_place_version("two", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.place().await.unwrap().as_deref(), Some("two"));
    other.close().await;
}

async fn a_closed_store_says_so(db: Db) {
    let name = if db.url.starts_with("sqlite") { "sqlite" } else { "postgresql" };
    assert_eq!(db.store.database(), name);
    db.store.close().await;
    db.store.close().await;
    assert!(matches!(db.store.write().await, Err(StoreError::Database(_))));
    assert!(matches!(db.store.read().await, Err(StoreError::Database(_))));
}

/// A node that was downgraded must not touch what its successor wrote.
async fn a_newer_schema_is_refused(db: Db) {
    db.store.close().await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (999999, 'from the future', TRUE, $1, 0)";
    if db.url.starts_with("sqlite") {
        let mut raw = SqliteConnection::connect(&db.url).await.unwrap();
        sqlx::query(sql).bind(&[0_u8; 48][..]).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
    } else {
        let mut raw = PgConnection::connect(&db.url).await.unwrap();
        sqlx::query(sql).bind(&[0_u8; 48][..]).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
    }
    let refused = Store::open(&db.url).await.unwrap_err();
    assert!(matches!(refused, StoreError::Schema(_)), "{refused:?}");
    let text = refused.to_string();
    assert!(text.contains("does not fit this version of cairn-node") && text.contains("999999"), "{text}");
}

async fn nothing_needs_forgetting(db: Db) {
    db.store.forget().await.unwrap();
    let mut tx = db.write().await;
    tx.add_place_version("one", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    db.store.forget().await.unwrap();
    assert_eq!(db.read().await.place().await.unwrap().as_deref(), Some("one"));
}
