//! The file in which a succession is handed round until every successor has signed it.
//!
//! Checked here: that it is whole, and who has signed. The node itself signs last and not in the file: until then nobody can make
//! the succession known. So a file does not prove who wrote it. Deliberately not here: whether to agree. That is for people.

use prost::Message as _;
use thiserror::Error;

use crate::{
    envelope::{self, EnvelopeError, PayloadType},
    identity::{Identity, IdentityError, Succession},
    limits::{ENVELOPE_BYTES, SIGNATURES, SUCCESSION_BYTES},
    pb::exchange::{Envelope, SuccessionFile},
};

/// The first line of a file; the message follows.
const MAGIC: &[u8] = b"cairn-succession/v1\n";

/// Why a file was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SuccessionError {
    /// Larger than [`SUCCESSION_BYTES`].
    #[error("the file has {0} bytes and at most {SUCCESSION_BYTES} are accepted")]
    TooLarge(usize),
    /// The first line is missing.
    #[error("this is no succession: it does not begin with the line \"cairn-succession/v1\"")]
    NotASuccession,
    /// Not a protobuf message of the right shape.
    #[error("the file cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// The chain of the node does not hold, or the succession does not follow it.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// There is no succession in it.
    #[error("there is no succession in it")]
    Empty,
}

/// A succession as it is proposed, signed by none, some or all of its successors.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The node that is succeeded, before that.
    pub node: Identity,
    /// Who goes on.
    pub succession: Succession,
    /// The event, with the signatures so far.
    pub event: Envelope,
}

impl Proposed {
    /// For each successor, in order, whether it has signed.
    pub fn signed(&self) -> Vec<bool> {
        let signed =
            |one: &Identity| envelope::count_signers(&self.event, &[one.current().signing_key], 1) == 1;
        self.succession.successors.iter().map(signed).collect()
    }

    /// The bytes of a file.
    pub fn encode(&self) -> Vec<u8> {
        let Self { node, event, .. } = self;
        let file = SuccessionFile { identity: node.events().to_vec(), succession: Some(event.clone()) };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(file.encode_to_vec());
        bytes
    }
}

/// Checks an event that not all have signed yet.
pub fn check(node: &Identity, event: Envelope) -> Result<Proposed, IdentityError> {
    let seq = node.seq().saturating_add(1);
    let kind = PayloadType::try_from(event.payload_type.as_str());
    let refused = |error| Err(IdentityError::Envelope { seq, error });
    match kind {
        Ok(PayloadType::Succession) => {}
        Ok(found) => return Err(IdentityError::WrongKind { seq, found }),
        Err(error) => return refused(error.into()),
    }
    if event.encoded_len() > ENVELOPE_BYTES {
        return refused(EnvelopeError::TooLarge(event.encoded_len()));
    }
    if event.signatures.len() >= SIGNATURES {
        return refused(EnvelopeError::SignatureCount(event.signatures.len()));
    }
    let succession = node.read_succession(seq, &event.payload)?;
    Ok(Proposed { node: node.clone(), succession, event })
}

/// Reads a file and checks it, trusting nothing but the signatures in it.
pub fn verify(bytes: &[u8]) -> Result<Proposed, SuccessionError> {
    if bytes.len() > SUCCESSION_BYTES {
        return Err(SuccessionError::TooLarge(bytes.len()));
    }
    let message = bytes.strip_prefix(MAGIC).ok_or(SuccessionError::NotASuccession)?;
    let SuccessionFile { identity, succession } = SuccessionFile::decode(message)?;
    let event = succession.ok_or(SuccessionError::Empty)?;
    Ok(check(&Identity::verify(&identity)?, event)?)
}
