//! Copying a whole database: nothing is forgotten, and what comes out is the same on both databases.

use std::collections::BTreeMap;

use cairn_node::store::{Kind, Row, Store, StoreError, Table, Tx, Value};
use cairn_proto::ids::NodeId;
use tokio::sync::mpsc;

use crate::{
    databases::{Db, Sqlite, on_postgresql, on_sqlite},
    samples::{append, at, found, leaf, leaves, new_log, node, save_note},
};

contracts!(
    every_table_of_every_migration_is_copied,
    a_copy_is_of_one_moment,
    a_row_that_does_not_fit_is_refused,
    a_reader_beside_the_node_cannot_write,
    what_is_not_known_here_is_not_opened,
    what_was_heard_is_forgotten,
);

pub(crate) type Dump = BTreeMap<String, Vec<Row>>;

/// Everything in a database.
pub(crate) async fn dump(tx: &mut Tx) -> Dump {
    let mut dump = Dump::new();
    for table in tx.tables().await.unwrap() {
        let (out, mut rows) = mpsc::channel(1);
        let take = async {
            let mut all = Vec::new();
            while let Some(batch) = rows.recv().await {
                all.extend::<Vec<Row>>(batch);
            }
            all
        };
        let send = async {
            tx.copy_out(&table, &out).await.unwrap();
            drop(out);
        };
        let (rows, ()) = tokio::join!(take, send);
        assert_eq!(tx.count_rows(&table).await.unwrap(), rows.len() as u64);
        dump.insert(table.name, rows);
    }
    dump
}

/// Rows that no migration put there, in every table there is: what `dump` gives is what `fill` wrote, or a table is forgotten.
async fn fill(tx: &mut Tx, rows: i64) -> Dump {
    let mut all = Dump::new();
    for table in tx.tables().await.unwrap() {
        tx.clear_table(&table).await.unwrap();
        let one_row_only = table.columns[0].name == "one";
        let rows: Vec<Row> = (1..=if one_row_only { 1 } else { rows }).map(|n| row(&table, n)).collect();
        tx.copy_in(&table, &rows).await.unwrap();
        all.insert(table.name, rows);
    }
    all
}

/// Row `n` of a table. Two are in the order of their keys' bytes, and not in that of a language.
fn row(table: &Table, n: i64) -> Row {
    let value = |kind: Kind, key: u64, column: usize| match kind {
        Kind::Int => Value::Int(n),
        Kind::Text if key > 0 => Value::Text(format!("{}{n}", if n % 2 == 1 { "B" } else { "a" })),
        Kind::Text => Value::Text(format!("“{n}” \n {column}")),
        Kind::Bytes if n == 2 && key == 0 => Value::Bytes(Vec::new()),
        Kind::Bytes => Value::Bytes([&[0, 255][..], &n.to_be_bytes(), &[column as u8; 22]].concat()),
    };
    table.columns.iter().zip(0..).map(|(column, at)| value(column.kind, column.key, at)).collect()
}

async fn copy(dump: &Dump, tx: &mut Tx) {
    for table in tx.tables().await.unwrap() {
        tx.clear_table(&table).await.unwrap();
        tx.copy_in(&table, &dump[&table.name]).await.unwrap();
    }
}

/// The catalogue is asked, so a table that a later migration adds is among them; here each must have come out as it went in.
async fn every_table_of_every_migration_is_copied(db: Db) {
    let mut tx = db.write().await;
    let written = fill(&mut tx, 2).await;
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(dump(&mut tx).await, written);
    assert!(written.len() >= 38, "{:?}", written.keys());
    for known in
        ["self", "logs", "records", "documents", "drafts", "kept_back", "gate", "told", "audit", "unindexed"]
    {
        assert!(written.contains_key(known), "{known}");
    }
    let made_again = |name: &String| name.contains("_index") || name.starts_with('_');
    assert!(!written.keys().any(made_again), "{:?}", written.keys());
}

/// Rows in every table go SQLite -> PostgreSQL -> SQLite and are the same, in the same order.
#[tokio::test]
async fn a_copy_of_a_copy_on_another_database_is_the_same() {
    on_sqlite(|sqlite| async move {
        let mut tx = sqlite.write().await;
        fill(&mut tx, 300).await;
        tx.commit().await.unwrap();
        let first = dump(&mut sqlite.read().await).await;
        on_postgresql(|postgresql| async move {
            let mut tx = postgresql.write().await;
            copy(&first, &mut tx).await;
            tx.commit().await.unwrap();
            let second = dump(&mut postgresql.read().await).await;
            assert!(first == second, "PostgreSQL gives what SQLite gave");
            let back = Sqlite::new();
            let back = back.open().await;
            let mut tx = back.write().await;
            copy(&second, &mut tx).await;
            assert!(dump(&mut tx).await == first, "and SQLite again");
        })
        .await;
    })
    .await;
}

async fn a_copy_is_of_one_moment(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.read().await;
    let tables = tx.tables().await.unwrap();
    let mut writer = db.write().await;
    let row = writer.log_for_update(&node(1)).await.unwrap();
    append(&mut writer, log, &row.frontier, &leaves(0..300)).await;
    writer.commit().await.unwrap();
    assert_eq!(dump(&mut tx).await["leaves"], Vec::<Row>::new(), "it was read before that was written");
    drop(tx);
    let mut tx = db.read().await;
    assert_eq!(tx.tables().await.unwrap(), tables);
    let rows = dump(&mut tx).await;
    let bytes = leaf(299).to_bytes().to_vec();
    assert_eq!(rows["leaves"][299], [Value::Int(log), Value::Int(299), Value::Bytes(bytes)]);
    let (out, rows) = mpsc::channel(1);
    drop(rows);
    let leaves = tables.iter().find(|table| table.name == "leaves").unwrap();
    tx.copy_out(leaves, &out).await.unwrap();
}

async fn a_row_that_does_not_fit_is_refused(db: Db) {
    let mut tx = db.write().await;
    let tables = tx.tables().await.unwrap();
    let pause = tables.iter().find(|table| table.name == "pause").unwrap();
    let text = |text: &str| Value::Text(text.into());
    let short = vec![Value::Int(1), Value::Int(5), text("a role")];
    let swapped = vec![Value::Int(1), text("5"), text("a role"), text("a reason")];
    for row in [short, swapped] {
        assert!(matches!(tx.copy_in(pause, &[row]).await, Err(StoreError::Corrupt(_))));
    }
    let row = vec![Value::Int(1), Value::Int(at(0).as_microsecond()), text("a role"), text("a reason")];
    tx.copy_in(pause, &[row]).await.unwrap();
    assert_eq!(tx.paused().await.unwrap().unwrap().by, "a role");
}

async fn a_reader_beside_the_node_cannot_write(db: Db) {
    save_note(&db, "n", "words that are indexed").await;
    let beside = Store::open_beside(&db.url).await.unwrap();
    assert_eq!(dump(&mut beside.read().await.unwrap()).await, dump(&mut db.read().await).await);
    if beside.database() == "sqlite" {
        let refused = beside.write().await;
        assert!(refused.is_err() || refused.unwrap().set_self(&node(1)).await.is_err());
    }
    beside.close().await;
    assert_eq!(found(&db, &["indexed"], &crate::samples::filter(None, None, &[])).await, ["n"]);
}

async fn what_is_not_known_here_is_not_opened(db: Db) {
    let schema = db.read().await.schema().await.unwrap();
    db.store.close().await;
    let newer = Store::open_for_copy(&db.url, schema + 1).await;
    assert!(matches!(newer, Err(StoreError::Ahead(_))), "{newer:?}");
    let same = Store::open_for_copy(&db.url, schema).await.unwrap();
    let mut tx = same.write().await.unwrap();
    assert_eq!(tx.schema().await.unwrap(), schema);
    drop(tx);
    same.close().await;
}

/// A schema from before it was opened to look: nothing is changed, and it is told.
#[tokio::test]
async fn an_older_schema_is_not_brought_up_to_date_by_who_only_looks() {
    let files = Sqlite::new();
    Store::open_for_copy(&files.url(), 5).await.unwrap().close().await;
    let refused = Store::open_beside(&files.url()).await;
    assert!(matches!(refused, Err(StoreError::Behind)), "{refused:?}");
    let same = Store::open_for_copy(&files.url(), 5).await.unwrap();
    assert_eq!(same.write().await.unwrap().schema().await.unwrap(), 5);
    same.close().await;
}

async fn what_was_heard_is_forgotten(db: Db) {
    let mut tx = db.write().await;
    let heard = |log: Option<cairn_node::store::LogRow>| log.unwrap().heard_at;
    let log = tx.log_for_update(&NodeId::from_bytes([1; 32])).await.unwrap().id;
    tx.note_heard(log, at(5)).await.unwrap();
    assert_eq!(heard(tx.log(&node(1)).await.unwrap()), at(5));
    tx.forget_heard().await.unwrap();
    assert_eq!(heard(tx.log(&node(1)).await.unwrap()), jiff::Timestamp::UNIX_EPOCH);
}
