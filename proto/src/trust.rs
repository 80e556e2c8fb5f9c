//! The trust list: one file with what a place proposes about others, signed by it.
//!
//! Checked here: that the file is whole, whose it is, and that it says one thing of each node. Deliberately not
//! here: whether to believe its author, and what to do about it. That is for people.

use std::collections::BTreeSet;

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    envelope::{self, EnvelopeError, PayloadType},
    identity::{Identity, IdentityError},
    ids::NodeId,
    limits::{TRUST_BYTES, TRUST_ENTRIES},
    pb::exchange::{TrustFile, TrustList},
};

/// The first line of a file; the message follows.
const MAGIC: &[u8] = b"cairn-trust/v1\n";

/// Why a trust list was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrustError {
    /// Larger than [`TRUST_BYTES`].
    #[error("the list has {0} bytes and at most {TRUST_BYTES} are accepted")]
    TooLarge(usize),
    /// The first line is missing.
    #[error("this is not a trust list: it does not begin with the line \"cairn-trust/v1\"")]
    NotATrustList,
    /// Not a protobuf message of the right shape.
    #[error("the list cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// The author's identity chain does not hold.
    #[error("its author's identity does not hold: {0}")]
    Author(#[from] IdentityError),
    /// There is no list in it.
    #[error("there is no list in it")]
    Empty,
    /// Not signed with the author's current key.
    #[error("it is not signed as it must be: {0}")]
    Signature(#[from] EnvelopeError),
    /// It names another author.
    #[error("it names another author than {0}, whose key signed it")]
    OtherAuthor(NodeId),
    /// More entries than [`TRUST_ENTRIES`].
    #[error("it has {0} entries and at most {TRUST_ENTRIES} are accepted")]
    TooMany(usize),
    /// An entry about no node.
    #[error("entry {0} names no node")]
    NoNode(usize),
    /// Two entries about one node.
    #[error("it has two entries about {0}")]
    Twice(NodeId),
}

/// A list that is its author's, and the author.
#[derive(Clone, Debug, PartialEq)]
pub struct Trusted {
    /// Who made it, as of then.
    pub author: Identity,
    /// What it says.
    pub list: TrustList,
    /// The nodes of its entries, in their order.
    pub nodes: Vec<NodeId>,
    /// SHA-256 of what was signed.
    pub hash: [u8; 32],
}

/// The bytes of a file.
pub fn encode(file: &TrustFile) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(file.encode_to_vec());
    bytes
}

/// Checks a file, trusting nothing but the signatures in it.
pub fn verify(bytes: &[u8]) -> Result<Trusted, TrustError> {
    if bytes.len() > TRUST_BYTES {
        return Err(TrustError::TooLarge(bytes.len()));
    }
    let message = bytes.strip_prefix(MAGIC).ok_or(TrustError::NotATrustList)?;
    let TrustFile { identity, list } = TrustFile::decode(message)?;
    let author = Identity::verify(&identity)?;
    let sealed = list.ok_or(TrustError::Empty)?;
    let payload = envelope::verify(&sealed, PayloadType::TrustList, &[author.current().signing_key], 1)?;
    let hash = Sha256::digest(payload).into();
    let list = TrustList::decode(payload)?;
    if list.author != author.node_id().to_string() {
        return Err(TrustError::OtherAuthor(author.node_id()));
    }
    if list.entries.len() > TRUST_ENTRIES {
        return Err(TrustError::TooMany(list.entries.len()));
    }
    let nodes = nodes(&list)?;
    Ok(Trusted { author, list, nodes, hash })
}

fn nodes(list: &TrustList) -> Result<Vec<NodeId>, TrustError> {
    let mut seen = BTreeSet::new();
    let mut nodes = Vec::with_capacity(list.entries.len());
    for (entry, n) in list.entries.iter().zip(1..) {
        let node: NodeId = entry.node_id.parse().map_err(|_| TrustError::NoNode(n))?;
        if !seen.insert(node) {
            return Err(TrustError::Twice(node));
        }
        nodes.push(node);
    }
    Ok(nodes)
}
