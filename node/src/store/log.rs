//! Logs: verified leaves, the frontier they add up to, the signed head, and proofs.

use cairn_proto::{
    ids::NodeId,
    log::{Frontier, Hash, Leaf, ProofPlan, Subtree, leaf_hash, node_hash},
};
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int, time, uint,
};

/// Levels between two stored rows of subtree hashes: 2^8 = 256 children each.
const STRIDE: u8 = 8;
/// No log has more than 2^48 leaves.
const TOP: u8 = 48;

/// A log as we hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Its number here.
    pub id: i64,
    /// Its author.
    pub origin: NodeId,
    /// The verified leaves.
    pub frontier: Frontier,
    /// Openings below this index are settled.
    pub settled_to: u64,
    /// Size of the newest complete head.
    pub head_size: u64,
    /// That head's signed checkpoint; empty at size 0.
    pub checkpoint: String,
    /// When its author was heard last.
    pub heard_at: Timestamp,
}

type Row = (i64, Vec<u8>, Vec<u8>, i64, i64, String, i64);

fn log(
    (id, origin, frontier, settled_to, head_size, checkpoint, heard_at): Row,
) -> Result<LogRow, StoreError> {
    Ok(LogRow {
        id,
        origin: NodeId::from_bytes(array("log origin", &origin)?),
        frontier: Frontier::from_bytes(&frontier).map_err(StoreError::corrupt)?,
        settled_to: uint(settled_to)?,
        head_size: uint(head_size)?,
        checkpoint,
        heard_at: time(heard_at)?,
    })
}

const SELECT: &str =
    "SELECT id, origin, frontier, settled_to, head_size, checkpoint, heard_at FROM logs WHERE origin = $1";
const SELECT_LOCKED: &str = "SELECT id, origin, frontier, settled_to, head_size, checkpoint, heard_at FROM logs WHERE origin = $1 FOR UPDATE";

impl Tx {
    /// The log of `origin`, if we hold any of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&mut self, origin: &NodeId) -> Result<Option<LogRow>, StoreError> {
        fetch!(fetch_optional, Row, self, SELECT, &origin.as_bytes()[..])?.map(log).transpose()
    }

    /// The log of `origin`, begun if new, and locked until the end of the transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_for_update(&mut self, origin: &NodeId) -> Result<LogRow, StoreError> {
        let empty = Frontier::new().to_bytes();
        let select = if self.conn.locks_rows() { SELECT_LOCKED } else { SELECT };
        loop {
            if let Some(row) = fetch!(fetch_optional, Row, self, select, &origin.as_bytes()[..])? {
                return log(row);
            }
            // On PostgreSQL another log may get this number first: then the next number is tried.
            execute!(
                self,
                "INSERT INTO logs (id, origin, frontier, settled_to, head_size, checkpoint, heard_at) \
                 SELECT COALESCE(MAX(id), 0) + 1, $1, $2, 0, 0, '', 0 FROM logs WHERE TRUE ON CONFLICT DO NOTHING",
                &origin.as_bytes()[..],
                &empty[..]
            )?;
        }
    }

    /// Every log we hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn logs(&mut self) -> Result<Vec<LogRow>, StoreError> {
        let sql =
            "SELECT id, origin, frontier, settled_to, head_size, checkpoint, heard_at FROM logs ORDER BY id";
        fetch!(fetch_all, Row, self, sql)?.into_iter().map(log).collect()
    }

    /// Appends verified leaves from index `from` on; `frontier` is the one after them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a leaf stands there already.
    pub async fn append_leaves(
        &mut self,
        log_id: i64,
        from: u64,
        leaves: &[Leaf],
        frontier: &Frontier,
    ) -> Result<(), StoreError> {
        if leaves.is_empty() {
            return Ok(());
        }
        let first = int(from)?;
        let rows = leaves.iter().zip(first..).map(|(leaf, idx)| (idx, leaf.to_bytes()));
        insert_many!(
            self,
            "INSERT INTO leaves (log_id, idx, leaf) ",
            rows,
            |row| [log_id, row.0, row.1.to_vec()],
            ""
        )?;
        let mut level = STRIDE;
        while level <= TOP {
            let (begin, end) = (from >> level, frontier.size() >> level);
            for index in begin..end {
                self.add_subtree(log_id, Subtree { level, index }).await?;
            }
            if begin == end {
                break;
            }
            level += STRIDE;
        }
        let bytes = frontier.to_bytes();
        execute!(self, "UPDATE logs SET frontier = $1 WHERE id = $2", &bytes[..], log_id)?;
        Ok(())
    }

    async fn add_subtree(&mut self, log_id: i64, subtree: Subtree) -> Result<(), StoreError> {
        let hash = self.fold(log_id, subtree.level - STRIDE, subtree.index, STRIDE).await?;
        execute!(
            self,
            "INSERT INTO subtrees (log_id, level, idx, hash) VALUES ($1, $2, $3, $4)",
            log_id,
            i64::from(subtree.level),
            int(subtree.index)?,
            &hash[..]
        )?;
        Ok(())
    }

    /// Keeps a head all of whose leaves we hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_head(&mut self, log_id: i64, size: u64, checkpoint: &str) -> Result<(), StoreError> {
        execute!(
            self,
            "UPDATE logs SET head_size = $1, checkpoint = $2 WHERE id = $3",
            int(size)?,
            checkpoint,
            log_id
        )?;
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

    /// Notes that the openings below `settled_to` are settled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_settled(&mut self, log_id: i64, settled_to: u64) -> Result<(), StoreError> {
        execute!(self, "UPDATE logs SET settled_to = $1 WHERE id = $2", int(settled_to)?, log_id)?;
        Ok(())
    }

    /// The leaves of `[from, to)`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one is missing or malformed.
    pub async fn leaves(&mut self, log_id: i64, from: u64, to: u64) -> Result<Vec<Leaf>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (Vec<u8>,),
            self,
            "SELECT leaf FROM leaves WHERE log_id = $1 AND idx >= $2 AND idx < $3 ORDER BY idx",
            log_id,
            int(from)?,
            int(to)?
        )?;
        if rows.len() as u64 != to.saturating_sub(from) {
            return Err(StoreError::corrupt(format!("log {log_id} without all leaves of {from}..{to}")));
        }
        rows.iter().map(|(bytes,)| Leaf::from_bytes(bytes).map_err(StoreError::corrupt)).collect()
    }

    /// The hashes of a planned proof.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the log lacks a leaf.
    pub async fn proof(&mut self, log_id: i64, plan: &ProofPlan) -> Result<Vec<Hash>, StoreError> {
        let mut hashes = Vec::new();
        for subtree in plan.subtrees() {
            let base = subtree.level / STRIDE * STRIDE;
            hashes.push((subtree, self.fold(log_id, base, subtree.index, subtree.level - base).await?));
        }
        let find = |wanted: Subtree| hashes.iter().find(|(s, _)| *s == wanted).map(|(_, hash)| *hash);
        plan.assemble(find).ok_or_else(|| StoreError::corrupt("a proof without all its hashes"))
    }

    /// The root of the `2^height` nodes at `level` under node `index` of `level + height`.
    async fn fold(&mut self, log_id: i64, level: u8, index: u64, height: u8) -> Result<Hash, StoreError> {
        let (from, to) = (index << height, (index + 1) << height);
        let mut row: Vec<Hash> = if level == 0 {
            self.leaves(log_id, from, to).await?.iter().map(|leaf| leaf_hash(&leaf.to_bytes())).collect()
        } else {
            let rows = fetch!(
                fetch_all,
                (Vec<u8>,),
                self,
                "SELECT hash FROM subtrees WHERE log_id = $1 AND level = $2 AND idx >= $3 AND idx < $4 ORDER BY idx",
                log_id,
                i64::from(level),
                int(from)?,
                int(to)?
            )?;
            rows.iter().map(|(hash,)| array("subtree hash", hash)).collect::<Result<_, _>>()?
        };
        if row.len() as u64 != to - from {
            return Err(StoreError::corrupt(format!("log {log_id} without all subtrees of level {level}")));
        }
        while row.len() > 1 {
            row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        row.first().copied().ok_or_else(|| StoreError::corrupt("an empty subtree"))
    }
}
