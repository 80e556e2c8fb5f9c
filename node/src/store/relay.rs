//! Relay: what may be passed on to whom, and what others pass on to us.

use cairn_proto::ids::NodeId;

use super::{
    OpeningRow, StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int,
    records::{Opening, opening},
    uint,
};

/// Someone who passes another's log on to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierRow {
    /// Who.
    pub node: NodeId,
    /// What it calls the log's author; may be empty.
    pub name: String,
    /// The openings that it may pass on are settled below this index.
    pub settled_to: u64,
}

/// How "anyone" is kept as a reader.
const ANYONE: [u8; 0] = [];

impl Tx {
    /// Notes to whom a record that is held here may be passed on by its own policy: to these nodes, or to anyone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_passable(
        &mut self,
        log_id: i64,
        index: u64,
        to: Option<&[NodeId]>,
    ) -> Result<(), StoreError> {
        let idx = int(index)?;
        let sql = "SELECT COUNT(*) FROM records WHERE log_id = $1 AND idx = $2";
        let held = fetch!(fetch_one, (i64,), self, sql, log_id, idx)?.0 > 0;
        let readers = match to {
            None => vec![ANYONE.to_vec()],
            Some(nodes) => nodes.iter().map(|node| node.as_bytes().to_vec()).collect(),
        };
        if !held || readers.is_empty() {
            return Ok(());
        }
        insert_many!(
            self,
            "INSERT INTO passable (log_id, idx, reader) ",
            readers,
            |reader| [log_id, idx, reader],
            " ON CONFLICT DO NOTHING"
        )
    }

    /// The openings from index `from` on, below `to`, that may be passed on to `reader` by their own policies, in
    /// index order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn passable(
        &mut self,
        log_id: i64,
        reader: &NodeId,
        from: u64,
        to: u64,
        limit: u32,
    ) -> Result<Vec<OpeningRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            Opening,
            self,
            "SELECT r.idx, r.salt, r.envelope, r.expires_at, r.held_since FROM records r \
             WHERE r.log_id = $1 AND r.idx >= $2 AND r.idx < $3 AND r.idx IN (SELECT p.idx FROM passable p \
             WHERE p.log_id = $1 AND p.idx >= $2 AND p.idx < $3 AND (p.reader = $4 OR p.reader = $5)) \
             ORDER BY r.idx LIMIT $6",
            log_id,
            int(from)?,
            int(to)?,
            &reader.as_bytes()[..],
            &ANYONE[..],
            i64::from(limit)
        )?;
        rows.into_iter().map(opening).collect()
    }

    /// Whether there is something in a log that may be passed on to `reader`, or something of it was passed on to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_passable(&mut self, log_id: i64, reader: &NodeId) -> Result<bool, StoreError> {
        let row = fetch!(
            fetch_one,
            (i64,),
            self,
            "SELECT CAST(CASE WHEN \
             EXISTS (SELECT 1 FROM passable p WHERE p.log_id = $1 AND p.reader = $2) \
             OR EXISTS (SELECT 1 FROM passable p WHERE p.log_id = $1 AND p.reader = $3) \
             OR EXISTS (SELECT 1 FROM ledger d WHERE d.log_id = $1 AND d.recipient = $2) THEN 1 ELSE 0 END AS BIGINT)",
            log_id,
            &reader.as_bytes()[..],
            &ANYONE[..]
        )?;
        Ok(row.0 > 0)
    }

    /// Notes that `carrier` passes a log on to us, and what it calls its author.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_carrier(
        &mut self,
        log_id: i64,
        carrier: &NodeId,
        name: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO carriers (log_id, carrier, name, settled_to) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (log_id, carrier) DO UPDATE SET name = excluded.name",
            log_id,
            &carrier.as_bytes()[..],
            name
        )?;
        Ok(())
    }

    /// Notes that what `carrier` may pass on to us of a log is settled below `settled_to`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_carried(
        &mut self,
        log_id: i64,
        carrier: &NodeId,
        settled_to: u64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE carriers SET settled_to = $1 WHERE log_id = $2 AND carrier = $3";
        execute!(self, sql, int(settled_to)?, log_id, &carrier.as_bytes()[..])?;
        Ok(())
    }

    /// Forgets who passes a log on to us.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_carriers(&mut self, log_id: i64) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM carriers WHERE log_id = $1", log_id)?;
        Ok(())
    }

    /// Who passes a log on to us.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn carriers(&mut self, log_id: i64) -> Result<Vec<CarrierRow>, StoreError> {
        let sql = "SELECT carrier, name, settled_to FROM carriers WHERE log_id = $1 ORDER BY carrier";
        let rows = fetch!(fetch_all, (Vec<u8>, String, i64), self, sql, log_id)?;
        let row = |(carrier, name, settled_to): (Vec<u8>, String, i64)| {
            let node = NodeId::from_bytes(array("carrier", &carrier)?);
            Ok(CarrierRow { node, name, settled_to: uint(settled_to)? })
        };
        rows.into_iter().map(row).collect()
    }

    /// How many logs `carrier` passes on to us.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn carried_by(&mut self, carrier: &NodeId) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM carriers WHERE carrier = $1";
        uint(fetch!(fetch_one, (i64,), self, sql, &carrier.as_bytes()[..])?.0)
    }
}
