//! After an upgrade, what documents are found by is made anew where it is made differently now.

use super::{App, AppError, INDEX_FORMAT, Prepared, parse};

/// Documents in one transaction.
const BATCH: u64 = 200;

impl App {
    /// Makes the index anew for documents that an earlier version indexed; gives how many there were.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn reindex(&self) -> Result<u64, AppError> {
        let mut done = 0;
        loop {
            let mut tx = self.store.write().await?;
            let rows = tx.unindexed_documents(INDEX_FORMAT, BATCH).await?;
            if rows.is_empty() {
                return Ok(done);
            }
            for row in rows {
                let (kind, id) = (row.kind.clone(), row.id.clone());
                let prepared = Prepared::of(&parse(row)?.document)?;
                tx.reindex_document(&kind, &id, &prepared.indexed()).await?;
                done += 1;
            }
            tx.commit().await?;
        }
    }
}
