//! The text index: which documents hold which words. It is derived from the documents and differs
//! between the databases, so it is no migration: it is made where it is missing, and documents are
//! then marked as not indexed. Rows are addressed by the `num` of a document.
//!
//! Both databases are handed words that were split here, so that both find the same, and nothing of
//! what people type is ever read as the syntax of a query.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use sqlx::{PgPool, SqliteConnection, SqlitePool};

use super::{Conn, StoreError};

/// Letters of a word that count. PostgreSQL takes no more than 2046 bytes.
const LETTERS: usize = 64;
/// Bytes of different words of a document that count. PostgreSQL takes no more than a megabyte.
const BYTES: usize = 400_000;
/// Begins a word that stands for a property. Not alphanumeric, so nobody can type such a word.
const PROPERTY: char = '\u{e000}';

/// Contentless: the words stand in the index and nowhere else. `detail=none` leaves out positions,
/// and the tokenizer takes words as they were split here.
const SQLITE: &str = "CREATE VIRTUAL TABLE text_index USING fts5(words, content='', contentless_delete=1, \
                      detail=none, tokenize='ascii')";
const POSTGRES: [&str; 2] = [
    "CREATE TABLE text_index (rowid BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX text_index_words ON text_index USING GIN (words) WITH (fastupdate = off)",
];
/// What had been indexed is not any more.
const NOT_INDEXED: &str = "UPDATE documents SET indexed = 0";
/// Any number that no one else uses, for a lock: two nodes that start at once take turns.
const TURN: i64 = 0x0063_6169_726e;

/// Makes the index where it is missing.
pub(super) async fn open_sqlite(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut tx = writer.begin_with(super::BEGIN).await?;
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'text_index'";
    if sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *tx).await? == 0 {
        sqlx::query(SQLITE).execute(&mut *tx).await?;
        sqlx::query(NOT_INDEXED).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Makes the index where it is missing.
pub(super) async fn open_postgres(pool: &PgPool) -> Result<(), StoreError> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(TURN).execute(&mut *tx).await?;
    let sql = "SELECT to_regclass('text_index') IS NOT NULL";
    if !sqlx::query_scalar::<_, bool>(sql).fetch_one(&mut *tx).await? {
        for sql in POSTGRES {
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        sqlx::query(NOT_INDEXED).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// SQLite only marks rows of the index as deleted. This rewrites it without them.
pub(super) async fn forget(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "INSERT INTO text_index (text_index) VALUES ('optimize')";
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

/// The pages of an index, as SQLite calls it, that hold words: the beginnings of words by which it finds
/// its place in the text index. No other index of the schema has any.
pub(super) async fn pages_with_words(connection: &mut SqliteConnection) -> Result<HashSet<u32>, StoreError> {
    let sql = "SELECT pageno FROM dbstat WHERE name = 'text_index_idx'";
    Ok(sqlx::query_scalar(sql).fetch_all(connection).await?.into_iter().collect())
}

impl Conn {
    /// The statement that enters `$2`, from [`entry`], for the document `$1`.
    pub(in crate::store) fn insert_text(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "INSERT INTO text_index (rowid, words) VALUES ($1, $2)",
            Self::Postgres(_) => {
                "INSERT INTO text_index (rowid, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))"
            }
        }
    }

    /// What stands before and after a query from [`Conn::text_query`] in a condition on the index `t`.
    pub(in crate::store) fn text_matches(&self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite(_) => ("t.text_index MATCH ", ""),
            Self::Postgres(_) => ("t.words @@ CAST(", " AS tsquery)"),
        }
    }

    /// A query for all of these words, as beginnings, and all of these properties; nothing if there
    /// are none.
    pub(in crate::store) fn text_query(&self, text: &[String], properties: &[i64]) -> Option<String> {
        let (and, prefix) = match self {
            Self::Sqlite(_) => (" AND ", " *"),
            Self::Postgres(_) => (" & ", ":*"),
        };
        let quote = |word: &str, after: &str| match self {
            Self::Sqlite(_) => format!("\"{word}\"{after}"),
            Self::Postgres(_) => format!("'{word}'{after}"),
        };
        let properties = properties.iter().map(|key| quote(&property(*key), ""));
        let words = text.iter().flat_map(|text| words(text)).map(|word| quote(&word, prefix));
        let all: Vec<String> = properties.chain(words).collect();
        (!all.is_empty()).then(|| all.join(and))
    }
}

/// The different words of a text and the properties of its document, as the index takes them.
pub(in crate::store) fn entry(text: &str, properties: impl Iterator<Item = i64>) -> String {
    let mut entry = String::new();
    for key in properties {
        // Writing to a string cannot fail.
        let _ = write!(entry, "{} ", property(key));
    }
    for word in words(text).collect::<BTreeSet<_>>() {
        if entry.len() + word.len() > BYTES {
            break;
        }
        entry.extend([&word, " "]);
    }
    entry.truncate(entry.trim_end().len());
    entry
}

/// Alphanumeric words, each as long as it counts.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(LETTERS).map(|c| c.to_ascii_lowercase()).collect())
}

fn property(key: i64) -> String {
    format!("{PROPERTY}{key:016x}")
}
