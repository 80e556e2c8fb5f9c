//! The exchange service: what other nodes may ask.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use cairn_proto::{
    identity::Identity,
    limits,
    pb::exchange::{
        Envelope, Filter, Head as PbHead, HelloRequest, HelloResponse, LeafBatch, Limits, ListOffersRequest,
        ListOffersResponse, PeeringRequest, PeeringResponse, PullRequest, PullResponse, Relationship,
        RetractRequest, RetractResponse, WatchRequest, WatchResponse,
        exchange_service_server::ExchangeService, peering_request::Step, pull_response::Part,
    },
};
use jiff::Timestamp;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use super::{
    incoming::Proven,
    status::{self, status},
    watch::watch,
};
use crate::{
    app::{
        App, AppError,
        actor::Caller,
        news::Wanted,
        serve::{Head, Selection, ServedLog},
    },
    domain::throttle::{Rate, Throttle},
    wire,
};

/// Parts that wait for a slow reader: bounds what one pull can hold in memory.
const PARTS: usize = 2;
/// Callers whose rate is remembered.
const CALLERS: usize = 4096;
/// Addresses whose proposals are remembered.
const STRANGERS: usize = 1024;
/// A stranger may send a handful of proposals, then one in ten minutes.
const PROPOSALS: Rate = Rate { per_second: 1.0 / 600.0, burst: 5.0 };
/// What a peer may ask for (protocol, Limits).
const REQUESTS: Rate =
    Rate { per_second: limits::REQUESTS_PER_SECOND as f64, burst: limits::REQUEST_BURST as f64 };

/// What this software calls itself.
pub const SOFTWARE: &str = concat!("cairn-node ", env!("CARGO_PKG_VERSION"));

type Responses<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The service.
#[derive(Clone, Debug)]
pub struct Exchange {
    app: App,
    requests: Arc<Mutex<Throttle<[u8; 32]>>>,
    urgent: Arc<Mutex<Throttle<[u8; 32]>>>,
    proposals: Arc<Mutex<Throttle<IpAddr>>>,
}

impl Exchange {
    /// Serves `app` to other nodes.
    #[must_use]
    pub fn new(app: App) -> Self {
        let requests = Arc::new(Mutex::new(Throttle::new(REQUESTS, CALLERS)));
        let urgent = Arc::new(Mutex::new(Throttle::new(REQUESTS, CALLERS)));
        let proposals = Arc::new(Mutex::new(Throttle::new(PROPOSALS, STRANGERS)));
        Self { app, requests, urgent, proposals }
    }

    /// What the handshake proved about the caller, unless it asks too often.
    fn admit<T>(&self, request: &Request<T>) -> Result<Proven, Status> {
        let proven = proven(request)?;
        take(&self.requests, proven.key, self.app.clock.now())?;
        Ok(proven)
    }

    /// As [`Self::admit`], for a withdrawal and the `Hello` that goes before it. From a quota of its own: no pull, however greedy,
    /// keeps a withdrawal out.
    fn admit_urgent<T>(&self, request: &Request<T>) -> Result<Proven, Status> {
        let proven = proven(request)?;
        take(&self.urgent, proven.key, self.app.clock.now())?;
        Ok(proven)
    }

    async fn known(&self, proven: &Proven) -> Result<Caller, Status> {
        self.app.caller(&proven.key, &[]).await.map_err(|e| status(&e))
    }

    /// Learning flows only in a version that is new enough for this place.
    fn refuse_old(&self, proven: &Proven) -> Result<(), Status> {
        let versions = self.app.versions;
        match versions.is_enough(proven.agreed()) {
            true => Ok(()),
            false => Err(status::version(versions.minimum(), versions.high())),
        }
    }

    /// A caller whose identity is not blocked here.
    async fn unblocked(&self, proven: &Proven, presented: &[Envelope]) -> Result<Caller, Status> {
        let caller = self.app.caller(&proven.key, presented).await.map_err(|e| status(&e))?;
        self.app.refuse_blocked(&caller).await.map_err(|e| status(&e))?;
        Ok(caller)
    }

    async fn take_step(&self, proven: &Proven, step: Step) -> Result<Relationship, Status> {
        let peering = match step {
            Step::Proposal(proposal) => {
                let bytes = proposal.encoded_len();
                if bytes > limits::PROPOSAL_BYTES {
                    return Err(status::too_large("proposal", limits::PROPOSAL_BYTES, bytes));
                }
                let now = self.app.clock.now();
                let taken =
                    self.proposals.lock().unwrap_or_else(PoisonError::into_inner).take(proven.address, now);
                taken.map_err(|after| status::too_often(5, after))?;
                let caller = self.unblocked(proven, &proposal.identity).await?;
                self.app.receive_proposal(&caller, proposal).await
            }
            Step::Acceptance(acceptance) => {
                let caller = self.unblocked(proven, &acceptance.identity).await?;
                self.app.receive_acceptance(&caller, acceptance).await
            }
            Step::End(end) => {
                let caller = self.unblocked(proven, &[]).await?;
                self.app.receive_end(&caller.node(), &end.reason).await
            }
        };
        peering.map(|peering| (&peering).into()).map_err(|e| status(&e))
    }
}

#[tonic::async_trait]
impl ExchangeService for Exchange {
    type WatchStream = Responses<WatchResponse>;
    type PullStream = Responses<PullResponse>;

    async fn hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloResponse>, Status> {
        let proven = self.admit_urgent(&request)?;
        let hello = request.into_inner();
        let versions = self.app.versions;
        let agreed = versions
            .agreed(hello.min_version, hello.version)
            .ok_or_else(|| status::version(versions.low(), versions.high()))?;
        let caller = self.app.caller(&proven.key, &hello.identity).await.map_err(|e| status(&e))?;
        let ours = self.app.greeted(&caller, hello.relationship).await.map_err(|e| status(&e))?;
        proven.agree(agreed);
        Ok(Response::new(HelloResponse {
            version: agreed,
            identity: self.app.keys.identity().events().to_vec(),
            limits: Some(advertised()),
            relationship: ours.as_ref().map(Into::into),
            software: SOFTWARE.to_owned(),
            now: Some(wire::timestamp(self.app.clock.now())),
        }))
    }

    async fn peering(&self, request: Request<PeeringRequest>) -> Result<Response<PeeringResponse>, Status> {
        let proven = self.admit(&request)?;
        let step = request.into_inner().step;
        let step = step.ok_or_else(|| Status::invalid_argument("the peering step is of an unknown kind"))?;
        let relationship = self.take_step(&proven, step).await?;
        Ok(Response::new(PeeringResponse { relationship: Some(relationship) }))
    }

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let proven = self.admit(&request)?;
        self.refuse_old(&proven)?;
        let caller = self.known(&proven).await?;
        let peer = self.app.active_peer(&caller).await.map_err(|e| status(&e))?;
        let request = request.into_inner();
        for origin in request.origins.iter().take(limits::LIST_ITEMS) {
            self.app.served(&peer, origin).await.map_err(|e| status(&e))?;
        }
        let wanted = Wanted::read(&request).map_err(|e| status(&e))?;
        let (sender, receiver) = mpsc::channel(PARTS);
        let app = self.app.clone();
        tokio::spawn(async move {
            if let Err(error) = watch(&app, &caller, &wanted, &sender).await {
                sender.send(Err(status(&error))).await.ok();
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn retract(&self, request: Request<RetractRequest>) -> Result<Response<RetractResponse>, Status> {
        let proven = self.admit_urgent(&request)?;
        let caller = self.known(&proven).await?;
        let RetractRequest { identity, retraction } = request.into_inner();
        if identity.len() > limits::IDENTITY_EVENTS {
            return Err(Status::invalid_argument("the identity chain is too long"));
        }
        let author = Identity::verify(&identity).map_err(|e| Status::invalid_argument(e.to_string()))?;
        let retraction =
            retraction.ok_or_else(|| Status::invalid_argument("there is no retraction in it"))?;
        let receipt = self.app.receive_retraction(&caller, &author, &retraction).await;
        Ok(Response::new(RetractResponse { receipt: receipt.map_err(|e| status(&e))? }))
    }

    async fn pull(&self, request: Request<PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let proven = self.admit(&request)?;
        self.refuse_old(&proven)?;
        let caller = self.known(&proven).await?;
        let request = request.into_inner();
        bounded(request.filter.as_ref(), request.only.len())?;
        let selection = Selection::read(&request).map_err(|e| status(&e))?;
        let peer = self.app.active_peer(&caller).await.map_err(|e| status(&e))?;
        self.app.served(&peer, &request.origin).await.map_err(|e| status(&e))?;
        let (sender, receiver) = mpsc::channel(PARTS);
        let app = self.app.clone();
        tokio::spawn(async move {
            if let Err(error) = pull(&app, &caller, &request, &selection, &sender).await {
                sender.send(Err(status(&error))).await.ok();
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn list_offers(
        &self,
        request: Request<ListOffersRequest>,
    ) -> Result<Response<ListOffersResponse>, Status> {
        let proven = self.admit(&request)?;
        self.refuse_old(&proven)?;
        let caller = self.known(&proven).await?;
        let ListOffersRequest { origin, from, filter } = request.into_inner();
        bounded(filter.as_ref(), 0)?;
        let filter = filter.as_ref().map(TryInto::try_into).transpose();
        let filter = filter.map_err(|e| status(&AppError::Text(e)))?.unwrap_or_default();
        let peer = self.app.active_peer(&caller).await.map_err(|e| status(&e))?;
        let log = self.app.served(&peer, &origin).await.map_err(|e| status(&e))?;
        let offers = self.app.offers_for(&peer, &log, &filter, from).await;
        Ok(Response::new(offers.map_err(|e| status(&e))?))
    }
}

/// Refuses lists that are longer than the protocol allows, with the limit.
fn bounded(filter: Option<&Filter>, only: usize) -> Result<(), Status> {
    if only > limits::ONLY {
        return Err(status::too_many("single records", limits::ONLY, only));
    }
    let lists = filter.map(|filter| [&filter.kinds, &filter.themes, &filter.scales, &filter.factors]);
    let longest = lists.into_iter().flatten().map(Vec::len).max().unwrap_or_default();
    if longest > limits::LIST_ITEMS {
        return Err(status::too_many("filter entries", limits::LIST_ITEMS, longest));
    }
    Ok(())
}

/// What the handshake proved about a caller.
fn proven<T>(request: &Request<T>) -> Result<Proven, Status> {
    request.extensions().get::<Proven>().cloned().ok_or_else(|| Status::unauthenticated("no proven key"))
}

/// Counts a request against the quota of a key.
fn take(throttle: &Mutex<Throttle<[u8; 32]>>, key: [u8; 32], now: Timestamp) -> Result<(), Status> {
    let taken = throttle.lock().unwrap_or_else(PoisonError::into_inner).take(key, now);
    taken.map_err(|after| status::too_often(u64::from(limits::REQUEST_BURST), after))
}

fn advertised() -> Limits {
    let bytes = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Limits {
        envelope_bytes: bytes(limits::ENVELOPE_BYTES),
        message_bytes: bytes(limits::MESSAGE_BYTES),
        leaf_batch: bytes(limits::LEAF_BATCH),
        requests_per_second: limits::REQUESTS_PER_SECOND,
        request_burst: limits::REQUEST_BURST,
    }
}

/// Where the parts of an answer go, one by one.
pub trait Outlet<T>: Sync {
    /// Hands a part over, as soon as the reader has room for it; false if nobody reads any more.
    fn put(&self, part: T) -> impl Future<Output = bool> + Send;
}

impl<T: Send> Outlet<T> for mpsc::Sender<Result<T, Status>> {
    async fn put(&self, part: T) -> bool {
        self.send(Ok(part)).await.is_ok()
    }
}

/// Sends a head, the leaves the caller lacks, then the openings. Standing is looked up again
/// before each part.
///
/// # Errors
/// [`AppError`] when the caller may not follow this log here, or not any more.
pub async fn pull(
    app: &App,
    caller: &Caller,
    request: &PullRequest,
    selection: &Selection,
    sender: &impl Outlet<PullResponse>,
) -> Result<(), AppError> {
    let ServedLog { head, .. } = app.served(&app.active_peer(caller).await?, &request.origin).await?;
    let Head { size, checkpoint } = head;
    if request.from_size > size || request.openings_from > size {
        let claimed = request.from_size.max(request.openings_from);
        return Err(AppError::Refresh { size, claimed });
    }
    let send = async |part| sender.put(PullResponse { part: Some(part) }).await;
    if !send(Part::Head(PbHead { size, checkpoint })).await {
        return Ok(());
    }
    let last = selection.only.last();
    let mut from = last.map_or(request.from_size, |_| size);
    while from < size {
        let peer = app.active_peer(caller).await?;
        let log = app.served(&peer, &request.origin).await?;
        let batch = app.leaves_for(&peer, &log, from, size).await?;
        from += leaves_in(&batch);
        if !send(Part::Leaves(batch)).await {
            return Ok(());
        }
    }
    let mut settled = last.map_or(request.openings_from, |_| 0);
    loop {
        let peer = app.active_peer(caller).await?;
        let log = app.served(&peer, &request.origin).await?;
        let to = size.min(log.openings_to).min(last.map_or(u64::MAX, |last| last.saturating_add(1)));
        if settled >= to {
            return Ok(());
        }
        let batch = app.openings_for(&peer, &log, selection, (settled, to)).await?;
        settled = batch.settled_to;
        if !send(Part::Openings(batch)).await {
            return Ok(());
        }
    }
}

fn leaves_in(batch: &LeafBatch) -> u64 {
    (batch.leaves.len() / cairn_proto::log::Leaf::LEN) as u64
}
