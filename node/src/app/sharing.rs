//! Pausing all sharing at once, and going on. Withdrawals still flow: leaves are served, retractions are handed over, and what
//! others withdraw is purged here.

use super::{App, AppError, actor::Operator};
use crate::{
    domain::{audit::Event, text::Prose},
    store::{PauseRow, Tx},
};

impl App {
    /// Stops all sharing.
    ///
    /// # Errors
    /// [`AppError::Text`] without a reason.
    pub async fn pause(&self, who: &Operator, reason: &str) -> Result<Option<PauseRow>, AppError> {
        let reason = Prose::new("reason", reason)?;
        let mut tx = self.store.write().await?;
        if tx.paused().await?.is_none() {
            let row = PauseRow { at: self.clock.now(), by: who.by().to_owned(), reason: reason.to_string() };
            tx.pause(&row).await?;
            self.audit(&mut tx, who.by(), Event::Sharing, None, format!("paused all sharing: {reason}"))
                .await?;
        }
        let paused = tx.paused().await?;
        tx.commit().await?;
        Ok(paused)
    }

    /// Goes on sharing.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn resume(&self, who: &Operator) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        if tx.resume().await? {
            self.audit(&mut tx, who.by(), Event::Sharing, None, "goes on sharing".to_owned()).await?;
        }
        tx.commit().await?;
        self.signals.head_moved();
        Ok(())
    }

    /// A transaction in which something of ours is given to others. A node that has just begun to serve waits a moment for its
    /// peers' word, as before it signs: what it would give may have been withdrawn since.
    pub(crate) async fn read_to_give(&self) -> Result<Tx, AppError> {
        self.ask_first().await;
        let mut tx = self.store.read().await?;
        self.refuse_while_paused(&mut tx).await?;
        Ok(tx)
    }

    /// Nothing is given to others while sharing is paused, nor while the gate is closed: nobody here knows then what was withdrawn
    /// after the state of this database.
    pub(crate) async fn refuse_while_paused(&self, tx: &mut Tx) -> Result<(), AppError> {
        self.refuse_while_closed(tx).await?;
        match tx.paused().await? {
            Some(PauseRow { at, .. }) => Err(AppError::Paused(at)),
            None => Ok(()),
        }
    }
}
