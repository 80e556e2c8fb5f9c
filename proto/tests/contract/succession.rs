//! Succession: who must sign, what may be named, where a log is frozen, and what lifts it.

use cairn_proto::{
    envelope::{self, EnvelopeError, PayloadType},
    identity::{self, Identity, IdentityError, Kind},
    limits::{ENVELOPE_BYTES, IDENTITY_EVENTS, RECOVERIES, SUCCESSION_BYTES, SUCCESSORS},
    pb::exchange::{
        Envelope, ExperimentSummary, PurgeReceipt, Record, Retraction, Succession, Successor, record::Body,
    },
    record::{self, RecordError},
    succession::{self, SuccessionError},
};
use proptest::prelude::*;
use prost::Message as _;

use crate::place::{Place, key, public};

/// Place 1 and its succession at size 5 by places 50 and so on, with some fields changed, signed by these keys.
fn changed(by: &[u8], kind: Kind, signers: &[u8], change: impl FnOnce(&mut Succession)) -> Vec<Envelope> {
    let place = Place::new(1);
    let mut event = Succession::decode(place.succession(kind, by, 5).payload.as_slice()).unwrap();
    change(&mut event);
    let keys: Vec<_> = signers.iter().map(|number| key(*number)).collect();
    let keys: Vec<_> = keys.iter().collect();
    let sealed = envelope::sign(PayloadType::Succession, event.encode_to_vec(), &keys);
    vec![place.identity.events()[0].clone(), sealed]
}

fn merged(change: impl FnOnce(&mut Succession)) -> Result<Identity, IdentityError> {
    Identity::verify(&changed(&[50], Kind::Merged, &[1, 50], change))
}

fn unsigned(valid: usize, needed: usize) -> IdentityError {
    IdentityError::Envelope { seq: 1, error: EnvelopeError::NotEnoughSignatures { valid, needed } }
}

#[test]
fn a_merger_names_one_who_goes_on_and_changes_no_key() {
    let place = Place::new(1);
    let merged = place.identity.extended(&place.succession(Kind::Merged, &[50], 5)).unwrap();
    assert_eq!((merged.seq(), merged.current().seq, merged.node_id()), (1, 0, place.id()));
    assert!(merged.extends(&place.identity) && place.identity.succession().is_none());
    let found = merged.succession().unwrap();
    assert_eq!((found.seq, found.kind, found.log_size), (1, Kind::Merged, 5));
    assert_eq!(found.nodes().collect::<Vec<_>>(), [Place::new(50).id()]);
    assert_eq!((merged.record_key(0, 9), merged.head_keys(9)), (Ok(public(1)), vec![public(1)]));
    let rotated = identity::rotation(&merged, &key(1), &key(3), &public(5), &public(6), 9);
    let rotated = merged.extended(&rotated).unwrap();
    assert_eq!((rotated.seq(), rotated.current().seq), (2, 2));
    assert!(rotated.succession().is_some(), "keys change, and its place stays given up");
}

#[test]
fn a_split_names_two_to_eight() {
    let places = [50, 60, 70, 80, 90, 100, 110, 120, 130];
    let split = |count: usize| {
        let place = Place::new(1);
        place.identity.extended(&place.succession(Kind::Split, &places[..count], 5))
    };
    for count in [2, SUCCESSORS] {
        assert_eq!(split(count).unwrap().succession().unwrap().successors.len(), count);
    }
    for found in [0, 1, SUCCESSORS + 1] {
        assert_eq!(split(found), Err(IdentityError::Successors { seq: 1, found }));
    }
    for kind in [Kind::Renamed, Kind::Merged, Kind::Unspecified] {
        let place = Place::new(1);
        let two = place.identity.extended(&place.succession(kind, &[50, 60], 5));
        assert_eq!(two, Err(IdentityError::Successors { seq: 1, found: 2 }));
    }
    assert_eq!(merged(|event| event.kind = 9), Err(IdentityError::Successors { seq: 1, found: 1 }));
}

#[test]
fn the_node_and_every_successor_sign_and_nobody_else() {
    let signed = |by: &[u8], signers: &[u8]| {
        let kind = if by.len() == 1 { Kind::Merged } else { Kind::Split };
        Identity::verify(&changed(by, kind, signers, |_| ())).map(|_| ())
    };
    assert_eq!(signed(&[50], &[1, 50]), Ok(()));
    assert_eq!(signed(&[50, 60], &[60, 1, 50]), Ok(()), "in any order");
    let count = |found, needed| Err(IdentityError::Signatures { seq: 1, found, needed });
    assert_eq!(signed(&[50], &[1]), count(1, 2));
    assert_eq!(signed(&[50], &[1, 50, 60]), count(3, 2));
    assert_eq!(signed(&[50, 60], &[1, 50]), count(2, 3));
    assert_eq!(signed(&[50], &[1, 60]), Err(unsigned(0, 1)), "a third one instead of the successor");
    assert_eq!(signed(&[50, 60], &[1, 50, 50]), Err(unsigned(1, 2)), "one of both, twice");
    assert_eq!(signed(&[50], &[50, 60]), Err(unsigned(0, 1)), "the successor takes it by itself");
    assert_eq!(signed(&[50], &[1, 53]), Err(unsigned(0, 1)), "its recovery key is not its signing key");
}

#[test]
fn faulty_successions_are_refused() {
    assert!(merged(|_| ()).is_ok());
    let other = Place::new(60);
    let name = other.id().to_string();
    assert_eq!(merged(|event| event.node_id = name), Err(IdentityError::OtherNode { seq: 1 }));
    assert_eq!(merged(|event| event.seq = 2), Err(IdentityError::Sequence { expected: 1, found: 2 }));
    assert_eq!(merged(|event| event.previous[0] ^= 1), Err(IdentityError::Previous { seq: 1 }));
    let cut = IdentityError::Cut { seq: 1, size: u64::MAX, from: 0 };
    assert_eq!(merged(|event| event.log_size = u64::MAX), Err(cut));
    let broken = merged(|event| event.successors[0].identity.clear());
    let empty = Box::new(IdentityError::Empty);
    assert_eq!(broken, Err(IdentityError::Successor { seq: 1, error: empty }));
    let own = changed(&[1], Kind::Merged, &[1, 1], |_| ());
    let twice = |place: u8| IdentityError::SuccessorTwice { seq: 1, node: Place::new(place).id() };
    assert_eq!(Identity::verify(&own), Err(twice(1)));
    let both = changed(&[50, 50], Kind::Split, &[1, 50, 50], |_| ());
    assert_eq!(Identity::verify(&both), Err(twice(50)));
    // Keys 2 and 51: a witness key of one is a key of the other.
    for (by, kind) in [(vec![2], Kind::Renamed), (vec![50, 51], Kind::Split)] {
        let signers: Vec<u8> = [1].into_iter().chain(by.clone()).collect();
        let shared = changed(&by, kind, &signers, |_| ());
        assert_eq!(Identity::verify(&shared), Err(IdentityError::KeyReused { seq: 1 }), "{by:?}");
    }
    let record = envelope::sign(PayloadType::Succession, vec![0xFF], &[&key(1), &key(50)]);
    let begin = Place::new(1).identity.events()[0].clone();
    let malformed = Identity::verify(&[begin, record]);
    assert!(matches!(malformed, Err(IdentityError::Malformed { seq: 1, .. })), "{malformed:?}");
}

#[test]
fn what_keys_fixed_before_stays_and_nothing_is_given_up_twice() {
    let place = Place::new(1);
    let rotated = place.identity.extended(&place.rotation(5)).unwrap();
    let to = |by: u8, size| {
        let successor = Place::new(by);
        let mut event = identity::succession(&rotated, Kind::Renamed, &[&successor.identity], size);
        envelope::countersign(&mut event, &key(3));
        envelope::countersign(&mut event, &successor.signing());
        event
    };
    let cut = IdentityError::Cut { seq: 2, size: 4, from: 5 };
    assert_eq!(rotated.extended(&to(50, 4)), Err(cut));
    let renamed = rotated.extended(&to(50, 5)).unwrap();
    let mut again = identity::succession(&renamed, Kind::Renamed, &[&Place::new(60).identity], 5);
    envelope::countersign(&mut again, &key(3));
    assert_eq!(renamed.extended(&again), Err(IdentityError::SucceededAlready { seq: 3 }));
    // A key of the successor does not come into the chain later either.
    let event =
        identity::recovery(&rotated, &[&key(4)], &key(50), &public(8), &public(9), 7, &[public(4)], 1, false);
    assert!(rotated.extended(&event).is_ok());
    let event =
        identity::recovery(&renamed, &[&key(4)], &key(50), &public(8), &public(9), 7, &[public(4)], 1, false);
    assert_eq!(renamed.extended(&event), Err(IdentityError::KeyReused { seq: 3 }));
}

#[test]
fn a_recovery_lifts_what_a_thief_named_and_keeps_what_it_is_to_keep() {
    let place = Place::new(1);
    let stolen = place.identity.extended(&place.succession(Kind::Merged, &[50], 5)).unwrap();
    let recovered = |size, keeps| {
        let recovery = [public(4)];
        let event = identity::recovery(
            &stolen,
            &[&key(4)],
            &key(7),
            &public(8),
            &public(9),
            size,
            &recovery,
            1,
            keeps,
        );
        stolen.extended(&event).map(|identity| identity.succession().is_some())
    };
    assert_eq!(
        [recovered(4, false), recovered(5, false), recovered(6, false)],
        [Ok(false), Ok(false), Ok(true)]
    );
    let nothing = |size| Err(IdentityError::KeepsNothing { seq: 2, size });
    assert_eq!(
        [recovered(4, true), recovered(5, true), recovered(6, true)],
        [nothing(4), Ok(true), Ok(true)]
    );
    let lifted = stolen.extended(&identity::recovery(
        &stolen,
        &[&key(4)],
        &key(7),
        &public(8),
        &public(9),
        5,
        &[public(4)],
        1,
        false,
    ));
    let lifted = lifted.unwrap();
    let mut again = identity::succession(&lifted, Kind::Merged, &[&Place::new(60).identity], 5);
    [7, 60].iter().for_each(|number| envelope::countersign(&mut again, &key(*number)));
    assert_eq!(lifted.extended(&again).unwrap().succession().unwrap().seq, 3);
    let keeps = identity::recovery(
        &place.identity,
        &[&key(4)],
        &key(7),
        &public(8),
        &public(9),
        5,
        &[public(4)],
        1,
        true,
    );
    assert_eq!(place.identity.extended(&keeps), Err(IdentityError::KeepsNothing { seq: 1, size: 5 }));
}

#[test]
fn a_successor_has_no_successor() {
    let second = Place::new(50);
    let gone = second.identity.extended(&second.succession(Kind::Merged, &[80], 0)).unwrap();
    let place = Place::new(1);
    let mut event = identity::succession(&place.identity, Kind::Merged, &[&gone], 0);
    [1, 50].iter().for_each(|number| envelope::countersign(&mut event, &key(*number)));
    let inside = IdentityError::WrongKind { seq: 1, found: PayloadType::Succession };
    let refused = IdentityError::Successor { seq: 1, error: Box::new(inside) };
    assert_eq!(place.identity.extended(&event), Err(refused));
}

/// A chain of place `base` that changes its keys `times` times by recoveries; uses keys from `fresh` on.
fn recovered(base: u8, fresh: u8, times: u8) -> (Identity, u8) {
    let mut identity = Place::new(base).identity;
    let recovery = [public(base + 3)];
    let mut signing = base;
    for n in 0..times {
        signing = fresh + 3 * n;
        let (new, witness, next) = (key(signing), public(signing + 1), public(signing + 2));
        let event =
            identity::recovery(&identity, &[&key(base + 3)], &new, &witness, &next, 0, &recovery, 1, false);
        identity = identity.extended(&event).unwrap();
    }
    (identity, signing)
}

#[test]
fn chains_inside_a_chain_are_bounded_with_it() {
    let half = u8::try_from(RECOVERIES / 2).unwrap();
    let (first, signs) = recovered(1, 10, half);
    for (times, holds) in [(half, true), (half + 1, false)] {
        let (successor, agrees) = recovered(200, 100, times);
        let mut event = identity::succession(&first, Kind::Merged, &[&successor], 0);
        [signs, agrees].iter().for_each(|number| envelope::countersign(&mut event, &key(*number)));
        let found = first.extended(&event);
        assert_eq!(found.is_ok(), holds);
        assert!(holds || found == Err(IdentityError::TooManyRecoveries));
    }
    let many = Successor { identity: vec![Place::new(50).identity.events()[0].clone(); 600] };
    let two = changed(&[50, 60], Kind::Split, &[1, 50, 60], |event| {
        event.successors = vec![many.clone(), many.clone()];
    });
    let bytes = two[1].payload.len() + PayloadType::Succession.as_str().len();
    let size = IdentityError::Envelope { seq: 1, error: EnvelopeError::TooLarge(bytes) };
    assert!(two[1].payload.len() > ENVELOPE_BYTES);
    assert_eq!(Identity::verify(&two), Err(size));
    let small = Successor { identity: vec![Envelope::default(); IDENTITY_EVENTS] };
    let flood = changed(&[50], Kind::Merged, &[1, 50], |event| event.successors = vec![small]);
    assert_eq!(Identity::verify(&flood), Err(IdentityError::TooLong(IDENTITY_EVENTS + 2)));
}

#[test]
fn from_the_frozen_size_on_only_what_takes_back_counts() {
    let place = Place::new(1);
    let merged = place.identity.extended(&place.succession(Kind::Merged, &[50], 5)).unwrap();
    let open = |index, body| {
        let record = Record { body: Some(body), ..place.record(index) };
        record::open(&place.envelope(&record), &merged, index).map(|_| ())
    };
    let summary = || Body::ExperimentSummary(ExperimentSummary::default());
    assert_eq!(open(4, summary()), Ok(()));
    assert_eq!(open(5, summary()), Err(RecordError::Void(5)));
    assert_eq!(open(u64::MAX >> 1, summary()), Err(RecordError::Void(5)));
    assert_eq!(open(5, Body::Retraction(Retraction::default())), Ok(()));
    assert_eq!(open(9, Body::PurgeReceipt(PurgeReceipt::default())), Ok(()));
    let bare = Record { body: None, ..place.record(5) };
    assert_eq!(record::open(&place.envelope(&bare), &merged, 5), Err(RecordError::Void(5)));
}

#[test]
fn a_file_is_handed_round_until_all_have_signed() {
    let (place, first, second) = (Place::new(1), Place::new(50), Place::new(60));
    let by = [&first.identity, &second.identity];
    let event = identity::succession(&place.identity, Kind::Split, &by, 5);
    let mut proposed = succession::check(&place.identity, event).unwrap();
    assert_eq!(proposed.signed(), [false, false]);
    envelope::countersign(&mut proposed.event, &second.signing());
    let mut read = succession::verify(&proposed.encode()).unwrap();
    assert_eq!((read.signed(), &read), (vec![false, true], &proposed));
    assert!(place.identity.extended(&read.event).is_err(), "not before all have");
    envelope::countersign(&mut read.event, &first.signing());
    assert!(place.identity.extended(&read.event).is_err(), "and not before the node itself has");
    envelope::countersign(&mut read.event, &place.signing());
    assert!(place.identity.extended(&read.event).is_ok());

    let bytes = proposed.encode();
    assert_eq!(succession::verify(&bytes[1..]), Err(SuccessionError::NotASuccession));
    let large = vec![0; SUCCESSION_BYTES + 1];
    assert_eq!(succession::verify(&large), Err(SuccessionError::TooLarge(SUCCESSION_BYTES + 1)));
    assert_eq!(succession::verify(b"cairn-succession/v1\n"), Err(SuccessionError::Empty));
    let refused = |change: fn(&mut Envelope)| {
        let mut event = proposed.event.clone();
        change(&mut event);
        succession::check(&place.identity, event).unwrap_err()
    };
    let signature = |error| IdentityError::Envelope { seq: 1, error };
    let record = refused(|event| event.payload_type = PayloadType::Record.as_str().to_owned());
    assert_eq!(record, IdentityError::WrongKind { seq: 1, found: PayloadType::Record });
    let many = refused(|event| event.signatures = vec![event.signatures[0].clone(); 16]);
    assert_eq!(many, signature(EnvelopeError::SignatureCount(16)));
    let large = refused(|event| event.signatures[0].keyid = "a".repeat(ENVELOPE_BYTES));
    assert!(matches!(large, IdentityError::Envelope { error: EnvelopeError::TooLarge(_), .. }), "{large:?}");
    let cut = refused(|event| event.payload.truncate(1));
    assert!(matches!(cut, IdentityError::Malformed { seq: 1, .. }), "{cut:?}");
}

/// One step of a random history, and the size it names: 0 rotates, 1 recovers, 2 recovers and keeps, 3 names a successor.
type Step = (u8, u64);

/// Plays a history; a step that is refused leaves things as they were. Gives what it ends with, and where the log is frozen.
fn play(steps: &[Step]) -> (Identity, Option<u64>) {
    let (mut identity, mut frozen) = (Place::new(1).identity, None);
    let (mut signing, mut next) = (1, 3);
    for (&(step, more), fresh) in steps.iter().zip((20_u8..).step_by(4)) {
        let from = identity.current().from;
        let (witness, announced, new) = (public(fresh), public(fresh + 1), fresh + 2);
        let recover = |size, keeps| {
            let (keys, signer) = ([public(4)], key(4));
            identity::recovery(&identity, &[&signer], &key(new), &witness, &announced, size, &keys, 1, keeps)
        };
        let (event, signs, freezes) = match step {
            0 => (
                identity::rotation(&identity, &key(signing), &key(next), &witness, &announced, from + more),
                next,
                frozen,
            ),
            1 => (recover(more, false), new, frozen.filter(|at| more > *at)),
            2 => (recover(more, true), new, frozen),
            _ => {
                let successor = Place::new(200 + fresh % 40);
                let by = [&successor.identity];
                let mut event = identity::succession(&identity, Kind::Renamed, &by, from + more);
                envelope::countersign(&mut event, &key(signing));
                envelope::countersign(&mut event, &successor.signing());
                (event, signing, Some(from + more))
            }
        };
        let refused = match step {
            2 => frozen.is_none_or(|at| more < at),
            3 => frozen.is_some(),
            _ => false,
        };
        let longer = identity.extended(&event);
        assert_eq!(longer.is_err(), refused, "step {step} at {more}, frozen at {frozen:?}: {longer:?}");
        let Ok(longer) = longer else { continue };
        identity = longer;
        frozen = freezes;
        if step < 3 {
            (signing, next) = (signs, fresh + 1);
        }
    }
    (identity, frozen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_any_history_it_is_known_where_the_log_is_frozen_and_each_index_has_one_key(
        steps in prop::collection::vec((0_u8..4, 0_u64..8), 0..10), index in 0_u64..100,
    ) {
        let (identity, frozen) = play(&steps);
        prop_assert_eq!(identity.succession().map(|found| found.log_size), frozen);
        prop_assert_eq!(Identity::verify(identity.events()), Ok(identity.clone()));
        let covering = identity.epochs().iter().filter(|epoch| epoch.covers_index(index)).count();
        prop_assert_eq!(covering, 1);
    }

    #[test]
    fn a_changed_byte_is_refused(at: prop::sample::Index, bit in 0_u8..8) {
        let place = Place::new(1);
        let mut event = place.succession(Kind::Split, &[50, 60], 5);
        let byte = at.index(event.payload.len());
        event.payload[byte] ^= 1 << bit;
        prop_assert!(place.identity.extended(&event).is_err());
    }
}
