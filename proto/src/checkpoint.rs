//! Signed heads of logs: C2SP `tlog-checkpoint` and `tlog-cosignature`, byte for byte.
//!
//! Deliberately not here: extension lines (nobody could audit them) and the decision to cosign, for which a
//! witness needs to know what it cosigned before.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::{
    decimal,
    envelope::signature_holds,
    identity::Identity,
    ids::NodeId,
    limits::{LOG_SIZE, SIGNATURES},
    log::{Hash, empty_root},
    note::{InvalidNote, KeyKind, NoteSignature, SignedNote, key_id},
};

/// The head of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log: `cairn/<NodeId>`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Hash,
}

/// The origin line of a node's log.
pub fn origin(node: &NodeId) -> String {
    format!("cairn/{node}")
}

/// Why a note is not an acceptable checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Note(#[from] InvalidNote),
    /// Fewer than three lines, or an empty one.
    #[error("the checkpoint does not have an origin, a size and a root on three lines")]
    Lines,
    /// More than three lines.
    #[error("the checkpoint has extension lines, which this protocol does not use")]
    Extension,
    /// The size is not a number in its only spelling, or beyond any log.
    #[error("the size in the checkpoint is not a number without sign and leading zeros, up to {LOG_SIZE}")]
    Size,
    /// The root is not 32 bytes in base64, or not the empty log's where the size is 0.
    #[error("the root in the checkpoint is not a hash in base64, or not the one of an empty log")]
    Root,
    /// It speaks of another node's log.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// No key of the node that may sign at this size has signed.
    #[error("the checkpoint is not signed by the key its node has at size {0}")]
    NotSigned(u64),
    /// A signature names a known key and does not hold.
    #[error("a signature of the checkpoint names a known key and is wrong")]
    WrongSignature,
    /// The witness has not cosigned.
    #[error("the checkpoint does not carry a cosignature of this witness")]
    NotCosigned,
    /// A time beyond 2^63 - 1 seconds.
    #[error("the time of the cosignature is out of range")]
    Time,
    /// There are already [`SIGNATURES`] signatures.
    #[error("the checkpoint already carries {SIGNATURES} signatures")]
    Full,
}

impl Checkpoint {
    /// The three lines that are signed.
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root))
    }

    /// Parses the three lines.
    pub fn parse(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Lines);
        };
        if lines.next().is_some() {
            return Err(CheckpointError::Extension);
        }
        if origin.is_empty() {
            return Err(CheckpointError::Lines);
        }
        let size = decimal::parse(size).filter(|size| *size <= LOG_SIZE).ok_or(CheckpointError::Size)?;
        let root = BASE64_STANDARD.decode(root).map_err(|_| CheckpointError::Root)?;
        let root: Hash = root.try_into().map_err(|_| CheckpointError::Root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::Root);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// Signs a head; the note's key name is the origin.
pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> String {
    let text = checkpoint.body();
    let signature = NoteSignature {
        name: checkpoint.origin.clone(),
        key_id: key_id(&checkpoint.origin, KeyKind::Ed25519, &key.verifying_key()),
        signature: key.sign(text.as_bytes()).to_vec(),
    };
    SignedNote { text, signatures: vec![signature] }.to_string()
}

/// Reads a head and checks that it is of this node's log and signed by a key the node has at that size.
pub fn verify(note: &str, identity: &Identity) -> Result<Checkpoint, CheckpointError> {
    Ok(own(note, identity)?.0)
}

/// The head with its node's own signatures and no others: what is kept of a head that came from elsewhere.
pub fn bare(note: &str, identity: &Identity) -> Result<String, CheckpointError> {
    Ok(own(note, identity)?.1.to_string())
}

fn own(note: &str, identity: &Identity) -> Result<(Checkpoint, SignedNote), CheckpointError> {
    let mut note = SignedNote::parse(note)?;
    let checkpoint = Checkpoint::parse(&note.text)?;
    if checkpoint.origin != origin(&identity.node_id()) {
        return Err(CheckpointError::OtherLog);
    }
    let mut signatures = Vec::new();
    for key in identity.head_keys(checkpoint.size) {
        for signature in note.by(&checkpoint.origin, KeyKind::Ed25519, &key) {
            if !signature_holds(&key, note.text.as_bytes(), signature) {
                return Err(CheckpointError::WrongSignature);
            }
            signatures.push(NoteSignature {
                name: checkpoint.origin.clone(),
                key_id: key_id(&checkpoint.origin, KeyKind::Ed25519, &key),
                signature: signature.to_vec(),
            });
        }
    }
    if signatures.is_empty() {
        return Err(CheckpointError::NotSigned(checkpoint.size));
    }
    note.signatures = signatures;
    Ok((checkpoint, note))
}

/// Adds a witness's cosignature, made at `unix_seconds`; it takes the place of an earlier one by the same key.
///
/// The caller has verified the note and its consistency with what it cosigned before.
pub fn cosign(
    note: &str,
    witness: &NodeId,
    key: &SigningKey,
    unix_seconds: u64,
) -> Result<String, CheckpointError> {
    let mut note = SignedNote::parse(note)?;
    Checkpoint::parse(&note.text)?;
    if i64::try_from(unix_seconds).is_err() {
        return Err(CheckpointError::Time);
    }
    let name = origin(witness);
    let key_id = key_id(&name, KeyKind::CosignatureV1, &key.verifying_key());
    note.signatures.retain(|one| one.name != name || one.key_id != key_id);
    if note.signatures.len() >= SIGNATURES {
        return Err(CheckpointError::Full);
    }
    let signature = key.sign(cosigned_message(&note.text, unix_seconds).as_bytes());
    let signature = [unix_seconds.to_be_bytes().as_slice(), &signature.to_bytes()].concat();
    note.signatures.push(NoteSignature { name, key_id, signature });
    Ok(note.to_string())
}

/// Checks a witness's cosignature and gives the time it states, in Unix seconds. The newest of several counts.
pub fn verify_cosignature(note: &str, witness: &Identity) -> Result<u64, CheckpointError> {
    Ok(cosignature(note, witness)?.0)
}

/// The newest cosignature of a witness, all of which hold: the time it states, in Unix seconds, and its line of the note.
pub fn cosignature(note: &str, witness: &Identity) -> Result<(u64, NoteSignature), CheckpointError> {
    let note = SignedNote::parse(note)?;
    Checkpoint::parse(&note.text)?;
    let name = origin(&witness.node_id());
    let mut newest: Option<(u64, NoteSignature)> = None;
    for key in witness.witness_keys() {
        for signature in note.by(&name, KeyKind::CosignatureV1, &key) {
            let time = cosignature_time(&note.text, &key, signature)?;
            if newest.as_ref().is_none_or(|(before, _)| time >= *before) {
                let key_id = key_id(&name, KeyKind::CosignatureV1, &key);
                newest =
                    Some((time, NoteSignature { name: name.clone(), key_id, signature: signature.to_vec() }));
            }
        }
    }
    newest.ok_or(CheckpointError::NotCosigned)
}

/// The head with these cosignatures beside its own, as many as a note takes: the first ones.
pub fn with_cosignatures(
    note: &str,
    cosignatures: impl IntoIterator<Item = NoteSignature>,
) -> Result<String, CheckpointError> {
    let mut note = SignedNote::parse(note)?;
    let room = SIGNATURES.saturating_sub(note.signatures.len());
    note.signatures.extend(cosignatures.into_iter().take(room));
    Ok(note.to_string())
}

fn cosignature_time(text: &str, key: &VerifyingKey, signature: &[u8]) -> Result<u64, CheckpointError> {
    let (time, signature) = signature.split_first_chunk::<8>().ok_or(CheckpointError::WrongSignature)?;
    let time = u64::from_be_bytes(*time);
    if i64::try_from(time).is_err() {
        return Err(CheckpointError::Time);
    }
    if signature_holds(key, cosigned_message(text, time).as_bytes(), signature) {
        Ok(time)
    } else {
        Err(CheckpointError::WrongSignature)
    }
}

fn cosigned_message(text: &str, unix_seconds: u64) -> String {
    format!("cosignature/v1\ntime {unix_seconds}\n{text}")
}
