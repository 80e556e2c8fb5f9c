//! How far our withdrawals have come, holder by holder: from the ledger, the receipts, the contracts, and what is known of each
//! holder's reach.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{App, AppError, actor::Operator, experiments::title_in, peering::peering};
use crate::{
    domain::{
        learning::Kind,
        peer::{Peering, Terms},
        text::Prose,
        withdrawal::{Outcome, Standing, Told},
    },
    store::{AskedRow, LedgerRow, ReceiptRow, ReleaseRow, StoreError, Tx, WithdrawalRow},
};

/// A withdrawal and how far it has come.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The withdrawn record.
    pub record: RecordId,
    /// Its title, while its experiment is known at home.
    pub title: String,
    /// What was done.
    pub row: WithdrawalRow,
    /// Everyone it had been given to, or told of.
    pub holders: Vec<Holder>,
}

/// Someone a withdrawn record had been given to, or who saw its title.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Our name for it.
    pub name: String,
    /// Which node.
    pub node: NodeId,
    /// When it was given, or told of; unknown where another passed it on.
    pub given_at: Option<Timestamp>,
    /// Who passed it on.
    pub via: Option<String>,
    /// What is known of it.
    pub told: Told,
    /// After this day no backup there holds it, as it says.
    pub backups_until: Option<Date>,
    /// How often it was asked.
    pub asked: u64,
}

/// A receipt that is still to be asked for.
#[derive(Clone, Debug)]
pub struct Open {
    /// The withdrawn record: ours, or one that we passed on.
    pub record: RecordId,
    /// Index of the retraction.
    pub retraction: u64,
    /// Who owes the receipt.
    pub node: NodeId,
    /// Where it is reached.
    pub endpoint: String,
    /// Whether it is an active peer, which hears of retractions by itself.
    pub active: bool,
}

/// What is known of all holders at once.
struct Known {
    peerings: BTreeMap<NodeId, Peering>,
    receipts: Vec<ReceiptRow>,
    asked: Vec<AskedRow>,
    releases: Vec<ReleaseRow>,
}

impl App {
    /// Our withdrawals, newest first, or one of them. What said who belongs to a group is taken back whenever its members
    /// change, and holds nobody's words: it is listed as long as a receipt is still to come, so that a change is not
    /// remembered for ever. Asked for by its record it is always shown.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record that was not withdrawn.
    pub async fn withdrawals(&self, _: &Operator, record: &str) -> Result<Vec<Withdrawal>, AppError> {
        let mut tx = self.store.read().await?;
        let mut rows = tx.withdrawals().await?;
        let one = !record.trim().is_empty();
        if one {
            let id = self.record_called(&mut tx, record).await?;
            rows.retain(|row| id.author == self.keys.node_id() && row.index == id.index);
            if rows.is_empty() {
                let hint = "it was not withdrawn; `cairn withdraw status` shows what was";
                return Err(AppError::NotFound {
                    what: "a withdrawal of record",
                    name: id.to_string(),
                    hint,
                });
            }
        }
        let known = self.known(&mut tx).await?;
        let mut all = Vec::new();
        for row in rows {
            // Learning leaves by a release, and nothing else does.
            let learning = known.releases.iter().any(|release| release.index == row.index);
            let withdrawal = self.with_holders(&mut tx, row, &known).await?;
            if one || learning || withdrawal.is_open(self.clock.now()) {
                all.push(withdrawal);
            }
        }
        Ok(all)
    }

    /// One withdrawal as it stands in this transaction.
    pub(crate) async fn withdrawal(&self, tx: &mut Tx, row: WithdrawalRow) -> Result<Withdrawal, AppError> {
        let known = self.known(tx).await?;
        self.with_holders(tx, row, &known).await
    }

    async fn known(&self, tx: &mut Tx) -> Result<Known, AppError> {
        let peerings =
            self.all_peerings(tx).await?.into_iter().map(|peering| (peering.node, peering)).collect();
        let (receipts, asked) = match tx.log(&self.keys.node_id()).await? {
            Some(log) => (tx.receipts(log.id).await?, tx.asked(log.id).await?),
            None => (Vec::new(), Vec::new()),
        };
        Ok(Known { peerings, receipts, asked, releases: tx.releases().await? })
    }

    async fn with_holders(
        &self,
        tx: &mut Tx,
        row: WithdrawalRow,
        known: &Known,
    ) -> Result<Withdrawal, AppError> {
        let own = self.keys.node_id();
        let log = tx.log(&own).await?.ok_or_else(|| StoreError::corrupt("no own log"))?;
        let mut holders = Vec::new();
        for given in tx.ledger(log.id, Some(row.index), None).await?.into_iter().rev() {
            holders.push(self.holder(tx, &row, given.recipient, Some(&given), None, known).await?);
        }
        let direct: BTreeSet<_> = holders.iter().map(|holder| holder.node).collect();
        for receipt in known.receipts.iter().filter(|receipt| receipt.index == row.index) {
            let via = self.name_of(tx, &receipt.holder).await?;
            for node in receipt.passed_on_to.iter().filter(|node| !direct.contains(node)) {
                holders.push(self.holder(tx, &row, *node, None, Some(via.clone()), known).await?);
            }
        }
        let title = self.title_of(tx, &known.releases, row.index).await?;
        Ok(Withdrawal { record: RecordId { author: own, index: row.index }, title, row, holders })
    }

    async fn holder(
        &self,
        tx: &mut Tx,
        row: &WithdrawalRow,
        node: NodeId,
        given: Option<&LedgerRow>,
        via: Option<String>,
        known: &Known,
    ) -> Result<Holder, AppError> {
        let receipt = known.receipts.iter().find(|r| r.index == row.index && r.holder == node);
        let asked = known.asked.iter().find(|a| a.index == row.index && a.holder == node);
        let peering = known.peerings.get(&node);
        let contact = peering.and_then(|peering| peering.last_contact);
        let told = Told {
            withdrawn_at: row.at,
            deadline: deadline(peering.map(|peering| &peering.terms)),
            reached_at: contact.max(asked.and_then(|asked| asked.reached_at)),
            receipt: receipt.map(|receipt| Ok::<_, AppError>((outcome(receipt)?, receipt.at))).transpose()?,
            title_only: given.is_some_and(|given| given.title_only),
        };
        // Who keeps it keeps it in its backups, too.
        let gone = receipt.filter(|receipt| receipt.review_on.is_none());
        let backups_until = gone.map(|receipt| receipt.backups_until);
        let (asked, given_at) = (asked.map_or(0, |asked| asked.times), given.map(|given| given.at));
        Ok(Holder { name: self.name_of(tx, &node).await?, node, given_at, via, told, backups_until, asked })
    }

    /// The title of what a record of ours came from, while that is at home.
    pub(crate) async fn title_of(
        &self,
        tx: &mut Tx,
        releases: &[ReleaseRow],
        index: u64,
    ) -> Result<String, AppError> {
        let release = releases.iter().find(|row| row.index == index);
        let Some(id) = release.and_then(|release| release.experiment_id.as_deref()) else {
            return Ok(String::new());
        };
        let row = tx.document(Kind::Experiment.word(), id).await?;
        Ok(row
            .filter(|row| !row.document.is_empty())
            .map(|row| title_in(&row))
            .transpose()?
            .unwrap_or_default())
    }

    /// Receipts that are still to be asked for, from those whose address is known.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn open_withdrawals(&self) -> Result<Vec<Open>, AppError> {
        let mut tx = self.store.read().await?;
        let mut open = self.open_of_others(&mut tx).await?;
        let rows = tx.withdrawals().await?;
        if rows.is_empty() {
            return Ok(open);
        }
        let known = self.known(&mut tx).await?;
        for row in rows {
            let withdrawal = self.with_holders(&mut tx, row, &known).await?;
            for holder in withdrawal.holders.iter().filter(|holder| holder.is_open(self.clock.now())) {
                let Some(peering) = known.peerings.get(&holder.node) else { continue };
                open.push(Open {
                    record: withdrawal.record,
                    retraction: withdrawal.row.retraction,
                    node: holder.node,
                    endpoint: peering.endpoint.clone(),
                    active: peering.reader().is_some(),
                });
            }
        }
        Ok(open)
    }
}

impl App {
    /// Receipts that are still to come for records of others that we passed on: whoever got one from us hears from us that it
    /// was withdrawn.
    async fn open_of_others(&self, tx: &mut Tx) -> Result<Vec<Open>, AppError> {
        let mut open = Vec::new();
        for purge in tx.purged_after_passing_on().await? {
            let receipts = tx.receipts(purge.log_id).await?;
            for given in tx.ledger(purge.log_id, Some(purge.index), None).await? {
                let node = given.recipient;
                if receipts.iter().any(|row| row.index == purge.index && row.holder == node) {
                    continue;
                }
                let Some(row) = tx.peering(&node).await? else { continue };
                let active = peering(&row)?.reader().is_some();
                let (record, retraction) = (given.record, purge.retraction);
                open.push(Open { record, retraction, node, endpoint: row.endpoint, active });
            }
        }
        Ok(open)
    }
}

impl Withdrawal {
    /// Whether a receipt of anybody is still to come.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.holders.iter().any(|holder| holder.is_open(now))
    }
}

impl Holder {
    /// Whether a receipt is still to come, or another one because the day has come on which an exception is looked at again.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.told.standing(now) {
            Standing::Waiting | Standing::Overdue | Standing::Unreachable => true,
            Standing::Exception { review_on, .. } => {
                review_on <= now.to_zoned(jiff::tz::TimeZone::UTC).date()
            }
            Standing::Purged(_) | Standing::NeverHeld => false,
        }
    }
}

/// How long a holder has: by its contract, or a day.
fn deadline(terms: Option<&Terms>) -> SignedDuration {
    let hours = terms
        .map_or_else(|| Terms::new(BTreeSet::new(), false, 0, None).purge_hours, |terms| terms.purge_hours);
    SignedDuration::from_hours(i64::from(hours))
}

fn outcome(row: &ReceiptRow) -> Result<Outcome, AppError> {
    Ok(match &*row.outcome {
        "purged" => Outcome::Purged,
        "never held" => Outcome::NeverHeld,
        "exception" => Outcome::Exception {
            basis: Prose::new("basis", &row.basis)?,
            review_on: row.review_on.ok_or_else(|| StoreError::corrupt("an exception without a review"))?,
        },
        other => return Err(StoreError::corrupt(format!("an outcome \"{other}\"")).into()),
    })
}

/// How the store names an outcome.
pub(crate) fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Purged => "purged",
        Outcome::NeverHeld => "never held",
        Outcome::Exception { .. } => "exception",
    }
}
