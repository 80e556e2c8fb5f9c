//! Use receipts: what was done here with records of others is told to their authors in words, at most once a day, and
//! what others say they did with ours is kept. Nobody counts it.

use std::collections::BTreeSet;

use cairn_proto::{ids::NodeId, limits};
use jiff::Timestamp;

use super::{App, AppError, peering::peering};
use crate::{
    domain::{
        record::{Body, Reference},
        uses::{TOLD_AFTER, Use, Uses},
    },
    store::Tx,
};

impl App {
    /// Tells every author whose news has waited for a day, in one record each; gives to how many. Those who cannot be
    /// told now, and everyone while sharing is paused, are told when they can be.
    ///
    /// # Errors
    /// [`AppError::Store`]; nobody was told then.
    pub async fn tell_uses(&self) -> Result<u64, AppError> {
        let until = self.clock.now().checked_sub(TOLD_AFTER).unwrap_or(Timestamp::MIN);
        // Looked up first: to write would make the records that are just coming in wait.
        if self.authors_to_tell(&mut self.store.read().await?, until).await?.is_empty() {
            return Ok(0);
        }
        let mut tx = self.write_signed().await?;
        let mut told = 0;
        for (log_id, author) in self.authors_to_tell(&mut tx, until).await? {
            told += u64::from(self.tell(&mut tx, log_id, author).await?);
        }
        if told > 0 {
            tx.commit().await?;
            self.signals.head_moved();
        }
        Ok(told)
    }

    /// The authors that are to be told, and can be, of what was noted until `until`, with their logs.
    async fn authors_to_tell(&self, tx: &mut Tx, until: Timestamp) -> Result<Vec<(i64, NodeId)>, AppError> {
        let succeeded = self.keys.identity().succession().is_some();
        if succeeded || tx.paused().await?.is_some() || self.may_sign(tx).await.is_err() {
            return Ok(Vec::new());
        }
        let mut authors = Vec::new();
        for (log_id, author) in tx.uses_to_tell(until).await? {
            if self.can_be_told(tx, log_id, &author).await? {
                authors.push((log_id, author));
            }
        }
        Ok(authors)
    }

    /// Whether an author hears of what is said in our log: as an active peer, or through those who pass logs on.
    async fn can_be_told(&self, tx: &mut Tx, log_id: i64, author: &NodeId) -> Result<bool, AppError> {
        let peering = tx.peering(author).await?.as_ref().map(peering).transpose()?;
        // A limited peer is told once the limit is lifted.
        let active = peering.is_some_and(|peering| peering.flows() && peering.degree().is_none());
        Ok(active || !tx.carriers(log_id).await?.is_empty())
    }

    /// Appends what an author was not told yet; gives false if that was withdrawn in the meantime. The caller commits,
    /// and rings the bell of the log.
    async fn tell(&self, tx: &mut Tx, log_id: i64, author: NodeId) -> Result<bool, AppError> {
        let most = u32::try_from(limits::USES).unwrap_or(u32::MAX);
        let uses = tx.take_untold(log_id, most, self.clock.now()).await?;
        if uses.is_empty() {
            return Ok(false);
        }
        let policy = self.answer_to(tx, &author).await?;
        self.append_record(tx, Body::Uses(Uses { author, uses }), policy, Vec::new()).await?;
        Ok(true)
    }

    /// Notes which records of others a record of ours that is being released stands on.
    pub(crate) async fn note_references(
        &self,
        tx: &mut Tx,
        references: &[Reference],
    ) -> Result<(), AppError> {
        for reference in references {
            let way = match reference {
                Reference::DerivedFrom(_) => Use::StartingPoint,
                Reference::Cites(_) => Use::Cited,
                Reference::RevisionOf(_) | Reference::About(_) | Reference::InReplyTo(_) => continue,
            };
            let record = reference.record();
            let log = tx.log(&record.author).await?.filter(|log| log.origin != self.keys.node_id());
            // An index that its author's log does not have, as far as it is known here, is a slip of the pen.
            if let Some(log) = log.filter(|log| record.index < log.frontier.size()) {
                tx.note_use(log.id, &[record.index], way, self.clock.now()).await?;
            }
        }
        Ok(())
    }

    /// Keeps what a holder says it did with records of ours. What it was never given, by us or by those who pass its
    /// log on to us, is not counted.
    pub(crate) async fn take_uses(
        &self,
        tx: &mut Tx,
        holder: &NodeId,
        said: &[Uses],
    ) -> Result<(), AppError> {
        let own = self.keys.node_id();
        let said: Vec<_> = said.iter().filter(|said| said.author == own).collect();
        let Some(log) = tx.log(&own).await?.filter(|_| !said.is_empty()) else { return Ok(()) };
        let carried = match tx.log(holder).await? {
            Some(theirs) => !tx.carriers(theirs.id).await?.is_empty(),
            None => false,
        };
        let given = tx.ledger(log.id, None, Some(holder)).await?;
        let given: BTreeSet<_> =
            given.into_iter().filter(|row| !row.title_only).map(|row| row.record.index).collect();
        let fits = |index: u64| index < log.frontier.size() && (carried || given.contains(&index));
        let (kept, other): (BTreeSet<_>, BTreeSet<_>) =
            said.iter().flat_map(|said| &said.uses).partition(|(index, _)| fits(*index));
        if !other.is_empty() {
            tracing::warn!(holder = %holder.short(), "uses of records that it was never given were not counted");
        }
        let kept: Vec<_> = kept.into_iter().collect();
        for uses in kept.chunks(limits::USES) {
            tx.add_uses_said(holder, uses, self.clock.now()).await?;
        }
        Ok(())
    }
}
