//! Use cases, one a file: load, decide, save. They know the rules and the store, and nothing of
//! how a request came in.

pub mod actor;
pub(crate) mod append;
pub mod audit;
mod back;
pub mod backups;
pub mod blocks;
pub mod catalogue;
pub mod doctor;
pub mod error;
pub mod evidence;
pub mod experiments;
pub mod explain;
pub mod forks;
pub mod gate;
pub mod groups;
pub mod handshake;
pub mod holds;
pub mod index;
pub mod keys;
pub mod learning;
pub mod ledger;
pub mod lookup;
pub mod news;
pub mod peering;
pub mod place;
pub mod policies;
pub mod preflight;
pub mod probe;
pub mod public;
pub mod publish;
pub mod purge;
pub mod receipts;
pub mod receive;
pub mod records;
pub mod relay;
pub mod requests;
pub mod serve;
pub mod sharing;
pub mod standing;
pub mod status;
pub mod subscriptions;
pub mod succession;
pub mod trust;
pub mod uses;
pub mod withdraw;
pub mod withdrawals;
pub mod witness;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cairn_proto::ids::NodeId;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};

pub use error::AppError;

use crate::{
    backup,
    clock::Clock,
    domain::{
        preflight::Settings, restriction::Degree, sync::Plan, version::Versions, witness::Policy as Witnesses,
    },
    entropy::Entropy,
    keys::Keys,
    store::Store,
};

/// Everything a use case works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// What the node remembers.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Where salts and nonces come from.
    pub entropy: Entropy,
    /// Who the node is.
    pub keys: Arc<Keys>,
    /// host:port under which other nodes reach this one.
    pub endpoint: Arc<str>,
    /// Where keys and configuration lie.
    pub data_dir: Arc<Path>,
    /// When this process began to serve.
    pub serving_since: Timestamp,
    /// What the place decided about its pre-flight.
    pub settings: Arc<Settings>,
    /// Whose cosignatures the place asks for.
    pub witnesses: Arc<Witnesses>,
    /// Which versions of the protocol it speaks, and asks for.
    pub versions: Versions,
    /// What the place decided about its backups.
    pub backup: Arc<backup::Settings>,
    /// What has changed, for those who wait.
    pub signals: Arc<Signals>,
    /// Where wishes to have a peer called go.
    pub probes: probe::Probes,
}

/// Bells that ring after a commit, and what is known of peers at this moment only. Whoever hears
/// a bell looks at the store.
#[derive(Debug)]
pub struct Signals {
    head: watch::Sender<u64>,
    peers: watch::Sender<u64>,
    chosen: watch::Sender<u64>,
    records: watch::Sender<u64>,
    followed: broadcast::Sender<NodeId>,
    cosigned: watch::Sender<u64>,
    keys: watch::Sender<u64>,
    documents: watch::Sender<u64>,
    purged: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    asked: watch::Sender<bool>,
    index: tokio::sync::Mutex<()>,
    began: Instant,
    seen: Mutex<BTreeMap<NodeId, Glimpse>>,
}

/// Followed logs that a slow listener may have to catch up on; whoever missed some looks at all.
const FOLLOWED: usize = 256;

/// What the last contact with a peer showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Glimpse {
    /// What its newest head asked for.
    pub plan: Option<Plan>,
    /// How far its clock was ahead of ours.
    pub ahead: Option<SignedDuration>,
    /// Whether its log is being followed at this moment.
    pub following: bool,
    /// Whether it was heard, and its newest head followed, since this process began.
    pub heard: bool,
    /// How much of our log it holds, as it said since this process began.
    pub holds_of_us: Option<u64>,
    /// What it was told last about how we hold the peering back.
    pub told: Option<Degree>,
}

impl Default for Signals {
    fn default() -> Self {
        let bell = || watch::Sender::new(0);
        let closing = watch::Sender::new(false);
        Self {
            head: bell(),
            peers: bell(),
            chosen: bell(),
            records: bell(),
            followed: broadcast::Sender::new(FOLLOWED),
            cosigned: bell(),
            keys: bell(),
            documents: bell(),
            purged: bell(),
            closing,
            asked: watch::Sender::new(false),
            index: tokio::sync::Mutex::default(),
            began: Instant::now(),
            seen: Mutex::default(),
        }
    }
}

impl Signals {
    /// Rings when our own log has grown.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Rings when a peering was added or changed.
    #[must_use]
    pub fn peers(&self) -> watch::Receiver<u64> {
        self.peers.subscribe()
    }

    /// Rings when somebody here chose otherwise what is followed.
    #[must_use]
    pub fn chosen(&self) -> watch::Receiver<u64> {
        self.chosen.subscribe()
    }

    /// Rings when records came in or went.
    #[must_use]
    pub fn records(&self) -> watch::Receiver<u64> {
        self.records.subscribe()
    }

    /// Tells whose log has grown here, or which author was heard, found to have signed two logs, or is another kind of peer than before.
    #[must_use]
    pub fn followed(&self) -> broadcast::Receiver<NodeId> {
        self.followed.subscribe()
    }

    /// Rings when others have cosigned our head.
    #[must_use]
    pub fn cosignatures(&self) -> watch::Receiver<u64> {
        self.cosigned.subscribe()
    }

    /// Rings when other keys came into force: connections are made anew.
    #[must_use]
    pub fn keys(&self) -> watch::Receiver<u64> {
        self.keys.subscribe()
    }

    /// Rings when documents at home were changed.
    #[must_use]
    pub fn documents(&self) -> watch::Receiver<u64> {
        self.documents.subscribe()
    }

    /// Rings when records were purged: the database's files have to be cleared of them.
    #[must_use]
    pub fn purged(&self) -> watch::Receiver<u64> {
        self.purged.subscribe()
    }

    /// Ready when the node stops: streams without an end of their own end then.
    pub async fn closing(&self) {
        // An error means that the sender is gone, which is a stop as well.
        self.closing.subscribe().wait_for(|&closing| closing).await.ok();
    }

    /// Whether peers were given the time to say what they hold of our log, since this process began.
    pub(crate) fn asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Ready when they were.
    pub(crate) async fn all_asked(&self) {
        self.asked.subscribe().wait_for(|&asked| asked).await.ok();
    }

    /// They were: what is not known by now is not waited for any longer.
    pub fn now_asked(&self) {
        self.asked.send_replace(true);
    }

    /// Waits until nobody else indexes records, or clears the index of what was deleted: that begins anew with whatever is indexed
    /// meanwhile.
    pub(crate) async fn index_alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.index.lock().await
    }

    /// What is left of this time since the process began.
    pub(crate) fn ask_for(&self, time: Duration) -> Duration {
        time.saturating_sub(self.began.elapsed())
    }

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    pub(crate) fn head_moved(&self) {
        self.head.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// The peering with a node was changed: what of its log others get may be, too.
    pub(crate) fn peers_changed(&self, node: &NodeId) {
        self.peers.send_modify(|n| *n = n.wrapping_add(1));
        self.log_followed(*node);
    }

    pub(crate) fn follow_changed(&self) {
        self.chosen.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn records_changed(&self) {
        self.records.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn keys_changed(&self) {
        self.keys.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn log_followed(&self, origin: NodeId) {
        // An error means that nobody listens.
        self.followed.send(origin).ok();
    }

    pub(crate) fn cosigned(&self) {
        self.cosigned.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn documents_changed(&self) {
        self.documents.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Words at home were erased: the database's files have to be cleared of them.
    pub(crate) fn documents_erased(&self) {
        self.purged.send_modify(|n| *n = n.wrapping_add(1));
        self.documents_changed();
    }

    pub(crate) fn records_purged(&self) {
        self.purged.send_modify(|n| *n = n.wrapping_add(1));
        self.records_changed();
    }

    /// Remembers what contact with a peer shows.
    pub(crate) fn glimpsed(&self, peer: NodeId, note: impl FnOnce(&mut Glimpse)) {
        // A poisoned lock only means that another note was cut short; the notes stay usable.
        note(self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(peer).or_default());
    }

    /// What the last contact with a peer showed.
    pub(crate) fn glimpse(&self, peer: &NodeId) -> Glimpse {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(peer).copied().unwrap_or_default()
    }
}
