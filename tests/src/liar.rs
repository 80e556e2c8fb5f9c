//! A node that peers as it should and then answers as a test wants it to: honestly, with lies, or not at all.
//! It has its own identity, keys, log and TLS, and the node's own acceptor in front.

mod answers;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use cairn_node::{
    domain::{
        peer::{Contract, Terms},
        policy::Card,
    },
    entropy,
    exchange::{incoming, tls},
    wire::contract::{contract_hash, encode},
};
use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
    limits,
    pb::exchange::{
        Envelope, ListOffersResponse, Opening, PeeringProposal, PeeringRequest, PullRequest, Relationship,
        RetractRequest, Standing, WatchResponse, exchange_service_server::ExchangeServiceServer,
        peering_request::Step, pull_response::Part,
    },
};
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tonic::transport::Server;

use self::answers::Answers;
use crate::{
    caller::Caller,
    desk::Desk,
    forge::{ForgedLog, Persona},
    place::TestPlace,
};

/// Changes an honest answer to a pull.
type Lie = Box<dyn Fn(&ForgedLog, &mut Vec<Part>) + Send>;

/// A node whose answers are in the hands of a test.
#[derive(Debug)]
pub struct Liar {
    /// Who it is.
    pub persona: Persona,
    /// Where it answers.
    pub address: SocketAddr,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

struct Inner {
    persona: Persona,
    log: Mutex<ForgedLog>,
    carried: Mutex<Vec<(Persona, ForgedLog)>>,
    lie: Mutex<Option<Lie>>,
    announced: Mutex<Option<WatchResponse>>,
    version: Mutex<u32>,
    claimed: Mutex<Option<Vec<Envelope>>>,
    relationship: Mutex<Relationship>,
    hellos: Mutex<usize>,
    heads: watch::Sender<u64>,
    hang_ups: watch::Sender<u64>,
    parts: watch::Sender<usize>,
    pulls: Mutex<Vec<PullRequest>>,
    steps: Mutex<Vec<Step>>,
    retractions: Mutex<Vec<RetractRequest>>,
    receipt: Mutex<Option<Opening>>,
    offers: Mutex<ListOffersResponse>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inner({})", self.persona.id())
    }
}

/// A lock that a failed test may have poisoned; the test fails anyway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Liar {
    /// What it offers from now on.
    pub fn offer(&self, offers: ListOffersResponse) {
        *lock(&self.inner.offers) = offers;
    }

    /// How often somebody said Hello to it: each connection begins so.
    #[must_use]
    pub fn hellos(&self) -> usize {
        *lock(&self.inner.hellos)
    }

    /// Retractions that were brought to it.
    #[must_use]
    pub fn retractions(&self) -> Vec<RetractRequest> {
        lock(&self.inner.retractions).clone()
    }

    /// What it gives as its receipt from now on.
    pub fn give_receipt(&self, receipt: Opening) {
        *lock(&self.inner.receipt) = Some(receipt);
    }

    /// Begins to answer on a port of its own.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn spawn() -> Self {
        Self::spawn_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Begins to answer at an address, perhaps one that was somebody else's.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn spawn_at(address: SocketAddr) -> Self {
        let persona = Persona::new();
        let inner = Arc::new(Inner {
            log: Mutex::new(ForgedLog::new(persona.id(), &persona.signing)),
            persona: persona.clone(),
            carried: Mutex::default(),
            lie: Mutex::default(),
            announced: Mutex::default(),
            claimed: Mutex::default(),
            version: Mutex::new(limits::PROTOCOL_VERSION),
            relationship: Mutex::default(),
            hellos: Mutex::default(),
            heads: watch::Sender::new(0),
            hang_ups: watch::Sender::new(0),
            parts: watch::Sender::new(usize::MAX),
            pulls: Mutex::default(),
            steps: Mutex::default(),
            retractions: Mutex::default(),
            receipt: Mutex::default(),
            offers: Mutex::default(),
        });
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let presented = tls::Presented::new(&persona.signing).expect("a certificate");
        let config = tls::server_config(presented).expect("TLS");
        let service = ExchangeServiceServer::new(Answers(inner.clone()));
        let service = service.max_encoding_message_size(64 << 20);
        let served = Server::builder().add_service(service);
        let served = served.serve_with_incoming(incoming::connections(listener, config));
        let server = tokio::spawn(async move { served.await.expect("a server") });
        Self { persona, address, inner, server }
    }

    /// Its NodeId.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.persona.id()
    }

    /// Its NodeId as text.
    #[must_use]
    pub fn id_text(&self) -> String {
        self.id().to_string()
    }

    /// Presents this identity chain from now on, whatever it is, to those who come again.
    pub fn claim(&self, identity: Vec<Envelope>) {
        *lock(&self.inner.claimed) = Some(identity);
        self.hang_up();
    }

    /// Changes its log; nobody hears of it yet.
    pub fn write<T>(&self, change: impl FnOnce(&mut ForgedLog) -> T) -> T {
        change(&mut lock(&self.inner.log))
    }

    /// Passes on the log of another from now on, or what it says is one.
    pub fn carry(&self, author: &Persona, log: ForgedLog) {
        self.carry_quietly(author, log);
        self.announce();
    }

    /// As [`Self::carry`], but nobody hears of it yet.
    pub fn carry_quietly(&self, author: &Persona, log: ForgedLog) {
        let mut carried = lock(&self.inner.carried);
        carried.retain(|(other, _)| other.id() != author.id());
        carried.push((author.clone(), log));
    }

    /// Tells its watchers that there is something new.
    pub fn announce(&self) {
        self.inner.heads.send_modify(|n| *n += 1);
    }

    /// Breaks off, so that its watchers come again.
    pub fn hang_up(&self) {
        self.inner.hang_ups.send_modify(|n| *n += 1);
    }

    /// Announces another head than that of its log from now on.
    pub fn announce_falsely(&self, size: u64, checkpoint: &str) {
        let origin = self.id_text();
        self.say(WatchResponse { origin, size, checkpoint: checkpoint.to_owned(), ..Default::default() });
    }

    /// Tells its watchers this, whatever it is, from now on.
    pub fn say(&self, news: WatchResponse) {
        *lock(&self.inner.announced) = Some(news);
        self.announce();
    }

    /// Changes every answer to a pull from now on.
    pub fn lie(&self, lie: impl Fn(&ForgedLog, &mut Vec<Part>) + Send + 'static) {
        *lock(&self.inner.lie) = Some(Box::new(lie));
    }

    /// Is honest from now on.
    pub fn repent(&self) {
        *lock(&self.inner.lie) = None;
        *lock(&self.inner.announced) = None;
    }

    /// Answers `Hello` in another protocol version from now on.
    pub fn speak(&self, version: u32) {
        *lock(&self.inner.version) = version;
    }

    /// Sends at most so many parts of each pull from now on, and then falls silent.
    pub fn fall_silent_after(&self, parts: usize) {
        self.inner.parts.send_replace(parts);
    }

    /// Goes on where it fell silent.
    pub fn speak_again(&self) {
        self.fall_silent_after(usize::MAX);
    }

    /// The pulls it was asked for.
    #[must_use]
    pub fn pulls(&self) -> Vec<PullRequest> {
        lock(&self.inner.pulls).clone()
    }

    /// The peering steps it was told.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        lock(&self.inner.steps).clone()
    }

    /// A signed contract that proposes a peering to `to`.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn contract_with(&self, to: NodeId) -> Envelope {
        let terms = Terms::new(Card::Public.purposes(), true, 0, None);
        let (proposer, proposed_at) = (self.id(), Timestamp::UNIX_EPOCH);
        let contract = Contract { proposer, accepter: to, terms, proposed_at };
        let payload = encode(&contract, entropy::bytes().expect("randomness"));
        envelope::sign(PayloadType::PeeringContract, payload, &[&self.persona.signing])
    }

    /// A proposal to `to`.
    #[must_use]
    pub fn proposal_to(&self, to: NodeId) -> PeeringProposal {
        PeeringProposal {
            contract: Some(self.contract_with(to)),
            identity: self.persona.identity.events().to_vec(),
            name: "A new neighbour".into(),
            endpoint: self.address.to_string(),
            invitation: Vec::new(),
        }
    }

    /// Becomes a peer of `place`, whose people suspect nothing.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn become_peer_of(&self, place: &TestPlace) {
        self.become_peer_at(place, place.id, place.address).await;
    }

    /// As [`Self::become_peer_of`], with a node in any process.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn become_peer_at(&self, desk: &Desk, id: NodeId, address: SocketAddr) {
        let proposal = self.proposal_to(id);
        let hash = contract_hash(proposal.contract.as_ref().expect("a contract"));
        *lock(&self.inner.relationship) = Relationship {
            standing: Standing::Active.into(),
            contract_hash: hash.to_vec(),
            ..Default::default()
        };
        let mut caller = Caller::with_key(address, &self.persona.signing).await;
        let request = PeeringRequest { step: Some(Step::Proposal(proposal)) };
        caller.service.peering(request).await.expect("the proposal is taken");
        desk.accept(&self.id_text()).await.expect("the proposal waits");
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.server.abort();
    }
}
