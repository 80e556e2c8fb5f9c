//! Hearing of new heads over one connection, and what each of them is for: the peer's own log, one that it passes on, ours as the peer
//! holds it, one that is only compared. Not here: who is called, and when (`follow`).

use std::time::Duration;

use cairn_proto::pb::exchange::{WatchRequest, WatchResponse};
use futures::StreamExt as _;
use tokio::time::timeout;

use super::{
    follow::{FollowError, Outcome, is_another, note},
    pull,
    tomorrow::{self, Tomorrow},
};
use crate::{
    app::{App, AppError, gate::OursThere, signals::PeerBell},
    domain::peer::Peering,
    exchange::client::{self, Line},
};

/// So often it is written down that the author of a log still answers.
const HEARD_AGAIN: Duration = Duration::from_secs(900);

/// Hears of new heads and pulls what they bring, until the peering changes or the connection ends.
///
/// # Errors
/// [`FollowError`] when following broke off.
pub async fn watch_log(
    app: &App,
    peering: &Peering,
    peer: &mut impl Line,
    bell: &mut PeerBell,
) -> Result<Outcome, FollowError> {
    // Before anything is asked for: what is chosen from now on is heard.
    let mut chosen = app.signals.chosen();
    let mut authors = app.signals.compared();
    // Shared by all who watch: what is asked for with it is long, and is not kept for each of a thousand peers.
    let mut known = authors.borrow_and_update().clone();
    let mut heads = watch_heads(peer, app.wanted(peering, &known)).await?;
    let (its_log, our_log) = (peering.node.to_string(), app.keys.node_id().to_string());
    let mut keys = app.signals.keys();
    let mut newest = 0;
    let mut tomorrow = Tomorrow::default();
    loop {
        let head = tokio::select! {
            head = heads.next() => head.ok_or(FollowError::Closed)??,
            head = tomorrow.comes(app) => head,
            rung = bell.rings() => {
                if !rung || is_another(app, peering).await {
                    return Ok(Outcome::Changed);
                }
                continue;
            }
            _ = authors.changed() => {
                let now = authors.borrow_and_update().clone();
                let wanted = app.wanted(peering, &now);
                if wanted != app.wanted(peering, &known) {
                    heads = watch_heads(peer, wanted).await?;
                }
                known = now;
                continue;
            }
            // All heads are told once more, and pulled with what is followed now.
            _ = chosen.changed() => {
                heads = watch_heads(peer, app.wanted(peering, &known)).await?;
                continue;
            }
            // We say Hello with the new key.
            _ = keys.changed() => return Ok(Outcome::Changed),
            // Quiet is not silence: HTTP/2 keeps asking whether the connection lives.
            () = tokio::time::sleep(HEARD_AGAIN) => {
                app.heard(&peering.node, true).await?;
                continue;
            }
        };
        if let Some(evidence) = &head.fork {
            app.take_fork(evidence).await?;
            continue;
        }
        if head.origin == our_log {
            came_back(app, peer, &head).await?;
            continue;
        }
        if !(head.origin.is_empty() || head.origin == its_log) {
            match head.identity.is_empty() {
                true => compared(app, &head).await?,
                false => carried(app, peering, peer, &head).await?,
            }
            continue;
        }
        // A pull may bring a newer head than the one it followed; what was announced in between is
        // old by now, and no sign that the author went back.
        if head.size < newest {
            continue;
        }
        match pull::pull(app, peer, &head).await {
            Ok(size) => newest = size,
            // The bell for that rings, and it is pulled anew.
            Err(FollowError::App(AppError::Rechosen)) => continue,
            // Its log is followed all the same: withdrawals wait for nothing.
            Err(error) => {
                tomorrow = Tomorrow::after(app, &peering.node, &error, head).await?.ok_or(error)?;
                app.heard(&peering.node, true).await?;
                note(app, &peering.node, Some(app.clock.now()), tomorrow.why()).await;
                continue;
            }
        }
        app.heard(&peering.node, true).await?;
        note(app, &peering.node, Some(app.clock.now()), "").await;
    }
}

async fn watch_heads<L: Line>(peer: &mut L, wanted: WatchRequest) -> Result<L::Heads, FollowError> {
    let heads = timeout(client::ANSWER, peer.watch(wanted)).await;
    Ok(heads.map_err(|_| FollowError::Silent)??)
}

/// A peer tells how much of our own log it holds. If that is more than is here, it gives it back.
async fn came_back(app: &App, peer: &mut impl Line, head: &WatchResponse) -> Result<(), FollowError> {
    let told = app.ours_at(peer.identity(), head.size, &head.checkpoint).await;
    match told {
        Ok(OursThere::Known) => return Ok(()),
        Ok(OursThere::More) => {}
        // That is our trouble, and no reason not to follow the peer's log.
        Err(error @ AppError::Received(_)) => {
            tracing::error!(peer = %peer.identity().node_id().short(), %error, "what a peer holds of our log is not what is here");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    pull::pull_back(app, peer, head.size, &head.checkpoint).await?;
    app.ours_at(peer.identity(), head.size, &head.checkpoint).await?;
    Ok(())
}

/// A peer tells the head that it holds of another's log. What contradicts ours was kept as evidence.
async fn compared(app: &App, head: &WatchResponse) -> Result<(), FollowError> {
    match app.compare_told(&head.origin, head.size, &head.checkpoint).await {
        // Of a stranger, malformed or contradicting: the peer's own log is followed all the same.
        Err(AppError::Received(error)) => {
            tracing::warn!(%error, "a head that a peer told of does not fit what is here");
            Ok(())
        }
        other => Ok(other?),
    }
}

/// Follows a log of another as far as the peer passes it on. What is wrong with that log is no reason to stop following
/// the peer's own.
async fn carried(
    app: &App,
    peering: &Peering,
    peer: &mut impl Line,
    head: &WatchResponse,
) -> Result<(), FollowError> {
    let followed = async {
        let Some(route) = app.route(&peering.node, head).await? else { return Ok(()) };
        pull::pull_carried(app, peer, &route, head).await?;
        Ok(app.heard_through(&route, head.heard_at.as_ref()).await?)
    };
    match followed.await {
        // The next announcement brings the rest.
        Err(error) if tomorrow::is_daily_quota(&error).is_some() => Ok(()),
        Err(FollowError::App(AppError::Rechosen)) => Ok(()),
        Err(FollowError::App(error)) => {
            let (carrier, why) = (peering.node.short(), FollowError::from(error).for_the_log());
            tracing::warn!(%carrier, why, "a log that a peer passes on was not followed");
            Ok(())
        }
        other => other,
    }
}
