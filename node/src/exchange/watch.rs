//! Telling a peer that watches what is new, as long as it listens.

use std::{collections::BTreeMap, time::Duration};

use cairn_proto::{ids::NodeId, pb::exchange::WatchResponse};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, sleep_until},
};
use tonic::Status;

use crate::app::{
    App, AppError,
    actor::Caller,
    news::{Kind, News, Wanted},
};

/// So often a peer is told anew when the authors of logs that are passed on were heard last.
const HEARD_AGAIN: Duration = Duration::from_secs(900);
/// After a cosignature came, others have this long to cosign as well before all are told of at once.
const GATHER: Duration = Duration::from_millis(500);

/// Tells news to one peer.
struct Teller<'a> {
    sender: &'a mpsc::Sender<Result<WatchResponse, Status>>,
    told: BTreeMap<(NodeId, Kind), (u64, u64, String)>,
}

impl Teller<'_> {
    /// Tells it unless it was told already; false when nobody listens any more.
    async fn tell(&mut self, news: News) -> bool {
        let News { about, state, message } = news;
        if self.told.get(&about) == Some(&state) {
            return true;
        }
        self.told.insert(about, state);
        self.sender.send(Ok(message)).await.is_ok()
    }
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
    let mut teller = Teller { sender, told: BTreeMap::new() };
    let (mut look_at_others, mut gathered) = (true, None::<Instant>);
    let node = caller.node();
    loop {
        let peer = app.active_peer(caller).await?;
        if let Some(own) = app.own_news(&peer, wanted).await?
            && !teller.tell(own).await
        {
            return Ok(());
        }
        if look_at_others {
            let others = app.other_news(&peer, wanted).await?;
            let own = app.keys.node_id();
            teller.told.retain(|about, _| about.0 == own || others.iter().any(|news| news.about == *about));
            for news in others {
                if !teller.tell(news).await {
                    return Ok(());
                }
            }
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
                    teller.told.retain(|about, _| about.0 == own);
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
