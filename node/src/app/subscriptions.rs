//! What is followed of whom: chosen by the people of this place, and nobody else's business. A change takes effect at once; nothing is
//! asked for again that cannot be wanted now.

use cairn_proto::ids::NodeId;

use super::{App, AppError, actor::Operator, lookup::looks_like_node, relay::Route};
use crate::{
    domain::subscription::{Asked, Depth, Labels, Subscription},
    store::{LogRow, Tx},
};

/// What is followed of an author, with what it is called here.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its NodeId.
    pub node: NodeId,
    /// What it is called here.
    pub name: String,
    /// Our names for those who pass its log on; empty for a peer.
    pub via: String,
    /// What is followed.
    pub subscription: Subscription,
}

impl App {
    /// What is followed of an author, or of all: peers, and those whose logs come through them.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn followed(&self, _: &Operator, author: &str) -> Result<Vec<Followed>, AppError> {
        let mut tx = self.store.read().await?;
        if !author.trim().is_empty() {
            let node = self.author_called(&mut tx, author).await?;
            return Ok(vec![self.followed_of(&mut tx, node).await?]);
        }
        let mut all = Vec::new();
        for row in tx.peerings().await? {
            all.push(self.followed_of(&mut tx, row.node).await?);
        }
        for log in tx.logs().await? {
            if !self.via(&mut tx, log.id, &log.origin).await?.is_empty() {
                all.push(self.followed_of(&mut tx, log.origin).await?);
            }
        }
        Ok(all)
    }

    /// Chooses what is followed of an author. What is left out here stays as it is.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn follow(
        &self,
        _: &Operator,
        author: &str,
        labels: Option<Labels>,
        depth: Option<Depth>,
    ) -> Result<Followed, AppError> {
        self.change_subscription(author, |now, log| {
            now.labels = labels.unwrap_or_else(|| now.labels.clone());
            if let Some(depth) = depth {
                reach(now, depth, log);
            }
        })
        .await
    }

    /// Takes no records of an author until it is resumed, or takes them again.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn pause_following(
        &self,
        _: &Operator,
        author: &str,
        paused: bool,
    ) -> Result<Followed, AppError> {
        self.change_subscription(author, |now, _| now.paused = paused).await
    }

    async fn change_subscription(
        &self,
        author: &str,
        change: impl FnOnce(&mut Subscription, Option<&LogRow>),
    ) -> Result<Followed, AppError> {
        let mut tx = self.store.write().await?;
        let author = self.author_called(&mut tx, author).await?;
        let before = tx.subscription(&author).await?;
        let log = tx.log(&author).await?;
        let mut now = before.clone();
        change(&mut now, log.as_ref());
        tx.save_subscription(&author, &now).await?;
        if let (Some(from), Some(log)) = (now.asks_again_from(&before), &log) {
            tx.ask_again(log.id, from).await?;
        }
        let followed = self.followed_of(&mut tx, author).await?;
        tx.commit().await?;
        self.signals.follow_changed();
        Ok(followed)
    }

    /// Chooses how far back a peer is followed that is being accepted.
    pub(super) async fn follow_from(
        &self,
        tx: &mut Tx,
        author: &NodeId,
        depth: Depth,
    ) -> Result<(), AppError> {
        let before = tx.subscription(author).await?;
        let log = tx.log(author).await?;
        let mut now = before.clone();
        reach(&mut now, depth, log.as_ref());
        if let (Some(from), Some(log)) = (now.asks_again_from(&before), &log) {
            tx.ask_again(log.id, from).await?;
        }
        Ok(tx.save_subscription(author, &now).await?)
    }

    /// The route with the depth counted from the log's size, if it was not seen before.
    ///
    /// # Errors
    /// [`AppError::Rechosen`] when somebody chose otherwise meanwhile.
    pub async fn counted_from(&self, route: &Route, size: u64) -> Result<Route, AppError> {
        let Asked::Followed(asked) = &route.asked else { return Ok(route.clone()) };
        if asked.depth == Depth::All || asked.from.is_some() || size == 0 {
            return Ok(route.clone());
        }
        let mut tx = self.store.write().await?;
        let mut now = tx.subscription(&route.origin()).await?;
        if (Subscription { from: None, ..now.clone() }) != *asked {
            return Err(AppError::Rechosen);
        }
        if now.from.is_none() {
            now.from = Some(now.depth.begin(size));
            tx.save_subscription(&route.origin(), &now).await?;
            tx.commit().await?;
        }
        Ok(Route { asked: Asked::Followed(now), ..route.clone() })
    }

    /// A peer, or an author whose log is held here.
    pub(super) async fn author_called(&self, tx: &mut Tx, name: &str) -> Result<NodeId, AppError> {
        let node = match looks_like_node(name.trim()) {
            Some(node) if tx.log(&node).await?.is_some() => Some(node),
            _ => self.known_author(tx, name.trim()).await?,
        };
        match node.filter(|node| *node != self.keys.node_id()) {
            Some(node) => Ok(node),
            None => Ok(self.peer_called(tx, name).await?.node),
        }
    }

    async fn followed_of(&self, tx: &mut Tx, node: NodeId) -> Result<Followed, AppError> {
        let via = match tx.log(&node).await? {
            Some(log) => self.via(tx, log.id, &node).await?,
            None => String::new(),
        };
        let name = self.name_of(tx, &node).await?;
        Ok(Followed { node, name, via, subscription: tx.subscription(&node).await? })
    }
}

/// Sets how far back summaries are wanted, counted from the log as it is held.
fn reach(now: &mut Subscription, depth: Depth, log: Option<&LogRow>) {
    let size = log.map(|log| log.frontier.size()).filter(|&size| size > 0);
    now.depth = depth;
    now.from = size.filter(|_| depth != Depth::All).map(|size| depth.begin(size));
}
