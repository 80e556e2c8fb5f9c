//! What a peer that watches is told: our head; how much of its own log is held here, cosigned; logs that are passed on to it; heads
//! that it wants to compare; and evidence of forks that concerns it.

use std::collections::BTreeSet;

use cairn_proto::{ids::NodeId, limits, pb::exchange as pb};

use super::{
    App, AppError,
    actor::VerifiedPeer,
    relay::logs_of,
    serve::{Head, ServedLog},
};
use crate::{
    domain::peer::{Peering, Standing},
    store::Tx,
};

/// What a peer wants to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Logs of others that may be passed on to it.
    pub relayed: bool,
    /// Heads anew when others have cosigned them.
    pub witnessed: bool,
    /// Heads of these authors, to compare them.
    pub compare: BTreeSet<NodeId>,
}

/// Something to tell.
#[derive(Clone, Debug)]
pub struct News {
    /// Whose log it is about.
    pub about: (NodeId, Kind),
    /// What makes it news: it is not told again while this stays the same.
    pub state: (u64, u64, String),
    /// The message.
    pub message: pb::WatchResponse,
}

/// What kind of news it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A head.
    Head,
    /// Evidence of a fork.
    Fork,
}

impl Wanted {
    /// What a request asks for.
    ///
    /// # Errors
    /// [`AppError::Argument`] for too many authors, or one that is no NodeId.
    pub fn read(request: &pb::WatchRequest) -> Result<Self, AppError> {
        if request.compare.len() > limits::RELAYED_LOGS {
            let most = limits::RELAYED_LOGS;
            return Err(AppError::Argument(format!("compare: at most {most} heads are compared")));
        }
        let node = |text: &String| text.parse().map_err(|e| AppError::Argument(format!("compare: {e}")));
        let compare = request.compare.iter().map(node).collect::<Result<_, _>>()?;
        Ok(Self { relayed: request.relayed, witnessed: request.witnessed, compare })
    }

    /// Whether news about the log of `origin` concern a peer.
    #[must_use]
    pub fn concerns(&self, peer: &NodeId, origin: &NodeId) -> bool {
        self.relayed || origin == peer || self.compare.contains(origin)
    }
}

impl App {
    /// What we want to be told by a peer; with the heads of all these authors but the two of us.
    #[must_use]
    pub fn wanted(&self, peer: &Peering, compared: &BTreeSet<NodeId>) -> pb::WatchRequest {
        let own = self.keys.node_id();
        let others = compared.iter().filter(|node| **node != own && **node != peer.node);
        let compare = others.take(limits::RELAYED_LOGS).map(ToString::to_string).collect();
        let witnessed = !self.witnesses.named.is_empty();
        pb::WatchRequest { origins: Vec::new(), relayed: peer.relays(), witnessed, compare }
    }

    /// Looks up whose heads are to be compared from now on; gives how many.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn renew_compared(&self) -> Result<usize, AppError> {
        let mut authors = BTreeSet::new();
        if self.witnesses.compare {
            let mut tx = self.store.read().await?;
            authors.extend(tx.logs().await?.into_iter().map(|log| log.origin));
            let peers = tx.peerings().await?.into_iter().filter(|row| row.standing == Standing::Active);
            authors.extend(peers.map(|row| row.node));
        }
        let count = authors.len();
        self.signals.now_compared(authors);
        Ok(count)
    }

    /// Our own head, unless nobody knows yet whether it is the newest.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn own_news(&self, peer: &VerifiedPeer, wanted: &Wanted) -> Result<Option<News>, AppError> {
        let own = self.served(peer, "").await?;
        if self.store.read().await?.gate().await?.is_some() {
            return Ok(None);
        }
        let Head { size, checkpoint } = own.head;
        let told_for = if wanted.witnessed { checkpoint.clone() } else { String::new() };
        Ok(Some(head(own.origin, size, checkpoint, told_for)))
    }

    /// All else that a peer is told at this moment, about the logs of all or of these authors.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn other_news(
        &self,
        peer: &VerifiedPeer,
        wanted: &Wanted,
        authors: Option<&BTreeSet<NodeId>>,
    ) -> Result<Vec<News>, AppError> {
        let reader = peer.reader().node;
        let others = if wanted.relayed { self.passed_on_to(peer, authors).await? } else { Vec::new() };
        let passed_on: BTreeSet<_> = others.iter().map(|log| log.origin).collect();
        let mut tx = self.store.read().await?;
        let mut news = Vec::new();
        if authors.is_none_or(|authors| authors.contains(&reader)) {
            news.push(self.held_of(&mut tx, &reader).await?);
        }
        for log in logs_of(&mut tx, authors).await?.into_iter().filter(|log| log.head_size > 0) {
            let ours = log.origin == reader || log.origin == self.keys.node_id();
            if wanted.compare.contains(&log.origin) && !ours && !passed_on.contains(&log.origin) {
                news.push(head(log.origin, log.head_size, log.checkpoint, String::new()));
            }
        }
        let concerned = |origin: &NodeId| {
            let looked_at = authors.is_none_or(|authors| authors.contains(origin));
            let concerns = *origin == reader || wanted.compare.contains(origin) || passed_on.contains(origin);
            looked_at && concerns
        };
        for (origin, evidence) in self.forks_among(&mut tx, concerned).await? {
            let message =
                pb::WatchResponse { origin: origin.to_string(), fork: Some(evidence), ..Default::default() };
            news.push(News { about: (origin, Kind::Fork), state: Default::default(), message });
        }
        drop(tx);
        for log in others {
            let ServedLog { origin, openings_to, .. } = log;
            let message = self.announcement(&log).await?;
            // A longer chain is news, too: a succession moves no head.
            let more = format!("{} {}", message.identity.len(), message.widened);
            let state = (log.head.size, openings_to, more);
            news.push(News { about: (origin, Kind::Head), state, message });
        }
        Ok(news)
    }

    /// How much of a peer's own log is held here, with our cosignature: so it learns whether it was put back to an older state.
    async fn held_of(&self, tx: &mut Tx, peer: &NodeId) -> Result<News, AppError> {
        let (size, note) = match tx.log(peer).await?.filter(|log| log.head_size > 0) {
            Some(log) => (log.head_size, self.dressed(tx, &log).await?),
            None => (0, String::new()),
        };
        Ok(head(*peer, size, note.clone(), note))
    }
}

fn head(origin: NodeId, size: u64, checkpoint: String, told_for: String) -> News {
    let message = pb::WatchResponse { origin: origin.to_string(), size, checkpoint, ..Default::default() };
    News { about: (origin, Kind::Head), state: (size, 0, told_for), message }
}
