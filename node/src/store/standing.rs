//! Limits and suspensions of peerings, what peers fetched today, and blocked identities.

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::Date};

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, micros, time, uint,
};
use crate::domain::{
    peer::Side,
    restriction::{Degree, Restriction},
};

/// A blocked identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRow {
    /// Whose.
    pub node: NodeId,
    /// Why.
    pub reason: String,
    /// When it is looked at again.
    pub review_on: Option<Date>,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// A limit or suspension as it is stored: of which node, by which side.
pub(super) type Restricted = (NodeId, Side, Restriction);

type Restricting = (Vec<u8>, String, String, String, String, i64);
type Blocked = (Vec<u8>, String, String, i64, String);

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Us => "us",
        Side::Them => "them",
    }
}

/// A day as the store keeps it; empty if there is none.
pub(super) fn day_text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// A day from the store.
pub(super) fn day(text: &str) -> Result<Option<Date>, StoreError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(StoreError::corrupt) }
}

fn restricted(row: Restricting) -> Result<Restricted, StoreError> {
    let (node, side, degree, reason, review_on, since) = row;
    let side = match &*side {
        "us" => Side::Us,
        "them" => Side::Them,
        other => return Err(StoreError::corrupt(format!("a side \"{other}\""))),
    };
    let known = Degree::ALL.into_iter().find(|known| known.word() == degree);
    let degree = known.ok_or_else(|| StoreError::corrupt(format!("a standing \"{degree}\"")))?;
    let restriction = Restriction { degree, reason, review_on: day(&review_on)?, since: time(since)? };
    Ok((NodeId::from_bytes(array("node id", &node)?), side, restriction))
}

fn block((node, reason, review_on, at, by): Blocked) -> Result<BlockRow, StoreError> {
    let node = NodeId::from_bytes(array("node id", &node)?);
    Ok(BlockRow { node, reason, review_on: day(&review_on)?, at: time(at)?, by })
}

impl Tx {
    /// Limits and suspensions of one peering, or of all.
    pub(super) async fn restrictions(&mut self, of: Option<&NodeId>) -> Result<Vec<Restricted>, StoreError> {
        let all: &[u8] = &[];
        let of = of.map_or(all, |node| &node.as_bytes()[..]);
        let rows = fetch!(
            fetch_all,
            Restricting,
            self,
            "SELECT node_id, side, degree, reason, review_on, since FROM restrictions WHERE node_id = $1 OR $1 = $2",
            of,
            all
        )?;
        rows.into_iter().map(restricted).collect()
    }

    /// Notes that a side holds the peering with a node back. `settled_to`: our copy of its log is settled below; of an earlier
    /// and this one, the smaller counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_restriction(
        &mut self,
        node: &NodeId,
        side: Side,
        restriction: &Restriction,
        settled_to: u64,
    ) -> Result<(), StoreError> {
        let Restriction { degree, reason, review_on, since } = restriction;
        execute!(
            self,
            "INSERT INTO restrictions (node_id, side, degree, reason, review_on, since, settled_to) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (node_id, side) DO UPDATE SET \
             degree = excluded.degree, reason = excluded.reason, review_on = excluded.review_on, \
             since = excluded.since, settled_to = CASE WHEN excluded.settled_to < restrictions.settled_to \
             THEN excluded.settled_to ELSE restrictions.settled_to END",
            &node.as_bytes()[..],
            side_name(side),
            degree.word(),
            &reason[..],
            day_text(*review_on),
            micros(*since),
            int(settled_to)?
        )?;
        Ok(())
    }

    /// Lifts what a side held back; gives how far our copy of the node's log was settled when that began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lift_restriction(&mut self, node: &NodeId, side: Side) -> Result<Option<u64>, StoreError> {
        let (node, side) = (&node.as_bytes()[..], side_name(side));
        let sql = "SELECT settled_to FROM restrictions WHERE node_id = $1 AND side = $2";
        let before = fetch!(fetch_optional, (i64,), self, sql, node, side)?;
        execute!(self, "DELETE FROM restrictions WHERE node_id = $1 AND side = $2", node, side)?;
        before.map(|(settled_to,)| uint(settled_to)).transpose()
    }

    /// Bytes of openings that a peer fetched from us on a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn served(&mut self, node: &NodeId, on: Date) -> Result<u64, StoreError> {
        let sql = "SELECT bytes FROM served_bytes WHERE node_id = $1 AND day = $2";
        let row = fetch!(fetch_optional, (i64,), self, sql, &node.as_bytes()[..], on.to_string())?;
        row.map_or(Ok(0), |(bytes,)| uint(bytes))
    }

    /// Counts bytes of openings for a peer and a day, and forgets the days before; gives how many it fetched on that day, with
    /// these. Whoever counts for the same peer waits for the end of this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_served(&mut self, node: &NodeId, on: Date, bytes: u64) -> Result<u64, StoreError> {
        execute!(
            self,
            "INSERT INTO served_bytes (node_id, day, bytes) VALUES ($1, $2, $3) \
             ON CONFLICT (node_id, day) DO UPDATE SET bytes = served_bytes.bytes + excluded.bytes",
            &node.as_bytes()[..],
            on.to_string(),
            int(bytes)?
        )?;
        let sql = "DELETE FROM served_bytes WHERE node_id = $1 AND day < $2";
        execute!(self, sql, &node.as_bytes()[..], on.to_string())?;
        self.served(node, on).await
    }

    /// Blocks an identity, or says anew why.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_block(&mut self, row: &BlockRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO blocks (node_id, reason, review_on, at, by_whom) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (node_id) DO UPDATE SET reason = excluded.reason, review_on = excluded.review_on, \
             by_whom = excluded.by_whom",
            &row.node.as_bytes()[..],
            &row.reason[..],
            day_text(row.review_on),
            micros(row.at),
            &row.by[..]
        )?;
        Ok(())
    }

    /// Lifts a block; gives whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_block(&mut self, node: &NodeId) -> Result<bool, StoreError> {
        Ok(execute!(self, "DELETE FROM blocks WHERE node_id = $1", &node.as_bytes()[..])? > 0)
    }

    /// The block of an identity, if it is blocked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn block(&mut self, node: &NodeId) -> Result<Option<BlockRow>, StoreError> {
        let sql = "SELECT node_id, reason, review_on, at, by_whom FROM blocks WHERE node_id = $1";
        fetch!(fetch_optional, Blocked, self, sql, &node.as_bytes()[..])?.map(block).transpose()
    }

    /// All blocks, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn blocks(&mut self) -> Result<Vec<BlockRow>, StoreError> {
        let sql = "SELECT node_id, reason, review_on, at, by_whom FROM blocks ORDER BY at DESC, node_id";
        fetch!(fetch_all, Blocked, self, sql)?.into_iter().map(block).collect()
    }
}
