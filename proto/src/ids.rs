//! Names of nodes and records, as bytes, as text and as words for the telephone.
//!
//! Deliberately not here: where a node can be reached or what it is called. Those change; these never do.

use std::{fmt, str::FromStr};

use bech32::{
    Bech32m, Hrp,
    primitives::decode::{CharError, CheckedHrpstring, CheckedHrpstringError, UncheckedHrpstringError},
};
use thiserror::Error;

use crate::decimal;

const HRP: Hrp = Hrp::parse_unchecked("cairn");

/// Characters of a NodeId in text: prefix 5, separator 1, data 52, checksum 6.
const TEXT_CHARS: usize = 64;

/// Characters shown where a whole NodeId does not fit.
const SHORT_CHARS: usize = 14;

/// Bytes told over the telephone: 64 bits are more than anyone can match by trying.
const SPOKEN_BYTES: usize = 8;

/// The identity of a node: SHA-256 of the exact bytes of its inception event.
///
/// As text it is bech32m (BIP 350) with the prefix `cairn`: 64 lower-case characters, one spelling only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId([u8; 32]);

impl NodeId {
    /// The NodeId with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Eight words of the PGP word list for its first eight bytes, lower-case, joined by spaces.
    ///
    /// For comparing two ids by voice; never for finding a node.
    pub fn words(&self) -> String {
        let (spoken, _) = self.0.split_at(SPOKEN_BYTES);
        pgp_words::to_words(spoken).join(" ").to_lowercase()
    }

    /// Its first 14 characters and an ellipsis, for display only.
    pub fn short(&self) -> String {
        let mut text: String = self.to_string().chars().take(SHORT_CHARS).collect();
        text.push('…');
        text
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(f, HRP, &self.0).map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a NodeId.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidNodeId {
    /// Not 64 bytes long.
    #[error("a node id has 64 characters and this has {0}")]
    Length(usize),
    /// Another prefix, or none.
    #[error("a node id begins with \"cairn1\"")]
    Prefix,
    /// Upper-case letters: a node id has one spelling.
    #[error("a node id is written in lower-case letters only")]
    Case,
    /// A character bech32 does not use.
    #[error("a node id never contains the character {0:?}")]
    Character(char),
    /// The checksum does not fit: a typing error, or a different encoding.
    #[error("the node id's checksum does not fit: a character is wrong or missing")]
    Checksum,
    /// The checksum fits but the padding is not zero.
    #[error("the node id ends in stray bits")]
    Padding,
}

impl From<CheckedHrpstringError> for InvalidNodeId {
    fn from(error: CheckedHrpstringError) -> Self {
        match error {
            CheckedHrpstringError::Parse(UncheckedHrpstringError::Char(CharError::InvalidChar(found))) => {
                Self::Character(found)
            }
            CheckedHrpstringError::Parse(_) => Self::Prefix,
            _ => Self::Checksum,
        }
    }
}

impl FromStr for NodeId {
    type Err = InvalidNodeId;

    fn from_str(text: &str) -> Result<Self, InvalidNodeId> {
        if text.len() != TEXT_CHARS {
            return Err(InvalidNodeId::Length(text.len()));
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(InvalidNodeId::Case);
        }
        let checked = CheckedHrpstring::new::<Bech32m>(text)?;
        if checked.hrp() != HRP {
            return Err(InvalidNodeId::Prefix);
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let id = bytes.try_into().map(Self).map_err(|_| InvalidNodeId::Length(text.len()))?;
        if id.to_string() == text { Ok(id) } else { Err(InvalidNodeId::Padding) }
    }
}

/// The name of a record: whose log, and where in it. As text `cairn1.../3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// Whose log.
    pub author: NodeId,
    /// Index of the leaf, from 0.
    pub index: u64,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.author, self.index)
    }
}

/// Why a text is not a RecordId.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRecordId {
    /// No slash between author and index.
    #[error("a record id is a node id, a slash and a number")]
    Shape,
    /// The part before the slash is not a node id.
    #[error("the author of the record id is not a node id: {0}")]
    Author(#[from] InvalidNodeId),
    /// The part after the slash is not a number in its only spelling.
    #[error("the index of the record id is not a number without sign and leading zeros")]
    Index,
}

impl FromStr for RecordId {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, InvalidRecordId> {
        let (author, index) = text.split_once('/').ok_or(InvalidRecordId::Shape)?;
        let author = author.parse()?;
        let index = decimal::parse(index).ok_or(InvalidRecordId::Index)?;
        Ok(Self { author, index })
    }
}
