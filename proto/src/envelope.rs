//! DSSE v1 envelopes with Ed25519: signing, bounds and the one rule for accepting a signature.
//!
//! The exact payload bytes are signed, kept and forwarded; protobuf is not canonical, so nothing is ever
//! encoded again. Not here: what the payloads mean, and which keys are whose (see [`crate::identity`]).

use std::{collections::BTreeSet, fmt::Write as _};

use ed25519_dalek::{PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, Signature, Signer as _, SigningKey, VerifyingKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    limits::{ENVELOPE_BYTES, SIGNATURES},
    pb::exchange::{Envelope, Signature as EnvelopeSignature},
};

/// Characters of an unknown payload type that an error repeats.
const QUOTED_CHARS: usize = 80;

/// What an envelope can carry. One media type a kind and version, so that no signature over one kind can
/// pass for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayloadType {
    /// [`crate::pb::exchange::Inception`].
    Inception,
    /// [`crate::pb::exchange::Rotation`].
    Rotation,
    /// [`crate::pb::exchange::Recovery`].
    Recovery,
    /// [`crate::pb::exchange::Succession`].
    Succession,
    /// [`crate::pb::exchange::PeeringContract`].
    PeeringContract,
    /// [`crate::pb::exchange::Record`].
    Record,
    /// [`crate::pb::exchange::ExperimentDeclaration`].
    ExperimentDeclaration,
    /// [`crate::pb::exchange::TrustList`].
    TrustList,
}

impl PayloadType {
    const ALL: [Self; 8] = [
        Self::Inception,
        Self::Rotation,
        Self::Recovery,
        Self::Succession,
        Self::PeeringContract,
        Self::Record,
        Self::ExperimentDeclaration,
        Self::TrustList,
    ];

    /// The media type that is signed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inception => "application/vnd.cairn.inception.v1+protobuf",
            Self::Rotation => "application/vnd.cairn.rotation.v1+protobuf",
            Self::Recovery => "application/vnd.cairn.recovery.v1+protobuf",
            Self::Succession => "application/vnd.cairn.succession.v1+protobuf",
            Self::PeeringContract => "application/vnd.cairn.peering-contract.v1+protobuf",
            Self::Record => "application/vnd.cairn.record.v1+protobuf",
            Self::ExperimentDeclaration => "application/vnd.cairn.experiment-declaration.v1+protobuf",
            Self::TrustList => "application/vnd.cairn.trust-list.v1+protobuf",
        }
    }
}

impl TryFrom<&str> for PayloadType {
    type Error = UnknownPayloadType;

    fn try_from(text: &str) -> Result<Self, UnknownPayloadType> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownPayloadType(text.chars().take(QUOTED_CHARS).collect()))
    }
}

/// A payload type this version does not know; holds its first 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the payload type {0:?} is not known here")]
pub struct UnknownPayloadType(pub String);

/// Why bytes are not an acceptable Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidKey {
    /// Not 32 bytes.
    #[error("a public key has 32 bytes and this has {0}")]
    Length(usize),
    /// Not the encoding of a point of the curve.
    #[error("the public key is not a point of the curve")]
    NotAPoint,
    /// A second encoding of a point that has a shorter one.
    #[error("the public key is not in its only valid encoding")]
    NotCanonical,
    /// A point of small order, for which signatures can be made without a private key.
    #[error("the public key is weak: anyone could sign for it")]
    Weak,
}

/// Parses a public key from outside. Refuses weak keys and non-canonical encodings (RFC 8032, 5.1.3).
pub fn public_key(bytes: &[u8]) -> Result<VerifyingKey, InvalidKey> {
    let array: [u8; PUBLIC_KEY_LENGTH] = bytes.try_into().map_err(|_| InvalidKey::Length(bytes.len()))?;
    let key = VerifyingKey::from_bytes(&array).map_err(|_| InvalidKey::NotAPoint)?;
    if key.is_weak() {
        return Err(InvalidKey::Weak);
    }
    if key.to_edwards().compress().to_bytes() != array {
        return Err(InvalidKey::NotCanonical);
    }
    Ok(key)
}

/// The hint which key signed: lower-case hex of SHA-256 of the public key.
pub fn key_id(key: &VerifyingKey) -> String {
    Sha256::digest(key.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that are signed: DSSE v1 pre-authentication encoding.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Makes an envelope signed by each of the keys, in their order.
pub fn sign(payload_type: PayloadType, payload: Vec<u8>, keys: &[&SigningKey]) -> Envelope {
    let mut envelope =
        Envelope { payload, payload_type: payload_type.as_str().to_owned(), signatures: Vec::new() };
    for key in keys {
        countersign(&mut envelope, key);
    }
    envelope
}

/// Adds one signature over the same payload.
pub fn countersign(envelope: &mut Envelope, key: &SigningKey) {
    let signature = key.sign(&pae(&envelope.payload_type, &envelope.payload));
    envelope
        .signatures
        .push(EnvelopeSignature { sig: signature.to_vec(), keyid: key_id(&key.verifying_key()) });
}

/// Why an envelope was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Larger than [`ENVELOPE_BYTES`].
    #[error("the envelope has {0} bytes and at most {ENVELOPE_BYTES} are accepted")]
    TooLarge(usize),
    /// Not a protobuf message of the right shape.
    #[error("the envelope cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// Refused before its payload was looked at.
    #[error(transparent)]
    UnknownPayloadType(#[from] UnknownPayloadType),
    /// None, or more than [`SIGNATURES`].
    #[error("the envelope has {0} signatures and 1 to {SIGNATURES} are accepted")]
    SignatureCount(usize),
    /// A signature that is not 64 bytes.
    #[error("a signature of the envelope has {0} bytes and must have 64")]
    SignatureLength(usize),
    /// A known type, but not the one this place calls for.
    #[error("the envelope holds \"{}\" where \"{}\" is needed", found.as_str(), expected.as_str())]
    UnexpectedType {
        /// What this place calls for.
        expected: PayloadType,
        /// What the envelope says it holds.
        found: PayloadType,
    },
    /// Fewer distinct keys signed than must.
    #[error("{valid} of the {needed} keys that must sign the envelope have signed it")]
    NotEnoughSignatures {
        /// Distinct keys with a valid signature.
        valid: usize,
        /// Distinct keys that must have one.
        needed: usize,
    },
}

/// Checks the bounds of an envelope, whoever signed it, and tells its type.
pub fn check(envelope: &Envelope) -> Result<PayloadType, EnvelopeError> {
    let Envelope { payload, payload_type, signatures } = envelope;
    let bytes = payload.len().saturating_add(payload_type.len());
    if bytes > ENVELOPE_BYTES {
        return Err(EnvelopeError::TooLarge(bytes));
    }
    let kind = PayloadType::try_from(payload_type.as_str())?;
    if signatures.is_empty() || signatures.len() > SIGNATURES {
        return Err(EnvelopeError::SignatureCount(signatures.len()));
    }
    match signatures.iter().map(|one| one.sig.len()).find(|length| *length != SIGNATURE_LENGTH) {
        Some(length) => Err(EnvelopeError::SignatureLength(length)),
        None if envelope.encoded_len() > ENVELOPE_BYTES => {
            Err(EnvelopeError::TooLarge(envelope.encoded_len()))
        }
        None => Ok(kind),
    }
}

/// Reads an envelope from its bytes and checks its bounds. Keep the bytes: they are what is committed to.
pub fn decode(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    if bytes.len() > ENVELOPE_BYTES {
        return Err(EnvelopeError::TooLarge(bytes.len()));
    }
    let envelope = Envelope::decode(bytes)?;
    check(&envelope)?;
    Ok(envelope)
}

/// Gives the payload if the envelope is of the expected type and at least `threshold` distinct keys among
/// `keys` have signed it. Key ids are ignored. A threshold of 0 counts as 1.
pub fn verify<'a>(
    envelope: &'a Envelope,
    expected: PayloadType,
    keys: &[VerifyingKey],
    threshold: usize,
) -> Result<&'a [u8], EnvelopeError> {
    let found = check(envelope)?;
    if found != expected {
        return Err(EnvelopeError::UnexpectedType { expected, found });
    }
    let needed = threshold.max(1);
    let valid = count_signers(envelope, keys, needed);
    if valid < needed {
        return Err(EnvelopeError::NotEnoughSignatures { valid, needed });
    }
    Ok(&envelope.payload)
}

/// Counts the distinct keys with a valid signature, up to `needed`, whatever the payload type. Does not judge
/// the envelope: [`verify`] does.
pub fn count_signers(envelope: &Envelope, keys: &[VerifyingKey], needed: usize) -> usize {
    let message = pae(&envelope.payload_type, &envelope.payload);
    let mut unmatched: Vec<&[u8]> = envelope.signatures.iter().map(|one| one.sig.as_slice()).collect();
    let mut signers = BTreeSet::new();
    for key in keys {
        if signers.len() == needed {
            break;
        }
        let matched = unmatched.iter().position(|signature| signature_holds(key, &message, signature));
        if let Some(position) = matched
            && signers.insert(key.to_bytes())
        {
            unmatched.remove(position);
        }
    }
    signers.len()
}

/// The one rule by which any Ed25519 signature is accepted: strict verification, never cofactored.
pub(crate) fn signature_holds(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

#[cfg(test)]
mod tests;
