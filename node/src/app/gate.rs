//! The gate before our own key: nothing is signed, and nothing of ours given, while it is not known that our newest head is here. A
//! database that is older than what we signed (a restored backup, a copied disk) would sign a second log otherwise, and most forks in
//! other networks came about in this way; and it would give away what was withdrawn since. While the gate is closed our log is made
//! whole from what peers hold of it.

use std::{collections::BTreeMap, time::Duration};

use cairn_proto::{identity::Identity, ids::NodeId};

use super::{App, AppError, actor::Operator, peering::peering, relay::Route};
use crate::{
    domain::{audit::Event, peer::Standing, subscription::Asked, text::Prose},
    mark::Mark,
    store::{GateRow, Tx},
};

/// The gate, while it is closed, as people are told of it.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Since when and why.
    pub row: GateRow,
    /// Records of ours that are here now.
    pub here: u64,
    /// Our names for the active peers, and how many records of ours each says it holds, if it has said so.
    pub answers: Vec<(String, Option<u64>)>,
}

/// What a peer holds of our log, against what is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OursThere {
    /// As much, or less of the same.
    Known,
    /// More: this database is an older copy.
    More,
}

/// How long after the start of a node peers have to say what they hold of its log, before the first thing is signed. Those that are
/// there answer within milliseconds.
const ASK_FIRST: Duration = Duration::from_secs(3);

/// Whose work opening by itself is, in the audit log.
const THE_NODE: &str = "this node";

impl App {
    /// Closes the gate if this process cannot know that the newest head is here, by what was noted beside the database when we
    /// signed last.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn look_at_mark(&self, mark: Option<&Mark>, here: &str) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        let size = tx.log(&self.keys.node_id()).await?.map_or(0, |log| log.head_size);
        if size == 0 || self.answers(&mut tx).await?.is_empty() {
            self.signals.now_asked(); // there is nothing to ask, or nobody
        }
        let Some(mark) = mark else { return Ok(()) };
        let reason = if size < mark.size {
            format!(
                "this node has signed {} records and the database has {size}: it is an older copy",
                mark.size
            )
        } else if mark.size > 0 && mark.place != here {
            "the data directory was copied from another machine, or moved".to_owned()
        } else {
            return Ok(());
        };
        self.close_gate(&mut tx, reason, size).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn close_gate(&self, tx: &mut Tx, reason: String, size: u64) -> Result<(), AppError> {
        if tx.gate().await?.is_some() {
            return Ok(());
        }
        tracing::error!(
            reason,
            "nothing is signed until our newest head is known; `cairn gate show` tells more"
        );
        tx.close_gate(&GateRow { at: self.clock.now(), reason: reason.clone(), size }).await?;
        self.audit_closing(tx, &reason).await
    }

    /// Notes in the audit log that the gate was closed. Audit entries are chained and signed, but are no head that anybody holds.
    async fn audit_closing(&self, tx: &mut Tx, reason: &str) -> Result<(), AppError> {
        self.audit(tx, THE_NODE, Event::Keys, None, format!("closed the gate before our key: {reason}")).await
    }

    /// A transaction in which something is signed. A node that has just begun to serve waits a moment for its peers' word on
    /// what it had signed before: it may be a copy, and cannot know that by itself.
    pub(crate) async fn write_signed(&self) -> Result<Tx, AppError> {
        self.ask_first().await;
        Ok(self.store.write().await?)
    }

    /// Waits for the word of our peers for a moment after the start.
    pub(crate) async fn ask_first(&self) {
        if !self.signals.asked() {
            let passed = self.signals.all_asked();
            if tokio::time::timeout(self.signals.ask_for(ASK_FIRST), passed).await.is_err() {
                self.signals.now_asked(); // whoever does not answer now does not hold up the next
            }
        }
    }

    /// Nothing is signed while the gate is closed, not even a retraction, which would be the second record at its place; and nothing
    /// of ours is given.
    pub(crate) async fn refuse_while_closed(&self, tx: &mut Tx) -> Result<(), AppError> {
        match tx.gate().await? {
            Some(GateRow { at, reason, .. }) => Err(AppError::Gate { since: at, reason }),
            None => Ok(()),
        }
    }

    /// Nothing is signed while the gate is closed; nothing but retractions once two logs were signed with our key.
    pub(crate) async fn may_sign(&self, tx: &mut Tx) -> Result<(), AppError> {
        self.refuse_while_closed(tx).await?;
        if self.is_forked(tx, &self.keys.node_id()).await? {
            return Err(AppError::Forked);
        }
        Ok(())
    }

    /// A peer tells how much of our log it holds, with our own signed head and its cosignature. What is more than is here closes
    /// the gate; what contradicts it is evidence that our key signed two logs.
    ///
    /// # Errors
    /// [`super::receive::ReceiveError`] for a head that does not verify or that contradicts ours.
    pub async fn ours_at(&self, peer: &Identity, size: u64, note: &str) -> Result<OursThere, AppError> {
        let node = peer.node_id();
        let own = self.keys.identity();
        let head = self.check_head(&own, size, note)?;
        self.signals.glimpsed(node, |glimpse| glimpse.holds_of_us = Some(size));
        self.compare_head(&own, &head, note).await?;
        let mut tx = self.store.write().await?;
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        if head.size > log.head_size {
            let name = self.name_of(&mut tx, &node).await?;
            let reason = format!(
                "{name} holds {} records that this node has signed, and {} are here: the database is an older copy",
                head.size, log.head_size
            );
            self.close_gate(&mut tx, reason, log.head_size).await?;
            // It gives us what follows, from where we stood when the gate closed.
            let from = tx.gate().await?.map_or(log.head_size, |gate| gate.size);
            if !tx.carriers(log.id).await?.iter().any(|known| known.node == node) {
                tx.save_carrier(log.id, &node, "").await?;
                tx.set_carried(log.id, &node, from).await?;
            }
            tx.commit().await?;
            return Ok(OursThere::More);
        }
        let same = head.size > 0 && head.size == log.head_size;
        if same && self.keep_cosignatures(&mut tx, &log, size, note).await? {
            tx.commit().await?;
            self.signals.cosigned();
        } else {
            drop(tx);
        }
        self.open_gate_if_known().await?;
        Ok(OursThere::Known)
    }

    /// How much of our log was signed, as far as that is known: not while the gate is closed.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn signed(&self) -> Result<Option<u64>, AppError> {
        let mut tx = self.store.read().await?;
        if tx.gate().await?.is_some() {
            return Ok(None);
        }
        Ok(Some(tx.log(&self.keys.node_id()).await?.map_or(0, |log| log.head_size)))
    }

    /// How our own log comes back from a peer.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn route_back(&self, peer: &NodeId) -> Result<Route, AppError> {
        let limited = self.relationship(peer).await?.is_some_and(|peering| peering.degree().is_some());
        Ok(Route {
            author: self.keys.identity().as_ref().clone(),
            carrier: *peer,
            limited,
            asked: Asked::All,
        })
    }

    /// Opens the gate once every active peer has said how much of our log it holds, and none holds more than is here.
    async fn open_gate_if_known(&self) -> Result<(), AppError> {
        let mut tx = self.store.read().await?;
        if !self.signals.asked() && self.answers(&mut tx).await?.iter().all(|(_, said)| said.is_some()) {
            self.signals.now_asked();
        }
        let Some(closed) = self.gate_closed(&mut tx).await? else { return Ok(()) };
        drop(tx);
        let known = |said: &Option<u64>| said.is_some_and(|size| size <= closed.here);
        if closed.answers.is_empty() || !closed.answers.iter().all(|(_, said)| known(said)) {
            return Ok(());
        }
        let why = format!("every peer holds no more than the {} records that are here", closed.here);
        self.open(THE_NODE, &why).await
    }

    async fn open(&self, by: &str, why: &str) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        let Some(closed) = tx.gate().await? else { return Ok(()) };
        tx.open_gate().await?;
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        tx.forget_carriers(log.id).await?;
        tx.set_settled(log.id, log.head_size).await?;
        let words = format!("opened the gate before our key: {why}; it was closed because {}", closed.reason);
        self.audit(&mut tx, by, Event::Keys, None, words).await?;
        tx.commit().await?;
        tracing::info!("the gate is open: this node signs again");
        self.signals.head_moved();
        self.signals.records_purged();
        Ok(())
    }

    async fn gate_closed(&self, tx: &mut Tx) -> Result<Option<Closed>, AppError> {
        let Some(row) = tx.gate().await? else { return Ok(None) };
        let here = tx.log(&self.keys.node_id()).await?.map_or(0, |log| log.head_size);
        Ok(Some(Closed { row, here, answers: self.answers(tx).await? }))
    }

    /// What each active peer has said it holds of our log, by name.
    async fn answers(&self, tx: &mut Tx) -> Result<Vec<(String, Option<u64>)>, AppError> {
        let mut answers = BTreeMap::new();
        for row in tx.peerings().await? {
            let peer = peering(&row)?;
            if peer.standing == Standing::Active {
                answers.insert(peer.name, self.signals.glimpse(&peer.node).holds_of_us);
            }
        }
        Ok(answers.into_iter().collect())
    }

    /// The gate, while it is closed.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn gate(&self, _: &Operator) -> Result<Option<Closed>, AppError> {
        self.gate_closed(&mut self.store.read().await?).await
    }

    /// A person opens the gate who knows that nothing newer was ever signed, or that nobody can tell any more.
    ///
    /// # Errors
    /// [`AppError::Text`] without a reason; [`AppError::Argument`] while a peer is known to hold more than is here.
    pub async fn open_gate(&self, who: &Operator, reason: &str) -> Result<(), AppError> {
        let reason = Prose::new("reason", reason)?;
        let Some(closed) = self.gate(who).await? else { return Ok(()) };
        if let Some((name, Some(more))) =
            closed.answers.iter().find(|(_, said)| said.is_some_and(|size| size > closed.here))
        {
            return Err(AppError::Argument(format!(
                "{name} holds {more} records of ours and {} are here: to sign now would make a second log. Wait until they \
                 have come back; `cairn gate show` tells how far that is",
                closed.here
            )));
        }
        self.open(who.by(), reason.as_str()).await
    }
}
