//! Legal holds: records of others that are kept, should they be withdrawn. What is kept back is read by nothing here.

use cairn_proto::ids::{NodeId, RecordId};
use jiff::{Timestamp, civil::Date};

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// Number of the record's log here.
    pub log_id: i64,
    /// The record.
    pub record: RecordId,
    /// The legal basis.
    pub basis: String,
    /// When it is looked at again.
    pub review_on: Date,
    /// Since when.
    pub at: Timestamp,
    /// Who holds it.
    pub by: String,
    /// Whether the record was withdrawn and is kept back.
    pub kept_back: bool,
}

type Hold = (i64, Vec<u8>, i64, String, String, i64, String, i64);

fn hold(row: Hold) -> Result<HoldRow, StoreError> {
    let (log_id, origin, index, basis, review_on, at, by, kept_back) = row;
    let author = NodeId::from_bytes(array("log origin", &origin)?);
    Ok(HoldRow {
        log_id,
        record: RecordId { author, index: uint(index)? },
        basis,
        review_on: review_on.parse().map_err(StoreError::corrupt)?,
        at: time(at)?,
        by,
        kept_back: kept_back > 0,
    })
}

impl Tx {
    /// Holds a record, from now on or still; a new basis and day replace those before. Whether it is kept back is not written: that
    /// comes with its purge.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_hold(&mut self, row: &HoldRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO holds (log_id, idx, basis, review_on, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (log_id, idx) DO UPDATE SET basis = excluded.basis, review_on = excluded.review_on, \
             by_whom = excluded.by_whom",
            row.log_id,
            int(row.record.index)?,
            &row.basis[..],
            row.review_on.to_string(),
            micros(row.at),
            &row.by[..]
        )?;
        Ok(())
    }

    /// All holds, the one that is looked at again first at the top.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn holds(&mut self) -> Result<Vec<HoldRow>, StoreError> {
        let sql = "SELECT h.log_id, l.origin, h.idx, h.basis, h.review_on, h.at, h.by_whom, \
                   (SELECT COUNT(*) FROM kept_back k WHERE k.log_id = h.log_id AND k.idx = h.idx) \
                   FROM holds h JOIN logs l ON l.id = h.log_id ORDER BY h.review_on, h.log_id, h.idx";
        fetch!(fetch_all, Hold, self, sql)?.into_iter().map(hold).collect()
    }

    /// The hold of one record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold(&mut self, log_id: i64, index: u64) -> Result<Option<HoldRow>, StoreError> {
        let sql = "SELECT h.log_id, l.origin, h.idx, h.basis, h.review_on, h.at, h.by_whom, \
                   (SELECT COUNT(*) FROM kept_back k WHERE k.log_id = h.log_id AND k.idx = h.idx) \
                   FROM holds h JOIN logs l ON l.id = h.log_id WHERE h.log_id = $1 AND h.idx = $2";
        fetch!(fetch_optional, Hold, self, sql, log_id, int(index)?)?.map(hold).transpose()
    }

    /// Ends the hold of a record; what was kept back goes. Gives whether anything was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_hold(&mut self, log_id: i64, index: u64) -> Result<bool, StoreError> {
        let idx = int(index)?;
        execute!(self, "DELETE FROM holds WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        let sql = "DELETE FROM kept_back WHERE log_id = $1 AND idx = $2";
        Ok(execute!(self, sql, log_id, idx)? > 0)
    }
}
