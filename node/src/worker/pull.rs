//! One pull: what a head brings, checked part by part and kept as far as it came.

use std::{ops::Range, pin::pin};

use cairn_proto::{
    checkpoint::Checkpoint,
    pb::exchange::{Filter, OpeningBatch, PullRequest, PullResponse, WatchResponse, pull_response::Part},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tokio::{sync::mpsc, time::timeout};
use tonic::Status;

use super::{compare::compare, follow::FollowError};
use crate::{
    app::{App, AppError, receive::ReceiveError, relay::Route},
    domain::{
        subscription::Asked,
        sync::{BatchRefused, Plan},
    },
    exchange::client::{self, Line},
};

/// Batches of openings that are checked at once; each is at most one gRPC message.
const CHECKED_AT_ONCE: usize = 4;
/// Checked batches that are kept in one transaction, and as many that wait for the one before.
const KEPT_AT_ONCE: usize = 4;

/// The parts of an answer to a pull.
pub(super) trait Parts: Stream<Item = Result<PullResponse, Status>> + Send + Unpin {}

impl<S: Stream<Item = Result<PullResponse, Status>> + Send + Unpin> Parts for S {}

/// Times a pull begins anew because another brought the same leaves meanwhile.
const OVERTAKEN: usize = 3;

/// Pulls what the author's announced head brings, if anything; gives the size of the newest head seen.
pub(super) async fn pull(
    app: &App,
    peer: &mut impl Line,
    announced: &WatchResponse,
) -> Result<u64, FollowError> {
    let route = app.direct_route(peer.identity().clone()).await?;
    let (size, note) = pull_once(app, peer, &route, announced.size, &announced.checkpoint).await?;
    // We were taken into a group: what was passed over before may be for us now.
    if app.holding(&route).await?.settled_to < size {
        return Ok(pull_once(app, peer, &route, size, &note).await?.0);
    }
    Ok(size)
}

/// Pulls back what a peer holds of our own log and is not here.
pub(super) async fn pull_back(
    app: &App,
    peer: &mut impl Line,
    size: u64,
    note: &str,
) -> Result<(), FollowError> {
    let route = app.route_back(&peer.identity().node_id()).await?;
    pull_once(app, peer, &route, size, note).await.map(|_| ())
}

/// Pulls what the announced head of a log brings that a peer passes on.
pub(super) async fn pull_carried(
    app: &App,
    peer: &mut impl Line,
    route: &Route,
    announced: &WatchResponse,
) -> Result<(), FollowError> {
    for _ in 0..OVERTAKEN {
        match pull_once(app, peer, route, announced.size, &announced.checkpoint).await {
            // Nobody waits for another who brings the same log: a slow one would hold up retractions.
            Err(FollowError::App(AppError::Received(ReceiveError::Batch(BatchRefused::NotNext {
                ..
            })))) => {}
            other => return other.map(|_| ()),
        }
    }
    Ok(())
}

async fn pull_once(
    app: &App,
    peer: &mut impl Line,
    route: &Route,
    size: u64,
    note: &str,
) -> Result<(u64, String), FollowError> {
    let received = AppError::from;
    let head = app.check_head(&route.author, size, note).map_err(received)?;
    let route = &app.counted_from(route, head.size).await?;
    app.compare_head(&route.author, &head, note).await?;
    let held = app.holding(route).await?;
    let Plan::Pull { from_size, openings_from } = app.plan(route, &held, &head).map_err(received)? else {
        app.take_cosignatures(&route.author, &head, note).await?;
        return Ok((head.size, note.to_owned()));
    };
    let request = PullRequest {
        origin: origin(route),
        from_size,
        openings_from,
        filter: asked(route),
        only: Vec::new(),
    };
    let parts = timeout(client::ANSWER, peer.pull(request)).await;
    let mut parts = parts.map_err(|_| FollowError::Silent)??;
    let Some(Part::Head(head)) = next(&mut parts).await? else {
        return Err(out_of_turn());
    };
    let note = head.checkpoint;
    let head = app.check_head(&route.author, head.size, &note).map_err(received)?;
    app.plan(route, &held, &head).map_err(received)?;
    let first = match pull_leaves(app, route, &head, from_size, &mut parts).await {
        Err(FollowError::App(AppError::Received(ReceiveError::Batch(
            refused @ BatchRefused::NotInLog(_),
        )))) => {
            drop(parts);
            compare(app, peer, route, &head, &note).await?;
            return Err(AppError::from(ReceiveError::Batch(refused)).into());
        }
        first => first?,
    };
    app.receive_head(route, &head, &note).await?;
    if held.leaves_only {
        return Ok((head.size, note));
    }
    let pulled = pull_openings(app, route, openings_from..head.size, first, parts).await;
    let now = app.holding(route).await?;
    app.plan(route, &now, &head).map_err(received)?;
    pulled.map(|()| (head.size, note))
}

/// How a log is named to the peer that brings it.
pub(super) fn origin(route: &Route) -> String {
    if route.is_direct() { String::new() } else { route.origin().to_string() }
}

/// The filter to ask with, unless everything is wanted.
fn asked(route: &Route) -> Option<Filter> {
    let Asked::Followed(followed) = &route.asked else { return None };
    let filter = followed.filter();
    (!filter.is_all()).then(|| (&filter).into())
}

/// Takes leaf batches until the first openings, which it gives back.
async fn pull_leaves(
    app: &App,
    route: &Route,
    head: &Checkpoint,
    mut size: u64,
    parts: &mut impl Parts,
) -> Result<Option<OpeningBatch>, FollowError> {
    loop {
        match next(parts).await? {
            Some(Part::Leaves(batch)) if size < head.size => {
                size = app.receive_leaves(route, head, &batch).await?;
            }
            Some(Part::Openings(batch)) if size == head.size => return Ok(Some(batch)),
            None if size == head.size => return Ok(None),
            _ => return Err(out_of_turn()),
        }
    }
}

/// Checks several batches at once and keeps them in order: those that wait, together, while the next are checked. What came before
/// one that is refused is kept.
async fn pull_openings(
    app: &App,
    route: &Route,
    range: Range<u64>,
    first: Option<OpeningBatch>,
    parts: impl Parts,
) -> Result<(), FollowError> {
    // Who passes a log on may not have all of it yet; what is missing comes with its next announcement.
    let all = route.is_direct();
    let (sender, mut waiting) = mpsc::channel(KEPT_AT_ONCE);
    let check = async move {
        let checked = stream::try_unfold((first, parts, range), move |rest| next_openings(rest, all))
            .map(async |part| {
                let (from, batch) = part?;
                Ok::<_, FollowError>(app.check_openings(route, from, batch).await?)
            })
            .buffered(CHECKED_AT_ONCE);
        let mut checked = pin!(checked);
        while let Some(batch) = checked.try_next().await? {
            if sender.send(batch).await.is_err() {
                break; // those before it could not be kept, which is told below
            }
        }
        Ok(())
    };
    let keep = async move {
        let mut batches = Vec::with_capacity(KEPT_AT_ONCE);
        while waiting.recv_many(&mut batches, KEPT_AT_ONCE).await > 0 {
            app.receive_openings(route, &batches).await?;
            batches.clear();
        }
        Ok(())
    };
    let (checked, kept) = tokio::join!(check, keep);
    kept.and(checked)
}

/// What is still to come: a batch already taken, the rest of the answer, the indices not settled yet.
type Rest<P> = (Option<OpeningBatch>, P, Range<u64>);

/// The next batch of openings, and from where on it settles. Each has to lead on, so that the answer ends, and the last to the
/// end where `all` have to come.
async fn next_openings<P: Parts>(
    (first, mut parts, rest): Rest<P>,
    all: bool,
) -> Result<Option<((u64, OpeningBatch), Rest<P>)>, FollowError> {
    let part = match first {
        Some(batch) => Some(Part::Openings(batch)),
        None => next(&mut parts).await?,
    };
    match part {
        Some(Part::Openings(batch)) if batch.settled_to > rest.start => {
            let (from, rest) = (rest.start, batch.settled_to..rest.end);
            Ok(Some(((from, batch), (None, parts, rest))))
        }
        Some(_) => Err(out_of_turn()),
        None if rest.is_empty() || !all => Ok(None),
        None => Err(FollowError::Closed),
    }
}

/// The next part; a peer that falls silent in the middle is given up.
pub(super) async fn next(parts: &mut impl Parts) -> Result<Option<Part>, FollowError> {
    let message =
        timeout(client::ANSWER, parts.next()).await.map_err(|_| FollowError::Silent)?.transpose()?;
    message.map(|message| message.part.ok_or_else(out_of_turn)).transpose()
}

pub(super) fn out_of_turn() -> FollowError {
    AppError::from(ReceiveError::OutOfTurn).into()
}
