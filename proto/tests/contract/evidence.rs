//! Evidence packs: a sound one proves everything, and no part of it can be changed.

use cairn_proto::{
    checkpoint::{self, CheckpointError},
    evidence::{self, EvidenceError},
    ids::RecordId,
    limits::EVIDENCE_BYTES,
    log::ProofError,
    pb::exchange::{EvidencePack, WitnessIdentity},
};

use crate::place::{self, Place};

fn sound() -> (Place, Place, EvidencePack) {
    let (mut author, witness) = (Place::new(1), Place::new(50));
    let pack = place::evidence(&mut author, &witness);
    (author, witness, pack)
}

fn refused(change: impl FnOnce(&mut EvidencePack)) -> EvidenceError {
    let (_, _, mut pack) = sound();
    change(&mut pack);
    evidence::verify(&evidence::encode(&pack)).unwrap_err()
}

#[test]
fn a_sound_pack_proves_record_log_and_witness() {
    let (author, witness, pack) = sound();
    let proven = evidence::verify(&evidence::encode(&pack)).unwrap();
    assert_eq!(proven.record_id, RecordId { author: author.id(), index: 0 });
    assert_eq!(proven.record, author.record(0));
    assert_eq!(proven.checkpoint, author.checkpoint());
    assert_eq!(proven.author, author.identity);
    assert_eq!(proven.cosigned_by, [(witness.id(), 1_800_000_000)]);
}

#[test]
fn a_pack_needs_no_witness() {
    let (_, _, mut pack) = sound();
    pack.witnesses.clear();
    assert!(evidence::verify(&evidence::encode(&pack)).unwrap().cosigned_by.is_empty());
}

#[test]
fn what_is_not_a_pack_is_told() {
    assert_eq!(evidence::verify(b"cairn-evidence/v2\n"), Err(EvidenceError::NotEvidence));
    assert_eq!(evidence::verify(b""), Err(EvidenceError::NotEvidence));
    let large = vec![0; EVIDENCE_BYTES + 1];
    assert_eq!(evidence::verify(&large), Err(EvidenceError::TooLarge(EVIDENCE_BYTES + 1)));
    assert!(matches!(evidence::verify(b"cairn-evidence/v1\n\x0a\xff"), Err(EvidenceError::Malformed(_))));
    assert!(matches!(evidence::verify(b"cairn-evidence/v1\n"), Err(EvidenceError::Author(_))));
}

#[test]
fn every_part_is_checked() {
    use EvidenceError as E;
    assert!(matches!(refused(|pack| pack.identity[0].signatures[0].sig[0] ^= 1), E::Author(_)));
    assert!(matches!(
        refused(|pack| pack.identity = Place::new(80).identity.events().to_vec()),
        E::Record(_)
    ));
    assert!(matches!(refused(|pack| pack.envelope[40] ^= 1), E::Record(_)));
    assert!(matches!(refused(|pack| pack.index = 1), E::Record(_)));
    assert_eq!(refused(|pack| pack.salt[0] ^= 1), E::NotInLog(ProofError::Root));
    assert_eq!(refused(|pack| pack.salt.truncate(31)), E::HashLength);
    assert_eq!(refused(|pack| pack.inclusion_proof[0][0] ^= 1), E::NotInLog(ProofError::Root));
    assert_eq!(refused(|pack| pack.inclusion_proof[0].truncate(31)), E::HashLength);
    assert_eq!(refused(|pack| pack.inclusion_proof = vec![vec![0; 32]; 64]), E::ProofLength(64));
    assert_eq!(
        refused(|pack| pack.checkpoint = pack.checkpoint.replacen("\n3\n", "\n2\n", 1)),
        E::Checkpoint(CheckpointError::WrongSignature)
    );
    assert_eq!(
        refused(|pack| pack.checkpoint.clear()),
        E::Checkpoint(CheckpointError::Note(cairn_proto::note::InvalidNote::Unended))
    );
}

#[test]
fn witnesses_are_checked() {
    use EvidenceError as E;
    let (author, witness, _) = sound();
    let chain = |place: &Place| WitnessIdentity { identity: place.identity.events().to_vec() };
    assert!(matches!(refused(|pack| pack.witnesses[0].identity.clear()), E::Witness(_)));
    assert_eq!(refused(|pack| pack.witnesses.push(chain(&witness))), E::NotAWitness(witness.id()));
    assert_eq!(refused(|pack| pack.witnesses[0] = chain(&author)), E::NotAWitness(author.id()));
    let silent = Place::new(90);
    let error = CheckpointError::NotCosigned;
    assert_eq!(
        refused(|pack| pack.witnesses.push(chain(&silent))),
        E::Cosignature { witness: silent.id(), error }
    );
    assert_eq!(refused(|pack| pack.witnesses = vec![chain(&witness); 17]), E::TooManyWitnesses(17));
}

/// The commitment binds the exact bytes: an equal message in other bytes is another envelope.
#[test]
fn an_envelope_encoded_anew_is_not_the_one_in_the_log() {
    let error = refused(|pack| pack.envelope.extend([0x78, 0x01]));
    assert_eq!(error, EvidenceError::NotInLog(ProofError::Root));
}

#[test]
fn an_older_head_does_not_prove_a_newer_record() {
    let (mut author, witness) = (Place::new(1), Place::new(50));
    author.write();
    let old = author.head();
    let mut pack = place::evidence(&mut Place::new(1), &witness);
    pack.index = 1;
    let (salt, envelope) = author.write();
    (pack.salt, pack.envelope, pack.witnesses) = (salt.to_vec(), envelope, Vec::new());
    pack.checkpoint = old;
    let refused = evidence::verify(&evidence::encode(&pack)).unwrap_err();
    assert_eq!(refused, EvidenceError::NotInLog(ProofError::NoSuchLeaf { index: 1, size: 1 }));
    assert!(checkpoint::verify(&pack.checkpoint, &author.identity).is_ok());
}
