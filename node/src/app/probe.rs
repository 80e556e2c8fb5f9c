//! Calling a peer because somebody wishes it now: to try it, to see what it offers, to fetch a record. A worker calls it, because use
//! cases know nothing of the network.

use std::{collections::BTreeSet, time::Duration};

use cairn_proto::ids::NodeId;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{App, AppError, actor::Operator, doctor::Finding};
use crate::domain::subscription::{Filter, Offer};

/// Longer than a call that finds nobody takes.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// What a peer offers, and from which index to ask on.
pub type Offers = (Vec<Offer>, Option<u64>);

/// A wish to have a peer called.
#[derive(Debug)]
pub struct Probe {
    /// Which.
    pub node: NodeId,
    /// Where it is reached.
    pub endpoint: String,
    /// What for.
    pub wish: Wish,
}

/// What a peer is called for, and where what was found goes.
#[derive(Debug)]
pub enum Wish {
    /// To see whether and how it answers.
    Test(oneshot::Sender<Vec<Finding>>),
    /// To see what it offers of a log.
    Look {
        /// Whose log.
        author: NodeId,
        /// Which summaries.
        filter: Filter,
        /// From which index on.
        from: u64,
        /// The answer.
        answer: oneshot::Sender<Result<Offers, AppError>>,
    },
    /// To fetch single records of a log.
    Fetch {
        /// Whose log.
        author: NodeId,
        /// Which records.
        indices: BTreeSet<u64>,
        /// The answer.
        answer: oneshot::Sender<Result<(), AppError>>,
    },
}

/// Where wishes to have a peer called go.
pub type Probes = mpsc::Sender<Probe>;

impl App {
    /// Calls a peer now; gives what was found on the way, in the order in which it was looked at.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a peer that is not known; [`AppError::Argument`] when nobody could be asked to call it.
    pub async fn test_peer(&self, _: &Operator, name: &str) -> Result<Vec<Finding>, AppError> {
        let row = self.peer_called(&mut self.store.read().await?, name).await?;
        let (found, answer) = oneshot::channel();
        let probe = Probe { node: row.node, endpoint: row.endpoint, wish: Wish::Test(found) };
        let busy = || AppError::Argument("the node is busy or stopping; try again".to_owned());
        self.probes.try_send(probe).map_err(|_| busy())?;
        timeout(ANSWER, answer).await.ok().and_then(Result::ok).ok_or_else(busy)
    }
}
