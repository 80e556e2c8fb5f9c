//! What lies between two nodes in a run: the messages themselves, handed over one by one when the run says so. The follower's and
//! the server's code are the node's own; each goes on only while it is polled, and waits for this wire otherwise.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use cairn_node::{
    app::{App, AppError, actor::Caller, news::Wanted, serve::Selection},
    domain::peer::Peering,
    exchange::{
        client::Line,
        server::{self, Outlet},
        watch::{Look, Told, tell_news},
    },
    worker::{
        follow::{FollowError, Outcome},
        heads::watch_log,
    },
};
use cairn_proto::{
    identity::Identity,
    pb::exchange::{PullRequest, PullResponse, WatchRequest, WatchResponse},
};
use futures::Stream;
use tonic::Status;

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the follower waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The next head.
    Head,
    /// The next part of an answer.
    Part,
}

#[derive(Default)]
struct Hands {
    heads: VecDeque<Result<WatchResponse, Status>>,
    watched: Option<WatchRequest>,
    pull: Option<PullRequest>,
    /// `None` ends the answer.
    parts: VecDeque<Option<Result<PullResponse, Status>>>,
    asks: Option<Asks>,
    /// The connection is lost: after what is on its way, nothing comes.
    lost: bool,
}

#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Hands>>);

impl Wire {
    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost() -> Status {
    Status::unavailable("the connection was lost")
}

/// The follower's end.
struct End {
    identity: Identity,
    wire: Wire,
}

struct Heads(Wire);
struct Parts(Wire);

impl Line for End {
    type Heads = Heads;
    type Parts = Parts;

    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn watch(&mut self, request: WatchRequest) -> Result<Heads, Status> {
        self.wire.hands().watched = Some(request);
        Ok(Heads(self.wire.clone()))
    }

    async fn pull(&mut self, request: PullRequest) -> Result<Parts, Status> {
        let mut hands = self.wire.hands();
        if hands.lost {
            return Err(lost());
        }
        hands.pull = Some(request);
        hands.parts.clear();
        drop(hands);
        Ok(Parts(self.wire.clone()))
    }
}

impl Stream for Heads {
    type Item = Result<WatchResponse, Status>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut hands = self.0.hands();
        match hands.heads.pop_front() {
            Some(head) => Poll::Ready(Some(head)),
            None if hands.lost => Poll::Ready(Some(Err(lost()))),
            None => {
                hands.asks = Some(Asks::Head);
                Poll::Pending
            }
        }
    }
}

impl Stream for Parts {
    type Item = Result<PullResponse, Status>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut hands = self.0.hands();
        match hands.parts.pop_front() {
            Some(Some(part)) => Poll::Ready(Some(part)),
            Some(None) => {
                hands.parts.push_front(None);
                Poll::Ready(None)
            }
            None if hands.lost => Poll::Ready(Some(Err(lost()))),
            None => {
                hands.asks = Some(Asks::Part);
                Poll::Pending
            }
        }
    }
}

/// One node follows another: both ends, and what is on its way.
pub(crate) struct Flow {
    wire: Wire,
    follower: Later<Result<Outcome, FollowError>>,
    /// Who the server takes the follower for.
    pub(crate) caller: Caller,
    /// What the follower was told.
    pub(crate) told: Told,
    /// What the follower waits for.
    pub(crate) asks: Asks,
    /// What it asked for last.
    pub(crate) asked: PullRequest,
    serving: Option<Serving>,
}

/// How far the follower came.
pub(crate) enum Progress {
    /// It waits.
    Waits,
    /// It has ended.
    Over(Result<Outcome, FollowError>),
}

impl Flow {
    /// The follower's code, up to where it asks for heads.
    pub(crate) async fn begin(app: App, peering: Peering, identity: Identity, caller: Caller) -> Self {
        let wire = Wire::default();
        let mut line = End { identity, wire: wire.clone() };
        let follower = Box::pin(async move {
            // What would end it from outside is for the run to say.
            let mut quiet = app.signals.peering(app.keys.node_id());
            app.renew_compared().await?;
            watch_log(&app, &peering, &mut line, &mut quiet).await
        });
        let mut flow = Self {
            wire,
            follower,
            caller,
            told: Told::default(),
            asks: Asks::Head,
            asked: PullRequest::default(),
            serving: None,
        };
        flow.advance().await;
        flow
    }

    /// What the follower asked for when it began.
    pub(crate) fn watched(&self) -> WatchRequest {
        self.wire.hands().watched.clone().unwrap_or_default()
    }

    /// Whether something is on its way to the follower.
    pub(crate) fn on_its_way(&self) -> bool {
        let hands = self.wire.hands();
        match self.asks {
            Asks::Head => !hands.heads.is_empty(),
            Asks::Part => !hands.parts.is_empty(),
        }
    }

    /// What the server tells now.
    pub(crate) async fn look(&mut self, server: &App) -> Result<Vec<WatchResponse>, AppError> {
        let heads = Collected::default();
        let wanted = Wanted::read(&self.watched())?;
        tell_news(server, &self.caller, &wanted, &Look::All, &mut self.told, &heads).await?;
        Ok(std::mem::take(&mut heads.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Puts a head on its way.
    pub(crate) fn send_head(&mut self, head: Result<WatchResponse, Status>) {
        self.wire.hands().heads.push_back(head);
    }

    /// Puts a part on its way, or the end of the answer.
    pub(crate) fn send_part(&mut self, part: Option<Result<PullResponse, Status>>) {
        self.wire.hands().parts.push_back(part);
    }

    /// The request that waits for an answer.
    pub(crate) fn request(&self) -> Option<PullRequest> {
        self.wire.hands().pull.take()
    }

    /// The server begins to answer.
    pub(crate) fn answer(&mut self, server: App, request: PullRequest) {
        self.asked = request.clone();
        self.serving = Some(Serving::begin(server, self.caller.clone(), request));
    }

    /// The next part of the answer; `None` at its end.
    pub(crate) async fn next_part(&mut self) -> Option<Result<PullResponse, AppError>> {
        let part = self.serving.as_mut()?.next().await;
        if !matches!(part, Some(Ok(_))) {
            self.serving = None;
        }
        part
    }

    /// Lets the follower take what is on its way, until it waits again.
    pub(crate) async fn advance(&mut self) -> Progress {
        self.wire.hands().asks = None;
        let (wire, follower) = (&self.wire, &mut self.follower);
        let over = poll_fn(|context| match follower.as_mut().poll(context) {
            Poll::Ready(over) => Poll::Ready(Some(over)),
            Poll::Pending if wire.hands().asks.is_some() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        match over.await {
            Some(over) => Progress::Over(over),
            None => {
                self.asks = self.wire.hands().asks.unwrap_or(Asks::Head);
                if self.asks == Asks::Head {
                    self.serving = None;
                }
                Progress::Waits
            }
        }
    }

    /// The connection is lost: nothing more comes.
    pub(crate) fn break_off(&mut self) {
        self.serving = None;
        self.wire.hands().lost = true;
    }
}

/// Heads as they are told.
#[derive(Default)]
struct Collected(Mutex<Vec<WatchResponse>>);

impl Outlet<WatchResponse> for Collected {
    async fn put(&self, head: WatchResponse) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(head);
        true
    }
}

/// A server in the middle of an answer: it goes on to the next part only when it is asked for.
pub(crate) struct Serving {
    slot: Slot,
    answer: Later<Result<(), AppError>>,
}

#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<PullResponse>>>);

impl Slot {
    fn part(&self) -> MutexGuard<'_, Option<PullResponse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet<PullResponse> for Slot {
    async fn put(&self, part: PullResponse) -> bool {
        *self.part() = Some(part);
        poll_fn(|_| if self.part().is_none() { Poll::Ready(true) } else { Poll::Pending }).await
    }
}

impl Serving {
    /// A server begins to answer.
    pub(crate) fn begin(server: App, caller: Caller, request: PullRequest) -> Self {
        let slot = Slot::default();
        let outlet = slot.clone();
        let answer = Box::pin(async move {
            let selection = Selection::read(&request)?;
            server::pull(&server, &caller, &request, &selection, &outlet).await
        });
        Self { slot, answer }
    }

    /// The next part; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<PullResponse, AppError>> {
        let (slot, answer) = (&self.slot, &mut self.answer);
        poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(Ok(())) => Poll::Ready(None),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
            Poll::Pending => match slot.part().take() {
                Some(part) => Poll::Ready(Some(Ok(part))),
                None => Poll::Pending,
            },
        })
        .await
    }
}
