//! Withdrawals: our own with what their holders say, and those of others for which we owe a receipt.

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::Date};

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A withdrawal of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalRow {
    /// Index of the withdrawn record.
    pub index: u64,
    /// Index of the retraction.
    pub retraction: u64,
    /// Why, as a word.
    pub reason: String,
    /// In more words.
    pub note: String,
    /// The parts it was about, one a line; empty: the whole.
    pub parts: String,
    /// Index of the record in its place.
    pub replaced_by: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// Who took it back.
    pub by: String,
}

/// What a holder says about a withdrawn record of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Index of the withdrawn record.
    pub index: u64,
    /// Who says it.
    pub holder: NodeId,
    /// "purged", "never held" or "exception".
    pub outcome: String,
    /// When, by its clock.
    pub at: Timestamp,
    /// After this day no backup there holds it.
    pub backups_until: Date,
    /// For an exception: its basis.
    pub basis: String,
    /// For an exception: when it is looked at again.
    pub review_on: Option<Date>,
    /// To whom it had passed it on.
    pub passed_on_to: Vec<NodeId>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Its index in the holder's log.
    pub said: u64,
}

/// How often a holder was asked for its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRow {
    /// Index of the withdrawn record.
    pub index: u64,
    /// Who.
    pub holder: NodeId,
    /// How often.
    pub times: u64,
    /// When last.
    pub last_at: Timestamp,
    /// When it answered last.
    pub reached_at: Option<Timestamp>,
}

/// A withdrawn record of another for which we owe a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeRow {
    /// Number of its log here.
    pub log_id: i64,
    /// Its author.
    pub origin: NodeId,
    /// Its index.
    pub index: u64,
    /// Index of the retraction.
    pub retraction: u64,
    /// Whether it was held.
    pub held: bool,
    /// When it was purged.
    pub at: Timestamp,
    /// Index of the receipt in our log, once there is one.
    pub receipt: Option<u64>,
    /// The signed retraction, where it was brought and does not stand in our copy of the log.
    pub brought: Option<Vec<u8>>,
}

type Withdrawal = (i64, i64, String, String, String, Option<i64>, i64, String);
type Purge = (i64, Vec<u8>, i64, i64, i64, i64, Option<i64>, Option<Vec<u8>>);

#[derive(sqlx::FromRow)]
struct Receipt {
    idx: i64,
    holder: Vec<u8>,
    outcome: String,
    at: i64,
    backups_until: String,
    basis: String,
    review_on: String,
    passed_on_to: String,
    received_at: i64,
    said: i64,
}

fn withdrawal(row: Withdrawal) -> Result<WithdrawalRow, StoreError> {
    let (index, retraction, reason, note, parts, replaced_by, at, by) = row;
    Ok(WithdrawalRow {
        index: uint(index)?,
        retraction: uint(retraction)?,
        reason,
        note,
        parts,
        replaced_by: replaced_by.map(uint).transpose()?,
        at: time(at)?,
        by,
    })
}

fn receipt(row: Receipt) -> Result<ReceiptRow, StoreError> {
    let day = |text: &str| text.parse::<Date>().map_err(StoreError::corrupt);
    let nodes = row.passed_on_to.split_whitespace();
    let nodes = nodes.map(|id| id.parse().map_err(StoreError::corrupt)).collect::<Result<_, _>>()?;
    Ok(ReceiptRow {
        index: uint(row.idx)?,
        holder: NodeId::from_bytes(array("holder", &row.holder)?),
        outcome: row.outcome,
        at: time(row.at)?,
        backups_until: day(&row.backups_until)?,
        basis: row.basis,
        review_on: if row.review_on.is_empty() { None } else { Some(day(&row.review_on)?) },
        passed_on_to: nodes,
        received_at: time(row.received_at)?,
        said: uint(row.said)?,
    })
}

fn purge(row: Purge) -> Result<PurgeRow, StoreError> {
    let (log_id, origin, index, retraction, held, at, receipt, brought) = row;
    Ok(PurgeRow {
        log_id,
        origin: NodeId::from_bytes(array("log origin", &origin)?),
        index: uint(index)?,
        retraction: uint(retraction)?,
        held: held != 0,
        at: time(at)?,
        receipt: receipt.map(uint).transpose()?,
        brought,
    })
}

impl Tx {
    /// Keeps a withdrawal of ours.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record was withdrawn before.
    pub async fn add_withdrawal(&mut self, row: &WithdrawalRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO withdrawals (idx, retraction, reason, note, parts, replaced_by, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            int(row.index)?,
            int(row.retraction)?,
            &row.reason[..],
            &row.note[..],
            &row.parts[..],
            row.replaced_by.map(int).transpose()?,
            micros(row.at),
            &row.by[..]
        )?;
        Ok(())
    }

    /// Our withdrawals, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdrawals(&mut self) -> Result<Vec<WithdrawalRow>, StoreError> {
        let sql = "SELECT idx, retraction, reason, note, parts, replaced_by, at, by_whom FROM withdrawals \
                   ORDER BY retraction DESC";
        fetch!(fetch_all, Withdrawal, self, sql)?.into_iter().map(withdrawal).collect()
    }

    /// Keeps what a holder says about a record of a log, ours or one that we passed on; its newest word replaces the
    /// one before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_receipt(&mut self, log_id: i64, row: &ReceiptRow) -> Result<(), StoreError> {
        let nodes: Vec<_> = row.passed_on_to.iter().map(NodeId::to_string).collect();
        let review_on = row.review_on.map(|day| day.to_string()).unwrap_or_default();
        execute!(
            self,
            "INSERT INTO receipts (log_id, idx, holder, outcome, at, backups_until, basis, review_on, passed_on_to, \
             received_at, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (log_id, idx, holder) DO UPDATE SET \
             outcome = excluded.outcome, at = excluded.at, backups_until = excluded.backups_until, \
             basis = excluded.basis, review_on = excluded.review_on, passed_on_to = excluded.passed_on_to, \
             received_at = excluded.received_at, said = excluded.said",
            log_id,
            int(row.index)?,
            &row.holder.as_bytes()[..],
            &row.outcome[..],
            micros(row.at),
            row.backups_until.to_string(),
            &row.basis[..],
            review_on,
            nodes.join(" "),
            micros(row.received_at),
            int(row.said)?
        )?;
        Ok(())
    }

    /// What holders said about withdrawn records of a log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipts(&mut self, log_id: i64) -> Result<Vec<ReceiptRow>, StoreError> {
        let sql = "SELECT idx, holder, outcome, at, backups_until, basis, review_on, passed_on_to, received_at, said \
                   FROM receipts WHERE log_id = $1 ORDER BY idx, holder";
        fetch!(fetch_all, Receipt, self, sql, log_id)?.into_iter().map(receipt).collect()
    }

    /// Notes that a holder is asked for its receipt, and whether it answered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_asked(
        &mut self,
        log_id: i64,
        index: u64,
        holder: &NodeId,
        at: Timestamp,
        answered: bool,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO asked (log_id, idx, holder, times, last_at, reached) VALUES ($1, $2, $3, 1, $4, $5) \
             ON CONFLICT (log_id, idx, holder) DO UPDATE SET times = asked.times + 1, last_at = excluded.last_at, \
             reached = CASE WHEN excluded.reached > 0 THEN excluded.reached ELSE asked.reached END",
            log_id,
            int(index)?,
            &holder.as_bytes()[..],
            micros(at),
            if answered { micros(at) } else { 0 }
        )?;
        Ok(())
    }

    /// How often holders of withdrawn records of a log were asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn asked(&mut self, log_id: i64) -> Result<Vec<AskedRow>, StoreError> {
        let sql =
            "SELECT idx, holder, times, last_at, reached FROM asked WHERE log_id = $1 ORDER BY idx, holder";
        let rows = fetch!(fetch_all, (i64, Vec<u8>, i64, i64, i64), self, sql, log_id)?;
        let row = |(index, holder, times, last_at, reached): (i64, Vec<u8>, i64, i64, i64)| {
            Ok(AskedRow {
                index: uint(index)?,
                holder: NodeId::from_bytes(array("holder", &holder)?),
                times: uint(times)?,
                last_at: time(last_at)?,
                reached_at: if reached > 0 { Some(time(reached)?) } else { None },
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// Notes that we owe a receipt for a withdrawn record of another. The first note counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owe_receipt(
        &mut self,
        log_id: i64,
        index: u64,
        retraction: u64,
        held: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO purges (log_id, idx, retraction, held, at, receipt) VALUES ($1, $2, $3, $4, $5, NULL) \
             ON CONFLICT DO NOTHING",
            log_id,
            int(index)?,
            int(retraction)?,
            i64::from(held),
            micros(at)
        )?;
        Ok(())
    }

    /// Notes that we owe another receipt for a withdrawn record of another that was kept until now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owe_again(&mut self, log_id: i64, index: u64, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE purges SET receipt = NULL, held = 1, at = $1 WHERE log_id = $2 AND idx = $3";
        execute!(self, sql, micros(at), log_id, int(index)?)?;
        Ok(())
    }

    /// Keeps the retraction of a purged record of another as it was brought.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_retraction(
        &mut self,
        log_id: i64,
        index: u64,
        envelope: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE purges SET retraction_envelope = $1 WHERE log_id = $2 AND idx = $3";
        execute!(self, sql, envelope, log_id, int(index)?)?;
        Ok(())
    }

    /// Withdrawn records of others that had been passed on, by log and index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purged_after_passing_on(&mut self) -> Result<Vec<PurgeRow>, StoreError> {
        let sql = "SELECT p.log_id, l.origin, p.idx, p.retraction, p.held, p.at, p.receipt, \
                   p.retraction_envelope FROM purges p \
                   JOIN logs l ON l.id = p.log_id WHERE EXISTS \
                   (SELECT 1 FROM ledger d WHERE d.log_id = p.log_id AND d.idx = p.idx) ORDER BY p.log_id, p.idx";
        fetch!(fetch_all, Purge, self, sql)?.into_iter().map(purge).collect()
    }

    /// Receipts we owe that were noted until `until`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owed_receipts(&mut self, until: Timestamp) -> Result<Vec<PurgeRow>, StoreError> {
        let sql = "SELECT p.log_id, l.origin, p.idx, p.retraction, p.held, p.at, p.receipt, \
                   p.retraction_envelope FROM purges p \
                   JOIN logs l ON l.id = p.log_id WHERE p.receipt IS NULL AND p.at <= $1 \
                   ORDER BY p.at, p.log_id, p.idx";
        fetch!(fetch_all, Purge, self, sql, micros(until))?.into_iter().map(purge).collect()
    }

    /// What became of one withdrawn record of another.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purged(&mut self, log_id: i64, index: u64) -> Result<Option<PurgeRow>, StoreError> {
        let sql = "SELECT p.log_id, l.origin, p.idx, p.retraction, p.held, p.at, p.receipt, \
                   p.retraction_envelope FROM purges p \
                   JOIN logs l ON l.id = p.log_id WHERE p.log_id = $1 AND p.idx = $2";
        fetch!(fetch_optional, Purge, self, sql, log_id, int(index)?)?.map(purge).transpose()
    }

    /// Notes that a receipt stands in our log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_receipt(&mut self, log_id: i64, index: u64, receipt: u64) -> Result<(), StoreError> {
        let sql = "UPDATE purges SET receipt = $1 WHERE log_id = $2 AND idx = $3";
        execute!(self, sql, int(receipt)?, log_id, int(index)?)?;
        Ok(())
    }

    /// Notes that the author of a log was heard.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_heard(&mut self, log_id: i64, at: Timestamp) -> Result<(), StoreError> {
        execute!(self, "UPDATE logs SET heard_at = $1 WHERE id = $2 AND heard_at < $1", micros(at), log_id)?;
        Ok(())
    }
}
