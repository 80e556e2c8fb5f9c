//! Calls a peer to see what it offers, or to fetch single records that somebody chose.

use std::collections::BTreeSet;

use cairn_proto::{
    ids::NodeId,
    limits,
    pb::exchange::{ListOffersRequest, PullRequest, pull_response::Part},
};
use prost::Message as _;
use tokio::time::timeout;
use tonic::Code;

use super::{
    follow::{FollowError, plain},
    pull::{next, origin, out_of_turn},
};
use crate::{
    app::{App, AppError, probe::Offers},
    domain::subscription::{Filter, Offer},
    exchange::client::{self, CallError, Peer},
};

/// Answers that are put together into one catalogue: several thousand records are looked at for it.
const PAGES: usize = 16;

/// Summaries in one catalogue: more than a person reads through at once.
const OFFERS: usize = 500;
/// And bytes of them: the answer has to fit one message, whatever a peer sends.
const OFFERED_BYTES: usize = limits::MESSAGE_BYTES / 2;

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
        let (mut offers, mut bytes) = (Vec::new(), 0);
        for _ in 0..PAGES {
            let filter = (!filter.is_all()).then(|| filter.into());
            let request = ListOffersRequest { origin: origin.clone(), from, filter };
            let page = timeout(client::ANSWER, peer.service.list_offers(request));
            let page = page.await.map_err(|_| FollowError::Silent)??.into_inner();
            for offer in page.offers {
                let size = offer.encoded_len();
                let offer = Offer::try_from(offer).map_err(AppError::from)?;
                if offer.index < from || offer.index >= page.looked_to {
                    return Err(out_of_turn());
                }
                if offers.len() >= OFFERS || bytes >= OFFERED_BYTES {
                    return Ok((offers, Some(offer.index)));
                }
                from = offer.index + 1;
                bytes += size;
                offers.push(offer);
            }
            if page.looked_to >= page.end {
                return Ok((offers, None));
            }
            if page.looked_to < from {
                return Err(out_of_turn());
            }
            from = page.looked_to;
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
            app.receive_openings(&route, &[checked]).await?;
        }
        Ok(())
    };
    told(app, node, fetched.await).await
}

async fn call(app: &App, node: &NodeId, endpoint: &str) -> Result<Peer, FollowError> {
    let peer = client::connect(app, node, endpoint).await?;
    app.met(&peer.identity, &peer.hello).await?;
    peer.refuse_old(app)?;
    Ok(peer)
}

/// What people are told when it did not work.
async fn told<T>(app: &App, node: &NodeId, result: Result<T, FollowError>) -> Result<T, AppError> {
    match result {
        Ok(done) => Ok(done),
        // What came is not what it should be: that is said of the peer.
        Err(FollowError::App(error @ (AppError::Received(_) | AppError::Record(_)))) => {
            Err(app.unanswered(node, plain(&error.to_string())).await)
        }
        Err(FollowError::App(error)) => Err(error),
        Err(FollowError::Call(CallError::Refused(said))) if said.code() == Code::Unimplemented => {
            let why = "its version of Cairn has no catalogue yet; what you follow comes all the same";
            Err(app.unanswered(node, why.to_owned()).await)
        }
        // It may quote what the peer said.
        Err(error) => Err(app.unanswered(node, plain(&error.to_string())).await),
    }
}
