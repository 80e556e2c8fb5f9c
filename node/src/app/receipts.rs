//! Receipts: ours for withdrawn records of others, once the database's files are cleared of them; and those of others for ours.

use cairn_proto::{
    identity::Identity,
    ids::{NodeId, RecordId},
    pb::exchange as pb,
};
use jiff::{SignedDuration, civil::Date};

use super::{
    App, AppError,
    actor::Caller,
    receive::ReceiveError,
    serve::{Terms as Released, terms_of},
    withdrawals::{Open, outcome_word},
};
use crate::{
    domain::{
        audit::Event,
        peer::Terms,
        policy::Policy,
        record::{Body, Record},
        text::Line,
        withdrawal::{Outcome, Receipt},
    },
    store::{OpeningRow, PurgeRow, ReceiptRow, Tx},
};

/// Who signs receipts in the audit log.
const THE_NODE: &str = "this node";
/// Records looked at together for a receipt.
const LOOKED_AT: u32 = 256;
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
        let mut tx = self.write_signed().await?;
        if self.may_sign(&mut tx).await.is_err() {
            return Ok(()); // they stay owed until it may
        }
        // The end of a legal hold waits for us, or we for it.
        tx.log_for_update(&self.keys.node_id()).await?;
        for purge in owed {
            // Two that clear at the same time sign once; and what a hold kept until just now is not cleared yet.
            let now = tx.purged(purge.log_id, purge.index).await?;
            if now.is_some_and(|row| row.receipt.is_none() && row.at == purge.at) {
                self.sign_receipt(&mut tx, purge).await?;
            }
        }
        tx.commit().await?;
        self.signals.head_moved();
        Ok(())
    }

    async fn sign_receipt(&self, tx: &mut Tx, purge: &PurgeRow) -> Result<(), AppError> {
        let record = RecordId { author: purge.origin, index: purge.index };
        let given = tx.ledger(purge.log_id, Some(purge.index), None).await?;
        let receipt = Receipt {
            record,
            retraction: purge.retraction,
            outcome: self.outcome_of(tx, purge).await?,
            at: self.clock.now(),
            backups_until: self.backups_until(tx, &purge.origin).await?,
            passed_on_to: given.into_iter().map(|given| given.recipient).collect(),
            software: Line::new("software", SOFTWARE)?,
        };
        let words = format!("a receipt for its author: {}", outcome_word(&receipt.outcome));
        let policy = self.answer_to(tx, &purge.origin).await?;
        let index = self.append_record(tx, Body::Receipt(receipt), policy, Vec::new()).await?;
        tx.set_receipt(purge.log_id, purge.index, index).await?;
        self.audit(tx, THE_NODE, Event::Receipt, Some(record), words).await
    }

    /// The day after which no backup holds what is purged today, by the contract with its author.
    async fn backups_until(&self, tx: &mut Tx, author: &NodeId) -> Result<Date, AppError> {
        let peering = tx.peering(author).await?.as_ref().map(super::peering::peering).transpose()?;
        let days = peering
            .map_or_else(|| Terms::new([].into(), false, 0, None).backup_days, |p| p.terms.backup_days);
        let until = self.clock.now().checked_add(SignedDuration::from_hours(24 * i64::from(days)));
        Ok(until.unwrap_or(jiff::Timestamp::MAX).to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// Takes a retraction that was brought to us, whoever brings it: its author's signature is what counts. Gives the receipt, once
    /// there is one, to the author and to who passed the record on.
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
                // The leaf may have come before, and then nothing is left to see of what was here.
                let gone = tx.was_held(log.id, said.target).await?;
                let held = tx.purge(log.id, said.target, self.clock.now()).await?;
                tx.owe_receipt(log.id, said.target, index, held || gone, self.clock.now()).await?;
                tx.keep_retraction(log.id, said.target, &retraction.envelope).await?;
                tx.commit().await?;
                self.signals.records_purged();
                return Ok(None);
            }
        };
        let Some(receipt) = receipt else { return Ok(None) };
        self.own_opening(&mut tx, receipt, |policy| policy.includes(&caller.node()).is_ok()).await
    }

    /// One of our own records as it is handed over, if its policy allows.
    async fn own_opening(
        &self,
        tx: &mut Tx,
        index: u64,
        allows: impl Fn(&Policy) -> bool,
    ) -> Result<Option<pb::Opening>, AppError> {
        let Some(row) = opening_at(tx, &self.keys.node_id(), index).await? else { return Ok(None) };
        let Released { policy, .. } = terms_of(&row)?;
        let allowed = allows(&policy);
        Ok(allowed.then(|| pb::Opening { index, salt: row.salt.to_vec(), envelope: row.envelope.into() }))
    }

    /// What to hand over to one who still has to purge: the author's identity chain and its retraction. `None` while the retraction
    /// itself is not here.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn retraction_of(&self, open: &Open) -> Result<Option<pb::RetractRequest>, AppError> {
        let mut tx = self.store.read().await?;
        let index = open.retraction;
        let envelope = match opening_at(&mut tx, &open.record.author, index).await? {
            Some(row) => Some((row.salt.to_vec(), row.envelope)),
            None => {
                let log = tx.log(&open.record.author).await?;
                let purge = match log {
                    Some(log) => tx.purged(log.id, open.record.index).await?,
                    None => None,
                };
                purge.and_then(|purge| purge.brought).map(|brought| (Vec::new(), brought))
            }
        };
        let identity = tx.identity(&open.record.author).await?;
        Ok(envelope.zip(identity).map(|((salt, envelope), author)| pb::RetractRequest {
            identity: author.events().to_vec(),
            retraction: Some(pb::Opening { index, salt, envelope: envelope.into() }),
        }))
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
        self.take_receipt(&mut tx, &holder.node_id(), index, &receipt).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what a holder says about a record that we gave it, or that it got from one to whom we gave it: ours, or one that we
    /// passed on. What does not fit a withdrawal is no receipt.
    pub(crate) async fn take_receipt(
        &self,
        tx: &mut Tx,
        holder: &NodeId,
        said: u64,
        receipt: &Receipt,
    ) -> Result<(), AppError> {
        let mut words = vec![(*holder, said, receipt.clone())];
        while let Some((holder, said, receipt)) = words.pop() {
            if !self.keep_receipt(tx, &holder, said, &receipt).await? {
                continue;
            }
            // Those it names may have spoken before it did.
            for node in receipt.passed_on_to.iter().filter(|node| **node != holder) {
                words.extend(self.word_of(tx, node, &receipt).await?.map(|(at, said)| (*node, at, said)));
            }
        }
        Ok(())
    }

    /// Keeps one receipt, which stands at index `said` of its holder's log; gives whether it is news.
    async fn keep_receipt(
        &self,
        tx: &mut Tx,
        holder: &NodeId,
        said: u64,
        receipt: &Receipt,
    ) -> Result<bool, AppError> {
        let RecordId { author, index } = receipt.record;
        let Some(log) = tx.log(&author).await? else { return Ok(false) };
        let known = tx.receipts(log.id).await?;
        let passed_on = known.iter().any(|row| row.index == index && row.passed_on_to.contains(holder));
        let given = passed_on || !tx.ledger(log.id, Some(index), Some(holder)).await?.is_empty();
        let fits = match author == self.keys.node_id() {
            true => tx
                .withdrawals()
                .await?
                .iter()
                .any(|row| row.index == index && row.retraction == receipt.retraction),
            false => tx.purged(log.id, index).await?.is_some_and(|row| row.retraction == receipt.retraction),
        };
        if !given || !fits {
            tracing::warn!(holder = %holder.short(), index, "a receipt that fits no withdrawal was not counted");
            return Ok(false);
        }
        if known.iter().any(|row| row.index == index && row.holder == *holder && row.said >= said) {
            return Ok(false); // known already, or an older word
        }
        let (basis, review_on) = match &receipt.outcome {
            Outcome::Exception { basis, review_on } => (basis.to_string(), Some(*review_on)),
            Outcome::Purged | Outcome::NeverHeld => (String::new(), None),
        };
        let row = ReceiptRow {
            index,
            holder: *holder,
            outcome: outcome_word(&receipt.outcome).to_owned(),
            at: receipt.at,
            backups_until: receipt.backups_until,
            basis,
            review_on,
            passed_on_to: receipt.passed_on_to.clone(),
            received_at: self.clock.now(),
            said,
        };
        tx.save_receipt(log.id, &row).await?;
        let words =
            format!("a receipt of {}: {}", self.name_of(tx, holder).await?, outcome_word(&receipt.outcome));
        self.audit(tx, THE_NODE, Event::Receipt, Some(receipt.record), words).await?;
        Ok(true)
    }

    /// The newest receipt for the same withdrawal in the log of `node`, as far as it is held here, with its index.
    async fn word_of(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        about: &Receipt,
    ) -> Result<Option<(u64, Receipt)>, AppError> {
        let (Some(log), Some(identity)) = (tx.log(node).await?, tx.identity(node).await?) else {
            return Ok(None);
        };
        let (mut from, mut newest) = (0, None);
        loop {
            let rows = tx.openings(log.id, from, u64::MAX >> 1, LOOKED_AT).await?;
            let Some(last) = rows.last() else { return Ok(newest) };
            from = last.index + 1;
            for row in &rows {
                if let Body::Receipt(said) = self.read_record(&identity, row)?.0.body
                    && (said.record, said.retraction) == (about.record, about.retraction)
                {
                    newest = Some((row.index, said));
                }
            }
        }
    }

    /// Notes that a holder was asked for its receipt.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn note_asked(&self, open: &Open, answered: bool) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        let log = tx.log_for_update(&open.record.author).await?;
        tx.note_asked(log.id, open.record.index, &open.node, self.clock.now(), answered).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The opening of one record of a log, if it is held here.
async fn opening_at(tx: &mut Tx, origin: &NodeId, index: u64) -> Result<Option<OpeningRow>, AppError> {
    let Some(log) = tx.log(origin).await? else { return Ok(None) };
    Ok(tx.openings(log.id, index, index.saturating_add(1), 1).await?.into_iter().next())
}
