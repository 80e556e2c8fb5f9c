//! Releases that call for a second person.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A release that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its number, from 1.
    pub id: u64,
    /// What is wished, as JSON.
    pub wish: String,
    /// The experiment; none for the profile.
    pub experiment: Option<String>,
    /// Its version when it was asked for.
    pub version: u64,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// "waits", "released", "refused" or "void".
    pub state: String,
    /// Who decided; empty while it waits.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused or is void.
    pub reason: String,
    /// The record, once released.
    pub record: Option<u64>,
}

type Row = (i64, String, Option<String>, i64, String, i64, String, String, Option<i64>, String, Option<i64>);

fn request(row: Row) -> Result<RequestRow, StoreError> {
    let (id, wish, experiment, version, asked_by, asked_at, state, decided_by, decided_at, reason, record) =
        row;
    Ok(RequestRow {
        id: uint(id)?,
        wish,
        experiment,
        version: uint(version)?,
        asked_by,
        asked_at: time(asked_at)?,
        state,
        decided_by,
        decided_at: decided_at.map(time).transpose()?,
        reason,
        record: record.map(uint).transpose()?,
    })
}

impl Tx {
    /// Keeps a new request that waits, and gives its number; `row.id` and what is decided later do not matter.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another came at the same moment.
    pub async fn add_request(&mut self, row: &RequestRow) -> Result<u64, StoreError> {
        let (newest,) = fetch!(fetch_one, (i64,), self, "SELECT COALESCE(MAX(id), 0) FROM release_requests")?;
        execute!(
            self,
            "INSERT INTO release_requests (id, wish, experiment, version, asked_by, asked_at, state, decided_by, reason) \
             VALUES ($1, $2, $3, $4, $5, $6, 'waits', '', '')",
            newest + 1,
            &row.wish[..],
            row.experiment.as_deref(),
            int(row.version)?,
            &row.asked_by[..],
            micros(row.asked_at)
        )?;
        uint(newest + 1)
    }

    /// Writes down what was decided about a request that waits, and what is still to be known of its wish; gives whether it still did. Of two decisions at once,
    /// only the first counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_request(&mut self, row: &RequestRow) -> Result<bool, StoreError> {
        let decided = execute!(
            self,
            "UPDATE release_requests SET state = $1, decided_by = $2, decided_at = $3, reason = $4, record = $5, wish = $6 \
             WHERE id = $7 AND state = 'waits'",
            &row.state[..],
            &row.decided_by[..],
            row.decided_at.map(micros),
            &row.reason[..],
            row.record.map(int).transpose()?,
            &row.wish[..],
            int(row.id)?
        )?;
        Ok(decided > 0)
    }

    /// All requests, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn requests(&mut self) -> Result<Vec<RequestRow>, StoreError> {
        let sql = "SELECT id, wish, experiment, version, asked_by, asked_at, state, decided_by, decided_at, reason, record \
                   FROM release_requests ORDER BY id DESC";
        fetch!(fetch_all, Row, self, sql)?.into_iter().map(request).collect()
    }
}
