//! Taking a record back: a retraction in our log, our own copy purged, and what is in its place where only parts were
//! taken out. Everything in one transaction; from then on holders are told, and asked for their receipts.

use std::collections::BTreeSet;

use cairn_proto::ids::RecordId;

use super::{App, AppError, actor::Operator, append::Draft, withdrawals::Withdrawal};
use crate::{
    domain::{
        audit::Event,
        policy::{Audience, Policy},
        record::{Body, Record, Reference},
        text::{Line, Prose},
        withdrawal::{Reason, Retraction},
    },
    store::{HeldRow, ReleaseRow, StoreError, Tx, WithdrawalRow},
};

/// A wish to take a record back.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which, as people name it.
    pub record: String,
    /// Why.
    pub reason: Reason,
    /// In words, for those who hold it.
    pub note: Option<Prose>,
    /// Only these parts; empty: the whole.
    pub parts: Vec<Line>,
    /// Only look.
    pub dry_run: bool,
}

/// What was taken back, or would be.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// The withdrawal.
    pub withdrawal: Withdrawal,
    /// Parts that may be taken out alone.
    pub parts_there: Vec<&'static str>,
    /// Whether it was done.
    pub done: bool,
}

impl App {
    /// Takes a record of ours back, or with `dry_run` shows what that would do.
    ///
    /// # Errors
    /// [`AppError::NotOurs`], [`AppError::Gone`] for one that was withdrawn before or has expired, [`AppError::NotFound`], or a
    /// part that is not there.
    pub async fn withdraw(&self, who: &Operator, wish: Wish) -> Result<Withdrawn, AppError> {
        let mut tx = self.write_signed().await?;
        let id = self.record_called(&mut tx, &wish.record).await?;
        let row = self.to_withdraw(&mut tx, &id).await?;
        let (record, _) = self.read_record(&self.keys.identity(), &row.opening)?;
        let parts_there = match &record.body {
            Body::Summary(summary) => summary.parts(),
            _ => Vec::new(),
        };
        let replaced_by = match wish.parts.is_empty() {
            true => None,
            false => self.without_parts(&mut tx, &record, &wish.parts).await?,
        };
        let withdrawn = self.retract(&mut tx, who, &row, &record, &wish, replaced_by).await?;
        let withdrawal = self.withdrawal(&mut tx, withdrawn).await?;
        if !wish.dry_run {
            // Without the commit, the transaction leaves no trace: that is the dry run.
            tx.commit().await?;
            self.signals.head_moved();
            self.signals.records_purged();
        }
        Ok(Withdrawn { withdrawal, parts_there, done: !wish.dry_run })
    }

    /// A record that can be taken back.
    async fn to_withdraw(&self, tx: &mut Tx, id: &RecordId) -> Result<HeldRow, AppError> {
        if id.author != self.keys.node_id() {
            return Err(AppError::NotOurs(self.name_of(tx, &id.author).await?));
        }
        if tx.is_gone(&id.author, id.index).await? {
            let before = tx.withdrawals().await?.into_iter().find(|row| row.index == id.index);
            return Err(AppError::Gone { record: id.to_string(), withdrawn_at: before.map(|row| row.at) });
        }
        let row = self.held(tx, id).await?;
        let (record, _) = self.read_record(&self.keys.identity(), &row.opening)?;
        if record.body.is_learning() {
            return Ok(row);
        }
        Err(AppError::Argument(format!(
            "record {} is a {} and holds nobody's learning; it stands in the log as it is",
            id.index,
            record.body.kind()
        )))
    }

    /// Releases the record again without some of its parts, to those who may hold it now and to nobody more. `None` when there
    /// is nobody.
    async fn without_parts(
        &self,
        tx: &mut Tx,
        record: &Record,
        parts: &[Line],
    ) -> Result<Option<u64>, AppError> {
        let Body::Summary(summary) = &record.body else {
            let what =
                "only the summary of an experiment has parts that can be taken out; withdraw the whole of it";
            return Err(AppError::Argument(what.to_owned()));
        };
        let rest = summary.without(parts).map_err(AppError::Argument)?;
        let Some(policy) = self.policy_again(tx, record).await? else { return Ok(None) };
        let release = tx.releases().await?.into_iter().find(|row| row.index == record.index);
        let release = release.ok_or_else(|| StoreError::corrupt("a summary that nobody released"))?;
        let mut references = record.references.clone();
        references.retain(|reference| !matches!(reference, Reference::RevisionOf(_)));
        references.push(Reference::RevisionOf(record.id()));
        let draft = Draft {
            body: Body::Summary(Box::new(rest)),
            policy,
            consent: record.consent.state,
            consent_records: release.consent.clone(),
            disclosure: record.disclosure.clone(),
            references,
        };
        let composed = self.append_draft(tx, &draft).await?;
        let (index, consent_salt) = (composed.record.index, composed.consent_salt);
        tx.add_release(&ReleaseRow { index, consent_salt, at: self.clock.now(), ..release }).await?;
        Ok(Some(index))
    }

    /// The policy for a record that stands in another's place. Where later peers were not to receive the first one, they do
    /// not receive this one by being peers today.
    async fn policy_again(&self, tx: &mut Tx, record: &Record) -> Result<Option<Policy>, AppError> {
        let policy = &record.policy;
        let open = match &policy.audience {
            Audience::AllPeers | Audience::Public => policy.back_fill,
            Audience::NamedPeers(_) => true,
            Audience::Group(_) => false,
        };
        if open {
            return Ok(Some(policy.clone()));
        }
        let now = self.clock.now();
        let mut nodes = BTreeSet::new();
        for peering in self.all_peerings(tx).await? {
            // Who is held back for now belongs to the audience all the same.
            let peering = peering.unrestricted();
            let reader = self.reader(tx, &peering).await?;
            if reader.is_some_and(|reader| policy.admits(&reader, record.created_at, now).is_ok()) {
                nodes.insert(peering.node);
            }
        }
        let audience = Audience::NamedPeers(nodes.clone());
        Ok((!nodes.is_empty()).then(|| Policy { audience, ..policy.clone() }))
    }

    /// Appends the retraction of a record of ours, purges our own copy, and writes the withdrawal down. The caller commits,
    /// and rings the bells.
    pub(crate) async fn retract(
        &self,
        tx: &mut Tx,
        who: &Operator,
        row: &HeldRow,
        record: &Record,
        wish: &Wish,
        replaced_by: Option<u64>,
    ) -> Result<WithdrawalRow, AppError> {
        let (now, index) = (self.clock.now(), record.index);
        let Wish { reason, note, parts, .. } = wish;
        // A retraction counts for ever, and reaches those who join later, too.
        let policy = Policy { expires_at: None, back_fill: true, ..record.policy.clone() };
        let retraction = Retraction {
            target: index,
            reason: *reason,
            note: note.clone(),
            parts: parts.clone(),
            replaced_by,
        };
        let retraction = self.append_retraction(tx, retraction, policy).await?;
        tx.purge(row.log_id, index, now).await?;
        let withdrawal = WithdrawalRow {
            index,
            retraction,
            reason: reason.words().to_owned(),
            note: note.as_ref().map(ToString::to_string).unwrap_or_default(),
            parts: parts.iter().map(Line::as_str).collect::<Vec<_>>().join("\n"),
            replaced_by,
            at: now,
            by: who.by().to_owned(),
        };
        tx.add_withdrawal(&withdrawal).await?;
        let what = if parts.is_empty() { "the whole record" } else { "parts of the record" };
        let words = format!("withdrew {what}; reason: {}", reason.words());
        self.audit(tx, who.by(), Event::Withdrawal, Some(record.id()), words).await?;
        Ok(withdrawal)
    }
}
