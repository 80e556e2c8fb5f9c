//! The audit log: written in the transaction of what it tells of, and checked from its first entry on.

use cairn_proto::ids::RecordId;
use ed25519_dalek::{Signature, Signer as _};

use super::{App, AppError, actor::Operator};
use crate::{
    domain::audit::{BEGINNING, Entry, Event, chained, signed},
    store::{AuditRow, StoreError, Tx},
};

/// Entries read at once.
const ROWS: u32 = 500;

/// What a check of the audit log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many entries there are.
    pub entries: u64,
    /// The newest hash.
    pub head: [u8; 32],
    /// What is wrong; none: nothing.
    pub broken: Option<String>,
}

/// An entry as it is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its number.
    pub seq: u64,
    /// The entry.
    pub entry: Entry,
    /// Its hash.
    pub hash: [u8; 32],
}

impl App {
    /// Writes down what is done in this transaction. What it says stands for ever: no contents, no keys.
    pub(crate) async fn audit(
        &self,
        tx: &mut Tx,
        by: &str,
        event: Event,
        record: Option<RecordId>,
        words: String,
    ) -> Result<(), AppError> {
        let newest = tx.newest_audit().await?;
        let (seq, before) = newest.map_or((1, BEGINNING), |row| (row.seq + 1, row.hash));
        let record = record.map(|record| record.to_string());
        let entry = Entry { at: self.clock.now(), by: by.to_owned(), event, words, record };
        let entry = serde_json::to_string(&entry).map_err(StoreError::corrupt)?;
        let hash = chained(&before, seq, &entry);
        let signature = self.keys.signing().sign(&signed(&hash)).to_bytes();
        tx.add_audit(&AuditRow { seq, entry, hash, signature }).await?;
        Ok(())
    }

    /// Entries, newest first, before entry `before` (0: from the newest).
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn audit_list(&self, _: &Operator, before: u64, limit: u32) -> Result<Vec<Listed>, AppError> {
        let mut tx = self.store.read().await?;
        let newest = tx.newest_audit().await?.map_or(0, |row| row.seq);
        let end = if before == 0 { newest + 1 } else { before.min(newest + 1) };
        let limit = limit.clamp(1, ROWS);
        let from = end.saturating_sub(u64::from(limit)).max(1);
        let rows = tx.audit(from, limit).await?.into_iter().filter(|row| row.seq < end).rev();
        rows.map(|row| Ok(Listed { seq: row.seq, entry: read(&row)?, hash: row.hash })).collect()
    }

    /// Checks every entry: numbers, hashes and signatures.
    ///
    /// # Errors
    /// [`AppError::Store`]; what is wrong with the log itself is in the [`Verdict`].
    pub async fn audit_verify(&self, _: &Operator) -> Result<Verdict, AppError> {
        let mut tx = self.store.read().await?;
        let mut verdict = Verdict { entries: 0, head: BEGINNING, broken: None };
        loop {
            let rows = tx.audit(verdict.entries + 1, ROWS).await?;
            if rows.is_empty() {
                return Ok(verdict);
            }
            for row in rows {
                let seq = verdict.entries + 1;
                if let Some(wrong) = self.wrong_with(&row, seq, &verdict.head) {
                    verdict.broken = Some(wrong);
                    return Ok(verdict);
                }
                (verdict.entries, verdict.head) = (seq, row.hash);
            }
        }
    }

    fn wrong_with(&self, row: &AuditRow, seq: u64, before: &[u8; 32]) -> Option<String> {
        if row.seq != seq {
            return Some(format!("entry {seq} is missing; the next one is entry {}", row.seq));
        }
        if chained(before, seq, &row.entry) != row.hash {
            return Some(format!("entry {seq} was changed, or one before it: its hash does not fit"));
        }
        let signature = Signature::from_bytes(&row.signature);
        let identity = self.keys.identity();
        let epochs = identity.epochs();
        let known = epochs
            .iter()
            .any(|epoch| epoch.signing_key.verify_strict(&signed(&row.hash), &signature).is_ok());
        (!known).then(|| format!("entry {seq} is not signed by a key of this node"))
    }

    /// Some entries as lines of a file, from number `from` on: each a JSON object with the entry's exact text, its hash and
    /// signature. Nothing once the end is reached.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn audit_lines(&self, _: &Operator, from: u64) -> Result<Option<(String, u64)>, AppError> {
        let rows = self.store.read().await?.audit(from, ROWS).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(None) };
        let line = |row: &AuditRow| {
            let (hash, signature) = (hex(&row.hash), hex(&row.signature));
            let line = serde_json::json!({
                "seq": row.seq.to_string(), "entry": row.entry, "hash": hash, "signature": signature
            });
            format!("{line}\n")
        };
        Ok(Some((rows.iter().map(line).collect(), last + 1)))
    }
}

fn read(row: &AuditRow) -> Result<Entry, AppError> {
    Ok(serde_json::from_str(&row.entry).map_err(StoreError::corrupt)?)
}

/// Bytes as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
