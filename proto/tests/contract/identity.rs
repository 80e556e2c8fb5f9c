//! Identity chains: what may follow what, who must sign, and which key counts where.

use cairn_proto::{
    envelope::{self, EnvelopeError, InvalidKey, PayloadType},
    identity::{self, Identity, IdentityError},
    ids::NodeId,
    limits::{IDENTITY_EVENTS, RECOVERIES},
    pb::exchange::{Envelope, Inception, Recovery, Rotation},
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::place::{Place, key, public};

fn refused(events: &[Envelope]) -> IdentityError {
    Identity::verify(events).unwrap_err()
}

/// An inception by key 1 with some fields changed.
fn inception(change: impl FnOnce(&mut Inception)) -> Envelope {
    let place = Place::new(1);
    let mut event = Inception::decode(place.identity.events()[0].payload.as_slice()).unwrap();
    change(&mut event);
    envelope::sign(PayloadType::Inception, event.encode_to_vec(), &[&key(1)])
}

/// Place 1 and its rotation at size 5 with some fields changed, signed as it must be.
fn rotation(change: impl FnOnce(&mut Rotation)) -> [Envelope; 2] {
    let place = Place::new(1);
    let mut event = Rotation::decode(place.rotation(5).payload.as_slice()).unwrap();
    change(&mut event);
    let sealed = envelope::sign(PayloadType::Rotation, event.encode_to_vec(), &[&key(1), &key(3)]);
    [place.identity.events()[0].clone(), sealed]
}

#[test]
fn the_node_id_is_the_hash_of_the_inception() {
    let place = Place::new(1);
    let hash: [u8; 32] = Sha256::digest(&place.identity.events()[0].payload).into();
    assert_eq!(place.id(), NodeId::from_bytes(hash));
    assert_eq!(place.identity.seq(), 0);
    assert_eq!(place.identity.current().signing_key, public(1));
    assert_eq!(place.identity.witness_keys(), [public(2)]);
    assert_eq!(place.identity.recovery_keys(), [public(4)]);
    let next: [u8; 32] = Sha256::digest(public(3).as_bytes()).into();
    assert_eq!(*place.identity.next_key_hash(), next);
}

#[test]
fn faulty_inceptions_are_refused() {
    assert_eq!(refused(&[]), IdentityError::Empty);
    let record = envelope::sign(PayloadType::Record, Vec::new(), &[&key(1)]);
    assert_eq!(refused(&[record]), IdentityError::WrongKind { seq: 0, found: PayloadType::Record });
    let length = |field, expected| IdentityError::Length { seq: 0, field, expected };
    assert_eq!(refused(&[inception(|event| event.nonce.truncate(15))]), length("nonce", 16));
    assert_eq!(refused(&[inception(|event| event.next_key_hash.clear())]), length("next_key_hash", 32));
    let reused = IdentityError::KeyReused { seq: 0 };
    assert_eq!(refused(&[inception(|event| event.witness_key = event.signing_key.clone())]), reused);
    assert_eq!(refused(&[inception(|event| event.recovery_keys[0] = event.signing_key.clone())]), reused);
    assert_eq!(
        refused(&[inception(|event| event.recovery_keys.push(event.recovery_keys[0].clone()))]),
        reused
    );
    let weak = IdentityError::Key { seq: 0, error: InvalidKey::Weak };
    assert_eq!(refused(&[inception(|event| event.witness_key = vec![0; 32])]), weak);
    for (threshold, keys) in [(0, 1), (2, 1), (1, 0), (1, 17), (16, 16)] {
        let many = inception(|event| {
            event.recovery_keys = (100..100 + keys).map(|one| public(one).to_bytes().to_vec()).collect();
            event.recovery_threshold = threshold;
        });
        let keys = usize::from(keys);
        assert_eq!(refused(&[many]), IdentityError::Threshold { seq: 0, threshold, keys });
    }
    let stranger = inception(|event| event.signing_key = public(9).to_bytes().to_vec());
    let error = EnvelopeError::NotEnoughSignatures { valid: 0, needed: 1 };
    assert_eq!(refused(&[stranger]), IdentityError::Envelope { seq: 0, error });
}

#[test]
fn a_rotation_hands_over_at_a_position() {
    let place = Place::new(1);
    let rotated = place.identity.extended(&place.rotation(5)).unwrap();
    assert_eq!((rotated.seq(), rotated.node_id()), (1, place.id()));
    assert!(rotated.extends(&place.identity) && !place.identity.extends(&rotated));
    assert!(!rotated.extends(&Place::new(50).identity));
    assert_eq!(rotated.record_key(0, 4), Ok(public(1)));
    assert_eq!(rotated.record_key(1, 5), Ok(public(3)));
    let outside = |seq, index, from, until| IdentityError::OutsideRange { seq, index, from, until };
    assert_eq!(rotated.record_key(0, 5), Err(outside(0, 5, 0, Some(5))));
    assert_eq!(rotated.record_key(1, 4), Err(outside(1, 4, 5, None)));
    assert_eq!(rotated.record_key(2, 4), Err(IdentityError::NoSuchEvent { seq: 2, newest: 1 }));
    assert_eq!(rotated.head_keys(4), [public(1)]);
    assert_eq!(rotated.head_keys(5), [public(1), public(3)]);
    assert_eq!(rotated.head_keys(6), [public(3)]);
    assert_eq!(rotated.witness_keys(), [public(5), public(2)]);
}

#[test]
fn faulty_rotations_are_refused() {
    assert!(Identity::verify(&rotation(|_| ())).is_ok());
    let at_1 = |change: fn(&mut Rotation)| refused(&rotation(change));
    let other = Place::new(60).id().to_string();
    assert_eq!(
        refused(&rotation(|event| event.node_id.clone_from(&other))),
        IdentityError::OtherNode { seq: 1 }
    );
    assert_eq!(at_1(|event| event.seq = 2), IdentityError::Sequence { expected: 1, found: 2 });
    assert_eq!(at_1(|event| event.previous[0] ^= 1), IdentityError::Previous { seq: 1 });
    assert_eq!(
        at_1(|event| event.witness_key = event.signing_key.clone()),
        IdentityError::KeyReused { seq: 1 }
    );
    let old = public(1).to_bytes().to_vec();
    assert_eq!(
        refused(&rotation(|event| event.witness_key.clone_from(&old))),
        IdentityError::KeyReused { seq: 1 }
    );
    let cut = IdentityError::Cut { seq: 1, size: u64::MAX, from: 0 };
    assert_eq!(at_1(|event| event.log_size = u64::MAX), cut);
    let length = IdentityError::Length { seq: 1, field: "next_key_hash", expected: 32 };
    assert_eq!(at_1(|event| event.next_key_hash.push(0)), length);
}

#[test]
fn a_rotation_needs_the_current_key_and_the_announced_one() {
    let place = Place::new(1);
    let begin = place.identity.events()[0].clone();
    let rotate = |current: &SigningKey, new: &SigningKey| {
        let event = identity::rotation(&place.identity, current, new, &public(5), &public(6), 5);
        refused(&[begin.clone(), event])
    };
    let unsigned = EnvelopeError::NotEnoughSignatures { valid: 0, needed: 1 };
    let unsigned = IdentityError::Envelope { seq: 1, error: unsigned };
    assert_eq!(rotate(&key(9), &key(3)), unsigned);
    assert_eq!(rotate(&key(1), &key(9)), IdentityError::NotAnnounced { seq: 1 });
    let mut half = place.rotation(5);
    half.signatures.truncate(1);
    let count = |found| IdentityError::Signatures { seq: 1, found, needed: 2 };
    assert_eq!(refused(&[begin.clone(), half]), count(1));
    let mut more = place.rotation(5);
    more.signatures.push(more.signatures[0].clone());
    assert_eq!(refused(&[begin.clone(), more]), count(3));
    let again = refused(&[begin.clone(), begin]);
    assert_eq!(again, IdentityError::WrongKind { seq: 1, found: PayloadType::Inception });
}

#[test]
fn a_later_rotation_cannot_take_back_what_an_earlier_one_fixed() {
    let place = Place::new(1);
    let once = place.identity.extended(&place.rotation(5)).unwrap();
    let event = identity::rotation(&once, &key(3), &key(6), &public(7), &public(8), 4);
    assert_eq!(once.extended(&event), Err(IdentityError::Cut { seq: 2, size: 4, from: 5 }));
    let event = identity::rotation(&once, &key(3), &key(6), &public(7), &public(8), 5);
    let twice = once.extended(&event).unwrap();
    assert!(twice.record_key(1, 5).is_err());
    assert_eq!(twice.record_key(2, 5), Ok(public(6)));
}

#[test]
fn a_recovery_voids_what_a_thief_signed() {
    let place = Place::new(1);
    let stolen = place.identity.extended(&place.rotation(9)).unwrap();
    let signer = key(4);
    let event = identity::recovery(
        &stolen,
        &[&signer],
        &key(7),
        &public(8),
        &public(9),
        6,
        &[public(10), public(11)],
        2,
        false,
    );
    let recovered = stolen.extended(&event).unwrap();
    assert_eq!(recovered.record_key(0, 5), Ok(public(1)));
    assert!(recovered.record_key(0, 6).is_err() && recovered.record_key(1, 9).is_err());
    assert_eq!(recovered.record_key(2, 6), Ok(public(7)));
    assert_eq!(recovered.head_keys(9), [public(7)]);
    assert_eq!(recovered.witness_keys(), [public(8)]);
    assert_eq!((recovered.recovery_keys().len(), recovered.recovery_threshold()), (2, 2));
    let covering = |index| recovered.epochs().iter().filter(|epoch| epoch.covers_index(index)).count();
    assert!((0..20).all(|index| covering(index) == 1));
}

#[test]
fn a_recovery_needs_its_threshold_and_the_new_key() {
    let recovery = [public(21), public(22), public(23)];
    let (_, begin) = identity::inception(&key(1), &public(2), &public(3), &recovery, 2, [0; 16]);
    let identity = Identity::verify(&[begin]).unwrap();
    let signed_by = |signers: &[&SigningKey], new: &SigningKey| {
        let event =
            identity::recovery(&identity, signers, new, &public(8), &public(9), 0, &[public(24)], 1, false);
        identity.extended(&event)
    };
    assert!(signed_by(&[&key(21), &key(23)], &key(7)).is_ok());
    let missing = |valid, needed| {
        let error = EnvelopeError::NotEnoughSignatures { valid, needed };
        Err(IdentityError::Envelope { seq: 1, error })
    };
    assert_eq!(signed_by(&[&key(21)], &key(7)), missing(1, 2));
    assert_eq!(signed_by(&[&key(21), &key(21)], &key(7)), missing(1, 2));
    assert_eq!(signed_by(&[&key(21), &key(24)], &key(7)), missing(1, 2));
    assert_eq!(signed_by(&[&key(21), &key(22)], &key(1)), Err(IdentityError::KeyReused { seq: 1 }));
    let event = identity::recovery(
        &identity,
        &[&key(21), &key(22)],
        &key(7),
        &public(8),
        &public(9),
        0,
        &[public(24)],
        1,
        false,
    );
    let mut unsigned = event.clone();
    unsigned.signatures.pop();
    assert_eq!(identity.extended(&unsigned), missing(0, 1));
    let mut renamed = Recovery::decode(event.payload.as_slice()).unwrap();
    renamed.signing_key = public(24).to_bytes().to_vec();
    let keys = [&key(21), &key(22), &key(24)];
    let event = envelope::sign(PayloadType::Recovery, renamed.encode_to_vec(), &keys);
    assert_eq!(identity.extended(&event), Err(IdentityError::KeyReused { seq: 1 }));
}

#[test]
fn chains_are_bounded() {
    let place = Place::new(1);
    let many = vec![place.identity.events()[0].clone(); IDENTITY_EVENTS + 1];
    assert_eq!(refused(&many), IdentityError::TooLong(IDENTITY_EVENTS + 1));
    let mut identity = place.identity;
    for round in 0..=u8::try_from(RECOVERIES).unwrap() {
        let base = 30 + 3 * round;
        let (new, recovery) = (key(base), [public(4)]);
        let (witness, next) = (public(base + 1), public(base + 2));
        let event = identity::recovery(&identity, &[&key(4)], &new, &witness, &next, 0, &recovery, 1, false);
        match identity.extended(&event) {
            Ok(extended) => identity = extended,
            Err(error) => {
                assert_eq!((usize::from(round), error), (RECOVERIES, IdentityError::TooManyRecoveries));
                return;
            }
        }
    }
    panic!("the bound on recoveries did not hold");
}

/// One step of a random history: rotate (false) or recover (true), and the size it names.
type Step = (bool, u64);

/// Plays a history; every step uses fresh keys. Returns each prefix of the chain.
fn play(steps: &[Step]) -> Vec<Identity> {
    let mut identity = Place::new(1).identity;
    let (mut signing, mut next) = (1, 3);
    let mut prefixes = vec![identity.clone()];
    for (step, (recover, size)) in steps.iter().enumerate() {
        let fresh = 20 + 4 * u8::try_from(step).unwrap();
        let (witness, announced) = (public(fresh), public(fresh + 1));
        let event = if *recover {
            next = fresh + 2;
            let keys = [public(4)];
            identity::recovery(
                &identity,
                &[&key(4)],
                &key(next),
                &witness,
                &announced,
                *size,
                &keys,
                1,
                false,
            )
        } else {
            let size = identity.current().from + size;
            identity::rotation(&identity, &key(signing), &key(next), &witness, &announced, size)
        };
        identity = identity.extended(&event).unwrap();
        (signing, next) = (next, fresh + 1);
        prefixes.push(identity.clone());
    }
    prefixes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_any_history_every_index_has_exactly_one_key(
        steps in prop::collection::vec((any::<bool>(), 0_u64..30), 0..12), index in 0_u64..400,
    ) {
        for identity in play(&steps) {
            prop_assert_eq!(Identity::verify(identity.events()), Ok(identity.clone()));
            let covering = identity.epochs().iter().filter(|epoch| epoch.covers_index(index)).count();
            prop_assert_eq!(covering, 1);
            prop_assert!(!identity.head_keys(index).is_empty());
        }
    }

    #[test]
    fn a_history_extends_its_past_and_cannot_lose_a_part(
        steps in prop::collection::vec((any::<bool>(), 0_u64..30), 2..8), at: prop::sample::Index,
    ) {
        let prefixes = play(&steps);
        let newest = prefixes.last().unwrap();
        prop_assert!(prefixes.iter().all(|older| newest.extends(older)));
        let mut events = newest.events().to_vec();
        events.remove(at.index(events.len() - 1));
        prop_assert!(Identity::verify(&events).is_err());
        let mut events = newest.events().to_vec();
        let swapped = at.index(events.len() - 1);
        events.swap(swapped, swapped + 1);
        prop_assert!(Identity::verify(&events).is_err());
    }
}
