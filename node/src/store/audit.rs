//! The audit log: entries in order, each with the hash of all before it and a signature. There is no way here to change
//! or delete one.

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, uint,
};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1.
    pub seq: u64,
    /// The entry, as a JSON document.
    pub entry: String,
    /// SHA-256 over the hash before and the entry.
    pub hash: [u8; 32],
    /// The node's signature of it.
    pub signature: [u8; 64],
}

type Row = (i64, String, Vec<u8>, Vec<u8>);

fn audit_row((seq, entry, hash, signature): Row) -> Result<AuditRow, StoreError> {
    let (hash, signature) = (array("audit hash", &hash)?, array("audit signature", &signature)?);
    Ok(AuditRow { seq: uint(seq)?, entry, hash, signature })
}

impl Tx {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its number is taken.
    pub async fn add_audit(&mut self, row: &AuditRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO audit (seq, entry, hash, signature) VALUES ($1, $2, $3, $4)",
            int(row.seq)?,
            &row.entry[..],
            &row.hash[..],
            &row.signature[..]
        )?;
        Ok(())
    }

    /// The newest entry. On PostgreSQL, others that want to add one wait until the end of this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_audit(&mut self) -> Result<Option<AuditRow>, StoreError> {
        if self.conn.locks_rows() {
            execute!(self, "LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")?;
        }
        let sql = "SELECT seq, entry, hash, signature FROM audit ORDER BY seq DESC LIMIT 1";
        fetch!(fetch_optional, Row, self, sql)?.map(audit_row).transpose()
    }

    /// Entries from number `from` on, at most `limit`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&mut self, from: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT seq, entry, hash, signature FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2";
        let rows = fetch!(fetch_all, Row, self, sql, int(from)?, i64::from(limit))?;
        rows.into_iter().map(audit_row).collect()
    }
}
