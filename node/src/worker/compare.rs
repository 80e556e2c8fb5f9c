//! When a head does not continue what is held here: the whole other log is asked for once, to see where it parts from ours, and
//! what proves that is kept. Nothing of it is stored.

use cairn_proto::{
    checkpoint::Checkpoint,
    pb::exchange::{PullRequest, pull_response::Part},
};
use tokio::time::timeout;

use super::{
    follow::FollowError,
    pull::{next, origin},
};
use crate::{
    app::{App, AppError, receive::ReceiveError, relay::Route},
    domain::fork::Search,
    exchange::client::{self, Line},
};

/// Looks through the log of a head that a peer announced, for what contradicts the head held here.
pub(super) async fn compare(
    app: &App,
    peer: &mut impl Line,
    route: &Route,
    head: &Checkpoint,
    note: &str,
) -> Result<(), FollowError> {
    let Some(held) = app.held_head(&route.author).await? else { return Ok(()) };
    let Ok(mut search) = Search::new(held, head.clone()) else { return Ok(()) };
    let request =
        PullRequest { origin: origin(route), from_size: 0, openings_from: head.size, ..Default::default() };
    let parts = timeout(client::ANSWER, peer.pull(request)).await;
    let mut parts = parts.map_err(|_| FollowError::Silent)??;
    let Some(Part::Head(newest)) = next(&mut parts).await? else { return Ok(()) };
    if newest.size != head.size {
        return Ok(()); // it moved meanwhile; the next announcement is looked at
    }
    while search.size() < head.size {
        let Some(Part::Leaves(batch)) = next(&mut parts).await? else { return Ok(()) };
        if search.take(batch.from, &batch.leaves).is_err() {
            return Ok(());
        }
    }
    if let Some((root, proof)) = search.contradiction() {
        app.leaves_contradict(&route.author, note, root, proof).await?;
        return Err(AppError::from(ReceiveError::Fork { size: head.size }).into());
    }
    Ok(())
}
