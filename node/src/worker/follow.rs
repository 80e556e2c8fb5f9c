//! One task a peer: connect, bring both views of the peering together, follow the log; after a
//! failure wait longer each time, with jitter, so that a network that comes back is not stormed.

use std::{collections::HashMap, time::Duration};

use cairn_proto::{
    ids::NodeId,
    pb::exchange::{
        PeeringAcceptance, PeeringEnd, PeeringProposal, PeeringRequest, Relationship,
        peering_request::Step as PbStep,
    },
};
use jiff::Timestamp;
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};

use super::heads::watch_log;
use crate::{
    app::{
        App, AppError,
        signals::{Changes, PeerBell},
    },
    domain::peer::{Peering, SeenStanding, Side, Standing, Step, next_step},
    entropy,
    exchange::client::{self, CallError, Peer},
    wire::contract,
};

/// A quiet peering is looked at again after this long, in case word from the other side was lost.
const LOOK_AGAIN: Duration = Duration::from_secs(300);

/// Longest reason that is kept of a failed contact.
const REASON_CHARS: usize = 500;

/// How long to wait after failures.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Backoff {
    /// Twice as long after each failure, up to the longest; `jitter` (0 to 255) takes up to half away.
    pub(super) fn delay(self, failures: u32, jitter: u8) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        let full = doubled.min(self.longest);
        full - full.mul_f64(0.5 * f64::from(jitter) / 255.0)
    }
}

/// Why following broke off.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What came was refused here, or could not be kept.
    #[error(transparent)]
    App(#[from] AppError),
    /// Hung up.
    #[error("the connection was closed by the other side")]
    Closed,
    /// Silent for too long.
    #[error("the other side fell silent in the middle of an answer")]
    Silent,
    /// The peering is gone there.
    #[error("the other side does not know this peering any more; end it here and make a new one")]
    Unknown,
}

impl From<tonic::Status> for FollowError {
    fn from(status: tonic::Status) -> Self {
        Self::Call(status.into())
    }
}

impl FollowError {
    /// What happened, without what people wrote as a reason: that is for people, not for the log.
    pub(super) fn for_the_log(&self) -> String {
        match self {
            Self::Call(CallError::Refused(status)) => format!("the peer refused ({:?})", status.code()),
            Self::App(AppError::NotAPeer { .. } | AppError::Suspended { .. }) => {
                "not an active peer".to_owned()
            }
            other => other.to_string(),
        }
    }
}

/// What a round left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing until the peering changes.
    Quiet,
    /// To look at the peering again: it has changed.
    Changed,
    /// Nothing ever.
    Over,
}

/// Keeps one task for each peering, for ever. A task that has ended is begun again only when some
/// peering changes: one that is over would end at once again.
pub async fn run(app: App, backoff: Backoff) {
    let mut peers = app.signals.peers();
    let mut tasks = JoinSet::new();
    let mut running: HashMap<NodeId, AbortHandle> = HashMap::new();
    loop {
        peers.borrow_and_update();
        running.retain(|_, task| !task.is_finished());
        match app.all_nodes().await {
            Ok(nodes) => {
                for node in nodes {
                    let app = app.clone();
                    let begin = || tasks.spawn(async move { follow(&app, node, backoff).await });
                    running.entry(node).or_insert_with(begin);
                }
            }
            Err(error) => tracing::error!(%error, "the peers could not be read"),
        }
        if !next_change(&mut peers, &mut tasks).await {
            return;
        }
    }
}

/// Waits until some peering changes; false when none can any more.
async fn next_change(peers: &mut watch::Receiver<Changes>, tasks: &mut JoinSet<()>) -> bool {
    loop {
        tokio::select! {
            rung = peers.changed() => return rung.is_ok(),
            // A task that panicked is a defect; it is begun again with the next change.
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => if let Err(error) = ended {
                tracing::error!(%error, "following a peer broke down");
            },
        }
    }
}

async fn follow(app: &App, node: NodeId, backoff: Backoff) {
    let mut bell = app.signals.peering(node);
    let mut keys = app.signals.keys();
    let mut failures = 0_u32;
    loop {
        bell.hear();
        let peering = match app.relationship(&node).await {
            Ok(Some(peering)) if peering.standing != Standing::Ended(Side::Them) => peering,
            Ok(_) => return,
            Err(error) => {
                tracing::error!(%error, "a peering could not be read");
                tokio::time::sleep(backoff.first).await;
                continue;
            }
        };
        // What a round brings to light by itself is no reason to begin another at once.
        let mut peering = peering;
        let outcome = round(app, &mut peering, &mut bell).await;
        left(app, &node).await;
        let wait = match outcome {
            Ok(Outcome::Over) => return,
            Ok(Outcome::Changed) => {
                failures = 0;
                continue;
            }
            Ok(Outcome::Quiet) => {
                failures = 0;
                LOOK_AGAIN
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                let why = error.for_the_log();
                tracing::info!(peer = %node.short(), why, failures, "following broke off; it is tried again");
                note(app, &node, None, &error.to_string()).await;
                backoff.delay(failures, entropy::bytes::<1>().map_or(0, |[byte]| byte))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = changed(app, &peering, &mut bell) => failures = 0,
            _ = keys.changed() => failures = 0,
        }
    }
}

/// Notes that a peer is not followed any more at this moment.
pub async fn left(app: &App, node: &NodeId) {
    if app.signals.glimpse(node).following
        && let Err(error) = app.heard(node, false).await
    {
        tracing::error!(%error, "when a peer was heard last could not be noted");
    }
}

/// Returns when the peering has become another than `before`. What was heard is lost when it is dropped before that.
async fn changed(app: &App, before: &Peering, bell: &mut PeerBell) {
    while bell.rings().await {
        if is_another(app, before).await {
            return;
        }
    }
    std::future::pending().await
}

/// Whether the peering has become another than `before`.
pub(super) async fn is_another(app: &App, before: &Peering) -> bool {
    let key =
        |p: &Peering| (p.standing, p.endpoint.clone(), p.contract_hash, p.by_us.clone(), p.by_them.clone());
    !matches!(app.relationship(&before.node).await, Ok(Some(now)) if key(&now) == key(before))
}

/// What went wrong as it is kept and shown: it may quote what the peer said.
pub(super) fn plain(error: &str) -> String {
    error.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect()
}

pub(super) async fn note(app: &App, node: &NodeId, at: Option<Timestamp>, error: &str) {
    if let Err(error) = app.note_contact(node, at, &plain(error)).await {
        tracing::error!(%error, "a contact could not be noted");
    }
}

async fn round(app: &App, peering: &mut Peering, bell: &mut PeerBell) -> Result<Outcome, FollowError> {
    if peering.standing == Standing::Proposed(Side::Them) {
        return Ok(Outcome::Quiet); // a person has to answer first
    }
    let mut peer = client::connect(app, &peering.node, &peering.endpoint).await?;
    app.met(&peer.identity, &peer.hello).await?;
    // The other side may have told in its Hello that it holds back, or does no more. What we say about that must be what
    // it was told.
    let now = app.relationship(&peering.node).await?;
    match now.filter(|now| now.by_us == peering.by_us) {
        Some(now) => *peering = now,
        None => return Ok(Outcome::Changed),
    }
    let peering = &*peering;
    note(app, &peering.node, Some(app.clock.now()), "").await;
    let seen = contract::seen(peer.hello.relationship.clone()).map_err(AppError::from)?;
    match next_step(peering, &seen) {
        Step::Wait => Ok(match (peering.standing, seen.standing) {
            (Standing::Ended(_), SeenStanding::Stranger | SeenStanding::Ended) => Outcome::Over,
            _ => Outcome::Quiet,
        }),
        Step::Unknown => Err(FollowError::Unknown),
        Step::TheyEnded(reason) => {
            app.receive_end(&peering.node, &reason).await?;
            Ok(Outcome::Over)
        }
        Step::End => {
            tell(&mut peer, PbStep::End(PeeringEnd { reason: peering.reason.clone() })).await?;
            Ok(Outcome::Over)
        }
        Step::Propose => {
            let (contract, invitation, name) = app.proposal(&peering.node).await?;
            let identity = app.keys.identity().events().to_vec();
            let endpoint = app.endpoint.to_string();
            let contract = Some(contract);
            let proposal = PeeringProposal { contract, identity, name, endpoint, invitation };
            tell(&mut peer, PbStep::Proposal(proposal)).await?;
            Ok(Outcome::Quiet)
        }
        Step::Accept => {
            let (contract, _, _) = app.proposal(&peering.node).await?;
            let identity = app.keys.identity().events().to_vec();
            let acceptance = PeeringAcceptance { contract: Some(contract), identity };
            tell(&mut peer, PbStep::Acceptance(acceptance)).await?;
            if !peering.flows() {
                return Ok(Outcome::Quiet);
            }
            peer.refuse_old(app)?;
            watch_log(app, peering, &mut peer, bell).await
        }
        Step::Follow => {
            peer.refuse_old(app)?;
            watch_log(app, peering, &mut peer, bell).await
        }
    }
}

async fn tell(peer: &mut Peer, step: PbStep) -> Result<Relationship, FollowError> {
    let mut request = tonic::Request::new(PeeringRequest { step: Some(step) });
    request.set_timeout(client::ANSWER);
    Ok(peer.service.peering(request).await?.into_inner().relationship.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        let full: Vec<_> = (1..10).map(|failures| backoff.delay(failures, 0).as_secs()).collect();
        assert_eq!(full, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.delay(7, 255), Duration::from_secs(30));
        assert_eq!(backoff.delay(u32::MAX, 0), Duration::from_secs(60));
    }
}
