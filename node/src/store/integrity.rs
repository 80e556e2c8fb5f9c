//! What others vouch for, and what they prove: cosignatures of heads, evidence of forks, and the gate before our own key.

use cairn_proto::{checkpoint, ids::NodeId, note::NoteSignature};
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A cosignature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignatureRow {
    /// Who cosigned.
    pub witness: NodeId,
    /// The size of the head.
    pub size: u64,
    /// When, by the clock of the witness.
    pub at: Timestamp,
    /// Its line of the note.
    pub line: NoteSignature,
}

/// Evidence that a node signed two logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkRow {
    /// Which node.
    pub origin: NodeId,
    /// When it was found, or told, here.
    pub found_at: Timestamp,
    /// The evidence, as an encoded message.
    pub evidence: Vec<u8>,
}

/// That nothing is signed here for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRow {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// How much of our log was here then.
    pub size: u64,
}

impl Tx {
    /// Keeps a cosignature that was checked, in the place of an earlier one of this witness for this log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_cosignature(&mut self, log_id: i64, row: &CosignatureRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO cosignatures (log_id, witness, size, at, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (log_id, witness) DO UPDATE SET size = excluded.size, at = excluded.at, \
             key_id = excluded.key_id, signature = excluded.signature",
            log_id,
            &row.witness.as_bytes()[..],
            int(row.size)?,
            row.at.as_second(),
            &row.line.key_id[..],
            &row.line.signature[..]
        )?;
        Ok(())
    }

    /// The newest cosignature of each witness for a log, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cosignatures(&mut self, log_id: i64) -> Result<Vec<CosignatureRow>, StoreError> {
        let sql = "SELECT witness, size, at, key_id, signature FROM cosignatures WHERE log_id = $1 \
                   ORDER BY at DESC, witness";
        let rows = fetch!(fetch_all, (Vec<u8>, i64, i64, Vec<u8>, Vec<u8>), self, sql, log_id)?;
        let row = |(witness, size, at, key_id, signature): (Vec<u8>, i64, i64, Vec<u8>, Vec<u8>)| {
            let witness = NodeId::from_bytes(array("witness", &witness)?);
            let key_id = array("key id", &key_id)?;
            let line = NoteSignature { name: checkpoint::origin(&witness), key_id, signature };
            let at = Timestamp::from_second(at).map_err(StoreError::corrupt)?;
            Ok(CosignatureRow { witness, size: uint(size)?, at, line })
        };
        rows.into_iter().map(row).collect()
    }

    /// Keeps evidence that a node signed two logs; the first counts. Gives whether it is the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_fork(&mut self, row: &ForkRow) -> Result<bool, StoreError> {
        let new = execute!(
            self,
            "INSERT INTO forks (origin, found_at, evidence) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &row.origin.as_bytes()[..],
            micros(row.found_at),
            &row.evidence[..]
        )?;
        Ok(new > 0)
    }

    /// The evidence against a node, if there is any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fork(&mut self, origin: &NodeId) -> Result<Option<ForkRow>, StoreError> {
        Ok(self.forks().await?.into_iter().find(|row| row.origin == *origin))
    }

    /// All evidence, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forks(&mut self) -> Result<Vec<ForkRow>, StoreError> {
        let sql = "SELECT origin, found_at, evidence FROM forks ORDER BY found_at, origin";
        let rows = fetch!(fetch_all, (Vec<u8>, i64, Vec<u8>), self, sql)?;
        let row = |(origin, found_at, evidence): (Vec<u8>, i64, Vec<u8>)| {
            let origin = NodeId::from_bytes(array("origin", &origin)?);
            Ok(ForkRow { origin, found_at: time(found_at)?, evidence })
        };
        rows.into_iter().map(row).collect()
    }

    /// Forgets the evidence against a node: it proves nothing any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_fork(&mut self, origin: &NodeId) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM forks WHERE origin = $1", &origin.as_bytes()[..])?;
        Ok(())
    }

    /// Closes the gate; if it is closed already it stays as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_gate(&mut self, row: &GateRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO gate (one, at, reason, size) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING",
            micros(row.at),
            &row.reason[..],
            int(row.size)?
        )?;
        Ok(())
    }

    /// The gate, while it is closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gate(&mut self) -> Result<Option<GateRow>, StoreError> {
        let row = fetch!(fetch_optional, (i64, String, i64), self, "SELECT at, reason, size FROM gate")?;
        row.map(|(at, reason, size)| Ok(GateRow { at: time(at)?, reason, size: uint(size)? })).transpose()
    }

    /// Opens the gate.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_gate(&mut self) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM gate")?;
        Ok(())
    }
}
