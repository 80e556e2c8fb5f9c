//! Expiry: what has reached its last moment goes by itself, everywhere, without a message.

use jiff::Timestamp;

use super::{App, AppError};

impl App {
    /// Purges whatever has expired; gives how many records went.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn purge_expired(&self) -> Result<u64, AppError> {
        let mut tx = self.store.write().await?;
        let purged = tx.purge_expired(self.clock.now()).await?;
        tx.commit().await?;
        if purged > 0 {
            self.signals.records_purged();
        }
        Ok(purged)
    }

    /// When the next record expires, if any does.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn next_expiry(&self) -> Result<Option<Timestamp>, AppError> {
        Ok(self.store.read().await?.next_expiry().await?)
    }
}
