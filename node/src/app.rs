//! Use cases, one a file: load, decide, save. They know the rules and the store, and nothing of
//! how a request came in.

pub mod actor;
pub(crate) mod append;
pub mod audit;
mod back;
pub mod backups;
pub mod blocks;
pub mod catalogue;
pub mod dialogue;
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
pub mod lineage;
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
pub mod signals;
pub mod standing;
pub mod status;
pub mod subscriptions;
pub mod succession;
pub mod trust;
pub mod uses;
pub mod withdraw;
pub mod withdrawals;
pub mod witness;

use std::{path::Path, sync::Arc};

use jiff::Timestamp;

pub use error::AppError;
use signals::Signals;

use crate::{
    backup,
    clock::Clock,
    domain::{preflight::Settings, version::Versions, witness::Policy as Witnesses},
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
