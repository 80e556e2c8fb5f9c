//! Opening records: the key of the position, and a record that says what its place says.

use cairn_proto::{
    envelope::{self, EnvelopeError, PayloadType},
    record::{self, RecordError},
};
use prost::Message as _;

use crate::place::{Place, key};

#[test]
fn a_record_opens_at_its_place() {
    let place = Place::new(1);
    let made = place.record(4);
    assert_eq!(record::open(&place.envelope(&made), &place.identity, 4), Ok(made));
}

#[test]
fn a_record_opens_nowhere_else() {
    let place = Place::new(1);
    let sealed = place.envelope(&place.record(4));
    let elsewhere = RecordError::OtherIndex { expected: 5, found: 4 };
    assert_eq!(record::open(&sealed, &place.identity, 5), Err(elsewhere));
    let unsigned = RecordError::Envelope(EnvelopeError::NotEnoughSignatures { valid: 0, needed: 1 });
    assert_eq!(record::open(&sealed, &Place::new(50).identity, 4), Err(unsigned));

    let mut other = place.record(4);
    other.author = Place::new(50).id().to_string();
    let refused = record::open(&place.envelope(&other), &place.identity, 4);
    assert_eq!(refused, Err(RecordError::OtherAuthor(place.id())));

    let mut other = place.record(4);
    other.identity_seq = 1;
    let refused = record::open(&place.envelope(&other), &place.identity, 4);
    assert_eq!(refused, Err(RecordError::OtherKey { expected: 0, found: 1 }));
}

#[test]
fn the_key_of_the_position_decides() {
    let mut place = Place::new(1);
    let old = place.envelope(&place.record(2));
    let late = place.envelope(&place.record(3));
    place.identity = place.identity.extended(&place.rotation(3)).unwrap();
    assert!(record::open(&old, &place.identity, 2).is_ok());
    assert!(record::open(&late, &place.identity, 3).is_err());
    let new = |index| {
        let payload = place.record(index).encode_to_vec();
        envelope::sign(PayloadType::Record, payload, &[&key(3)]).encode_to_vec()
    };
    assert!(record::open(&new(3), &place.identity, 3).is_ok());
    assert!(record::open(&new(2), &place.identity, 2).is_err());
}

#[test]
fn other_payloads_are_not_records() {
    let place = Place::new(1);
    let contract = envelope::sign(PayloadType::PeeringContract, place.record(0).encode_to_vec(), &[&key(1)]);
    let refused = record::open(&contract.encode_to_vec(), &place.identity, 0).unwrap_err();
    assert!(matches!(refused, RecordError::Envelope(EnvelopeError::UnexpectedType { .. })));
    let garbage = envelope::sign(PayloadType::Record, vec![0x0a, 0xff], &[&key(1)]).encode_to_vec();
    assert!(matches!(record::open(&garbage, &place.identity, 0), Err(RecordError::Malformed(_))));
}
