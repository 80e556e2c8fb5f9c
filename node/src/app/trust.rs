//! Lists of what places propose about others: ours, handed out; those of others, kept as drafts until a person here accepts
//! an entry. Nothing is ever applied by itself.

mod hand_out;

pub use hand_out::Export;

use cairn_proto::{identity::Identity, ids::NodeId, pb::exchange as pb, trust};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{App, AppError, actor::Operator, blocks::Effect};
use crate::{
    domain::{
        audit::Event,
        date,
        peer::Peering,
        text::{Line, Prose},
        trust::{Consequence, Proposal, Situation, consequence},
    },
    store::{TrustEntryRow, TrustListRow, Tx},
    wire,
};

/// Lists that are kept here at most: each is for a person to read.
const LISTS_MOST: usize = 100;
/// When we look again at what was accepted from a list that names no day in the future.
const REVIEW: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A list that is kept here.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The list.
    pub row: TrustListRow,
    /// What its author is called here.
    pub author_name: String,
    /// How its author stands to us, in words.
    pub author_standing: String,
    /// Its entries, with what each would change here.
    pub entries: Vec<Proposed>,
}

/// An entry of a list, and what it would change here.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The entry.
    pub entry: TrustEntryRow,
    /// What accepting it would change at this moment.
    pub found: Consequence,
}

impl App {
    /// Takes in the list of another place as a draft; nothing else changes. A list that is here already is found again.
    ///
    /// # Errors
    /// [`AppError::Trust`] when it is not whole or not signed by its author; [`AppError::Text`] or [`AppError::Date`] when it
    /// says something that cannot be shown.
    pub async fn import_trust(&self, who: &Operator, file: &[u8]) -> Result<Draft, AppError> {
        let trust::Trusted { author, list, nodes, hash } = trust::verify(file)?;
        let node = author.node_id();
        if node == self.keys.node_id() {
            return Err(AppError::Argument("that list is our own; hand it to the other place".to_owned()));
        }
        let made_at = list.made_at.as_ref().map(|at| wire::time("made_at", at)).transpose()?;
        let about = Line::optional("about", &list.about)?.map(|line| line.to_string()).unwrap_or_default();
        let entries = list
            .entries
            .iter()
            .zip(nodes)
            .zip(1..)
            .filter_map(|((entry, node), n)| entry_from_pb(entry, node, n).transpose());
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        let mut tx = self.store.write().await?;
        self.is_continuation(&mut tx, &author).await?;
        let known = tx.trust_lists().await?;
        if let Some(row) = known.iter().find(|row| row.hash == hash) {
            return self.draft(&mut tx, row.clone()).await;
        }
        if known.len() >= LISTS_MOST {
            return Err(AppError::Argument(format!(
                "{LISTS_MOST} lists are kept here already, and nothing was taken in; drop some with `cairn trust drop`"
            )));
        }
        let now = self.clock.now();
        let id = known.first().map_or(1, |newest| newest.id + 1);
        let made_at = made_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let row = TrustListRow {
            id,
            author: node,
            hash,
            about,
            made_at,
            imported_at: now,
            by: who.by().to_owned(),
        };
        tx.add_trust_list(&row, &entries).await?;
        let name = self.name_of(&mut tx, &node).await?;
        let words = format!("took in list {id} of {name} as a draft, with {} proposals", entries.len());
        self.audit(&mut tx, who.by(), Event::Trust, None, words).await?;
        let draft = self.draft(&mut tx, row).await?;
        tx.commit().await?;
        Ok(draft)
    }

    /// A file by somebody who says to be a node that we know, and is not, is no file of that node.
    pub(super) async fn is_continuation(&self, tx: &mut Tx, author: &Identity) -> Result<(), AppError> {
        match tx.identity(&author.node_id()).await? {
            Some(known) if !author.extends(&known) && !known.extends(author) => {
                let reason = "its author's identity chain is not a continuation of the one known here".into();
                Err(AppError::NotAPeer { standing: None, reason })
            }
            Some(known) if author.recoveries() > known.recoveries() => {
                Err(AppError::Recovered(author.node_id()))
            }
            _ => Ok(()),
        }
    }

    /// The lists that are kept here, the newest first, or one of them, with what each entry would change at this moment.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for one that is not here.
    pub async fn trust_lists(&self, _: &Operator, id: u64) -> Result<Vec<Draft>, AppError> {
        let mut tx = self.store.read().await?;
        let rows = match id {
            0 => tx.trust_lists().await?,
            id => vec![list_called(&mut tx, id).await?],
        };
        let mut all = Vec::new();
        for row in rows {
            all.push(self.draft(&mut tx, row).await?);
        }
        Ok(all)
    }

    async fn draft(&self, tx: &mut Tx, row: TrustListRow) -> Result<Draft, AppError> {
        let author_name = self.name_of(tx, &row.author).await?;
        let peering = tx.peering(&row.author).await?.as_ref().map(super::peering::peering).transpose()?;
        let author_standing = match tx.block(&row.author).await? {
            Some(_) => "blocked here".to_owned(),
            None => peering
                .as_ref()
                .map_or("a stranger to you: compare its words by telephone".into(), Peering::words),
        };
        let mut entries = Vec::new();
        for entry in tx.trust_entries(row.id).await? {
            let here = self.situation(tx, &entry.node).await?;
            let found = consequence(entry.proposal, &author_name, &entry.name, &here);
            entries.push(Proposed { entry, found });
        }
        Ok(Draft { row, author_name, author_standing, entries })
    }

    /// How we stand to a node.
    async fn situation(&self, tx: &mut Tx, node: &NodeId) -> Result<Situation, AppError> {
        let peering = tx.peering(node).await?;
        let (held, via) = match tx.log(node).await? {
            Some(log) => (tx.held_count(log.id).await?, self.via(tx, log.id, node).await?),
            None => (0, String::new()),
        };
        Ok(Situation {
            ourselves: *node == self.keys.node_id(),
            name: self.name_of(tx, node).await?,
            standing: peering.as_ref().map(|peering| peering.standing),
            by_us: peering.and_then(|peering| peering.by_us).map(|ours| ours.degree),
            blocked: tx.block(node).await?.is_some(),
            held,
            via,
        })
    }

    /// Does what entries of a list propose: all of the numbered ones, or none; with no numbers, all that can be accepted. Gives what
    /// was done, in words.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or [`AppError::Argument`] for an entry that cannot be accepted.
    pub async fn accept_trust(
        &self,
        who: &Operator,
        id: u64,
        numbers: Option<&[u32]>,
    ) -> Result<Vec<String>, AppError> {
        let mut tx = self.store.write().await?;
        let row = list_called(&mut tx, id).await?;
        let draft = self.draft(&mut tx, row).await?;
        let chosen = chosen(&draft, numbers)?;
        let (mut done, mut effect) = (Vec::new(), Effect::default());
        let nodes: Vec<_> = chosen.iter().map(|entry| entry.node).collect();
        for entry in chosen {
            let words = self.accept_entry(&mut tx, who, &draft, entry, &mut effect).await?;
            tx.accept_trust(id, entry.n, self.clock.now(), who.by()).await?;
            let logged = format!("accepted entry {} of list {id} of {}: {words}", entry.n, draft.author_name);
            self.audit(&mut tx, who.by(), Event::Trust, None, logged).await?;
            done.push(words);
        }
        tx.commit().await?;
        self.block_rings(&nodes, effect);
        Ok(done)
    }

    async fn accept_entry(
        &self,
        tx: &mut Tx,
        who: &Operator,
        draft: &Draft,
        entry: &TrustEntryRow,
        effect: &mut Effect,
    ) -> Result<String, AppError> {
        let reason = match &*entry.reason {
            "" => format!("on the word of {}", draft.author_name),
            reason => format!("on the word of {}: {reason}", draft.author_name),
        };
        let name = self.name_of(tx, &entry.node).await?;
        let day = entry.review_on.filter(|day| *day > self.today());
        Ok(match entry.proposal.degree() {
            Some(degree) => {
                let row = self.peer_called(tx, &entry.node.to_string()).await?;
                let day = day.unwrap_or_else(|| self.in_three_months());
                self.hold_back(tx, who, row, degree, &reason, day).await?;
                format!("{name} is {} by you now, until you look at it again on {day}", degree.word())
            }
            None if entry.proposal == Proposal::Block => {
                let (blocked, done) = self.block(tx, who, &entry.node, &reason, day, false).await?;
                effect.peering_ended |= done.peering_ended;
                format!("{} is blocked now", blocked.name)
            }
            None => format!("{} knows {} as \"{}\"", draft.author_name, entry.node.short(), entry.name),
        })
    }

    fn in_three_months(&self) -> Date {
        let at = self.clock.now().checked_add(REVIEW).unwrap_or(Timestamp::MAX);
        at.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// Forgets a list. What was accepted of it stays, but for names.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn drop_trust(&self, who: &Operator, id: u64) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        let row = list_called(&mut tx, id).await?;
        tx.drop_trust_list(id).await?;
        let words = format!("dropped list {id} of {}", self.name_of(&mut tx, &row.author).await?);
        self.audit(&mut tx, who.by(), Event::Trust, None, words).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who knows a node, and under which name, by what was accepted here: in words.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn known_to(&self, _: &Operator, node: &NodeId) -> Result<Vec<String>, AppError> {
        let mut tx = self.store.read().await?;
        let mut all = Vec::new();
        for (author, name) in tx.known_to(node).await? {
            all.push(format!("{} knows it as \"{name}\"", self.name_of(&mut tx, &author).await?));
        }
        Ok(all)
    }

    /// Bytes of openings that a peer fetched from us today.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn fetched_today(&self, _: &Operator, node: &NodeId) -> Result<u64, AppError> {
        Ok(self.store.read().await?.served(node, self.today()).await?)
    }
}

/// The entries that a person chose.
fn chosen<'a>(draft: &'a Draft, numbers: Option<&[u32]>) -> Result<Vec<&'a TrustEntryRow>, AppError> {
    let open = |one: &&Proposed| one.entry.accepted.is_none() && one.found.possible;
    let Some(numbers) = numbers else {
        return Ok(draft.entries.iter().filter(open).map(|one| &one.entry).collect());
    };
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let mut chosen = Vec::new();
    for n in numbers {
        let found = draft.entries.iter().find(|one| one.entry.n == n);
        let Proposed { entry, found } = found.ok_or_else(|| {
            AppError::Argument(format!("list {} has no entry {n}; nothing was done", draft.row.id))
        })?;
        if entry.accepted.is_some() {
            return Err(AppError::Argument(format!("entry {n} was accepted already; nothing was done")));
        }
        if !found.possible {
            return Err(AppError::Argument(format!(
                "entry {n} cannot be accepted, and nothing was done: {}",
                found.words
            )));
        }
        chosen.push(entry);
    }
    Ok(chosen)
}

async fn list_called(tx: &mut Tx, id: u64) -> Result<TrustListRow, AppError> {
    let found = tx.trust_lists().await?.into_iter().find(|row| row.id == id);
    let hint = "`cairn trust list` shows all of them";
    found.ok_or_else(|| AppError::NotFound { what: "a list with the number", name: id.to_string(), hint })
}

/// An entry as it is kept; `None` for what a later version may propose.
fn entry_from_pb(entry: &pb::TrustEntry, node: NodeId, n: u32) -> Result<Option<TrustEntryRow>, AppError> {
    let Some(proposal) = wire::trust::proposal(entry.proposal()) else { return Ok(None) };
    let name = Line::optional("name", &entry.name)?.map(|line| line.to_string()).unwrap_or_default();
    let reason = Prose::optional("reason", &entry.reason)?.map(|text| text.to_string()).unwrap_or_default();
    let review_on = if entry.review_on.is_empty() { None } else { Some(date::day(&entry.review_on)?) };
    Ok(Some(TrustEntryRow { n, node, proposal, name, reason, review_on, accepted: None }))
}
