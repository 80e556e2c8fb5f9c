//! Proofs of who is asking. A use case that needs one cannot be called without it, and only the
//! edge that authenticated the caller makes one.

use std::sync::Arc;

use cairn_proto::{identity::Identity, ids::NodeId};

use crate::domain::{policy::Reader, text::Line};

/// Someone of this place, authenticated by the admin edge: the owner of the socket or the bearer
/// of the token. Everyone who gets so far may do everything; what they call themselves is kept with what they change.
#[derive(Clone, Debug)]
pub struct Operator {
    by: Arc<str>,
}

impl Operator {
    /// Made by the admin edge after it authenticated the caller.
    pub(crate) fn authenticated(by: &Line) -> Self {
        Self { by: by.as_str().into() }
    }

    /// The node itself, for what time does.
    pub(crate) fn node(by: &str) -> Self {
        Self { by: by.into() }
    }

    /// What they call themselves: a role.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }
}

/// A node that holds the key of a TLS connection and whose identity chain says so. It may be a
/// stranger.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Identity,
}

impl Caller {
    /// Made when the current signing key of `identity` is the key that the TLS handshake proved.
    #[must_use]
    pub(crate) fn proven(identity: Identity, tls_key: &[u8; 32]) -> Option<Self> {
        (identity.current().signing_key.as_bytes() == tls_key).then_some(Self { identity })
    }

    /// Its verified identity.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its NodeId.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.identity.node_id()
    }
}

/// A caller with whom a peering is active at this very call.
#[derive(Clone, Debug)]
pub struct VerifiedPeer {
    reader: Reader,
    contract: [u8; 32],
    relay: bool,
    daily_bytes: u64,
}

impl VerifiedPeer {
    /// Made by [`super::peering`] after it looked up the standing.
    pub(super) const fn active(reader: Reader, contract: [u8; 32], relay: bool, daily_bytes: u64) -> Self {
        Self { reader, contract, relay, daily_bytes }
    }

    /// Bytes of openings that it may fetch in a day, as the contract says.
    #[must_use]
    pub const fn daily_bytes(&self) -> u64 {
        self.daily_bytes
    }

    /// Whether records of others may be passed on to it: by the contract, and while nothing is held back.
    #[must_use]
    pub const fn relay(&self) -> bool {
        self.relay
    }

    /// SHA-256 of the contract that it is a peer under.
    #[must_use]
    pub const fn contract(&self) -> &[u8; 32] {
        &self.contract
    }

    /// The peer as a reader of records.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }
}
