//! Which records held here speak of which others. With an opening its links go, in the same transaction.

use cairn_proto::ids::{NodeId, RecordId};

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int, uint,
};
use crate::domain::dialogue::How;

/// That one record speaks of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkToRow {
    /// Index of the record that speaks.
    pub index: u64,
    /// How.
    pub how: How,
    /// The record that it speaks of.
    pub target: RecordId,
}

impl Tx {
    /// Keeps of which others some records of a log speak. Comes after their openings, in the same transaction: what is not held,
    /// because it has a tombstone, gets no links.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_record_links(&mut self, log_id: i64, links: &[LinkToRow]) -> Result<(), StoreError> {
        let indices = || links.iter().map(|row| row.index);
        let (Some(first), Some(last)) = (indices().min(), indices().max()) else {
            return Ok(());
        };
        let buried = self.tombstones(log_id, first, last.saturating_add(1)).await?;
        let rows = links.iter().filter(|row| !buried.contains(&row.index));
        let rows = rows.map(|row| Ok((int(row.index)?, row, int(row.target.index)?)));
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        insert_many!(
            self,
            "INSERT INTO record_links (log_id, idx, how, target, target_idx) ",
            &rows,
            |row| [log_id, row.0, row.1.how.words(), row.1.target.author.as_bytes().to_vec(), row.2],
            " ON CONFLICT DO NOTHING"
        )
    }

    /// The records held here that speak of one so, at most `limit`, by author and index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn records_linked_to(
        &mut self,
        target: &RecordId,
        how: How,
        limit: u32,
    ) -> Result<Vec<RecordId>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (Vec<u8>, i64),
            self,
            "SELECT l.origin, k.idx FROM record_links k JOIN logs l ON l.id = k.log_id \
             WHERE k.target = $1 AND k.target_idx = $2 AND k.how = $3 ORDER BY l.origin, k.idx LIMIT $4",
            &target.author.as_bytes()[..],
            int(target.index)?,
            how.words(),
            i64::from(limit)
        )?;
        let row = |(origin, idx): (Vec<u8>, i64)| {
            Ok(RecordId { author: NodeId::from_bytes(array("log origin", &origin)?), index: uint(idx)? })
        };
        rows.into_iter().map(row).collect()
    }

    /// Removes the links of a record that goes.
    pub(super) async fn remove_record_links(&mut self, log_id: i64, idx: i64) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM record_links WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        Ok(())
    }

    /// Removes the links of all records that have expired at `at`. Comes before their openings go.
    pub(super) async fn remove_expired_links(&mut self, at: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM record_links WHERE (log_id, idx) IN (SELECT log_id, idx FROM records WHERE expires_at <= $1)";
        execute!(self, sql, at)?;
        Ok(())
    }
}
