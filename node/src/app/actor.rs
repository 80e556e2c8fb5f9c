//! Proofs of who is asking. A use case that needs one cannot be called without it, and only the
//! edge that authenticated the caller makes one.

use cairn_proto::{identity::Identity, ids::NodeId};

use crate::domain::policy::Reader;

/// Someone of this place, authenticated by the admin edge: the owner of the socket or the bearer
/// of the token.
#[derive(Clone, Copy, Debug)]
pub struct Operator(());

impl Operator {
    /// Made by the admin edge after it authenticated the caller.
    pub(crate) const fn authenticated() -> Self {
        Self(())
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
}

impl VerifiedPeer {
    /// Made by [`super::peering`] after it looked up the standing.
    pub(super) const fn active(reader: Reader) -> Self {
        Self { reader }
    }

    /// The peer as a reader of records.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }
}
