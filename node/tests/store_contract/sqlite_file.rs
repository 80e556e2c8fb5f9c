//! The SQLite file: how it is laid out, and what is said when it cannot be used.

use std::fs;

use cairn_node::store::{Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::databases::Sqlite;

async fn pragma<T>(connection: &mut SqliteConnection, name: &str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    let sql = AssertSqlSafe(format!("PRAGMA {name}"));
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

async fn refusal(url: &str) -> StoreError {
    Store::open(url).await.unwrap_err()
}

#[tokio::test]
async fn pages_are_large_and_the_journal_is_a_write_ahead_log() {
    let files = Sqlite::new();
    let db = files.open().await;
    assert!(files.dir().join("node.db-wal").exists());
    let mut raw = SqliteConnection::connect(&files.url()).await.unwrap();
    assert_eq!(pragma::<i64>(&mut raw, "page_size").await, 16_384);
    assert_eq!(pragma::<String>(&mut raw, "journal_mode").await, "wal");
    assert_eq!(pragma::<String>(&mut raw, "integrity_check").await, "ok");
    raw.close().await.unwrap();
    db.store.close().await;
}

#[tokio::test]
async fn a_closed_database_is_one_file() {
    let files = Sqlite::new();
    files.open().await.store.close().await;
    let names = fs::read_dir(files.dir()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["node.db"]);
}

/// Works as root too, unlike taking permissions away.
#[tokio::test]
async fn a_directory_in_the_place_of_the_file_is_refused() {
    let files = Sqlite::new();
    fs::create_dir(files.file()).unwrap();
    let refused = refusal(&files.url()).await;
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
    assert!(refused.to_string().contains("permissions of the data directory"), "{refused}");
}

#[tokio::test]
async fn a_directory_that_does_not_exist_is_refused() {
    let files = Sqlite::new();
    let refused = refusal(&format!("sqlite://{}/none/node.db", files.dir().display())).await;
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
}

/// Nothing is wrong with the schema of a file that cannot be written.
#[tokio::test]
async fn a_file_that_cannot_be_written_is_not_called_a_matter_of_its_schema() {
    let files = Sqlite::new();
    let mut raw = SqliteConnection::connect(&format!("{}?mode=rwc", files.url())).await.unwrap();
    assert_eq!(pragma::<String>(&mut raw, "journal_mode = WAL").await, "wal");
    raw.close().await.unwrap();
    let refused = refusal(&format!("{}?mode=ro", files.url())).await;
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let files = Sqlite::new();
    let text = "this is a letter, not a database\n".repeat(1000);
    fs::write(files.file(), &text).unwrap();
    let refused = refusal(&files.url()).await;
    assert!(refused.to_string().contains("file is not a database"), "{refused}");
    assert_eq!(fs::read_to_string(files.file()).unwrap(), text);
}

#[tokio::test]
async fn a_url_that_is_none_is_refused() {
    for url in ["", "nonsense", "sqlite", "mysql://host/database"] {
        let refused = Store::open(url).await;
        assert!(matches!(refused, Err(StoreError::Url)), "{url:?}: {refused:?}");
    }
}
