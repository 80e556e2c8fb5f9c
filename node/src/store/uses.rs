//! Uses: what was done here with records of others and whether their authors were told, and what others say they did
//! with ours.

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{fetch, insert_many},
    int, micros, time, uint,
};
use crate::domain::uses::Use;

/// What a holder says it did with a record of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseSaidRow {
    /// Index of the record.
    pub index: u64,
    /// Who says it.
    pub holder: NodeId,
    /// What.
    pub way: Use,
    /// When it reached us.
    pub at: Timestamp,
}

fn way(words: &str) -> Result<Use, StoreError> {
    Use::from_words(words).ok_or_else(|| StoreError::corrupt(format!("a use \"{words}\"")))
}

impl Tx {
    /// Notes what was done here with records of another. The first time counts; what has a tombstone is not noted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_use(
        &mut self,
        log_id: i64,
        indices: &[u64],
        way: Use,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (indices.iter().min(), indices.iter().max()) else {
            return Ok(());
        };
        let buried = self.tombstones(log_id, *first, last.saturating_add(1)).await?;
        let rows = indices.iter().filter(|index| !buried.contains(index));
        let rows = rows.map(|&index| int(index)).collect::<Result<Vec<_>, _>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        insert_many!(
            self,
            "INSERT INTO uses (log_id, idx, way, at, told) ",
            rows,
            |idx| [log_id, idx, way.words(), micros(at), 0_i64],
            " ON CONFLICT DO NOTHING"
        )
    }

    /// The logs with news, noted until `until`, of which their authors were told nothing yet; the oldest news first.
    /// An author who was told anything after `until` is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uses_to_tell(&mut self, until: Timestamp) -> Result<Vec<(i64, NodeId)>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (i64, Vec<u8>),
            self,
            "SELECT l.id, l.origin FROM uses u JOIN logs l ON l.id = u.log_id WHERE u.told = 0 AND u.at <= $1 \
             AND u.log_id NOT IN (SELECT t.log_id FROM uses t WHERE t.told > $1) \
             GROUP BY l.id, l.origin ORDER BY MIN(u.at), l.id",
            micros(until)
        )?;
        let row = |(id, origin): (i64, Vec<u8>)| Ok((id, NodeId::from_bytes(array("log origin", &origin)?)));
        rows.into_iter().map(row).collect()
    }

    /// Takes what the author of a log was not told yet, the oldest first and at most `limit`, as told at `at`. Gives it
    /// by index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_untold(
        &mut self,
        log_id: i64,
        limit: u32,
        at: Timestamp,
    ) -> Result<Vec<(u64, Use)>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (i64, String),
            self,
            "UPDATE uses SET told = $1 WHERE log_id = $2 AND told = 0 AND (idx, way) IN \
             (SELECT u.idx, u.way FROM uses u WHERE u.log_id = $2 AND u.told = 0 ORDER BY u.at, u.idx, u.way LIMIT $3) \
             RETURNING idx, way",
            micros(at),
            log_id,
            i64::from(limit)
        )?;
        let row = |(idx, words): (i64, String)| Ok((uint(idx)?, way(&words)?));
        let mut taken = rows.into_iter().map(row).collect::<Result<Vec<_>, StoreError>>()?;
        taken.sort_unstable();
        Ok(taken)
    }

    /// Keeps what a holder says it did with records of ours. The first time counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_uses_said(
        &mut self,
        holder: &NodeId,
        uses: &[(u64, Use)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let rows = uses.iter().map(|&(index, way)| Ok((int(index)?, way)));
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        insert_many!(
            self,
            "INSERT INTO uses_said (idx, holder, way, at) ",
            rows,
            |row| [row.0, holder.as_bytes().to_vec(), row.1.words(), micros(at)],
            " ON CONFLICT DO NOTHING"
        )
    }

    /// What holders say they did with our records, or with one of them, in the order in which it reached us.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uses_said(&mut self, index: Option<u64>) -> Result<Vec<UseSaidRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (i64, Vec<u8>, String, i64),
            self,
            "SELECT idx, holder, way, at FROM uses_said WHERE $1 < 0 OR idx = $1 ORDER BY at, idx, holder, way",
            index.map_or(Ok(-1), int)?
        )?;
        let row = |(idx, holder, words, at): (i64, Vec<u8>, String, i64)| {
            Ok(UseSaidRow {
                index: uint(idx)?,
                holder: NodeId::from_bytes(array("holder", &holder)?),
                way: way(&words)?,
                at: time(at)?,
            })
        };
        rows.into_iter().map(row).collect()
    }
}
