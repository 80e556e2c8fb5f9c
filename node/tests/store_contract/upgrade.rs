//! A database of the first schema: its experiments are documents after the upgrade.

use std::{fs, path::Path};

use cairn_node::store::{DocumentRow, LedgerRow, VersionRow};
use cairn_proto::ids::RecordId;
use sqlx::{Connection as _, PgConnection, SqliteConnection, migrate::Migrator};

use crate::{
    databases::Db,
    samples::{PLAIN, at, document, filter, ids, node, save},
};

contracts!(experiments_become_documents, an_empty_database_is_upgraded, disclosures_stay_in_the_ledger);

/// Any two experiments, one of them in several versions, as the first schema kept them.
const EXPERIMENTS: [(&str, i64, i64); 4] = [("b", 1, 5), ("a", 1, 1), ("a", 10, 9), ("a", 2, 3)];

/// Makes the database one of the first schema, with the rows given.
async fn first_schema(db: &Db, experiments: &[(&str, i64, i64)]) {
    first_schema_with(db, experiments, &[]).await;
}

async fn first_schema_with(db: &Db, experiments: &[(&str, i64, i64)], more: &[&'static str]) {
    db.store.close().await;
    let only_first = tempfile::tempdir().unwrap();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let first = "0001_foundation.sql";
    fs::copy(migrations.join(first), only_first.path().join(first)).unwrap();
    let migrator = Migrator::new(only_first.path()).await.unwrap();
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
    assert_eq!(ledger, [LedgerRow { record, recipient: node(4), contract: None, at: at(5) }]);
    db.store.close().await;
}
