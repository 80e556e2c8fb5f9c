//! One pull: what a head brings, checked part by part and kept as far as it came.

use std::ops::Range;

use cairn_proto::{
    checkpoint::Checkpoint,
    identity::Identity,
    pb::exchange::{OpeningBatch, PullRequest, PullResponse, WatchResponse, pull_response::Part},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::timeout;
use tonic::Streaming;

use super::follow::FollowError;
use crate::{
    app::{App, AppError, receive::ReceiveError},
    domain::sync::Plan,
    exchange::client::{self, Peer},
};

/// Batches of openings that are checked at once; each is at most one gRPC message.
const CHECKED_AT_ONCE: usize = 4;

/// Pulls what the announced head brings, if anything; gives the size of the newest head seen.
pub(super) async fn pull(app: &App, peer: &mut Peer, announced: &WatchResponse) -> Result<u64, FollowError> {
    let (size, note) = pull_once(app, peer, announced.size, &announced.checkpoint).await?;
    // We were taken into a group: what was passed over before may be for us now.
    if app.holding(&peer.identity.node_id()).await?.settled_to < size {
        return Ok(pull_once(app, peer, size, &note).await?.0);
    }
    Ok(size)
}

async fn pull_once(app: &App, peer: &mut Peer, size: u64, note: &str) -> Result<(u64, String), FollowError> {
    let author = peer.identity.clone();
    let node = author.node_id();
    let received = AppError::from;
    let head = app.check_head(&author, size, note).map_err(received)?;
    let held = app.holding(&node).await?;
    let Plan::Pull { from_size, openings_from } = app.plan(&node, &held, &head).map_err(received)? else {
        return Ok((head.size, note.to_owned()));
    };
    let request = PullRequest { origin: String::new(), from_size, openings_from };
    let parts =
        timeout(client::ANSWER, peer.service.pull(request)).await.map_err(|_| FollowError::Silent)??;
    let mut parts = parts.into_inner();
    let Some(Part::Head(head)) = next(&mut parts).await? else {
        return Err(out_of_turn());
    };
    let note = head.checkpoint;
    let head = app.check_head(&author, head.size, &note).map_err(received)?;
    app.plan(&node, &held, &head).map_err(received)?;
    let first = pull_leaves(app, &author, &head, from_size, &mut parts).await?;
    app.receive_head(&node, &head, &note).await?;
    let pulled = pull_openings(app, &author, openings_from..head.size, first, parts).await;
    let now = app.holding(&node).await?;
    app.plan(&node, &now, &head).map_err(received)?;
    pulled.map(|()| (head.size, note))
}

/// Takes leaf batches until the first openings, which it gives back.
async fn pull_leaves(
    app: &App,
    author: &Identity,
    head: &Checkpoint,
    mut size: u64,
    parts: &mut Streaming<PullResponse>,
) -> Result<Option<OpeningBatch>, FollowError> {
    loop {
        match next(parts).await? {
            Some(Part::Leaves(batch)) if size < head.size => {
                size = app.receive_leaves(&author.node_id(), head, &batch).await?;
            }
            Some(Part::Openings(batch)) if size == head.size => return Ok(Some(batch)),
            None if size == head.size => return Ok(None),
            _ => return Err(out_of_turn()),
        }
    }
}

/// Checks several batches at once and keeps them in order, each in a transaction of its own.
async fn pull_openings(
    app: &App,
    author: &Identity,
    range: Range<u64>,
    first: Option<OpeningBatch>,
    parts: Streaming<PullResponse>,
) -> Result<(), FollowError> {
    stream::try_unfold((first, parts, range), next_openings)
        .map(async |part| {
            let (from, batch) = part?;
            Ok::<_, FollowError>(app.check_openings(author, from, batch).await?)
        })
        .buffered(CHECKED_AT_ONCE)
        .try_for_each(async |checked| Ok(app.receive_openings(&author.node_id(), &checked).await?))
        .await
}

/// What is still to come: a batch already taken, the rest of the answer, the indices not settled yet.
type Rest = (Option<OpeningBatch>, Streaming<PullResponse>, Range<u64>);

/// The next batch of openings, and from where on it settles. Each has to lead on, so that the answer ends, and the last to the end.
async fn next_openings(
    (first, mut parts, rest): Rest,
) -> Result<Option<((u64, OpeningBatch), Rest)>, FollowError> {
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
        None if rest.is_empty() => Ok(None),
        None => Err(FollowError::Closed),
    }
}

/// The next part; a peer that falls silent in the middle is given up.
async fn next(parts: &mut Streaming<PullResponse>) -> Result<Option<Part>, FollowError> {
    let message = timeout(client::ANSWER, parts.message()).await.map_err(|_| FollowError::Silent)??;
    message.map(|message| message.part.ok_or_else(out_of_turn)).transpose()
}

fn out_of_turn() -> FollowError {
    AppError::from(ReceiveError::OutOfTurn).into()
}
