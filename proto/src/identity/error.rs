//! Every way in which an identity chain can fail, in words. Not here: the rules themselves (`chain.rs`).

use thiserror::Error;

use crate::{
    envelope::{EnvelopeError, InvalidKey, PayloadType},
    ids::NodeId,
    limits::{IDENTITY_EVENTS, LOG_SIZE, RECOVERIES, RECOVERY_KEYS, SUCCESSORS},
};

/// Why an identity chain was refused, or a key asked of one does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// No events.
    #[error("the identity chain is empty")]
    Empty,
    /// More than [`IDENTITY_EVENTS`].
    #[error("the identity chain has {0} events and at most {IDENTITY_EVENTS} are accepted")]
    TooLong(usize),
    /// More than [`RECOVERIES`].
    #[error("the identity chain has more than {RECOVERIES} recoveries")]
    TooManyRecoveries,
    /// The envelope of an event is not acceptable, or not signed by whom it must be.
    #[error("event {seq} of the identity chain: {error}")]
    Envelope {
        /// Position in the chain.
        seq: u32,
        /// What is wrong with it.
        #[source]
        error: EnvelopeError,
    },
    /// An event of a kind that cannot stand there.
    #[error("event {seq} of the identity chain cannot be of type \"{}\"", found.as_str())]
    WrongKind {
        /// Position in the chain.
        seq: u32,
        /// Its type.
        found: PayloadType,
    },
    /// An inception without exactly one signature, a rotation without exactly two, or a succession with others than those of its
    /// node and of each successor.
    #[error("event {seq} of the identity chain has {found} signatures and must have exactly {needed}")]
    Signatures {
        /// Position in the chain.
        seq: u32,
        /// Its signatures.
        found: usize,
        /// How many it must have.
        needed: usize,
    },
    /// The payload is not the message its type promises.
    #[error("event {seq} of the identity chain cannot be read: {error}")]
    Malformed {
        /// Position in the chain.
        seq: u32,
        /// What the decoder said.
        #[source]
        error: prost::DecodeError,
    },
    /// A key in the event is not acceptable.
    #[error("event {seq} of the identity chain names an unusable key: {error}")]
    Key {
        /// Position in the chain.
        seq: u32,
        /// What is wrong with it.
        #[source]
        error: InvalidKey,
    },
    /// A field has the wrong length.
    #[error("event {seq} of the identity chain: {field} must have {expected} bytes")]
    Length {
        /// Position in the chain.
        seq: u32,
        /// Its name.
        field: &'static str,
        /// The length it must have.
        expected: usize,
    },
    /// A key is used twice, or for two purposes.
    #[error("event {seq} of the identity chain uses a key again; every key has one purpose, once")]
    KeyReused {
        /// Position in the chain.
        seq: u32,
    },
    /// Threshold and number of recovery keys do not fit.
    #[error(
        "event {seq} of the identity chain asks for {threshold} of {keys} recovery keys; \
         the least is 1, the most all of them and never above 15, and at most {RECOVERY_KEYS} keys are accepted"
    )]
    Threshold {
        /// Position in the chain.
        seq: u32,
        /// The threshold.
        threshold: u32,
        /// The keys.
        keys: usize,
    },
    /// The event names another node.
    #[error("event {seq} of the identity chain belongs to another node")]
    OtherNode {
        /// Position in the chain.
        seq: u32,
    },
    /// The event's own number is not its position.
    #[error("event {expected} of the identity chain says it is event {found}")]
    Sequence {
        /// Position in the chain.
        expected: u32,
        /// What it says.
        found: u32,
    },
    /// The hash of the previous event does not fit.
    #[error("event {seq} of the identity chain does not follow the event before it")]
    Previous {
        /// Position in the chain.
        seq: u32,
    },
    /// The new key is not the one committed to.
    #[error("event {seq} of the identity chain brings a key that was not announced beforehand")]
    NotAnnounced {
        /// Position in the chain.
        seq: u32,
    },
    /// A rotation that would take back what the current key's predecessors signed, or a size beyond any log.
    #[error(
        "event {seq} of the identity chain cuts at size {size}; a size from {from} to {LOG_SIZE} is needed"
    )]
    Cut {
        /// Position in the chain.
        seq: u32,
        /// The size it names.
        size: u64,
        /// The smallest it may name.
        from: u64,
    },
    /// A second succession while one is in force.
    #[error("event {seq} of the identity chain names successors, and they were named before")]
    SucceededAlready {
        /// Position in the chain.
        seq: u32,
    },
    /// The number of successors does not fit what became of the place.
    #[error(
        "event {seq} of the identity chain names {found} successors; a place that was renamed or merged has one, and one that was \
         split has 2 to {SUCCESSORS}"
    )]
    Successors {
        /// Position in the chain.
        seq: u32,
        /// How many it names.
        found: usize,
    },
    /// A successor that is the node itself, or is named twice.
    #[error("event {seq} of the identity chain names {node} twice, or as its own successor")]
    SuccessorTwice {
        /// Position in the chain.
        seq: u32,
        /// Which.
        node: NodeId,
    },
    /// The chain of a successor does not hold.
    #[error("event {seq} of the identity chain names a successor whose own identity does not hold: {error}")]
    Successor {
        /// Position in the chain.
        seq: u32,
        /// What is wrong.
        #[source]
        error: Box<IdentityError>,
    },
    /// A recovery that is to keep a succession where none would stay.
    #[error(
        "event {seq} of the identity chain keeps a succession, and there is none, or it begins after size {size}"
    )]
    KeepsNothing {
        /// Position in the chain.
        seq: u32,
        /// The size at which the new key begins.
        size: u64,
    },
    /// The chain as known here has no such event.
    #[error("the identity has no event {seq}; the newest known here is {newest}")]
    NoSuchEvent {
        /// The event asked for.
        seq: u32,
        /// The newest one.
        newest: u32,
    },
    /// The key exists but not for this index.
    #[error(
        "the key of identity event {seq} signs indices from {from} up to {until:?} (exclusive), not {index}"
    )]
    OutsideRange {
        /// The event asked for.
        seq: u32,
        /// The index asked for.
        index: u64,
        /// First index of the key.
        from: u64,
        /// First index no longer the key's.
        until: Option<u64>,
    },
}
