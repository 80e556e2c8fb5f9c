//! Whether this database came from a backup, as long as that matters: what was signed since the backup was made is not in it.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// That the node was made from a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredRow {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// When the node was made from it.
    pub restored_at: Timestamp,
    /// How many records our own log had in it.
    pub log_size: u64,
}

impl Tx {
    /// Notes that the node was made from a backup, in the place of an earlier note.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_restored(&mut self, row: &RestoredRow) -> Result<(), StoreError> {
        self.forget_restored().await?;
        execute!(
            self,
            "INSERT INTO restored (one, made_at, restored_at, log_size) VALUES (1, $1, $2, $3)",
            micros(row.made_at),
            micros(row.restored_at),
            int(row.log_size)?
        )?;
        Ok(())
    }

    /// That the node was made from a backup and does not yet know what it had signed after that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn restored(&mut self) -> Result<Option<RestoredRow>, StoreError> {
        let sql = "SELECT made_at, restored_at, log_size FROM restored";
        let row = fetch!(fetch_optional, (i64, i64, i64), self, sql)?;
        row.map(|(made_at, restored_at, log_size)| {
            Ok(RestoredRow {
                made_at: time(made_at)?,
                restored_at: time(restored_at)?,
                log_size: uint(log_size)?,
            })
        })
        .transpose()
    }

    /// Forgets it: the node knows its newest head.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_restored(&mut self) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM restored")?;
        Ok(())
    }

    /// Forgets when the authors of all logs were heard: nothing of theirs is shown or passed on before they are heard anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_heard(&mut self) -> Result<(), StoreError> {
        execute!(self, "UPDATE logs SET heard_at = 0")?;
        Ok(())
    }
}
