//! Telling a peer that watches what is new, as long as it listens.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cairn_proto::{ids::NodeId, pb::exchange::WatchResponse};
use tokio::{
    sync::{
        broadcast::error::{RecvError, TryRecvError},
        mpsc,
    },
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

/// What a watcher was told.
#[derive(Debug, Default)]
pub struct Told {
    /// What, and how it was then.
    news: BTreeMap<(NodeId, Kind), (u64, u64, String)>,
    /// The contract then, and whether logs of others were passed on under it. With others, all is looked at anew.
    terms: Option<([u8; 32], bool)>,
}

/// At what is looked for news, beside our own head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing else.
    Own,
    /// What is known of the logs of these authors.
    At(BTreeSet<NodeId>),
    /// All.
    All,
}

impl Look {
    fn takes_in(&self, author: &NodeId) -> bool {
        match self {
            Self::Own => false,
            Self::At(authors) => authors.contains(author),
            Self::All => true,
        }
    }
}

/// Tells our own head and what else there is to `look` at that is new since `told`; gives false if nobody listens any more.
///
/// # Errors
/// [`AppError::NotAPeer`] when the caller is none, or not any more.
pub async fn tell_news(
    app: &App,
    caller: &Caller,
    wanted: &Wanted,
    look: &Look,
    told: &mut Told,
    outlet: &impl Outlet<WatchResponse>,
) -> Result<bool, AppError> {
    let peer = app.active_peer(caller).await?;
    let terms = Some((*peer.contract(), peer.relay()));
    let look = if told.terms == terms { look } else { &Look::All };
    told.terms = terms;
    let own: Vec<News> = app.own_news(&peer, wanted).await?.into_iter().collect();
    if !tell(own, told, outlet).await {
        return Ok(false);
    }
    let authors = match look {
        Look::Own => return Ok(true),
        Look::At(authors) => Some(authors),
        Look::All => None,
    };
    let news = app.other_news(&peer, wanted, authors).await?;
    let own = app.keys.node_id();
    let still: BTreeSet<_> = news.iter().map(|news| news.about).collect();
    told.news.retain(|about, _| about.0 == own || !look.takes_in(&about.0) || still.contains(about));
    Ok(tell(news, told, outlet).await)
}

async fn tell(news: Vec<News>, told: &mut Told, outlet: &impl Outlet<WatchResponse>) -> bool {
    for News { about, state, message } in news {
        if told.news.get(&about) == Some(&state) {
            continue;
        }
        told.news.insert(about, state);
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
    let node = caller.node();
    let (mut moved, mut bell, mut keys) = (app.signals.head(), app.signals.peering(node), app.signals.keys());
    let (mut followed, mut cosigned) = (app.signals.followed(), app.signals.cosignatures());
    let (mut told, mut look, mut gathered) = (Told::default(), Look::All, None::<Instant>);
    loop {
        if !tell_news(app, caller, wanted, &look, &mut told, sender).await? {
            return Ok(());
        }
        look = loop {
            tokio::select! {
                () = sender.closed() => return Ok(()),
                () = app.signals.closing() => return Ok(()),
                rung = moved.changed() => if rung.is_err() { return Ok(()) } else { break Look::Own },
                // Whether its peering is what it was, is seen in any look.
                rung = bell.rings() => if rung { break Look::Own } else { return Ok(()) },
                // Whoever comes back learns of the new key in our Hello.
                _ = keys.changed() => return Ok(()),
                more = next(&mut followed, |origin| wanted.concerns(&node, origin)) => {
                    if let Some(more) = more { break more } else { return Ok(()) }
                }
                rung = cosigned.changed(), if wanted.witnessed && gathered.is_none() => {
                    if rung.is_err() { return Ok(()) }
                    gathered = Instant::now().checked_add(GATHER);
                }
                () = until(gathered), if gathered.is_some() => {
                    gathered = None;
                    break Look::Own;
                }
                // The authors of the others were heard since.
                () = tokio::time::sleep(HEARD_AGAIN), if wanted.relayed => {
                    let own = app.keys.node_id();
                    told.news.retain(|about, _| about.0 == own);
                    break Look::All;
                }
            }
        };
    }
}

async fn until(at: Option<Instant>) {
    sleep_until(at.unwrap_or_else(Instant::now)).await;
}

/// Ready when there is news of logs that concern the listener, with all of which there is news by then; nothing when there will be
/// none any more.
async fn next(
    followed: &mut tokio::sync::broadcast::Receiver<NodeId>,
    concerns: impl Fn(&NodeId) -> bool,
) -> Option<Look> {
    let mut authors = BTreeSet::new();
    while authors.is_empty() {
        match followed.recv().await {
            Ok(origin) => authors.extend(Some(origin).filter(&concerns)),
            // Whoever missed some looks at all.
            Err(RecvError::Lagged(_)) => return Some(Look::All),
            Err(RecvError::Closed) => return None,
        }
    }
    loop {
        match followed.try_recv() {
            Ok(origin) => authors.extend(Some(origin).filter(&concerns)),
            Err(TryRecvError::Lagged(_)) => return Some(Look::All),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(Look::At(authors)),
        }
    }
}
