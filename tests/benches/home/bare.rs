//! The queries that no page, document or search can do without, by the database library alone.

use std::path::Path;

use sqlx::{Row as _, SqlitePool, sqlite::SqliteConnectOptions};

/// The node's own database, read beside it.
pub(crate) struct Bare {
    pool: SqlitePool,
    cycles: Vec<String>,
}

impl Bare {
    pub(crate) async fn open(dir: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(dir.join("cairn.db")).read_only(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let rows =
            sqlx::query("SELECT id FROM documents WHERE kind = 'cycle'").fetch_all(&pool).await.unwrap();
        let cycles = rows.iter().map(|row| row.get(0)).collect();
        Self { pool, cycles }
    }

    /// The id of one of the cycles.
    pub(crate) fn cycle(&self, n: usize) -> &str {
        &self.cycles[n * 7 % self.cycles.len()]
    }

    /// Fifty heads and their documents.
    pub(crate) async fn page(&self, kind: &str) {
        let sql = "SELECT d.title, v.document FROM documents d JOIN document_versions v \
                   ON v.kind = d.kind AND v.id = d.id AND v.version = d.version \
                   WHERE d.kind = $1 AND d.erased = 0 ORDER BY d.num DESC LIMIT 50";
        std::hint::black_box(sqlx::query(sql).bind(kind).fetch_all(&self.pool).await.unwrap());
    }

    /// One document, read as JSON, and its links both ways.
    pub(crate) async fn document(&self, kind: &str, id: &str) {
        let sql = "SELECT document FROM document_versions WHERE kind = $1 AND id = $2 ORDER BY version DESC LIMIT 1";
        let row = sqlx::query(sql).bind(kind).bind(id).fetch_one(&self.pool).await.unwrap();
        std::hint::black_box(serde_json::from_str::<serde_json::Value>(row.get(0)).unwrap());
        for sql in [
            "SELECT l.relation, d.title FROM links l JOIN documents d ON d.kind = l.to_kind AND d.id = l.to_id \
             WHERE l.from_kind = $1 AND l.from_id = $2",
            "SELECT l.relation, d.title FROM links l JOIN documents d ON d.kind = l.from_kind AND d.id = l.from_id \
             WHERE l.to_kind = $1 AND l.to_id = $2",
        ] {
            std::hint::black_box(sqlx::query(sql).bind(kind).bind(id).fetch_all(&self.pool).await.unwrap());
        }
    }

    /// Fifty documents that the text index has for these words; the newest fifty without any.
    pub(crate) async fn search(&self, words: &str) {
        let query: Vec<_> = words.split_whitespace().map(|word| format!("\"{word}\"*")).collect();
        let sql = match query.is_empty() {
            true => {
                "SELECT d.title, v.document FROM documents d JOIN document_versions v \
                 ON v.kind = d.kind AND v.id = d.id AND v.version = d.version \
                 WHERE d.erased = 0 AND $1 = '' ORDER BY d.num DESC LIMIT 50"
            }
            false => {
                "SELECT d.title, v.document FROM (SELECT rowid AS num FROM text_index WHERE text_index MATCH $1 \
                 ORDER BY rowid DESC LIMIT 50) f CROSS JOIN documents d ON d.num = f.num \
                 JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.version"
            }
        };
        let query = query.join(" AND ");
        std::hint::black_box(sqlx::query(sql).bind(query).fetch_all(&self.pool).await.unwrap());
    }
}
