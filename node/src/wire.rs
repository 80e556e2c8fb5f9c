//! Between protobuf messages and domain values. What comes in is parsed into values that cannot be
//! wrong; nothing past these files sees an unchecked message. Both edges and the use cases that
//! sign or open records share them, so that a record reads the same wherever it is shown.
//!
//! One person's life has no form on the wire (R036). A scale that travels has:
//!
//! ```
//! use cairn_node::domain::place::Scale;
//! let _ = cairn_proto::pb::exchange::Scale::from(&Scale::Place);
//! ```
//!
//! A scale at home, which may be one person's life, has none, and neither has any document at home:
//!
//! ```compile_fail,E0277
//! use cairn_node::domain::place::LocalScale;
//! let _ = cairn_proto::pb::exchange::Scale::from(&LocalScale::Life);
//! ```
//!
//! ```compile_fail,E0277
//! fn leaves(document: &cairn_node::domain::learning::Document) -> cairn_proto::pb::exchange::Record {
//!     document.into()
//! }
//! ```
//!
//! ```compile_fail,E0277
//! fn leaves(experiment: &cairn_node::domain::learning::experiment::Experiment) -> cairn_proto::pb::exchange::ExperimentSummary {
//!     experiment.into()
//! }
//! ```

pub mod contract;
pub mod dialogue;
pub mod policy;
pub mod profile;
pub mod record;
pub mod subscription;
pub mod summary;
pub mod trust;
pub mod uses;
pub mod withdrawal;

use cairn_proto::ids::{InvalidNodeId, NodeId};
use jiff::Timestamp;

use crate::domain::{
    date::InvalidDate,
    dialogue::InvalidSaying,
    policy::{GroupId, InvalidPolicy},
    text::InvalidText,
};

/// Why a record's content was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// A text out of bounds.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// A date that is none.
    #[error(transparent)]
    Date(#[from] InvalidDate),
    /// A policy that is none, or not allowed.
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
    /// A response or a message that does not say what it must, or is about nothing.
    #[error(transparent)]
    Saying(#[from] InvalidSaying),
    /// A NodeId that is none.
    #[error("`{field}` is not a node id: {error}")]
    NodeId {
        /// The field.
        field: &'static str,
        /// What is wrong.
        error: InvalidNodeId,
    },
    /// A required part is absent.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A value outside its closed list.
    #[error("`{0}` has a value that this version does not know")]
    Unknown(&'static str),
    /// Bytes of the wrong length.
    #[error("`{field}` must be {expected} bytes long")]
    Length {
        /// The field.
        field: &'static str,
        /// How long it must be.
        expected: usize,
    },
    /// A body of a kind that this version does not know. Not a fault of the author.
    #[error("it is of a kind that this version does not know; a newer version may")]
    UnknownBody,
}

/// A protobuf timestamp from a domain one.
#[must_use]
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// A domain timestamp, in whole microseconds, from a protobuf one.
pub(crate) fn time(field: &'static str, at: &prost_types::Timestamp) -> Result<Timestamp, InvalidRecord> {
    let at = Timestamp::new(at.seconds, at.nanos).map_err(|_| InvalidRecord::Unknown(field))?;
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|_| InvalidRecord::Unknown(field))
}

fn node_id(field: &'static str, text: &str) -> Result<NodeId, InvalidRecord> {
    text.parse().map_err(|error| InvalidRecord::NodeId { field, error })
}

fn group_id(field: &'static str, text: &str) -> Result<GroupId, InvalidRecord> {
    let id = GroupId::new(text).map_err(|_| InvalidRecord::Unknown(field))?;
    // One spelling only: what is compared must be equal.
    if id.as_str() == text { Ok(id) } else { Err(InvalidRecord::Unknown(field)) }
}

fn hash(field: &'static str, bytes: &[u8]) -> Result<[u8; 32], InvalidRecord> {
    bytes.try_into().map_err(|_| InvalidRecord::Length { field, expected: 32 })
}
