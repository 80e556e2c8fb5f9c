//! Opening an envelope into the record it carries.
//!
//! The key is chosen by position and the signature checked before the payload is parsed. Deliberately not
//! here: the limits and rules of what a record says (a node checks them where it takes a record in).

use prost::Message as _;
use thiserror::Error;

use crate::{
    envelope::{self, EnvelopeError, PayloadType},
    identity::Identity,
    ids::NodeId,
    pb::exchange::{Record, record::Body},
};

/// Why an envelope does not hold the record of that author at that index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The envelope is not acceptable, or not signed by the author's key for that index.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The author's chain, as known here, has no key for that index.
    #[error("no key of the author may sign index {0}, as far as its identity is known here")]
    NoKey(u64),
    /// Signed, but not a record.
    #[error("the record cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// It names another author.
    #[error("the record names another author than {0}, whose key signed it")]
    OtherAuthor(NodeId),
    /// It was made for another place in the log.
    #[error("the record says it stands at index {found}, not {expected}")]
    OtherIndex {
        /// Where it was found.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// It names another identity event than the one whose key signed it.
    #[error(
        "the record says the key of identity event {found} signed it; it was the key of event {expected}"
    )]
    OtherKey {
        /// The event whose key signed it.
        expected: u32,
        /// What it says.
        found: u32,
    },
    /// Its author has successors, and its log was frozen before.
    #[error(
        "it counts for nothing: its author named who goes on in its place at size {0}, and signs only what takes back since"
    )]
    Void(u64),
}

/// Opens the envelope found at `index` of this author's log.
pub fn open(envelope_bytes: &[u8], author: &Identity, index: u64) -> Result<Record, RecordError> {
    let envelope = envelope::decode(envelope_bytes)?;
    // Ranges do not overlap: at most one key may sign an index.
    let epoch = author.epochs().iter().find(|epoch| epoch.covers_index(index));
    let epoch = epoch.ok_or(RecordError::NoKey(index))?;
    let payload = envelope::verify(&envelope, PayloadType::Record, &[epoch.signing_key], 1)?;
    let record = Record::decode(payload)?;
    if record.author != author.node_id().to_string() {
        return Err(RecordError::OtherAuthor(author.node_id()));
    }
    if record.index != index {
        return Err(RecordError::OtherIndex { expected: index, found: record.index });
    }
    if record.identity_seq != epoch.seq {
        return Err(RecordError::OtherKey { expected: epoch.seq, found: record.identity_seq });
    }
    let takes_back = matches!(record.body, Some(Body::Retraction(_) | Body::PurgeReceipt(_)));
    match author.succession() {
        Some(frozen) if index >= frozen.log_size && !takes_back => Err(RecordError::Void(frozen.log_size)),
        _ => Ok(record),
    }
}
