//! Bells that ring after a commit, and what is known of peers at this moment only. Whoever hears a bell looks at the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cairn_proto::ids::NodeId;
use jiff::SignedDuration;
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};

use crate::domain::{restriction::Degree, sync::Plan};

/// All bells of a node.
#[derive(Debug)]
pub struct Signals {
    head: watch::Sender<u64>,
    peers: watch::Sender<Changes>,
    compared: watch::Sender<Arc<BTreeSet<NodeId>>>,
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

/// How often the peering with each node was added or changed since the process began.
pub type Changes = BTreeMap<NodeId, u64>;

/// Rings when the peering with one node changes. With many peers, all but one of whom a change does not concern, nobody else
/// looks at the store for it.
#[derive(Debug)]
pub struct PeerBell {
    node: NodeId,
    heard: u64,
    changes: watch::Receiver<Changes>,
}

impl PeerBell {
    /// Takes what rang until now for heard.
    pub fn hear(&mut self) {
        self.heard = self.changes.borrow().get(&self.node).copied().unwrap_or_default();
    }

    /// Ready when it rings, or has rung since it was heard last; gives false when it never will again. Nothing is lost when this is
    /// dropped before.
    pub async fn rings(&mut self) -> bool {
        let count = |changes: &Changes| changes.get(&self.node).copied().unwrap_or_default();
        let Ok(changes) = self.changes.wait_for(|changes| count(changes) != self.heard).await else {
            return false;
        };
        self.heard = count(&changes);
        true
    }
}

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
            peers: watch::Sender::default(),
            compared: watch::Sender::default(),
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
    pub fn peers(&self) -> watch::Receiver<Changes> {
        self.peers.subscribe()
    }

    /// Rings when the peering with this node was added or changed.
    #[must_use]
    pub fn peering(&self, node: NodeId) -> PeerBell {
        let changes = self.peers.subscribe();
        let mut bell = PeerBell { node, heard: 0, changes };
        bell.hear();
        bell
    }

    /// Whose heads are compared with what peers hold of them; rings when that becomes another set.
    #[must_use]
    pub fn compared(&self) -> watch::Receiver<Arc<BTreeSet<NodeId>>> {
        self.compared.subscribe()
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

    /// As [`Self::index_alone`], for those who cannot wait.
    pub(crate) fn try_index_alone(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.index.try_lock().ok()
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
        self.peers.send_modify(|changes| *changes.entry(*node).or_default() += 1);
        self.log_followed(*node);
    }

    pub(crate) fn now_compared(&self, authors: BTreeSet<NodeId>) {
        self.compared.send_if_modified(|before| {
            let others = **before != authors;
            if others {
                *before = Arc::new(authors);
            }
            others
        });
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
