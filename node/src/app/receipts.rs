//! Receipts: ours for withdrawn records of others, once the database's files are cleared of them; and those of others for ours.

use cairn_proto::{identity::Identity, ids::NodeId, pb::exchange as pb};
use jiff::{SignedDuration, civil::Date};

use super::{
    App, AppError, actor::Caller, append::between, receive::ReceiveError, withdrawals::outcome_word,
};
use crate::{
    domain::{
        audit::Event,
        peer::Terms,
        record::{Body, Record},
        text::Line,
        withdrawal::{Outcome, Receipt},
    },
    store::{PurgeRow, ReceiptRow, Tx},
};

/// Who signs receipts in the audit log.
const THE_NODE: &str = "this node";
/// What receipts say about the software.
const SOFTWARE: &str = concat!("cairn-node ", env!("CARGO_PKG_VERSION"));

impl App {
    /// Receipts that we owe for what has been purged until now.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn owed_receipts(&self) -> Result<Vec<PurgeRow>, AppError> {
        Ok(self.store.read().await?.owed_receipts(jiff::Timestamp::MAX).await?)
    }

    /// Signs the receipts for what is gone from the database's files by now.
    ///
    /// # Errors
    /// [`AppError`]; none was signed then.
    pub async fn sign_receipts(&self, owed: &[PurgeRow]) -> Result<(), AppError> {
        if owed.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        for purge in owed {
            // Two that clear at the same time sign once.
            if tx.purged(purge.log_id, purge.index).await?.is_some_and(|row| row.receipt.is_none()) {
                self.sign_receipt(&mut tx, purge).await?;
            }
        }
        tx.commit().await?;
        self.signals.head_moved();
        Ok(())
    }

    async fn sign_receipt(&self, tx: &mut Tx, purge: &PurgeRow) -> Result<(), AppError> {
        let record = cairn_proto::ids::RecordId { author: purge.origin, index: purge.index };
        let given = tx.ledger(purge.log_id, Some(purge.index), None).await?;
        let receipt = Receipt {
            record,
            retraction: purge.retraction,
            outcome: if purge.held { Outcome::Purged } else { Outcome::NeverHeld },
            at: self.clock.now(),
            backups_until: self.backups_until(tx, &purge.origin).await?,
            passed_on_to: given.into_iter().map(|given| given.recipient).collect(),
            software: Line::new("software", SOFTWARE)?,
        };
        let words = format!("a receipt for its author: {}", outcome_word(&receipt.outcome));
        let index = self
            .append_record(tx, Body::Receipt(receipt), between([purge.origin].into()), Vec::new())
            .await?;
        tx.set_receipt(purge.log_id, purge.index, index).await?;
        self.audit(tx, THE_NODE, Event::Receipt, Some(record), words).await
    }

    /// The day after which no backup holds what is purged today, by the contract with its author.
    async fn backups_until(&self, tx: &mut Tx, author: &NodeId) -> Result<Date, AppError> {
        let peering = tx.peering(author).await?.as_ref().map(super::peering::peering).transpose()?;
        let days =
            peering.map_or_else(|| Terms::new([].into(), false, None).backup_days, |p| p.terms.backup_days);
        let until = self.clock.now().checked_add(SignedDuration::from_hours(24 * i64::from(days)));
        Ok(until.unwrap_or(jiff::Timestamp::MAX).to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// Takes a retraction that was brought to us, whoever brings it: its author's signature is what counts. Gives the receipt, once
    /// there is one, and only to the author.
    ///
    /// # Errors
    /// [`AppError::NotServed`] when nothing of that author was ever held here; [`ReceiveError`] when it is not its author's.
    pub async fn receive_retraction(
        &self,
        caller: &Caller,
        author: &Identity,
        retraction: &pb::Opening,
    ) -> Result<Option<pb::Opening>, AppError> {
        let (node, index) = (author.node_id(), retraction.index);
        let message = cairn_proto::record::open(&retraction.envelope, author, index);
        let record = Record::try_from(message.map_err(|error| ReceiveError::Record { index, error })?)?;
        let Body::Retraction(said) = record.body else { return Err(ReceiveError::OutOfTurn.into()) };
        if said.target >= index {
            return Err(ReceiveError::Order { index }.into());
        }
        let mut tx = self.store.write().await?;
        let log =
            tx.log(&node).await?.filter(|_| node != self.keys.node_id()).ok_or(AppError::NotServed(node))?;
        let known = tx.identity(&node).await?.ok_or(AppError::NotServed(node))?;
        if !author.extends(&known) && !known.extends(author) {
            let reason = "the identity chain is not a continuation of the one known here".into();
            return Err(AppError::NotAPeer { standing: None, reason });
        }
        let receipt = match tx.purged(log.id, said.target).await? {
            Some(PurgeRow { receipt, .. }) => receipt,
            None => {
                let gone =
                    !tx.tombstones(log.id, said.target, said.target.saturating_add(1)).await?.is_empty();
                let held = tx.purge(log.id, said.target, self.clock.now()).await?;
                tx.owe_receipt(log.id, said.target, index, held || gone, self.clock.now()).await?;
                tx.commit().await?;
                self.signals.records_purged();
                return Ok(None);
            }
        };
        match receipt.filter(|_| caller.node() == node) {
            Some(receipt) => self.own_opening(&mut tx, receipt).await,
            None => Ok(None),
        }
    }

    /// One of our own records as it is handed over.
    pub(crate) async fn own_opening(&self, tx: &mut Tx, index: u64) -> Result<Option<pb::Opening>, AppError> {
        let Some(log) = tx.log(&self.keys.node_id()).await? else { return Ok(None) };
        let row = tx.openings(log.id, index, index.saturating_add(1), 1).await?.into_iter().next();
        let opening = |row: crate::store::OpeningRow| pb::Opening {
            index,
            salt: row.salt.to_vec(),
            envelope: row.envelope.into(),
        };
        Ok(row.map(opening))
    }

    /// The retraction with which one of our records was withdrawn, as it is handed over.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn retraction_opening(&self, retraction: u64) -> Result<Option<pb::Opening>, AppError> {
        self.own_opening(&mut self.store.read().await?, retraction).await
    }

    /// Takes a receipt that a holder gave when it was asked. One that is not its own, or not about a withdrawal of ours, counts for
    /// nothing.
    ///
    /// # Errors
    /// [`ReceiveError::Record`] when the holder did not sign it.
    pub async fn receive_receipt(&self, holder: &Identity, receipt: &pb::Opening) -> Result<(), AppError> {
        let index = receipt.index;
        let message = cairn_proto::record::open(&receipt.envelope, holder, index);
        let record = Record::try_from(message.map_err(|error| ReceiveError::Record { index, error })?)?;
        let Body::Receipt(receipt) = record.body else { return Err(ReceiveError::OutOfTurn.into()) };
        let mut tx = self.store.write().await?;
        self.take_receipt(&mut tx, &holder.node_id(), &receipt).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what a holder says about a withdrawal of ours. What does not fit a withdrawal and somebody who was given the record
    /// is no receipt.
    pub(crate) async fn take_receipt(
        &self,
        tx: &mut Tx,
        holder: &NodeId,
        receipt: &Receipt,
    ) -> Result<(), AppError> {
        let own = self.keys.node_id();
        let index = receipt.record.index;
        let fits =
            |row: &crate::store::WithdrawalRow| row.index == index && row.retraction == receipt.retraction;
        let Some(log) = tx.log(&own).await?.filter(|_| receipt.record.author == own) else { return Ok(()) };
        let known = tx.receipts().await?;
        let passed_on = known.iter().any(|row| row.index == index && row.passed_on_to.contains(holder));
        let given = passed_on || !tx.ledger(log.id, Some(index), Some(holder)).await?.is_empty();
        if !given || !tx.withdrawals().await?.iter().any(fits) {
            tracing::warn!(holder = %holder.short(), index, "a receipt that fits no withdrawal was not counted");
            return Ok(());
        }
        if known.iter().any(|row| row.index == index && row.holder == *holder && row.at >= receipt.at) {
            return Ok(()); // known already, or an older word
        }
        let (basis, review_on) = match &receipt.outcome {
            Outcome::Exception { basis, review_on } => (basis.to_string(), Some(*review_on)),
            Outcome::Purged | Outcome::NeverHeld => (String::new(), None),
        };
        tx.save_receipt(&ReceiptRow {
            index,
            holder: *holder,
            outcome: outcome_word(&receipt.outcome).to_owned(),
            at: receipt.at,
            backups_until: receipt.backups_until,
            basis,
            review_on,
            passed_on_to: receipt.passed_on_to.clone(),
            received_at: self.clock.now(),
        })
        .await?;
        let words =
            format!("a receipt of {}: {}", self.name_of(tx, holder).await?, outcome_word(&receipt.outcome));
        self.audit(tx, THE_NODE, Event::Receipt, Some(receipt.record), words).await
    }

    /// Notes that a holder was asked for its receipt.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn note_asked(&self, index: u64, holder: &NodeId, answered: bool) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        tx.note_asked(index, holder, self.clock.now(), answered).await?;
        tx.commit().await?;
        Ok(())
    }
}
