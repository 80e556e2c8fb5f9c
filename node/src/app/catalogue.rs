//! Looking at what others offer before anything is taken in, and fetching what somebody chose. What is offered is shown and kept
//! nowhere.

use std::collections::BTreeSet;

use cairn_proto::{ids::NodeId, limits};
use tokio::{sync::oneshot, time::timeout};

use super::{
    App, AppError,
    actor::Operator,
    peering::peering,
    probe::{ANSWER, Probe, Wish},
    relay::Route,
};
use crate::{
    domain::subscription::{Asked, Filter, Offer},
    store::{PeeringRow, Tx},
};

/// What a peer was asked, and what it offers.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// What the author is called here.
    pub name: String,
    /// Our name for the peer that was asked.
    pub asked: String,
    /// What is offered, with whether it is held here.
    pub offers: Vec<(Offer, bool)>,
    /// Index from which to ask on; `None`: that was all.
    pub next: Option<u64>,
}

/// What became of one record that was to be fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its index.
    pub index: u64,
    /// Whether it is held here now.
    pub held: bool,
    /// In words.
    pub words: String,
}

impl App {
    /// Asks a peer now what it offers of an author's log, from index `from` on.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or [`AppError::Unanswered`] with the reason.
    pub async fn look_at_catalogue(
        &self,
        _: &Operator,
        author: &str,
        filter: Filter,
        from: u64,
    ) -> Result<Catalogue, AppError> {
        let mut tx = self.store.read().await?;
        let author = self.author_called(&mut tx, author).await?;
        let peer = self.whom_to_ask(&mut tx, &author).await?;
        let (name, asked) = (self.name_of(&mut tx, &author).await?, peer.name.clone());
        drop(tx);
        let (answer, heard) = oneshot::channel();
        let (offers, next) = self.call(peer, Wish::Look { author, filter, from, answer }, heard).await??;
        let mut tx = self.store.read().await?;
        let indices: Vec<u64> = offers.iter().map(|offer| offer.index).collect();
        let held = match tx.log(&author).await? {
            Some(log) => tx.held_among(log.id, &indices).await?,
            None => Vec::new(),
        };
        let offers = offers.into_iter().map(|offer| {
            let here = held.contains(&offer.index);
            (offer, here)
        });
        Ok(Catalogue { name, asked, offers: offers.collect(), next })
    }

    /// Fetches single records of an author, whatever is followed of it. Each is checked and kept as any other.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Argument`] for too many, or [`AppError::Unanswered`] with the reason.
    pub async fn fetch_records(
        &self,
        _: &Operator,
        author: &str,
        indices: &[u64],
    ) -> Result<Vec<Fetched>, AppError> {
        let chosen: BTreeSet<u64> = indices.iter().copied().collect();
        if chosen.is_empty() || chosen.len() > limits::ONLY {
            let most = limits::ONLY;
            return Err(AppError::Argument(format!(
                "name 1 to {most} records, by their numbers in the catalogue"
            )));
        }
        let mut tx = self.store.read().await?;
        let author = self.author_called(&mut tx, author).await?;
        let peer = self.whom_to_ask(&mut tx, &author).await?;
        let known = tx.log(&author).await?.map_or(0, |log| log.frontier.size());
        drop(tx);
        let here: BTreeSet<u64> = chosen.range(..known).copied().collect();
        if !here.is_empty() {
            let (answer, heard) = oneshot::channel();
            self.call(peer, Wish::Fetch { author, indices: here, answer }, heard).await??;
        }
        let mut tx = self.store.read().await?;
        let mut all = Vec::new();
        for index in chosen {
            all.push(self.what_became(&mut tx, &author, index).await?);
        }
        Ok(all)
    }

    /// How single records of an author come from the peer that was called.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when its identity is not known here.
    pub async fn route_for(
        &self,
        author: &NodeId,
        carrier: &NodeId,
        indices: BTreeSet<u64>,
    ) -> Result<Route, AppError> {
        let mut tx = self.store.read().await?;
        let unknown = || AppError::NotServed(*author);
        let identity = tx.identity(author).await?.ok_or_else(unknown)?;
        let peering = tx.peering(carrier).await?.as_ref().map(peering).transpose()?;
        let limited = peering.is_some_and(|peering| peering.degree().is_some());
        Ok(Route { author: identity, carrier: *carrier, limited, asked: Asked::Chosen(indices) })
    }

    async fn what_became(&self, tx: &mut Tx, author: &NodeId, index: u64) -> Result<Fetched, AppError> {
        let Some(log) = tx.log(author).await?.filter(|log| index < log.frontier.size()) else {
            let words = "its log is not that long, as far as it is known here".to_owned();
            return Ok(Fetched { index, held: false, words });
        };
        let held = !tx.held_among(log.id, &[index]).await?.is_empty();
        let words = match held {
            true => "held here, checked and signed by its author",
            false if tx.is_gone(author, index).await? => {
                "withdrawn, expired or purged; what is gone does not come back"
            }
            false => "not given: it is not for us, or is none that can be held here",
        };
        Ok(Fetched { index, held, words: words.to_owned() })
    }

    /// The peer that gives an author's records: itself, or one that passes its log on.
    async fn whom_to_ask(&self, tx: &mut Tx, author: &NodeId) -> Result<PeeringRow, AppError> {
        self.not_blocked(tx, author).await?;
        let mut why = "no peer passes its log on to you now".to_owned();
        if let Some(peer) = tx.peering(author).await? {
            let now = peering(&peer)?;
            if now.flows() {
                return Ok(peer);
            }
            why = now.words();
        }
        if let Some(log) = tx.log(author).await? {
            for carrier in tx.carriers(log.id).await? {
                if !self.may_come_through(tx, author, &carrier.node).await? {
                    continue;
                }
                if let Some(peer) = tx.peering(&carrier.node).await? {
                    return Ok(peer);
                }
            }
        }
        Err(AppError::Unanswered { name: self.name_of(tx, author).await?, why })
    }

    /// That a peer could not be asked, with our name for it.
    pub(crate) async fn unanswered(&self, node: &NodeId, why: String) -> AppError {
        let named = async { self.name_of(&mut self.store.read().await?, node).await };
        AppError::Unanswered { name: named.await.unwrap_or_else(|_| node.short()), why }
    }

    /// Has a worker call a peer, and waits for what it says.
    async fn call<T>(
        &self,
        peer: PeeringRow,
        wish: Wish,
        heard: oneshot::Receiver<T>,
    ) -> Result<T, AppError> {
        let PeeringRow { node, endpoint, name, .. } = peer;
        let late = |why: &str| AppError::Unanswered { name: name.clone(), why: why.to_owned() };
        let busy = || late("this node is busy or stopping; try again");
        self.probes.try_send(Probe { node, endpoint, wish }).map_err(|_| busy())?;
        timeout(ANSWER, heard)
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(|| late("it did not answer in time"))
    }
}
