//! Trying a peer: a worker calls it, because use cases know nothing of the network.

use std::time::Duration;

use cairn_proto::ids::NodeId;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{App, AppError, actor::Operator, doctor::Finding};

/// Longer than a call that finds nobody takes.
const ANSWER: Duration = Duration::from_secs(60);

/// A wish to try a peer.
#[derive(Debug)]
pub struct Probe {
    /// Which.
    pub node: NodeId,
    /// Where it is reached.
    pub endpoint: String,
    /// Where what was found goes.
    pub found: oneshot::Sender<Vec<Finding>>,
}

/// Where wishes to try a peer go.
pub type Probes = mpsc::Sender<Probe>;

impl App {
    /// Calls a peer now; gives what was found on the way, in the order in which it was looked at.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a peer that is not known; [`AppError::Argument`] when nobody could be asked to call it.
    pub async fn test_peer(&self, _: &Operator, name: &str) -> Result<Vec<Finding>, AppError> {
        let row = self.peer_called(&mut self.store.read().await?, name).await?;
        let (found, answer) = oneshot::channel();
        let probe = Probe { node: row.node, endpoint: row.endpoint, found };
        let busy = || AppError::Argument("the node is busy or stopping; try again".to_owned());
        self.probes.try_send(probe).map_err(|_| busy())?;
        timeout(ANSWER, answer).await.ok().and_then(Result::ok).ok_or_else(busy)
    }
}
