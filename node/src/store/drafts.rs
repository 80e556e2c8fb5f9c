//! Drafts: texts that could not be taken in yet, with what is wrong with them.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A text that could not be taken in yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its number here.
    pub id: u64,
    /// The kind of document it is to become.
    pub kind: String,
    /// That document; empty for a new one.
    pub document_id: String,
    /// The version it changes; 0 for a new document.
    pub base_version: u64,
    /// The text as it was written.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    document_id: String,
    base_version: i64,
    text: String,
    problem: String,
    at: i64,
    by_whom: String,
}

impl TryFrom<Row> for DraftRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: uint(row.id)?,
            kind: row.kind,
            document_id: row.document_id,
            base_version: uint(row.base_version)?,
            text: row.text,
            problem: row.problem,
            at: time(row.at)?,
            by: row.by_whom,
        })
    }
}

impl Tx {
    /// Keeps a draft; gives its number. The `id` of the row does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_draft(&mut self, row: &DraftRow) -> Result<u64, StoreError> {
        // The row of the numbers, as for documents: whoever erases a document misses no draft of it.
        let sql = "UPDATE saves SET draft = draft + 1 WHERE one = 1 RETURNING draft";
        let id = fetch!(fetch_one, (i64,), self, sql)?.0;
        execute!(
            self,
            "INSERT INTO drafts (id, kind, document_id, base_version, text, problem, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            &row.kind[..],
            &row.document_id[..],
            int(row.base_version)?,
            &row.text[..],
            &row.problem[..],
            micros(row.at),
            &row.by[..]
        )?;
        uint(id)
    }

    /// All drafts, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drafts(&mut self) -> Result<Vec<DraftRow>, StoreError> {
        let rows = fetch!(fetch_all, Row, self, "SELECT * FROM drafts ORDER BY id")?;
        rows.into_iter().map(DraftRow::try_from).collect()
    }

    /// One draft.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn draft(&mut self, id: u64) -> Result<Option<DraftRow>, StoreError> {
        let Ok(id) = i64::try_from(id) else { return Ok(None) };
        let row = fetch!(fetch_optional, Row, self, "SELECT * FROM drafts WHERE id = $1", id)?;
        row.map(DraftRow::try_from).transpose()
    }

    /// Replaces the text of a draft and what is wrong with it; gives whether there is such a draft.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_draft(
        &mut self,
        id: u64,
        text: &str,
        problem: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let Ok(id) = i64::try_from(id) else { return Ok(false) };
        let sql = "UPDATE drafts SET text = $1, problem = $2, at = $3 WHERE id = $4";
        Ok(execute!(self, sql, text, problem, micros(at), id)? == 1)
    }

    /// Removes a draft; gives whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_draft(&mut self, id: u64) -> Result<bool, StoreError> {
        let Ok(id) = i64::try_from(id) else { return Ok(false) };
        Ok(execute!(self, "DELETE FROM drafts WHERE id = $1", id)? == 1)
    }
}
