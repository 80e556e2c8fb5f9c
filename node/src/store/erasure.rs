//! Erasing a document: its words go, from every version and from all that was derived from them.
//! That it was there, when, and who erased it stays.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    micros, time,
};

/// That a document was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    /// When.
    pub at: Timestamp,
    /// Who erased it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Tx {
    /// Erases a document for good: the words of all versions and drafts, the title, the facets and its own
    /// links. What refers to it stays. The first erasure counts. It may come before the document.
    ///
    /// After the commit, [`super::Store::forget`] clears what the database's files still hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_document(
        &mut self,
        kind: &str,
        id: &str,
        erasure: &ErasureRow,
    ) -> Result<(), StoreError> {
        self.next_number().await?;
        execute!(
            self,
            "INSERT INTO erasures (kind, id, at, by_whom, reason) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
            kind,
            id,
            micros(erasure.at),
            &erasure.by[..],
            &erasure.reason[..]
        )?;
        let sql = "SELECT num FROM documents WHERE kind = $1 AND id = $2";
        if let Some((num,)) = fetch!(fetch_optional, (i64,), self, sql, kind, id)? {
            self.remove_derived(kind, id, num).await?;
            execute!(self, "UPDATE documents SET title = '', erased = 1 WHERE num = $1", num)?;
        }
        let sql = "UPDATE document_versions SET document = '' WHERE kind = $1 AND id = $2";
        execute!(self, sql, kind, id)?;
        execute!(self, "DELETE FROM drafts WHERE kind = $1 AND document_id = $2", kind, id)?;
        Ok(())
    }

    /// When, by whom and why a document was erased, if it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erasure(&mut self, kind: &str, id: &str) -> Result<Option<ErasureRow>, StoreError> {
        let sql = "SELECT at, by_whom, reason FROM erasures WHERE kind = $1 AND id = $2";
        let row = fetch!(fetch_optional, (i64, String, String), self, sql, kind, id)?;
        row.map(|(at, by, reason)| Ok(ErasureRow { at: time(at)?, by, reason })).transpose()
    }
}
