//! Any bytes as the payloads of an identity chain, properly signed by known keys, so that the rules behind the
//! signatures are reached. Every accepted chain gives each index exactly one key.
#![no_main]

use cairn_proto::{
    envelope::{self, PayloadType},
    identity::{self, Identity, Kind},
    pb::exchange::{Envelope, Recovery, Rotation, Succession},
    record, succession,
};
use ed25519_dalek::{SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;
use prost::Message;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> VerifyingKey {
    key(number).verifying_key()
}

fn begin() -> Envelope {
    identity::inception(&key(1), &public(2), &public(3), &[public(4)], 1, [0; 16]).1
}

/// Lays outside bytes over a sound payload, so that some pass and some do not.
fn mixed<M: Message + Default>(sound: &Envelope, bytes: &[u8]) -> Vec<u8> {
    let mut payload = sound.payload.clone();
    payload.extend_from_slice(bytes);
    M::decode(payload.as_slice()).map_or(payload, |message| message.encode_to_vec())
}

fuzz_target!(|bytes: &[u8]| {
    let raw = envelope::sign(PayloadType::Inception, bytes.to_vec(), &[&key(1)]);
    let _ = Identity::verify(&[raw]);

    let first = Identity::verify(&[begin()]).expect("a sound inception");
    let rotation = identity::rotation(&first, &key(1), &key(3), &public(5), &public(6), 9);
    let payload = mixed::<Rotation>(&rotation, bytes);
    let rotation = envelope::sign(PayloadType::Rotation, payload, &[&key(1), &key(3)]);
    let second = first.extended(&rotation).unwrap_or(first);

    let heir = identity::inception(&key(50), &public(51), &public(52), &[public(53)], 1, [1; 16]).1;
    let heir = Identity::verify(&[heir]).expect("a sound inception");
    let named = identity::succession(&second, Kind::Merged, &[&heir], 9);
    let payload = mixed::<Succession>(&named, bytes);
    let signers = [&key(if second.seq() == 0 { 1 } else { 3 }), &key(50)];
    let named = envelope::sign(PayloadType::Succession, payload, &signers);
    let _ = succession::check(&second, named.clone()).map(|proposed| proposed.signed());
    let _ = succession::verify(bytes);
    let second = second.extended(&named).unwrap_or(second);
    let begins = second.succession().map(|found| found.log_size);
    if let Some(found) = second.succession() {
        let _ = record::open(bytes, &second, found.log_size);
    }

    let recovery =
        identity::recovery(&second, &[&key(4)], &key(7), &public(8), &public(9), 5, &[public(4)], 1, false);
    let payload = mixed::<Recovery>(&recovery, bytes);
    let recovery = envelope::sign(PayloadType::Recovery, payload, &[&key(4), &key(7)]);
    let third = second.extended(&recovery).unwrap_or(second);

    let kept = third.succession().map(|found| found.log_size);
    assert!(kept.is_none() || kept == begins);
    assert_eq!(Identity::verify(third.events()).as_ref(), Ok(&third));
    for index in [0, 4, 5, 8, 9, 10, u64::MAX >> 1] {
        assert_eq!(third.epochs().iter().filter(|epoch| epoch.covers_index(index)).count(), 1);
        assert!(!third.head_keys(index).is_empty());
    }
});
