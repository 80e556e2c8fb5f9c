//! What is said about records: responses and messages leave through the same gate as everything else, and are read together as a
//! thread. Nothing adds up what was said.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::{NodeId, RecordId};

use super::{
    App, AppError,
    actor::Operator,
    preflight::Saying,
    publish::{Release, What, Wish},
    records::Shown,
};
use crate::{
    domain::{
        dialogue::{How, InThread, Message, MessageKind, Response},
        policy::Card,
        record::{Body, Record},
    },
    store::Tx,
};

/// Most records of a thread that are read.
const MOST: u32 = 1000;

/// A record of a thread, or that it is gone.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub record: RecordId,
    /// Our name for its author.
    pub who: String,
    /// The record, if it is here and can be shown.
    pub shown: Option<Shown>,
    /// What it answers.
    pub answers: Option<RecordId>,
    /// Why it is not here, in words; empty if it is.
    pub gone: String,
}

/// A thread.
#[derive(Clone, Debug)]
pub struct Thread {
    /// What it is about.
    pub root: Entry,
    /// What was said, in the order of time.
    pub entries: Vec<Entry>,
    /// What is held and not shown, in words.
    pub not_shown: Vec<String>,
}

/// What is known here of a record that somebody speaks of.
pub(crate) enum Found {
    /// It is here and can be shown.
    Here(Box<Shown>),
    /// It is held and not shown; why, in words.
    Hidden(String),
    /// It is not here; why, in words.
    Gone(String),
}

impl App {
    /// Says how this place stands to a record, or shows what would leave. `wish` says to whom besides its author.
    ///
    /// # Errors
    /// [`AppError`] saying what stands in the way; nothing has left then.
    pub async fn respond(
        &self,
        who: &Operator,
        record: &str,
        response: Response,
        wish: Wish,
    ) -> Result<Release, AppError> {
        let root = self.record_called(&mut self.store.read().await?, record).await?;
        let thread = InThread { root, answers: None };
        self.say(who, Body::Response(response), thread, wish).await
    }

    /// Sends a message about a record or, where `record` was said in a thread, in answer to it.
    ///
    /// # Errors
    /// [`AppError`] saying what stands in the way; nothing has left then.
    pub async fn send_message(
        &self,
        who: &Operator,
        record: &str,
        message: Message,
        wish: Wish,
    ) -> Result<Release, AppError> {
        let mut tx = self.store.read().await?;
        let named = self.record_called(&mut tx, record).await?;
        let named = self.readable(&mut tx, &named).await?;
        let thread = match InThread::of(&named.body, &named.references)? {
            Some(InThread { root, .. }) => InThread { root, answers: Some(named.id()) },
            None if message.kind == MessageKind::Reply => return Err(nothing_to_reply_to(&named)),
            None => InThread { root: named.id(), answers: None },
        };
        drop(tx);
        self.say(who, Body::Message(message), thread, wish).await
    }

    async fn say(
        &self,
        who: &Operator,
        body: Body,
        thread: InThread,
        wish: Wish,
    ) -> Result<Release, AppError> {
        let own = self.keys.node_id();
        let by_itself = [Some(thread.root), thread.answers].into_iter().flatten().map(|record| record.author);
        let by_itself: BTreeSet<NodeId> = by_itself.filter(|author| *author != own).collect();
        if by_itself.is_empty() && wish.to.is_empty() {
            return Err(AppError::Argument(
                "this is about a record of your own, so it goes to nobody by itself: name with --to those to whom you say it"
                    .to_owned(),
            ));
        }
        let to = by_itself.iter().map(ToString::to_string).chain(wish.to.iter().cloned()).collect();
        let what = What::Said(Box::new(Saying { body, thread }));
        self.publish(who, Wish { what, card: Card::NamedPeers, to, group: None, ..wish }).await
    }

    /// Everything that was said about a record and is held here. `record` is its root, or was said in it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record of which nothing is known here.
    pub async fn thread(&self, _: &Operator, record: &str) -> Result<Thread, AppError> {
        let mut tx = self.store.read().await?;
        let named = self.record_called(&mut tx, record).await?;
        let root = match self.seen_here(&mut tx, &named).await? {
            Found::Here(shown) => {
                let there = InThread::of(&shown.record.body, &shown.record.references)?;
                there.map_or(named, |there| there.root)
            }
            Found::Hidden(_) | Found::Gone(_) => named,
        };
        let (mut entries, mut not_shown) = (BTreeMap::new(), BTreeSet::new());
        let said = tx.records_linked_to(&root, How::About, MOST).await?;
        for id in said {
            match self.seen_here(&mut tx, &id).await? {
                Found::Here(shown) if shown.record.body.is_said() => {
                    entries.insert(id, self.entry(&mut tx, id, Found::Here(shown)).await?);
                }
                Found::Hidden(words) => {
                    not_shown.insert(words);
                }
                Found::Here(_) | Found::Gone(_) => {}
            }
        }
        self.add_gone(&mut tx, &mut entries).await?;
        let found = self.seen_here(&mut tx, &root).await?;
        if entries.is_empty() && not_shown.is_empty() && !matches!(found, Found::Here(_)) {
            self.held(&mut tx, &root).await?;
        }
        let root = self.entry(&mut tx, root, found).await?;
        Ok(Thread { root, entries: in_order(entries), not_shown: not_shown.into_iter().collect() })
    }

    /// Adds what was answered and is not here any more, so that the answers can be understood.
    async fn add_gone(&self, tx: &mut Tx, entries: &mut BTreeMap<RecordId, Entry>) -> Result<(), AppError> {
        let answered: BTreeSet<_> = entries.values().filter_map(|entry| entry.answers).collect();
        for id in answered {
            if !entries.contains_key(&id)
                && let found @ Found::Gone(_) = self.seen_here(tx, &id).await?
            {
                entries.insert(id, self.entry(tx, id, found).await?);
            }
        }
        Ok(())
    }

    async fn entry(&self, tx: &mut Tx, record: RecordId, found: Found) -> Result<Entry, AppError> {
        let who = self.name_of(tx, &record.author).await?;
        Ok(match found {
            Found::Here(shown) => {
                let there = InThread::of(&shown.record.body, &shown.record.references)?;
                let answers = there.and_then(|there| there.answers);
                Entry { record, who, shown: Some(*shown), answers, gone: String::new() }
            }
            Found::Hidden(gone) | Found::Gone(gone) => {
                Entry { record, who, shown: None, answers: None, gone }
            }
        })
    }

    /// What is known here of a record that somebody speaks of.
    pub(crate) async fn seen_here(&self, tx: &mut Tx, id: &RecordId) -> Result<Found, AppError> {
        let row = match self.held(tx, id).await {
            Ok(row) => row,
            Err(AppError::NotFound { .. }) if tx.is_gone(&id.author, id.index).await? => {
                return Ok(Found::Gone("it was withdrawn or has expired".to_owned()));
            }
            Err(AppError::NotFound { .. } | AppError::KeptBack(_)) => {
                return Ok(Found::Gone("it is not held here".to_owned()));
            }
            Err(error @ AppError::Store(_)) => return Err(error),
            Err(error) => return Ok(Found::Hidden(error.to_string())),
        };
        match self.shown(tx, &row).await {
            Ok(shown) => Ok(Found::Here(Box::new(shown))),
            Err(AppError::Received(_)) => {
                let words = "by its author's identity as it is known now, it counts for nothing";
                Ok(Found::Gone(words.to_owned()))
            }
            Err(error) => Err(error),
        }
    }
}

fn nothing_to_reply_to(record: &Record) -> AppError {
    AppError::Argument(format!(
        "{} is a {}: a reply answers a response or a message. To say something about it, ask (`cairn ask`), or respond \
         (`cairn respond`)",
        record.id(),
        record.body.kind()
    ))
}

/// In the order of time; what is gone stands before the first that answers it.
fn in_order(entries: BTreeMap<RecordId, Entry>) -> Vec<Entry> {
    let at = |entry: &Entry| entry.shown.as_ref().map(|shown| shown.record.created_at);
    let first_answer = |id: &RecordId| {
        entries.values().filter(|entry| entry.answers.as_ref() == Some(id)).filter_map(at).min()
    };
    let place = |entry: &Entry| {
        (at(entry).or_else(|| first_answer(&entry.record)), entry.shown.is_some(), entry.record)
    };
    let placed: BTreeMap<_, _> = entries.values().map(|entry| (place(entry), entry.clone())).collect();
    placed.into_values().collect()
}
