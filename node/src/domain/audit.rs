//! The audit log of a place: what was done here, by whom and when, so that it shows if anybody changed it. Each entry is
//! hashed together with all before it and signed by the node. Whoever has the node's key could write a whole new log;
//! the newest hash, written down elsewhere, shows that.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What something was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Something was released.
    Release,
    /// A release was asked for, and waits for a second person.
    Request,
    /// A second person said no.
    Refusal,
    /// Something that pre-flight found was released all the same.
    Override,
    /// A record was taken back.
    Withdrawal,
    /// A holder said what became of a withdrawn record, or this node did.
    Receipt,
    /// A record of others was looked at or handed on.
    Access,
    /// A group was made or its members changed.
    Group,
    /// Sharing was paused or goes on.
    Sharing,
    /// A record of others was put under a legal hold, or such a hold ended.
    Hold,
    /// Other keys came into force.
    Keys,
    /// A peering was limited, suspended, opened again or ended by us, or an identity blocked.
    Standing,
    /// A list of proposals about others was taken in, accepted in part, or handed out.
    Trust,
}

impl Event {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Request => "request",
            Self::Refusal => "refusal",
            Self::Override => "override",
            Self::Withdrawal => "withdrawal",
            Self::Receipt => "receipt",
            Self::Access => "access",
            Self::Group => "group",
            Self::Sharing => "sharing",
            Self::Hold => "hold",
            Self::Keys => "keys",
            Self::Standing => "standing",
            Self::Trust => "trust",
        }
    }
}

/// An entry. It holds roles, reasons and ids, and never what a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// By whom: a role, or "this node".
    pub by: String,
    /// What it was about.
    pub event: Event,
    /// What was done, in words.
    pub words: String,
    /// The record it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// The hash before the first entry.
pub const BEGINNING: [u8; 32] = [0; 32];

/// The hash of entry `seq` (from 1), whose text is `entry`, after the hash `before`.
#[must_use]
pub fn chained(before: &[u8; 32], seq: u64, entry: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"cairn/audit/v1\0");
    hash.update(before);
    hash.update(seq.to_be_bytes());
    hash.update(entry.as_bytes());
    hash.finalize().into()
}

/// What the node signs for an entry with this hash. It begins with "cairn/", as all it signs beside envelopes.
#[must_use]
pub fn signed(hash: &[u8; 32]) -> Vec<u8> {
    [b"cairn/audit/v1\0".as_slice(), hash].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_all_before_it_the_number_and_the_text() {
        let first = chained(&BEGINNING, 1, "a");
        assert_ne!(first, chained(&BEGINNING, 2, "a"));
        assert_ne!(first, chained(&BEGINNING, 1, "b"));
        assert_ne!(first, chained(&first, 1, "a"));
        assert!(signed(&first).starts_with(b"cairn/"));
    }
}
