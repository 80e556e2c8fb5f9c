//! Calls a peer to see what it offers, or to fetch single records that somebody chose.

use std::collections::BTreeSet;

use cairn_proto::{
    ids::NodeId,
    pb::exchange::{ListOffersRequest, PullRequest, pull_response::Part},
};
use tokio::time::timeout;

use super::{
    follow::FollowError,
    pull::{next, origin, out_of_turn},
};
use crate::{
    app::{App, AppError, probe::Offers},
    domain::subscription::{Filter, Offer},
    exchange::client::{self, Peer},
};

/// Answers that are put together into one catalogue: several thousand records are looked at for it.
const PAGES: usize = 16;

/// Summaries in one catalogue: more than a person reads through at once.
const OFFERS: usize = 500;

/// What a peer offers of an author's log.
pub(super) async fn look(
    app: &App,
    (node, endpoint): (&NodeId, &str),
    author: &NodeId,
    filter: &Filter,
    mut from: u64,
) -> Result<Offers, AppError> {
    let looked = async {
        let mut peer = call(app, node, endpoint).await?;
        let origin = if author == node { String::new() } else { author.to_string() };
        let mut offers = Vec::new();
        for _ in 0..PAGES {
            let filter = (!filter.is_all()).then(|| filter.into());
            let request = ListOffersRequest { origin: origin.clone(), from, filter };
            let page = timeout(client::ANSWER, peer.service.list_offers(request));
            let page = page.await.map_err(|_| FollowError::Silent)??.into_inner();
            for offer in page.offers {
                let offer = Offer::try_from(offer).map_err(AppError::from)?;
                if offer.index < from || offer.index >= page.looked_to {
                    return Err(out_of_turn());
                }
                from = offer.index + 1;
                offers.push(offer);
            }
            if page.looked_to >= page.end {
                return Ok((offers, None));
            }
            if page.looked_to < from {
                return Err(out_of_turn());
            }
            from = page.looked_to;
            if offers.len() >= OFFERS {
                break;
            }
        }
        Ok((offers, Some(from)))
    };
    told(app, node, looked.await).await
}

/// Fetches single records of an author's log, whose leaves are held. How far the log is settled stays as it is.
pub(super) async fn fetch(
    app: &App,
    (node, endpoint): (&NodeId, &str),
    author: &NodeId,
    indices: BTreeSet<u64>,
) -> Result<(), AppError> {
    let fetched = async {
        let mut peer = call(app, node, endpoint).await?;
        let held = app.leaves_held(author).await?;
        let only: Vec<u64> = indices.iter().copied().collect();
        let route = app.route_for(author, node, indices).await?;
        let origin = origin(&route);
        let request = PullRequest { origin, from_size: held, openings_from: held, filter: None, only };
        let parts = timeout(client::ANSWER, peer.service.pull(request));
        let mut parts = parts.await.map_err(|_| FollowError::Silent)??.into_inner();
        let Some(Part::Head(_)) = next(&mut parts).await? else { return Err(out_of_turn()) };
        let mut settled = 0;
        while let Some(part) = next(&mut parts).await? {
            let Part::Openings(batch) = part else { return Err(out_of_turn()) };
            if batch.settled_to <= settled {
                return Err(out_of_turn());
            }
            settled = batch.settled_to;
            let checked = app.check_openings(&route, 0, batch).await?;
            app.receive_openings(&route, &checked).await?;
        }
        Ok(())
    };
    told(app, node, fetched.await).await
}

async fn call(app: &App, node: &NodeId, endpoint: &str) -> Result<Peer, FollowError> {
    let peer = client::connect(app, node, endpoint).await?;
    app.met(&peer.identity, &peer.hello).await?;
    Ok(peer)
}

/// What people are told when it did not work.
async fn told<T>(app: &App, node: &NodeId, result: Result<T, FollowError>) -> Result<T, AppError> {
    match result {
        Ok(done) => Ok(done),
        Err(FollowError::App(error)) => Err(error),
        Err(error) => Err(app.unanswered(node, error.to_string()).await),
    }
}
