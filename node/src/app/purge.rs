//! Expiry: what has reached its last moment goes by itself, everywhere, without a message.

use jiff::Timestamp;

use super::{App, AppError};
use crate::domain::audit::Event;

/// Who purges what has expired, in the audit log.
const THE_NODE: &str = "this node";

impl App {
    /// Purges whatever has expired; gives how many records went.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn purge_expired(&self) -> Result<u64, AppError> {
        let mut tx = self.store.write().await?;
        let held = tx.holds().await?;
        let purged = tx.purge_expired(self.clock.now()).await?;
        for hold in held {
            if tx.hold(hold.log_id, hold.record.index).await?.is_none() {
                let words = "its legal hold ended with it: it has expired".to_owned();
                self.audit(&mut tx, THE_NODE, Event::Hold, Some(hold.record), words).await?;
            }
        }
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
