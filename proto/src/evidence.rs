//! The evidence pack: one file from which anyone can check one record offline.
//!
//! Proven by it: who signed the record, that it stands in the author's log under a head the author signed, and
//! which witnesses saw that head and when. Deliberately not proven: that the record is true, or that it was
//! not withdrawn since.

use prost::Message as _;
use thiserror::Error;

use crate::{
    checkpoint::{self, Checkpoint, CheckpointError},
    identity::{Identity, IdentityError},
    ids::{NodeId, RecordId},
    limits::{EVIDENCE_BYTES, PROOF_HASHES, SIGNATURES},
    log::{Hash, Leaf, ProofError, commitment, verify_inclusion},
    pb::exchange::{EvidencePack, Record, WitnessIdentity},
    record::{self, RecordError},
};

/// The first line of a file; the message follows.
const MAGIC: &[u8] = b"cairn-evidence/v1\n";

/// What a pack proves.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The record's name.
    pub record_id: RecordId,
    /// Its author's identity, as of the making of the pack.
    pub author: Identity,
    /// The record.
    pub record: Record,
    /// The head it is proven against.
    pub checkpoint: Checkpoint,
    /// Who cosigned that head, and when (Unix seconds by the witness's clock).
    pub cosigned_by: Vec<(NodeId, u64)>,
}

/// Why a pack proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvidenceError {
    /// Larger than [`EVIDENCE_BYTES`].
    #[error("the evidence has {0} bytes and at most {EVIDENCE_BYTES} are accepted")]
    TooLarge(usize),
    /// The first line is missing.
    #[error("this is not an evidence file: it does not begin with the line \"cairn-evidence/v1\"")]
    NotEvidence,
    /// Not a protobuf message of the right shape.
    #[error("the evidence cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// The author's identity chain does not hold.
    #[error("the author's identity does not hold: {0}")]
    Author(#[from] IdentityError),
    /// The envelope is not the author's record for that index.
    #[error("the record does not hold: {0}")]
    Record(#[from] RecordError),
    /// The salt or a hash of the proof has the wrong length.
    #[error("the salt and every hash of the proof must have 32 bytes")]
    HashLength,
    /// More hashes than any proof needs.
    #[error("the proof has {0} hashes and at most {PROOF_HASHES} are accepted")]
    ProofLength(usize),
    /// The head is not one the author signed.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(CheckpointError),
    /// The record is not in the log with that head.
    #[error("the record is not shown to be in the author's log: {0}")]
    NotInLog(#[from] ProofError),
    /// More witnesses than a note can carry.
    #[error("the evidence has {0} witnesses and at most {SIGNATURES} are accepted")]
    TooManyWitnesses(usize),
    /// A witness's identity chain does not hold.
    #[error("the identity of a witness does not hold: {0}")]
    Witness(IdentityError),
    /// A witness that is the author, or is named twice.
    #[error("{0} cannot count as a witness: it is the author, or named twice")]
    NotAWitness(NodeId),
    /// A witness whose cosignature does not hold.
    #[error("the cosignature of {witness} does not hold: {error}")]
    Cosignature {
        /// The witness.
        witness: NodeId,
        /// What is wrong.
        #[source]
        error: CheckpointError,
    },
}

/// The bytes of an evidence file.
pub fn encode(pack: &EvidencePack) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(pack.encode_to_vec());
    bytes
}

/// Checks an evidence file, trusting nothing but the hashes and signatures in it.
pub fn verify(bytes: &[u8]) -> Result<Evidence, EvidenceError> {
    if bytes.len() > EVIDENCE_BYTES {
        return Err(EvidenceError::TooLarge(bytes.len()));
    }
    let message = bytes.strip_prefix(MAGIC).ok_or(EvidenceError::NotEvidence)?;
    let EvidencePack { identity, envelope, salt, index, inclusion_proof, checkpoint: note, witnesses } =
        EvidencePack::decode(message)?;
    let author = Identity::verify(&identity)?;
    let record = record::open(&envelope, &author, index)?;
    let checkpoint = checkpoint::verify(&note, &author).map_err(EvidenceError::Checkpoint)?;
    let salt = salt.try_into().map_err(|_| EvidenceError::HashLength)?;
    let leaf = Leaf::record(commitment(&salt, &envelope));
    let proof = proof_hashes(inclusion_proof)?;
    verify_inclusion(&leaf.hash(), index, checkpoint.size, &proof, &checkpoint.root)?;
    let cosigned_by = cosigners(&note, author.node_id(), &witnesses)?;
    let record_id = RecordId { author: author.node_id(), index };
    Ok(Evidence { record_id, author, record, checkpoint, cosigned_by })
}

fn proof_hashes(proof: Vec<Vec<u8>>) -> Result<Vec<Hash>, EvidenceError> {
    if proof.len() > PROOF_HASHES {
        return Err(EvidenceError::ProofLength(proof.len()));
    }
    let hash = |bytes: Vec<u8>| bytes.try_into().map_err(|_| EvidenceError::HashLength);
    proof.into_iter().map(hash).collect()
}

fn cosigners(
    note: &str,
    author: NodeId,
    witnesses: &[WitnessIdentity],
) -> Result<Vec<(NodeId, u64)>, EvidenceError> {
    if witnesses.len() > SIGNATURES {
        return Err(EvidenceError::TooManyWitnesses(witnesses.len()));
    }
    let mut cosigned: Vec<(NodeId, u64)> = Vec::new();
    for chain in witnesses {
        let identity = Identity::verify(&chain.identity).map_err(EvidenceError::Witness)?;
        let witness = identity.node_id();
        if witness == author || cosigned.iter().any(|(other, _)| *other == witness) {
            return Err(EvidenceError::NotAWitness(witness));
        }
        let time = checkpoint::verify_cosignature(note, &identity)
            .map_err(|error| EvidenceError::Cosignature { witness, error })?;
        cosigned.push((witness, time));
    }
    Ok(cosigned)
}
