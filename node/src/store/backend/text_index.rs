//! The text indexes: which documents at home, and which records held here, have which words. They are derived and differ
//! between the databases, so they are no migration: each is made where it is missing, and what it should hold is then marked as
//! not indexed. Rows are addressed by the `num` of a document, and by a number that a record gets when it is indexed.
//!
//! Both databases are handed words that were split here, so that both find the same, and nothing of
//! what people type is ever read as the syntax of a query.

use std::{collections::HashSet, fmt::Write as _};

use sqlx::{PgPool, SqliteConnection, SqlitePool};

use super::{Conn, StoreError};

/// Letters of a word that count. PostgreSQL takes no more than 2046 bytes.
const LETTERS: usize = 64;
/// Bytes of different words of a document that count. PostgreSQL takes no more than a megabyte.
const BYTES: usize = 400_000;
/// Begins a word that stands for a property. Not alphanumeric, so nobody can type such a word.
const PROPERTY: char = '\u{e000}';

/// Makes an index. Contentless: the words stand in the index and nowhere else. `detail=none` leaves out positions,
/// and the tokenizer takes words as they were split here.
macro_rules! sqlite_index {
    ($name:literal) => {
        concat!(
            "CREATE VIRTUAL TABLE ",
            $name,
            " USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')"
        )
    };
}

/// Makes an index.
macro_rules! postgres_index {
    ($name:literal) => {
        [
            concat!("CREATE TABLE ", $name, " (rowid BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL)"),
            concat!(
                "CREATE INDEX ",
                $name,
                "_words ON ",
                $name,
                " USING GIN (words) WITH (fastupdate = off)"
            ),
        ]
    };
}

/// What had been indexed is not any more.
const DOCUMENTS_NOT_INDEXED: [&str; 1] = ["UPDATE documents SET indexed = 0"];
/// The table of records' numbers goes and comes with their index, and so none of it is in a backup.
const RECORDS_NOT_INDEXED: [&str; 4] = [
    "DROP TABLE IF EXISTS record_index_rows",
    "CREATE TABLE record_index_rows (log_id BIGINT NOT NULL, idx BIGINT NOT NULL, num BIGINT NOT NULL UNIQUE, \
     PRIMARY KEY (log_id, idx))",
    "DELETE FROM unindexed",
    "INSERT INTO unindexed (log_id, first, last) SELECT log_id, MIN(idx), MAX(idx) FROM records GROUP BY log_id",
];
/// Any number that no one else uses, for a lock: two nodes that start at once take turns.
const TURN: i64 = 0x0063_6169_726e;
/// Where SQLite keeps, in the data of an index, which of its rows are deleted and still in it: pages with such numbers.
const DELETED_FROM: i64 = 1 << 53;

/// One of the indexes.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Index {
    /// Of documents at home.
    Documents,
    /// Of records held here.
    Records,
}

impl Index {
    const ALL: [Self; 2] = [Self::Documents, Self::Records];

    fn name(self) -> &'static str {
        match self {
            Self::Documents => "text_index",
            Self::Records => "record_index",
        }
    }

    fn not_indexed(self) -> &'static [&'static str] {
        match self {
            Self::Documents => &DOCUMENTS_NOT_INDEXED,
            Self::Records => &RECORDS_NOT_INDEXED,
        }
    }
}

/// Makes the indexes where they are missing.
pub(super) async fn open_sqlite(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut tx = writer.begin_with(super::BEGIN).await?;
    for index in Index::ALL {
        let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name = $1";
        if sqlx::query_scalar::<_, i64>(sql).bind(index.name()).fetch_one(&mut *tx).await? > 0 {
            continue;
        }
        let make = match index {
            Index::Documents => sqlite_index!("text_index"),
            Index::Records => sqlite_index!("record_index"),
        };
        // Parts of the index are merged later than by default: searching through a few more costs little, merging in the
        // middle of a back-fill much.
        let merge_later = match index {
            Index::Documents => "INSERT INTO text_index (text_index, rank) VALUES ('automerge', 8)",
            Index::Records => "INSERT INTO record_index (record_index, rank) VALUES ('automerge', 8)",
        };
        for sql in [make, merge_later].iter().chain(index.not_indexed()) {
            sqlx::query(*sql).execute(&mut *tx).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Makes the indexes where they are missing.
pub(super) async fn open_postgres(pool: &PgPool) -> Result<(), StoreError> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(TURN).execute(&mut *tx).await?;
    for index in Index::ALL {
        let sql = "SELECT to_regclass($1) IS NOT NULL";
        if sqlx::query_scalar::<_, bool>(sql).bind(index.name()).fetch_one(&mut *tx).await? {
            continue;
        }
        let make = match index {
            Index::Documents => postgres_index!("text_index"),
            Index::Records => postgres_index!("record_index"),
        };
        for sql in make.iter().chain(index.not_indexed()) {
            sqlx::query(*sql).execute(&mut *tx).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// SQLite only marks rows of an index as deleted. This rewrites, without them, a part of each index that has any; gives whether
/// it has none any more.
pub(super) async fn forget_some(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let mut done = true;
    for index in Index::ALL {
        // A number below zero begins to merge all of it, or goes on with that, for so many pages.
        let (deleted, rewrite) = match index {
            Index::Documents => (
                "SELECT EXISTS (SELECT 1 FROM text_index_data WHERE id >= $1)",
                "INSERT INTO text_index (text_index, rank) VALUES ('merge', -2000)",
            ),
            Index::Records => (
                "SELECT EXISTS (SELECT 1 FROM record_index_data WHERE id >= $1)",
                "INSERT INTO record_index (record_index, rank) VALUES ('merge', -2000)",
            ),
        };
        if sqlx::query_scalar::<_, bool>(deleted).bind(DELETED_FROM).fetch_one(&mut *connection).await? {
            sqlx::query(rewrite).execute(&mut *connection).await?;
            done = false;
        }
    }
    Ok(done)
}

/// The pages of an index, as SQLite calls it, that hold words: the beginnings of words by which it finds
/// its place in the text indexes. No other index of the schema has any.
pub(super) async fn pages_with_words(connection: &mut SqliteConnection) -> Result<HashSet<u32>, StoreError> {
    let mut pages = HashSet::new();
    // One after the other, for of a list of names it would go through the whole file.
    for name in ["text_index_idx", "record_index_idx"] {
        let sql = "SELECT pageno FROM dbstat WHERE name = $1";
        pages.extend(sqlx::query_scalar::<_, u32>(sql).bind(name).fetch_all(&mut *connection).await?);
    }
    Ok(pages)
}

impl Conn {
    /// What stands before and after pairs of a number and an [`entry`] to enter them into an index.
    pub(in crate::store) fn insert_text(&self, index: Index) -> (&'static str, &'static str) {
        match (self, index) {
            (Self::Sqlite(_), Index::Documents) => ("INSERT INTO text_index (rowid, words) ", ""),
            (Self::Sqlite(_), Index::Records) => ("INSERT INTO record_index (rowid, words) ", ""),
            (Self::Postgres(_), Index::Documents) => (
                "INSERT INTO text_index (rowid, words) SELECT num, array_to_tsvector(string_to_array(entry, ' ')) FROM (",
                ") AS entries (num, entry)",
            ),
            (Self::Postgres(_), Index::Records) => (
                "INSERT INTO record_index (rowid, words) SELECT num, array_to_tsvector(string_to_array(entry, ' ')) FROM (",
                ") AS entries (num, entry)",
            ),
        }
    }

    /// What stands before and after a query from [`Conn::text_query`] in a condition on an index that is called `t`.
    pub(in crate::store) fn text_matches(&self, index: Index) -> (&'static str, &'static str) {
        match (self, index) {
            (Self::Sqlite(_), Index::Documents) => ("t.text_index MATCH ", ""),
            (Self::Sqlite(_), Index::Records) => ("t.record_index MATCH ", ""),
            (Self::Postgres(_), _) => ("t.words @@ CAST(", " AS tsquery)"),
        }
    }

    /// A query for all of these words, as beginnings, and all of these properties, and without that one; nothing if there
    /// are neither words nor properties.
    pub(in crate::store) fn text_query(
        &self,
        text: &[String],
        properties: &[i64],
        without: Option<i64>,
    ) -> Option<String> {
        let (and, prefix, but) = match self {
            Self::Sqlite(_) => (" AND ", " *", " NOT "),
            Self::Postgres(_) => (" & ", ":*", " & !"),
        };
        let quote = |word: &str, after: &str| match self {
            Self::Sqlite(_) => format!("\"{word}\"{after}"),
            Self::Postgres(_) => format!("'{word}'{after}"),
        };
        let properties = properties.iter().map(|key| quote(&property(*key), ""));
        let text = text.iter().map(|text| text.to_ascii_lowercase()).collect::<Vec<_>>();
        let words = text.iter().flat_map(|text| words(text)).map(|word| quote(word, prefix));
        let all: Vec<String> = properties.chain(words).collect();
        let without = without.map(|key| format!("{but}{}", quote(&property(key), ""))).unwrap_or_default();
        (!all.is_empty()).then(|| format!("({}){without}", all.join(and)))
    }
}

/// The different words of a text and the properties of whatever has it, as the index takes them.
pub(in crate::store) fn entry(text: &str, properties: impl Iterator<Item = i64>) -> String {
    let mut entry = String::new();
    for key in properties {
        // Writing to a string cannot fail.
        let _ = write!(entry, "{} ", property(key));
    }
    let text = text.to_ascii_lowercase();
    let mut seen = foldhash::HashSet::default();
    for word in words(&text).filter(|word| seen.insert(*word)) {
        if entry.len() + word.len() > BYTES {
            break;
        }
        entry.extend([word, " "]);
    }
    entry.truncate(entry.trim_end().len());
    entry
}

/// Alphanumeric words, each as long as it counts.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| match word.len() > LETTERS {
        true => word.char_indices().nth(LETTERS).and_then(|(end, _)| word.get(..end)).unwrap_or(word),
        false => word, // the usual case, without looking for letters
    })
}

fn property(key: i64) -> String {
    format!("{PROPERTY}{key:016x}")
}
