//! Whether all sharing is paused.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    micros, time,
};

/// That all sharing is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRow {
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Tx {
    /// Pauses all sharing; the first pause counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pause(&mut self, row: &PauseRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO pause (one, at, by_whom, reason) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
            micros(row.at),
            &row.by[..],
            &row.reason[..]
        )?;
        Ok(())
    }

    /// Ends the pause; gives whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resume(&mut self) -> Result<bool, StoreError> {
        Ok(execute!(self, "DELETE FROM pause")? > 0)
    }

    /// The pause, if sharing is paused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paused(&mut self) -> Result<Option<PauseRow>, StoreError> {
        let row =
            fetch!(fetch_optional, (i64, String, String), self, "SELECT at, by_whom, reason FROM pause")?;
        row.map(|(at, by, reason)| Ok(PauseRow { at: time(at)?, by, reason })).transpose()
    }
}
