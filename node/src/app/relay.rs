//! Relay: passing on records of others to peers who may hold them, and following a log through a peer who passes it on.
//! Only what its author's peer got from that author itself is passed on, so that no record travels further than one step
//! from a node that its author chose; and only as far as its policy and both contracts allow (protocol, Relay).

use std::collections::BTreeSet;

use cairn_proto::{identity::Identity, ids::NodeId, limits, pb::exchange as pb};

use super::{
    App, AppError,
    actor::VerifiedPeer,
    peering::peering,
    receive::ReceiveError,
    serve::{Head, ServedLog, Whose},
};
use crate::{
    domain::{audit::Event, peer::Standing, subscription::Asked, text::Line, withdrawal},
    store::{LogRow, Tx},
    wire,
};

/// Who passes records on, in the audit log.
const THE_NODE: &str = "this node";

/// From whom a log is followed: from its author, or from a peer who passes it on.
#[derive(Clone, Debug)]
pub struct Route {
    /// The author.
    pub author: Identity,
    /// The peer that brings its log.
    pub carrier: NodeId,
    /// Whether the peering was limited when this began. A change in between ends it.
    pub limited: bool,
    /// What is asked for. A change in between ends it.
    pub asked: Asked,
}

impl Route {
    /// From the author itself.
    #[must_use]
    pub fn direct(author: Identity, limited: bool) -> Self {
        Self { carrier: author.node_id(), author, limited, asked: Asked::All }
    }

    /// The author's NodeId.
    #[must_use]
    pub fn origin(&self) -> NodeId {
        self.author.node_id()
    }

    /// Whether the author itself brings it.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.origin() == self.carrier
    }
}

impl App {
    /// Logs of others, of all or of these authors, from which records may be passed on to this peer now, or were. Their leaves
    /// always go on, so that a retraction waits for nothing.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn passed_on_to(
        &self,
        peer: &VerifiedPeer,
        authors: Option<&BTreeSet<NodeId>>,
    ) -> Result<Vec<ServedLog>, AppError> {
        if !peer.relay() {
            return Ok(Vec::new());
        }
        let (own, reader) = (self.keys.node_id(), peer.reader().node);
        let mut tx = self.store.read().await?;
        let mut logs = Vec::new();
        for log in logs_of(&mut tx, authors).await? {
            if log.origin == own || log.origin == reader || !tx.is_passable(log.id, &reader).await? {
                continue;
            }
            let author = tx.peering(&log.origin).await?.as_ref().map(peering).transpose()?;
            if !author.is_some_and(|author| author.relays()) {
                continue;
            }
            let trusted = self.heard_lately(&log) && !self.is_forked(&mut tx, &log.origin).await?;
            let openings_to = if trusted { log.settled_to.min(log.head_size) } else { 0 };
            let head = Head { size: log.head_size, checkpoint: self.dressed(&mut tx, &log).await? };
            let whose = Whose::Another;
            logs.push(ServedLog { id: log.id, origin: log.origin, head, openings_to, whose });
        }
        Ok(logs)
    }

    /// Whether the author was heard since this process began, and not too long ago: only then is it known here that
    /// none of its records was withdrawn meanwhile.
    fn heard_lately(&self, log: &LogRow) -> bool {
        let glimpse = self.signals.glimpse(&log.origin);
        glimpse.heard && (glimpse.following || !withdrawal::stale(log.heard_at, self.clock.now()))
    }

    /// The announcement of a log of another, with all that a reader needs to check it.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn announcement(&self, log: &ServedLog) -> Result<pb::WatchResponse, AppError> {
        let mut tx = self.store.read().await?;
        let identity = tx.identity(&log.origin).await?.ok_or(AppError::NotServed(log.origin))?;
        let row = tx.log(&log.origin).await?.ok_or(AppError::NotServed(log.origin))?;
        let following = self.signals.glimpse(&log.origin).following;
        let heard_at = if following { self.clock.now() } else { row.heard_at };
        Ok(pb::WatchResponse {
            origin: log.origin.to_string(),
            size: log.head.size,
            checkpoint: log.head.checkpoint.clone(),
            identity: identity.events().to_vec(),
            heard_at: Some(wire::timestamp(heard_at)),
            author_name: tx.peering(&log.origin).await?.map(|peer| peer.name).unwrap_or_default(),
            fork: None,
            widened: tx.widened(row.id).await?,
        })
    }

    /// Writes down that records of another were handed on, or told of.
    pub(super) async fn audit_passed_on(
        &self,
        tx: &mut Tx,
        done: &str,
        origin: &NodeId,
        reader: &NodeId,
        indices: &[u64],
    ) -> Result<(), AppError> {
        let (author, reader) = (self.name_of(tx, origin).await?, self.name_of(tx, reader).await?);
        let which: Vec<_> = indices.iter().map(u64::to_string).collect();
        let records = if which.len() == 1 { "record" } else { "records" };
        let words = format!("{done} {records} {} of {author} to {reader}", which.join(", "));
        self.audit(tx, THE_NODE, Event::Access, None, words).await
    }

    /// How a log that a peer announces for another is to be followed; `None` if it is not: because it is our own, because we
    /// follow its author ourselves, have ended the peering with it or blocked it, or because the peer passes on too many.
    ///
    /// # Errors
    /// [`ReceiveError`] when the identity or the head does not verify; nothing was kept then.
    pub async fn route(
        &self,
        carrier: &NodeId,
        announced: &pb::WatchResponse,
    ) -> Result<Option<Route>, AppError> {
        if announced.identity.len() > limits::IDENTITY_EVENTS {
            return Err(ReceiveError::OutOfTurn.into());
        }
        let author = Identity::verify(&announced.identity).map_err(|_| ReceiveError::OutOfTurn)?;
        let origin = author.node_id();
        if announced.origin != origin.to_string() {
            return Err(ReceiveError::OutOfTurn.into());
        }
        let mut tx = self.store.write().await?;
        if origin == self.keys.node_id() || !self.may_come_through(&mut tx, &origin, carrier).await? {
            return Ok(None);
        }
        let before = tx.identity(&origin).await?;
        let author = match before.clone() {
            Some(known) if known.extends(&author) => known,
            // Nobody here knows whom to ask about it.
            Some(known) if author.extends(&known) && author.recoveries() > known.recoveries() => {
                return Err(AppError::Recovered(origin));
            }
            Some(known) if !author.extends(&known) => {
                let reason = "its identity chain is not a continuation of the one known here".into();
                return Err(AppError::NotAPeer { standing: None, reason });
            }
            _ => author,
        };
        self.check_head(&author, announced.size, &announced.checkpoint)?;
        let log = tx.log_for_update(&origin).await?;
        let new = !tx.carriers(log.id).await?.iter().any(|known| known.node == *carrier);
        if new && tx.carried_by(carrier).await? >= limits::RELAYED_LOGS as u64 {
            tracing::warn!(carrier = %carrier.short(), "a log was not taken: this peer passes on too many");
            return Ok(None);
        }
        tx.save_identity(&author).await?;
        let name = Line::optional("author_name", &announced.author_name).unwrap_or_default();
        tx.save_carrier(log.id, carrier, &name.map(|name| name.to_string()).unwrap_or_default()).await?;
        // A number that no node counts to is no reason to stop.
        let widened = announced.widened.min(i64::MAX.unsigned_abs());
        tx.carrier_widened(log.id, carrier, widened).await?;
        let asked = Asked::Followed(tx.subscription(&origin).await?);
        tx.commit().await?;
        self.tell_succession(&author, before.as_ref());
        Ok(Some(Route { author, carrier: *carrier, limited: false, asked }))
    }

    /// Notes when the author of a log was heard last by the peer that passes it on.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn heard_through(
        &self,
        route: &Route,
        heard_at: Option<&prost_types::Timestamp>,
    ) -> Result<(), AppError> {
        let Some(heard_at) = heard_at else { return Ok(()) };
        // A clock that is ahead there makes nothing fresher here.
        let heard_at = wire::time("heard_at", heard_at)?.min(self.clock.now());
        let mut tx = self.store.write().await?;
        if let Some(log) = tx.log(&route.origin()).await? {
            tx.note_heard(log.id, heard_at).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether a log may come through a peer at this moment: by our contract with it, and because its author is a stranger
    /// to us. An author with whom we ended the peering does not come back through others.
    pub(super) async fn may_come_through(
        &self,
        tx: &mut Tx,
        origin: &NodeId,
        carrier: &NodeId,
    ) -> Result<bool, AppError> {
        let carrier = tx.peering(carrier).await?.as_ref().map(peering).transpose()?;
        let author = tx.peering(origin).await?;
        let stranger = author.is_none_or(|author| matches!(author.standing, Standing::Proposed(_)));
        let blocked = tx.block(origin).await?.is_some();
        Ok(stranger && !blocked && carrier.is_some_and(|carrier| carrier.relays()))
    }

    /// Our names for those who pass a log on to us, unless its author is or was a peer.
    pub(crate) async fn via(&self, tx: &mut Tx, log_id: i64, origin: &NodeId) -> Result<String, AppError> {
        if *origin == self.keys.node_id() || tx.peering(origin).await?.is_some() {
            return Ok(String::new());
        }
        self.carrier_names(tx, log_id).await
    }

    /// Our names for those who pass a log on to us.
    pub(crate) async fn carrier_names(&self, tx: &mut Tx, log_id: i64) -> Result<String, AppError> {
        let mut names = Vec::new();
        for carrier in tx.carriers(log_id).await? {
            names.push(self.name_of(tx, &carrier.node).await?);
        }
        Ok(names.join(", "))
    }
}

/// The logs of these authors, or all.
pub(super) async fn logs_of(
    tx: &mut Tx,
    authors: Option<&BTreeSet<NodeId>>,
) -> Result<Vec<LogRow>, AppError> {
    let Some(authors) = authors else { return Ok(tx.logs().await?) };
    let mut logs = Vec::new();
    for author in authors {
        logs.extend(tx.log(author).await?);
    }
    Ok(logs)
}
