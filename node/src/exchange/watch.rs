//! Telling a peer that watches what is new, as long as it listens.

use std::{collections::BTreeMap, time::Duration};

use cairn_proto::{ids::NodeId, pb::exchange::WatchResponse};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, sleep_until},
};
use tonic::Status;

use super::server::Outlet;
use crate::app::{
    App, AppError,
    actor::Caller,
    news::{Kind, News, Wanted},
};

/// So often a peer is told anew when the authors of logs that are passed on were heard last.
const HEARD_AGAIN: Duration = Duration::from_secs(900);
/// After a cosignature came, others have this long to cosign as well before all are told of at once.
const GATHER: Duration = Duration::from_millis(500);

/// What a watcher was told, and how it was then.
pub type Told = BTreeMap<(NodeId, Kind), (u64, u64, String)>;

/// Tells our own head and, with `others`, all else that is new since `told`; gives false if nobody listens any more.
///
/// # Errors
/// [`AppError::NotAPeer`] when the caller is none, or not any more.
pub async fn tell_news(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    others: bool,
    told: &mut Told,
    outlet: &impl Outlet<WatchResponse>,
) -> Result<bool, AppError> {
    let peer = app.active_peer(caller).await?;
    let mut news: Vec<News> = app.own_news(&peer, wanted).await?.into_iter().collect();
    if !tell(news, told, outlet).await {
        return Ok(false);
    }
    if !others {
        return Ok(true);
    }
    news = app.other_news(&peer, wanted).await?;
    let own = app.keys.node_id();
    told.retain(|about, _| about.0 == own || news.iter().any(|news| news.about == *about));
    Ok(tell(news, told, outlet).await)
}

async fn tell(news: Vec<News>, told: &mut Told, outlet: &impl Outlet<WatchResponse>) -> bool {
    for News { about, state, message } in news {
        if told.get(&about) == Some(&state) {
            continue;
        }
        told.insert(about, state);
        if !outlet.put(message).await {
            return false;
        }
    }
    true
}

/// Tells the present head, then every new one, and whatever else is wanted, as long as the caller listens and is a peer and the
/// node serves.
pub(super) async fn watch(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    sender: &mpsc::Sender<Result<WatchResponse, Status>>,
) -> Result<(), AppError> {
    let (mut moved, mut peers, mut keys) = (app.signals.head(), app.signals.peers(), app.signals.keys());
    let (mut followed, mut cosigned) = (app.signals.followed(), app.signals.cosignatures());
    let (mut told, mut look_at_others, mut gathered) = (Told::new(), true, None::<Instant>);
    let node = caller.node();
    loop {
        if !tell_news(app, caller, wanted, look_at_others, &mut told, sender).await? {
            return Ok(());
        }
        look_at_others = loop {
            tokio::select! {
                () = sender.closed() => return Ok(()),
                () = app.signals.closing() => return Ok(()),
                rung = moved.changed() => if rung.is_err() { return Ok(()) } else { break false },
                rung = peers.changed() => if rung.is_err() { return Ok(()) } else { break true },
                // Whoever comes back learns of the new key in our Hello.
                _ = keys.changed() => return Ok(()),
                more = next(&mut followed, |origin| wanted.concerns(&node, origin)) => {
                    if more { break true } else { return Ok(()) }
                }
                rung = cosigned.changed(), if wanted.witnessed && gathered.is_none() => {
                    if rung.is_err() { return Ok(()) }
                    gathered = Instant::now().checked_add(GATHER);
                }
                () = until(gathered), if gathered.is_some() => {
                    gathered = None;
                    break false;
                }
                // The authors of the others were heard since.
                () = tokio::time::sleep(HEARD_AGAIN), if wanted.relayed => {
                    let own = app.keys.node_id();
                    told.retain(|about, _| about.0 == own);
                    break true;
                }
            }
        };
    }
}

async fn until(at: Option<Instant>) {
    sleep_until(at.unwrap_or_else(Instant::now)).await;
}

/// Ready when there is news of a log that concerns the listener; false when there will be none any more.
async fn next(
    followed: &mut tokio::sync::broadcast::Receiver<NodeId>,
    concerns: impl Fn(&NodeId) -> bool,
) -> bool {
    loop {
        match followed.recv().await {
            Ok(origin) if concerns(&origin) => return true,
            Ok(_) => {}
            // Whoever missed some looks at all.
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}
