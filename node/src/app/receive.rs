//! Following a peer's log: a head, leaves and openings come in, are checked, and only then kept.
//! Whatever does not verify leaves the state as it was.

mod check;

use cairn_proto::{
    checkpoint::{self, Checkpoint, CheckpointError},
    identity::Identity,
    ids::NodeId,
    limits,
    pb::exchange as pb,
    record::RecordError,
};

pub use check::Checked;

use super::{App, AppError, peering::peering, relay::Route};
use crate::{
    domain::{
        peer::Standing,
        subscription::Asked,
        sync::{self, BatchRefused, Held, Plan},
        uses::Use,
    },
    store::{LogRow, SpanRow, Tx},
};

/// Why something a peer sent was refused. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The head is not signed as it must be.
    #[error("the head does not verify: {0}")]
    Head(#[from] CheckpointError),
    /// The head says another size than the message around it.
    #[error("the peer announced {announced} leaves, but the signed head has {signed}")]
    HeadSize {
        /// Announced.
        announced: u64,
        /// Signed.
        signed: u64,
    },
    /// Two different logs of the same size, both signed.
    #[error(
        "the author signed two different logs of {size} leaves: it was restored from a copy, or it shows \
         different logs to different peers. Nothing is followed until a person has looked"
    )]
    Fork {
        /// The size.
        size: u64,
    },
    /// The author signed two logs: nothing new of it is taken.
    #[error(
        "its author signed two different logs; no new records of it are taken, and what it withdraws is followed"
    )]
    Frozen,
    /// The author named who goes on in its place while its records were coming in.
    #[error("its author named who goes on in its place since this pull began; it begins anew")]
    Succeeded,
    /// The author offers less than we hold.
    #[error(
        "the author offers {offered} leaves, but {held} are held and verified here: it was restored from an \
         older copy. Nothing is followed until it has caught up"
    )]
    Behind {
        /// Held here.
        held: u64,
        /// Offered.
        offered: u64,
    },
    /// A batch of leaves was refused.
    #[error(transparent)]
    Batch(#[from] BatchRefused),
    /// Openings out of order, or outside the log.
    #[error("openings arrived out of order or outside the log (index {index})")]
    Order {
        /// Where.
        index: u64,
    },
    /// An opening whose salt is not 32 bytes.
    #[error("the opening of record {index} is malformed")]
    Salt {
        /// Which.
        index: u64,
    },
    /// An opening that the leaf does not commit to.
    #[error("record {index} is not what its author's log commits to")]
    Commitment {
        /// Which.
        index: u64,
    },
    /// A record that is not signed as it must be.
    #[error("record {index} does not verify: {error}")]
    Record {
        /// Which.
        index: u64,
        /// What is wrong.
        error: RecordError,
    },
    /// Parts of a pull in the wrong order, or a part without content.
    #[error("the peer sent something out of turn")]
    OutOfTurn,
}

impl App {
    /// What we hold of a log, and how far it is settled on this route.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn holding(&self, route: &Route) -> Result<Held, AppError> {
        let mut tx = self.store.read().await?;
        Ok(match tx.log(&route.origin()).await? {
            Some(log) => {
                let settled_to = settled_on(&mut tx, &log, route).await?;
                let leaves_only =
                    route.asked.leaves_only() || self.is_forked(&mut tx, &route.origin()).await?;
                Held { frontier: log.frontier, settled_to, leaves_only }
            }
            None => Held { leaves_only: route.asked.leaves_only(), ..Held::default() },
        })
    }

    /// How many leaves of an author's log are held.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn leaves_held(&self, author: &NodeId) -> Result<u64, AppError> {
        Ok(self.store.read().await?.log(author).await?.map_or(0, |log| log.frontier.size()))
    }

    /// Checks a head that an author announces.
    ///
    /// # Errors
    /// [`ReceiveError`].
    pub fn check_head(&self, author: &Identity, size: u64, note: &str) -> Result<Checkpoint, ReceiveError> {
        if size == 0 && note.is_empty() {
            let origin = checkpoint::origin(&author.node_id());
            return Ok(Checkpoint { origin, size: 0, root: cairn_proto::log::empty_root() });
        }
        let head = checkpoint::verify(note, author)?;
        if head.size != size {
            return Err(ReceiveError::HeadSize { announced: size, signed: head.size });
        }
        Ok(head)
    }

    /// Notes that an author was heard, and whether its log is being followed at this moment: as long as it is, a
    /// retraction comes at once.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn heard(&self, author: &NodeId, following: bool) -> Result<(), AppError> {
        self.signals.glimpsed(*author, |glimpse| {
            glimpse.following = following;
            glimpse.heard |= following;
        });
        let mut tx = self.store.write().await?;
        if let Some(log) = tx.log(author).await? {
            tx.note_heard(log.id, self.clock.now()).await?;
            if following {
                self.cosign(&mut tx, &log, &log.checkpoint).await?;
            }
            tx.commit().await?;
        }
        self.signals.log_followed(*author);
        Ok(())
    }

    /// Decides what to ask for, now that `head` is offered.
    ///
    /// # Errors
    /// [`ReceiveError::Fork`] or [`ReceiveError::Behind`]: nothing is asked for then.
    pub fn plan(&self, route: &Route, held: &Held, head: &Checkpoint) -> Result<Plan, ReceiveError> {
        let plan = sync::compare(held, head.size);
        if route.is_direct() {
            self.signals.glimpsed(route.origin(), |glimpse| glimpse.plan = Some(plan));
        }
        if let Plan::Behind { held, offered } = plan {
            return match route.is_direct() {
                true => Err(ReceiveError::Behind { held, offered }),
                // Whoever passes a log on may have less of it than another who does.
                false => Ok(Plan::UpToDate),
            };
        }
        if held.frontier.size() == head.size && held.frontier.root() != head.root {
            return Err(ReceiveError::Fork { size: head.size });
        }
        Ok(plan)
    }

    /// Nothing is taken in from anyone but an active peer, however long a pull has been under way; and of another's log only
    /// what that peer may pass on.
    async fn still_open(&self, tx: &mut Tx, route: &Route) -> Result<(), AppError> {
        let back = route.origin() == self.keys.node_id();
        if back && tx.gate().await?.is_none() {
            return Err(ReceiveError::OutOfTurn.into());
        }
        if !(back || route.is_direct() || self.may_come_through(tx, &route.origin(), &route.carrier).await?) {
            let reason = "its log does not come through this peer any more".into();
            return Err(AppError::NotAPeer { standing: None, reason });
        }
        if let Asked::Followed(asked) = &route.asked
            && tx.subscription(&route.origin()).await? != *asked
        {
            return Err(AppError::Rechosen);
        }
        let peering = tx.peering(&route.carrier).await?.as_ref().map(peering).transpose()?;
        match peering {
            Some(peering) if peering.flows() => match (peering.degree().is_some(), route.limited) {
                (now, then) if now == then => Ok(()),
                // What was passed over, and what was not, is asked for anew.
                _ => Err(AppError::Suspended { reason: "no longer what it was when this pull began".into() }),
            },
            Some(peering) if peering.standing == Standing::Active => {
                Err(AppError::Suspended { reason: peering.held_back() })
            }
            other => Err(AppError::NotAPeer {
                standing: other.as_ref().map(|peering| peering.standing),
                reason: other.map_or("no peering exists".to_owned(), |peering| peering.words()),
            }),
        }
    }

    /// Keeps a batch of leaves once it is proven to be part of the signed log. Withdrawn records
    /// go at once, before any opening is looked at.
    ///
    /// # Errors
    /// [`ReceiveError`]; nothing of the batch is kept then.
    pub async fn receive_leaves(
        &self,
        route: &Route,
        head: &Checkpoint,
        batch: &pb::LeafBatch,
    ) -> Result<u64, AppError> {
        let proof = batch.consistency_proof.iter().map(|hash| hash.as_slice().try_into());
        let proof: Vec<[u8; 32]> = proof.collect::<Result<_, _>>().map_err(|_| ReceiveError::OutOfTurn)?;
        let mut tx = self.store.write().await?;
        self.still_open(&mut tx, route).await?;
        let log = tx.log_for_update(&route.origin()).await?;
        let batch = sync::extend(&log.frontier, batch.from, &batch.leaves, &proof, head);
        let batch = batch.map_err(ReceiveError::from)?;
        tx.append_leaves(log.id, batch.from, &batch.leaves, &batch.frontier).await?;
        let now = self.clock.now();
        let withdrawn = batch.leaves.iter().zip(batch.from..);
        let withdrawn: Vec<_> = withdrawn.filter_map(|(leaf, index)| Some((leaf.target()?, index))).collect();
        for &(index, retraction) in &withdrawn {
            // What expired here before it was withdrawn was held as well.
            let gone = tx.was_held(log.id, index).await?;
            let owed = route.origin() != self.keys.node_id();
            if (tx.purge(log.id, index, now).await? || gone) && owed {
                tx.owe_receipt(log.id, index, retraction, true, now).await?;
            }
        }
        tx.commit().await?;
        if !withdrawn.is_empty() {
            self.signals.records_purged();
        }
        Ok(batch.frontier.size())
    }

    /// Keeps a signed head once all its leaves are held.
    ///
    /// # Errors
    /// [`ReceiveError::Fork`] when the leaves add up to another root.
    pub async fn receive_head(&self, route: &Route, head: &Checkpoint, note: &str) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        self.still_open(&mut tx, route).await?;
        let log = tx.log_for_update(&route.origin()).await?;
        if !route.is_direct() && log.frontier.size() > head.size {
            return Ok(()); // another brought more of it meanwhile
        }
        if log.frontier.size() != head.size || log.frontier.root() != head.root {
            return Err(ReceiveError::Fork { size: head.size }.into());
        }
        if log.head_size < head.size {
            let bare = checkpoint::bare(note, &route.author).map_err(ReceiveError::from)?;
            tx.set_head(log.id, head.size, &bare).await?;
            let log = LogRow { head_size: head.size, checkpoint: bare, ..log };
            self.keep_cosignatures(&mut tx, &log, head.size, note).await?;
            if route.is_direct() {
                self.cosign(&mut tx, &log, &log.checkpoint).await?;
            }
            tx.commit().await?;
            self.signals.log_followed(log.origin);
        }
        Ok(())
    }

    /// Checks a batch of openings against the leaves held. The signatures are checked on a thread
    /// of their own, so that several batches can be checked at once.
    ///
    /// # Errors
    /// [`ReceiveError`] when one of them is not what the author's log commits to or not signed by
    /// the author: the batch is refused whole.
    pub async fn check_openings(
        &self,
        route: &Route,
        settled_from: u64,
        batch: pb::OpeningBatch,
    ) -> Result<Checked, AppError> {
        let mut tx = self.store.read().await?;
        let size = tx.log(&route.origin()).await?.map(|log| (log.id, log.frontier.size()));
        let (log_id, size) = size.ok_or(ReceiveError::OutOfTurn)?;
        let (Some(first), Some(last)) = (batch.openings.first(), batch.openings.last()) else {
            if batch.settled_to > size {
                return Err(ReceiveError::Order { index: batch.settled_to }.into());
            }
            return Ok(Checked { settled_from, settled_to: batch.settled_to, ..Checked::default() });
        };
        let (from, to) = (first.index, last.index.saturating_add(1));
        let wide = to.saturating_sub(from) > limits::OPENING_SPAN;
        let many = batch.openings.len() > limits::OPENING_BATCH;
        if to > size || batch.settled_to > size || batch.settled_to < to || from >= to || wide || many {
            return Err(ReceiveError::Order { index: last.index }.into());
        }
        let leaves = tx.leaves(log_id, from, to).await?;
        drop(tx);
        let (route, own, now) = (route.clone(), self.keys.node_id(), self.clock.now());
        let check = move || check::check_all(&route, &own, &batch, (log_id, from), &leaves, now);
        let checked = tokio::task::spawn_blocking(check).await??;
        Ok(Checked { settled_from, ..checked })
    }

    /// Keeps batches of checked openings in their order, in one transaction, and that everything before them is settled. Each
    /// transaction waits for the disk once, and writes a part of the text index: few large ones take less time than many small.
    ///
    /// # Errors
    /// [`AppError::Store`], or [`ReceiveError`] when the log is not followed so any more; nothing of them is kept then.
    pub async fn receive_openings(&self, route: &Route, batches: &[Checked]) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        self.still_open(&mut tx, route).await?;
        let own = route.origin() == self.keys.node_id();
        // Whoever indexes records already is not waited for; it enters these, too.
        let alone = self.signals.try_index_alone();
        for checked in batches {
            match own {
                true => self.receive_back(&mut tx, route, checked).await?,
                false => self.keep_openings(&mut tx, route, checked, alone.is_some()).await?,
            }
        }
        tx.commit().await?;
        if batches.iter().any(|checked| !checked.rows.is_empty()) {
            self.signals.records_changed();
        }
        if !own {
            self.signals.log_followed(route.origin());
        }
        Ok(())
    }

    async fn keep_openings(
        &self,
        tx: &mut Tx,
        route: &Route,
        checked: &Checked,
        index: bool,
    ) -> Result<(), AppError> {
        let log = tx.log_for_update(&route.origin()).await?;
        if self.is_forked(tx, &log.origin).await? {
            return Err(ReceiveError::Frozen.into());
        }
        // They were checked by the chain as it was when this began.
        if tx.identity_seq(&log.origin).await? > route.author.seq()
            && self.succeeded(tx, &log.origin).await?.is_some()
        {
            return Err(ReceiveError::Succeeded.into());
        }
        tx.add_openings(log.id, &checked.rows).await?;
        tx.add_record_links(log.id, &checked.links).await?;
        if let (true, Some(first), Some(last)) = (index, checked.rows.first(), checked.rows.last()) {
            let span = SpanRow { log_id: log.id, first: first.index, last: last.index };
            tx.index_records(&span, &checked.words).await?;
        }
        if !route.asked.settles() && !checked.rows.is_empty() {
            tx.widen(log.id).await?;
        }
        for (index, to) in checked.passable.iter().filter(|_| route.is_direct()) {
            tx.set_passable(log.id, *index, to.as_deref()).await?;
        }
        tx.note_use(log.id, &checked.learning, Use::Held, self.clock.now()).await?;
        self.take_uses(tx, &route.origin(), &checked.uses).await?;
        for (index, receipt) in &checked.receipts {
            self.take_receipt(tx, &route.origin(), *index, receipt).await?;
        }
        let mut joined = false;
        for (group, index, revises) in &checked.groups {
            joined |= tx.belong(log.id, group.as_str(), *index, *revises).await?;
        }
        if joined {
            // Records passed over before may be for us now: everything is asked for once more.
            tx.set_settled(log.id, 0).await?;
            return Ok(());
        }
        settle(tx, &log, route, checked).await
    }
}

/// Keeps how far a log is settled once these openings are.
async fn settle(tx: &mut Tx, log: &LogRow, route: &Route, checked: &Checked) -> Result<(), AppError> {
    let settled = settled_on(tx, log, route).await?;
    let settles = route.asked.settles() && checked.settled_from <= settled;
    if !settles || checked.settled_to <= settled {
        return Ok(());
    }
    let settled_to = checked.settled_to.min(log.frontier.size());
    if !route.is_direct() {
        return Ok(tx.set_carried(log.id, &route.carrier, settled_to).await?);
    }
    tx.set_settled(log.id, settled_to).await?;
    if settled_to == log.frontier.size() {
        // Not when the leaf came that takes it back: only now it is known that no newer record says that we belong.
        tx.forget_memberships(log.id).await?;
    }
    Ok(())
}

/// How far the openings of a log are settled on a route: each of those who pass it on has others to give.
async fn settled_on(tx: &mut Tx, log: &LogRow, route: &Route) -> Result<u64, AppError> {
    if route.is_direct() {
        return Ok(log.settled_to);
    }
    let carriers = tx.carriers(log.id).await?;
    Ok(carriers
        .into_iter()
        .find(|carrier| carrier.node == route.carrier)
        .map_or(0, |carrier| carrier.settled_to))
}
