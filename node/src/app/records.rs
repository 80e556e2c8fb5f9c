//! Records held here: our own and those of peers, listed newest first, and looked at one by one.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::{
    identity::Identity,
    ids::{NodeId, RecordId},
    log::commitment,
    pb::exchange as pb,
};
use jiff::Timestamp;

use super::{App, AppError, actor::Operator, learning::find::folded_words, receive::ReceiveError};
use crate::{
    domain::{
        audit::Event,
        record::{Record, Reference},
        withdrawal,
    },
    store::{HeldRow, LedgerRow, LogRow, OpeningRow, StoreError, Tx},
};

/// Most records in one listing.
const MOST: u32 = 500;

/// Whose records to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// All.
    All,
    /// Our own.
    Own,
    /// Those of all peers.
    Peers,
    /// Those of one peer, by name.
    Peer(String),
}

/// A record held here.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The record.
    pub record: Record,
    /// The record as it was signed.
    pub message: pb::Record,
    /// Our name for its author.
    pub author_name: String,
    /// Our names for those who pass its log on to us; empty where its author gives it.
    pub via: String,
    /// When it came to be held here.
    pub held_since: Timestamp,
    /// What it stands on that was withdrawn or has expired since, in words.
    pub sources_gone: Vec<String>,
}

/// A record with what was checked and, of our own, who received it.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The record.
    pub shown: Shown,
    /// What was checked just now, in words.
    pub checked: Vec<String>,
    /// Who received it or was told of it, by our name for them.
    pub disclosures: Vec<(String, LedgerRow)>,
}

/// Some records, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub shown: Vec<Shown>,
    /// Where to continue.
    pub next: Option<Cursor>,
    /// What is held and not shown, in words.
    pub not_shown: Vec<String>,
}

/// When the author of a log was heard last, if ever.
fn heard(log: &LogRow) -> Option<Timestamp> {
    (log.heard_at > Timestamp::UNIX_EPOCH).then_some(log.heard_at)
}

/// Logs whose authors were not heard for too long, with the author and when it was heard last.
type StaleLogs = BTreeMap<i64, (NodeId, Option<Timestamp>)>;

/// Where a listing continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// One of all records: below this moment, log and index.
    Held(Timestamp, i64, u64),
    /// One by words: below this place among what can be found.
    Found(u64),
}

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Whose records.
    pub source: Source,
    /// Only those that have all these words, or words that begin so; without any: all.
    pub words: String,
    /// Where to continue.
    pub below: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// The rows of a page, and where the next one begins.
async fn listed(
    tx: &mut Tx,
    only: Option<i64>,
    but: Option<i64>,
    listing: &Listing,
) -> Result<(Vec<HeldRow>, Option<Cursor>), AppError> {
    let limit = listing.limit.clamp(1, MOST);
    let full = |rows: usize| rows as u64 == u64::from(limit);
    let other = || AppError::Argument("this cursor continues a listing with other words".to_owned());
    if listing.words.trim().is_empty() {
        let below = match listing.below {
            None => (Timestamp::MAX, i64::MAX, i64::MAX as u64),
            Some(Cursor::Held(since, log, index)) => (since, log, index),
            Some(Cursor::Found(_)) => return Err(other()),
        };
        let rows = tx.newest(only, but, below, limit).await?;
        let next = rows.last().filter(|_| full(rows.len()));
        let next = next.map(|row| Cursor::Held(row.opening.held_since, row.log_id, row.opening.index));
        return Ok((rows, next));
    }
    let below = match listing.below {
        None => None,
        Some(Cursor::Found(num)) => Some(num),
        Some(Cursor::Held(..)) => return Err(other()),
    };
    let words = folded_words(&listing.words);
    if words.is_empty() {
        let words = "there is no letter and no digit in the words to look for; nothing was looked for";
        return Err(AppError::Argument(words.to_owned()));
    }
    let found = tx.newest_with(&words, only, but, below, limit).await?;
    let next = found.last().filter(|_| full(found.len())).map(|row| Cursor::Found(row.num));
    Ok((found.into_iter().map(|row| row.held).collect(), next))
}

impl App {
    /// Records newest first, and where to continue.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a peer that is not known; [`AppError::Argument`] for words without a letter or digit, and for
    /// a place to continue that is of another kind of listing.
    pub async fn records(&self, _: &Operator, listing: &Listing) -> Result<Page, AppError> {
        let mut tx = self.store.read().await?;
        let (only, but) = match self.logs_of(&mut tx, &listing.source).await? {
            Some(logs) => logs,
            None => return Ok(Page::default()),
        };
        let (stale, blocked) = (self.stale_logs(&mut tx).await?, self.blocked_nodes(&mut tx).await?);
        let (rows, next) = listed(&mut tx, only, but, listing).await?;
        let (mut shown, mut void) = (Vec::with_capacity(rows.len()), BTreeMap::new());
        let expired = |row: &HeldRow| row.opening.expires_at.is_some_and(|at| at <= self.clock.now());
        let hidden = |row: &HeldRow| stale.contains_key(&row.log_id) || blocked.contains(&row.origin);
        for row in rows.iter().filter(|row| !expired(row) && !hidden(row)) {
            match self.shown(&mut tx, row).await {
                // A recovery cut it off, or its author named who goes on before it.
                Err(AppError::Received(ReceiveError::Record { .. })) => {
                    *void.entry(row.origin).or_insert(0_u32) += 1;
                }
                row => shown.push(row?),
            }
        }
        let mut not_shown = self.hidden_words(&mut tx, stale, only).await?;
        for (author, number) in void {
            let author = self.name_of(&mut tx, &author).await?;
            not_shown.push(format!(
                "{number} held of {author} and not shown: by its identity as it is known now, they count for nothing"
            ));
        }
        Ok(Page { shown, next, not_shown })
    }

    /// Whose records are held and not shown, in words.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn not_shown(&self) -> Result<Vec<String>, AppError> {
        let mut tx = self.store.read().await?;
        let stale = self.stale_logs(&mut tx).await?;
        self.hidden_words(&mut tx, stale, None).await
    }

    async fn hidden_words(
        &self,
        tx: &mut Tx,
        stale: StaleLogs,
        only: Option<i64>,
    ) -> Result<Vec<String>, AppError> {
        let mut words = Vec::new();
        let blocked = self.blocked_nodes(tx).await?;
        let stale = stale.into_iter().filter(|(log, _)| only.is_none_or(|only| only == *log));
        for (_, (author, heard)) in stale.filter(|(_, (author, _))| !blocked.contains(author)) {
            let author = self.name_of(tx, &author).await?;
            words.push(AppError::Stale { author, heard }.to_string());
        }
        for author in blocked {
            let log = tx.log(&author).await?.filter(|log| only.is_none_or(|only| only == log.id));
            let Some(log) = log else { continue };
            let held = tx.held_count(log.id).await?;
            if held > 0 {
                let author = self.name_of(tx, &author).await?;
                words.push(format!(
                    "{held} held of {author} and not shown: it is blocked here (`cairn block list`)"
                ));
            }
        }
        Ok(words)
    }

    /// Nodes that are blocked here, whose records are held and not shown.
    async fn blocked_nodes(&self, tx: &mut Tx) -> Result<BTreeSet<NodeId>, AppError> {
        Ok(tx.blocks().await?.into_iter().map(|block| block.node).collect())
    }

    /// Logs of others whose records are not shown, because nothing was heard from their authors for too long; with the
    /// author and when it was heard last.
    async fn stale_logs(&self, tx: &mut Tx) -> Result<StaleLogs, AppError> {
        let mut stale = BTreeMap::new();
        for log in tx.logs().await? {
            if self.is_stale(&log) && tx.held_count(log.id).await? > 0 {
                stale.insert(log.id, (log.origin, heard(&log)));
            }
        }
        Ok(stale)
    }

    fn is_stale(&self, log: &LogRow) -> bool {
        let ours = log.origin == self.keys.node_id();
        !ours
            && !self.signals.glimpse(&log.origin).following
            && withdrawal::stale(log.heard_at, self.clock.now())
    }

    /// Numbers of the log to list only and of the log to leave out; `None` if nothing can be there.
    async fn logs_of(
        &self,
        tx: &mut Tx,
        source: &Source,
    ) -> Result<Option<(Option<i64>, Option<i64>)>, AppError> {
        let own = tx.log(&self.keys.node_id()).await?.map(|log| log.id);
        Ok(match source {
            Source::All => Some((None, None)),
            Source::Own => own.map(|id| (Some(id), None)),
            Source::Peers => Some((None, own)),
            Source::Peer(name) => {
                let node = self.peer_called(tx, name).await?.node;
                tx.log(&node).await?.map(|log| (Some(log.id), None))
            }
        })
    }

    /// One record, checked again: commitment, signature, place in the log.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or [`AppError::Received`] if it does not verify any more.
    pub async fn record(&self, who: &Operator, name: &str) -> Result<Examined, AppError> {
        let mut tx = self.store.write().await?;
        let id = self.record_called(&mut tx, name).await?;
        let row = self.held(&mut tx, &id).await?;
        let shown = self.shown(&mut tx, &row).await?;
        let leaf = tx.leaves(row.log_id, id.index, id.index + 1).await?;
        let committed = commitment(&row.opening.salt, &row.opening.envelope);
        if leaf.first().is_none_or(|leaf| *leaf.commitment() != committed) {
            return Err(ReceiveError::Commitment { index: id.index }.into());
        }
        let checked = vec![
            format!("signed by {} ({})", shown.author_name, id.author.short()),
            format!("leaf {} of its author's log commits to exactly these bytes", id.index),
        ];
        let mut disclosures = Vec::new();
        if id.author == self.keys.node_id() {
            for given in tx.ledger(row.log_id, Some(id.index), None).await?.into_iter().rev() {
                disclosures.push((self.name_of(&mut tx, &given.recipient).await?, given));
            }
        }
        if id.author != self.keys.node_id() {
            self.audit(&mut tx, who.by(), Event::Access, Some(id), "looked at it".to_owned()).await?;
            tx.commit().await?;
        }
        Ok(Examined { shown, checked, disclosures })
    }

    /// A record that is held here and may be shown.
    pub(crate) async fn held(&self, tx: &mut Tx, id: &RecordId) -> Result<HeldRow, AppError> {
        self.not_blocked(tx, &id.author).await?;
        let row = self.stored(tx, id).await?;
        match tx.log(&id.author).await?.filter(|log| self.is_stale(log)) {
            Some(log) => {
                Err(AppError::Stale { author: self.name_of(tx, &id.author).await?, heard: heard(&log) })
            }
            None => Ok(row),
        }
    }

    /// A record that is held here, also one that is not shown because its author was not heard for too long.
    pub(crate) async fn stored(&self, tx: &mut Tx, id: &RecordId) -> Result<HeldRow, AppError> {
        let hint = match tx.is_gone(&id.author, id.index).await? {
            true => "its author withdrew it, or it has expired; it is gone from here and does not come back",
            false => "it was never for this node; `cairn list` shows what is held",
        };
        let missing = || AppError::NotFound { what: "a record", name: id.to_string(), hint };
        let log = tx.log(&id.author).await?.ok_or_else(missing)?;
        if tx.hold(log.id, id.index).await?.is_some_and(|hold| hold.kept_back) {
            return Err(AppError::KeptBack(id.to_string()));
        }
        let opening = tx.openings(log.id, id.index, id.index.saturating_add(1), 1).await?.into_iter().next();
        let opening = opening.filter(|o| o.expires_at.is_none_or(|at| at > self.clock.now()));
        Ok(HeldRow { origin: id.author, log_id: log.id, opening: opening.ok_or_else(missing)? })
    }

    /// A record held, opened, with what is to be known about it.
    pub(crate) async fn shown(&self, tx: &mut Tx, row: &HeldRow) -> Result<Shown, AppError> {
        let identity = tx.identity(&row.origin).await?;
        let identity = identity.ok_or_else(|| StoreError::corrupt("a log of an unknown author"))?;
        let (record, message) = self.read_record(&identity, &row.opening)?;
        let author_name = self.name_of(tx, &row.origin).await?;
        let sources_gone = self.sources_gone(tx, &record).await?;
        let via = self.via(tx, row.log_id, &row.origin).await?;
        Ok(Shown { record, message, author_name, via, held_since: row.opening.held_since, sources_gone })
    }

    /// What a record stands on that is gone. A record that replaces an earlier one of its author does not stand on it.
    async fn sources_gone(&self, tx: &mut Tx, record: &Record) -> Result<Vec<String>, AppError> {
        let mut gone = Vec::new();
        for reference in &record.references {
            let how = match reference {
                Reference::DerivedFrom(_) => "started from",
                Reference::Cites(_) => "cites",
                Reference::About(_) => "is about",
                Reference::InReplyTo(_) => "answers",
                Reference::RevisionOf(_) => continue,
            };
            let source = reference.record();
            if tx.is_gone(&source.author, source.index).await? {
                let author = self.name_of(tx, &source.author).await?;
                gone.push(format!(
                    "it {how} record {} of {author}, which was withdrawn or has expired",
                    source.index
                ));
            }
        }
        Ok(gone)
    }

    /// Opens a stored record: signature, author and index are checked again.
    pub(crate) fn read_record(
        &self,
        author: &Identity,
        opening: &OpeningRow,
    ) -> Result<(Record, pb::Record), AppError> {
        let message = cairn_proto::record::open(&opening.envelope, author, opening.index);
        let message = message.map_err(|error| ReceiveError::Record { index: opening.index, error })?;
        Ok((Record::try_from(message.clone())?, message))
    }
}
