//! A database of an earlier schema: what it held is there after the upgrade.

use std::{fs, path::Path};

use cairn_node::store::{DocumentRow, LedgerRow, VersionRow};
use cairn_proto::ids::RecordId;
use sqlx::{Connection as _, PgConnection, SqliteConnection, migrate::Migrator};

use crate::{
    databases::Db,
    samples::{PLAIN, at, document, filter, ids, node, save},
};

contracts!(
    experiments_become_documents,
    an_empty_database_is_upgraded,
    disclosures_stay_in_the_ledger,
    receipts_stay_with_our_own_log,
    what_was_restored_is_behind_the_gate,
    tombstones_from_before_count_as_of_something_held,
);

/// Any two experiments, one of them in several versions, as the first schema kept them.
const EXPERIMENTS: [(&str, i64, i64); 4] = [("b", 1, 5), ("a", 1, 1), ("a", 10, 9), ("a", 2, 3)];

/// Makes the database one of the first schema, with the rows given.
async fn first_schema(db: &Db, experiments: &[(&str, i64, i64)]) {
    first_schema_with(db, experiments, &[]).await;
}

async fn first_schema_with(db: &Db, experiments: &[(&str, i64, i64)], more: &[&'static str]) {
    schema_with(db, 1, experiments, more).await;
}

/// Makes the database one of schema `version`.
async fn schema_with(db: &Db, version: usize, experiments: &[(&str, i64, i64)], more: &[&'static str]) {
    db.store.close().await;
    let earlier = tempfile::tempdir().unwrap();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut all: Vec<_> = fs::read_dir(migrations).unwrap().map(|file| file.unwrap().path()).collect();
    all.sort();
    for file in &all[..version] {
        fs::copy(file, earlier.path().join(file.file_name().unwrap())).unwrap();
    }
    let migrator = Migrator::new(earlier.path()).await.unwrap();
    let sql = "INSERT INTO experiment_versions (id, version, document, at) VALUES ($1, $2, $3, $4)";
    macro_rules! fill {
        ($raw:ident) => {
            migrator.run(&mut $raw).await.unwrap();
            for (id, version, when) in experiments {
                let query = sqlx::query(sql).bind(*id).bind(*version).bind(text(id, *version));
                query.bind(at(*when).as_microsecond()).execute(&mut $raw).await.unwrap();
            }
            for sql in more {
                sqlx::query(*sql).bind(node(4).as_bytes().to_vec()).execute(&mut $raw).await.unwrap();
            }
            $raw.close().await.unwrap();
        };
    }
    if let Some(file) = db.url.strip_prefix("sqlite://") {
        fs::remove_file(file).unwrap();
        let mut raw = SqliteConnection::connect(&format!("{}?mode=rwc", db.url)).await.unwrap();
        sqlx::query("PRAGMA page_size = 16384").execute(&mut raw).await.unwrap();
        fill!(raw);
    } else {
        let mut raw = PgConnection::connect(&db.url).await.unwrap();
        for sql in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
            sqlx::query(sql).execute(&mut raw).await.unwrap();
        }
        fill!(raw);
    }
}

fn text(id: &str, version: i64) -> String {
    format!("{{\"id\":\"{id}\",\"version\":{version}}}")
}

fn row(id: &str, version: i64, when: i64) -> DocumentRow {
    let (kind, document, by) = ("experiment".to_owned(), text(id, version), String::new());
    DocumentRow { kind, id: id.to_owned(), version: version.cast_unsigned(), document, at: at(when), by }
}

async fn experiments_become_documents(db: Db) {
    first_schema(&db, &EXPERIMENTS).await;
    let db = db.again().await;
    let mut tx = db.read().await;
    for (id, version, when) in EXPERIMENTS {
        let kept = tx.document_version("experiment", id, version.cast_unsigned()).await.unwrap();
        assert_eq!(kept, Some(row(id, version, when)));
    }
    assert_eq!(tx.document("experiment", "a").await.unwrap(), Some(row("a", 10, 9)));
    let version = |version, when| VersionRow { version, at: at(when), by: String::new(), erased: false };
    let history = tx.document_history("experiment", "a").await.unwrap();
    assert_eq!(history, [version(1, 1), version(2, 3), version(10, 9)]);
    let heads = tx.find(&[], &filter(Some("experiment"), None, &[]), None, 9).await.unwrap();
    assert_eq!(ids(heads), ["a", "b"], "by the time of the newest version");
    assert_eq!(tx.count_documents("experiment").await.unwrap(), 2);
    assert_eq!(tx.unindexed_documents(1, 9).await.unwrap().len(), 2);
    drop(tx);
    save(&db, &document("experiment", "b", 2), &PLAIN).await;
    save(&db, &document("experiment", "c", 1), &PLAIN).await;
    let heads = db.read().await.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    assert_eq!(ids(heads), ["c", "b", "a"]);
    db.store.close().await;
}

async fn an_empty_database_is_upgraded(db: Db) {
    first_schema(&db, &[]).await;
    let db = db.again().await;
    assert!(db.read().await.find(&[], &filter(None, None, &[]), None, 9).await.unwrap().is_empty());
    save(&db, &document("experiment", "a", 1), &PLAIN).await;
    assert_eq!(db.read().await.count_documents("experiment").await.unwrap(), 1);
    db.store.close().await;
}

/// Node 4 had given its record 7 to itself, which nobody does, but one parameter is enough so.
async fn disclosures_stay_in_the_ledger(db: Db) {
    let rows = [
        "INSERT INTO self (one, node_id) VALUES (1, $1)",
        "INSERT INTO logs (id, origin, frontier, settled_to, head_size, checkpoint) VALUES (3, $1, $1, 0, 0, '')",
        "INSERT INTO disclosures (idx, recipient, at) VALUES (7, $1, 1767225600000005)",
    ];
    first_schema_with(&db, &[], &rows).await;
    let db = db.again().await;
    let ledger = db.read().await.ledger(3, None, None).await.unwrap();
    let record = RecordId { author: node(4), index: 7 };
    assert_eq!(
        ledger,
        [LedgerRow { record, recipient: node(4), contract: None, at: at(5), title_only: false }]
    );
    db.store.close().await;
}

/// Node 4 says of itself that it has purged its record 7, and was asked for that twice.
async fn receipts_stay_with_our_own_log(db: Db) {
    let rows = [
        "INSERT INTO self (one, node_id) VALUES (1, $1)",
        "INSERT INTO logs (id, origin, frontier, settled_to, head_size, checkpoint) VALUES (3, $1, $1, 0, 0, '')",
        "INSERT INTO receipts (idx, holder, outcome, at, backups_until, basis, review_on, passed_on_to, received_at) \
         VALUES (7, $1, 'purged', 1767225600000005, '2026-12-28', '', '', '', 1767225600000006)",
        "INSERT INTO asked (idx, holder, times, last_at, reached) VALUES (7, $1, 2, 1767225600000005, 0)",
    ];
    schema_with(&db, 3, &[], &rows).await;
    let db = db.again().await;
    let mut tx = db.read().await;
    let receipts = tx.receipts(3).await.unwrap();
    let kept: Vec<_> = receipts.iter().map(|row| (row.index, row.holder, &*row.outcome, row.at)).collect();
    assert_eq!(kept, [(7, node(4), "purged", at(5))]);
    let asked = tx.asked(3).await.unwrap();
    let kept: Vec<_> = asked.iter().map(|row| (row.index, row.holder, row.times, row.reached_at)).collect();
    assert_eq!(kept, [(7, node(4), 2, None)]);
    drop(tx);
    db.store.close().await;
}

/// A node that was made from a backup on an earlier day, and has not heard its peers yet.
async fn what_was_restored_is_behind_the_gate(db: Db) {
    let rows = [
        "INSERT INTO self (one, node_id) VALUES (1, $1)",
        "INSERT INTO restored (one, made_at, restored_at, log_size) VALUES (1, 1767225600000001, 1767225600000005, 7)",
    ];
    schema_with(&db, 7, &[], &rows).await;
    let db = db.again().await;
    let gate = db.read().await.gate().await.unwrap().expect("a closed gate");
    assert_eq!((gate.at, gate.size), (at(5), 7));
    assert!(gate.reason.contains("restored from a backup"), "{}", gate.reason);
    db.store.close().await;
}

/// Before there were catalogues, nobody was asked for a receipt who had not been given the record.
async fn tombstones_from_before_count_as_of_something_held(db: Db) {
    let rows = [
        "INSERT INTO logs (id, origin, frontier, settled_to, head_size, checkpoint) VALUES (3, $1, $1, 0, 0, '')",
        "INSERT INTO tombstones (log_id, idx, at) SELECT 3, 7, 5 WHERE $1 IS NOT NULL",
    ];
    schema_with(&db, 9, &[], &rows).await;
    let db = db.again().await;
    let mut tx = db.read().await;
    assert!(tx.was_held(3, 7).await.unwrap() && !tx.was_held(3, 8).await.unwrap());
    drop(tx);
    db.store.close().await;
}
