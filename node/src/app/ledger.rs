//! Who was given what, and what they say they did with it: the disclosure ledger, answerable in one question.

use std::{cmp::Reverse, collections::BTreeMap};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::tz::TimeZone;

use super::{App, AppError, actor::Operator, lookup::looks_like_node};
use crate::{
    domain::peer::Standing,
    store::{LedgerRow, Tx, UseSaidRow},
};

/// A line of the ledger.
#[derive(Clone, Debug)]
pub struct Given {
    /// What was given, to whom, when and under which contract.
    pub row: LedgerRow,
    /// The recipient, by our name.
    pub name: String,
    /// Title of the record, where it is known at home.
    pub title: String,
    /// Whether the recipient is a peer now.
    pub peer_now: bool,
    /// Whether the record was withdrawn or has expired since.
    pub gone: bool,
    /// What the recipient says it did with it, with the day on which we were told.
    pub uses: Vec<String>,
    /// Who passed it on, by our names, unless we gave it.
    pub via: Option<String>,
}

/// What one holder says it did with one record: when it said so first, and what in words.
#[derive(Debug)]
struct Said {
    row: LedgerRow,
    words: Vec<String>,
}

impl App {
    /// The ledger of our records and of those that we passed on: all of it, of one record, or of one recipient, newest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record or a peer that is not known.
    pub async fn ledger(&self, _: &Operator, record: &str, recipient: &str) -> Result<Vec<Given>, AppError> {
        let mut tx = self.store.read().await?;
        let record = match record.trim() {
            "" => None,
            name => Some(self.record_called(&mut tx, name).await?),
        };
        let recipient = match recipient.trim() {
            "" => None,
            name => Some(match looks_like_node(name) {
                Some(node) => node,
                None => self.peer_called(&mut tx, name).await?.node,
            }),
        };
        let mut given = Vec::new();
        for log in tx.logs().await? {
            if record.is_none_or(|record| record.author == log.origin) {
                given.extend(tx.ledger(log.id, record.map(|record| record.index), recipient.as_ref()).await?);
            }
        }
        let mut said = self.said(&mut tx, record, recipient.as_ref()).await?;
        let mut rows: Vec<_> = given
            .into_iter()
            .map(|row| {
                let uses = said.remove(&(row.record, row.recipient)).map(|said| said.words);
                (row, uses.unwrap_or_default(), false)
            })
            .collect();
        // Whoever holds what we did not give it has it from another.
        rows.extend(said.into_values().map(|Said { row, words }| (row, words, true)));
        rows.sort_by_key(|(row, ..)| (Reverse((row.at, row.record.index)), row.recipient));
        let peerings = self.all_peerings(&mut tx).await?;
        let active =
            |node: &NodeId| peerings.iter().any(|p| p.node == *node && p.standing == Standing::Active);
        let releases = tx.releases().await?;
        let mut all = Vec::new();
        for (row, uses, passed_on) in rows {
            let via = match passed_on {
                true => Some(self.given_by(&mut tx, &row.recipient).await?),
                false => None,
            };
            let title = match row.record.author == self.keys.node_id() {
                true => self.title_of(&mut tx, &releases, row.record.index).await?,
                false => self.title_held(&mut tx, &row.record).await?,
            };
            all.push(Given {
                name: self.name_of(&mut tx, &row.recipient).await?,
                title,
                peer_now: active(&row.recipient),
                gone: tx.is_gone(&row.record.author, row.record.index).await?,
                row,
                uses,
                via,
            });
        }
        Ok(all)
    }

    /// The title of a record of another, while it is held here.
    async fn title_held(&self, tx: &mut Tx, record: &RecordId) -> Result<String, AppError> {
        let (log, author) = (tx.log(&record.author).await?, tx.identity(&record.author).await?);
        let Some((log, author)) = log.zip(author) else { return Ok(String::new()) };
        let row = tx.openings(log.id, record.index, record.index.saturating_add(1), 1).await?;
        // One that counts for nothing any more has no title.
        let record = row.first().and_then(|row| self.read_record(&author, row).ok());
        Ok(record.map(|(record, _)| record.body.title().into_owned()).unwrap_or_default())
    }

    /// What holders say they did with our records, by record and holder.
    async fn said(
        &self,
        tx: &mut Tx,
        record: Option<RecordId>,
        recipient: Option<&NodeId>,
    ) -> Result<BTreeMap<(RecordId, NodeId), Said>, AppError> {
        let author = self.keys.node_id();
        let mut all = BTreeMap::<_, Said>::new();
        if record.is_some_and(|record| record.author != author) {
            return Ok(all);
        }
        let rows = tx.uses_said(record.map(|record| record.index)).await?.into_iter();
        for UseSaidRow { index, holder, way, at } in
            rows.filter(|row| recipient.is_none_or(|node| *node == row.holder))
        {
            let day = at.to_zoned(TimeZone::UTC).date();
            let record = RecordId { author, index };
            let row = LedgerRow { record, recipient: holder, contract: None, at, title_only: false };
            let said = all.entry((record, holder)).or_insert_with(|| Said { row, words: Vec::new() });
            said.words.push(format!("{} (told {day})", way.words()));
        }
        Ok(all)
    }

    /// Who gave a holder what we did not give it: those who pass its log on to us, by our names.
    async fn given_by(&self, tx: &mut Tx, holder: &NodeId) -> Result<String, AppError> {
        let names = match tx.log(holder).await? {
            Some(log) => self.carrier_names(tx, log.id).await?,
            None => String::new(),
        };
        // Never empty: that would say that we gave it.
        Ok(if names.is_empty() { "somebody not known here".to_owned() } else { names })
    }
}
