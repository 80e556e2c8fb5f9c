//! Heads and cosignatures: exact text, the right log, the right key for the size.

use cairn_proto::{
    checkpoint::{self, Checkpoint, CheckpointError},
    log::{empty_root, leaf_hash},
    note::SignedNote,
};

use crate::place::{Place, key};

fn place_with_records(count: usize) -> Place {
    let mut place = Place::new(1);
    for _ in 0..count {
        place.write();
    }
    place
}

#[test]
fn the_text_is_that_of_the_standard() {
    let body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let parsed = Checkpoint::parse(body).unwrap();
    assert_eq!((parsed.origin.as_str(), parsed.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(parsed.body(), body);
}

#[test]
fn other_texts_are_refused_with_the_reason() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let refused = |body: String| Checkpoint::parse(&body).unwrap_err();
    for size in ["", "00", "012", "+12", "-1", " 12", "9223372036854775808", "1e3"] {
        assert_eq!(refused(format!("origin\n{size}\n{root}\n")), CheckpointError::Size, "{size}");
    }
    assert_eq!(refused(format!("origin\n12\n{root}\nextension\n")), CheckpointError::Extension);
    assert_eq!(refused(format!("origin\n12\n{root}\n\n")), CheckpointError::Extension);
    assert_eq!(refused(format!("origin\n12\n{root}")), CheckpointError::Lines);
    assert_eq!(refused(format!("\n12\n{root}\n")), CheckpointError::Lines);
    assert_eq!(refused("origin\n12\n".to_owned()), CheckpointError::Lines);
    assert_eq!(refused("origin\n12\nAAAA\n".to_owned()), CheckpointError::Root);
    assert_eq!(refused(format!("origin\n12\n{}\n", &root[..43])), CheckpointError::Root);
    assert_eq!(refused(format!("origin\n0\n{root}\n")), CheckpointError::Root);
    let empty = Checkpoint { origin: "origin".to_owned(), size: 0, root: empty_root() };
    assert_eq!(Checkpoint::parse(&empty.body()), Ok(empty));
}

#[test]
fn a_head_is_accepted_from_its_own_node_only() {
    let place = place_with_records(3);
    let head = place.head();
    assert_eq!(checkpoint::verify(&head, &place.identity), Ok(place.checkpoint()));
    let other = Place::new(50);
    assert_eq!(checkpoint::verify(&head, &other.identity), Err(CheckpointError::OtherLog));
    let stolen = checkpoint::sign(&place.checkpoint(), &key(77));
    assert_eq!(checkpoint::verify(&stolen, &place.identity), Err(CheckpointError::NotSigned(3)));
    let changed = head.replacen("\n3\n", "\n4\n", 1);
    assert_eq!(checkpoint::verify(&changed, &place.identity), Err(CheckpointError::WrongSignature));
}

#[test]
fn the_key_must_fit_the_size() {
    let mut place = place_with_records(3);
    let before = place.head();
    place.identity = place.identity.extended(&place.rotation(3)).unwrap();
    let (old, new) = (key(1), key(3));
    let head = checkpoint::sign(&place.checkpoint(), &new);
    assert!(checkpoint::verify(&before, &place.identity).is_ok());
    assert!(checkpoint::verify(&head, &place.identity).is_ok());
    place.log.append(leaf_hash(b"next"));
    let verify = |key| checkpoint::verify(&checkpoint::sign(&place.checkpoint(), key), &place.identity);
    assert_eq!(verify(&old), Err(CheckpointError::NotSigned(4)));
    assert!(verify(&new).is_ok());
}

#[test]
fn a_witness_adds_its_line_and_nothing_else() {
    let place = place_with_records(2);
    let (witness, other) = (Place::new(50), Place::new(60));
    let head = place.head();
    let once = checkpoint::cosign(&head, &witness.id(), &witness.witness(), 1_800_000_000).unwrap();
    assert!(once.starts_with(&head));
    assert_eq!(checkpoint::verify_cosignature(&once, &witness.identity), Ok(1_800_000_000));
    assert_eq!(checkpoint::verify(&once, &place.identity), Ok(place.checkpoint()));
    let both = checkpoint::cosign(&once, &other.id(), &other.witness(), 7).unwrap();
    assert_eq!(checkpoint::verify_cosignature(&both, &other.identity), Ok(7));
    let renewed = checkpoint::cosign(&both, &witness.id(), &witness.witness(), 1_800_000_001).unwrap();
    assert_eq!(checkpoint::verify_cosignature(&renewed, &witness.identity), Ok(1_800_000_001));
    assert_eq!(renewed.lines().count(), both.lines().count());
}

#[test]
fn false_cosignatures_are_refused() {
    let place = place_with_records(2);
    let witness = Place::new(50);
    let verify = |note: &str| checkpoint::verify_cosignature(note, &witness.identity);
    assert_eq!(verify(&place.head()), Err(CheckpointError::NotCosigned));
    let by_signing_key = checkpoint::cosign(&place.head(), &witness.id(), &witness.signing(), 5).unwrap();
    assert_eq!(verify(&by_signing_key), Err(CheckpointError::NotCosigned));
    let sound = checkpoint::cosign(&place.head(), &witness.id(), &witness.witness(), 5).unwrap();
    for at in [0, 7, 8, 71] {
        let mut note = SignedNote::parse(&sound).unwrap();
        note.signatures[1].signature[at] ^= 1;
        assert_eq!(verify(&note.to_string()), Err(CheckpointError::WrongSignature), "byte {at}");
    }
    let mut note = SignedNote::parse(&sound).unwrap();
    note.signatures[1].signature[0] = 0x80;
    assert_eq!(verify(&note.to_string()), Err(CheckpointError::Time));
    note.signatures[1].signature.truncate(7);
    assert_eq!(verify(&note.to_string()), Err(CheckpointError::WrongSignature));
    let time = checkpoint::cosign(&place.head(), &witness.id(), &witness.witness(), u64::MAX);
    assert_eq!(time, Err(CheckpointError::Time));
}

#[test]
fn after_a_recovery_earlier_witness_keys_count_for_nothing() {
    let place = place_with_records(1);
    let mut witness = Place::new(50);
    let note = checkpoint::cosign(&place.head(), &witness.id(), &witness.witness(), 5).unwrap();
    let rotated = witness.identity.extended(&witness.rotation(0)).unwrap();
    assert_eq!(checkpoint::verify_cosignature(&note, &rotated), Ok(5));
    witness.identity = witness.identity.extended(&witness.recovery(0)).unwrap();
    assert_eq!(checkpoint::verify_cosignature(&note, &witness.identity), Err(CheckpointError::NotCosigned));
}

#[test]
fn a_full_note_takes_no_more_signatures() {
    let place = place_with_records(1);
    let mut note = SignedNote::parse(&place.head()).unwrap();
    note.signatures = vec![note.signatures[0].clone(); 16];
    let witness = Place::new(50);
    let refused = checkpoint::cosign(&note.to_string(), &witness.id(), &witness.witness(), 5);
    assert_eq!(refused, Err(CheckpointError::Full));
}
