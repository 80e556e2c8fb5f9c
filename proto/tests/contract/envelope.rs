//! Envelopes: DSSE's published vectors, bounds, and that nothing signed can be changed.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cairn_proto::{
    envelope::{self, EnvelopeError, PayloadType},
    limits::ENVELOPE_BYTES,
    pb::exchange::{Envelope, Signature},
};
use ed25519_dalek::{SigningKey, VerifyingKey};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::Value;

use crate::place::{key, public};

const SUPPORTED: [&str; 3] =
    ["application/vnd.in-toto+json", "application/vnd.example.other+json", "application/vnd.exämple+json"];

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The example of DSSE's protocol document.
#[test]
fn pre_authentication_encoding_is_that_of_dsse() {
    let bytes = envelope::pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    assert_eq!(envelope::pae("", b""), b"DSSEv1 0  0 ");
}

#[test]
fn published_dsse_vectors_agree() {
    let file: Value = serde_json::from_str(include_str!("../vectors/dsse.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        check_dsse_vector(&file["keys"], vector);
    }
}

fn check_dsse_vector(keys: &Value, vector: &Value) {
    let id = vector["id"].as_str().unwrap();
    let decode = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
    let signatures = vector["signatures"].as_array().unwrap().iter();
    let envelope = Envelope {
        payload: decode(&vector["payload"]),
        payload_type: vector["payloadType"].as_str().unwrap().to_owned(),
        signatures: signatures.map(|sig| Signature { sig: decode(sig), keyid: "A".to_owned() }).collect(),
    };
    let pae = envelope::pae(&envelope.payload_type, &envelope.payload);
    if let Some(expected) = vector["pae"].as_str() {
        assert_eq!(pae, unhex(expected), "{id}");
    }
    let public = |name: &Value| {
        let pair = &keys[name.as_str().unwrap()];
        let seed = SigningKey::from_bytes(&unhex(pair["seed"].as_str().unwrap()).try_into().unwrap());
        let key = envelope::public_key(&unhex(pair["public"].as_str().unwrap())).unwrap();
        assert_eq!(seed.verifying_key(), key);
        key
    };
    let trusted: Vec<VerifyingKey> = vector["trustedKeys"].as_array().unwrap().iter().map(public).collect();
    let threshold = usize::try_from(vector["threshold"].as_u64().unwrap()).unwrap();
    let enough = envelope::count_signers(&envelope, &trusted, threshold) >= threshold;
    let accepted = SUPPORTED.contains(&envelope.payload_type.as_str()) && enough;
    assert_eq!(accepted, vector["expect"] == "accept", "{id}");
}

#[test]
fn payload_types_are_a_closed_list() {
    for kind in ["inception", "rotation", "recovery", "peering-contract", "record"] {
        let text = format!("application/vnd.cairn.{kind}.v1+protobuf");
        assert_eq!(PayloadType::try_from(text.as_str()).unwrap().as_str(), text);
    }
    let mut envelope = envelope::sign(PayloadType::Record, vec![1, 2], &[&key(1)]);
    envelope.payload_type = "application/vnd.cairn.record.v2+protobuf".to_owned();
    let error = envelope::decode(&envelope.encode_to_vec()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the payload type \"application/vnd.cairn.record.v2+protobuf\" is not known here"
    );
}

#[test]
fn distinct_keys_count_and_key_ids_do_not() {
    let mut envelope = envelope::sign(PayloadType::Record, b"text".to_vec(), &[&key(1), &key(1), &key(2)]);
    for signature in &mut envelope.signatures {
        signature.keyid = "someone else".to_owned();
    }
    let verify = |keys: &[VerifyingKey], threshold| {
        envelope::verify(&envelope, PayloadType::Record, keys, threshold).map(<[u8]>::to_vec)
    };
    assert_eq!(verify(&[public(1), public(2)], 2), Ok(b"text".to_vec()));
    let short = EnvelopeError::NotEnoughSignatures { valid: 1, needed: 2 };
    assert_eq!(verify(&[public(1), public(1), public(3)], 2), Err(short));
    let none = EnvelopeError::NotEnoughSignatures { valid: 0, needed: 1 };
    assert_eq!(verify(&[public(3)], 0), Err(none.clone()));
    assert_eq!(verify(&[], 0), Err(none));
    let other = envelope::verify(&envelope, PayloadType::Rotation, &[public(1)], 1);
    let (expected, found) = (PayloadType::Rotation, PayloadType::Record);
    assert_eq!(other, Err(EnvelopeError::UnexpectedType { expected, found }));
}

#[test]
fn bounds_are_enforced() {
    let sound = envelope::sign(PayloadType::Record, vec![0; 10], &[&key(1)]);
    let decode = |envelope: &Envelope| envelope::decode(&envelope.encode_to_vec()).unwrap_err();
    let with = |signatures| Envelope { signatures, ..sound.clone() };
    assert_eq!(decode(&with(Vec::new())), EnvelopeError::SignatureCount(0));
    assert_eq!(decode(&with(vec![sound.signatures[0].clone(); 17])), EnvelopeError::SignatureCount(17));
    let short = Signature { sig: vec![0; 63], keyid: String::new() };
    assert_eq!(decode(&with(vec![short])), EnvelopeError::SignatureLength(63));
    let large = Envelope { payload: vec![0; ENVELOPE_BYTES], ..sound.clone() };
    assert!(matches!(decode(&large), EnvelopeError::TooLarge(_)));
    assert!(matches!(envelope::check(&large), Err(EnvelopeError::TooLarge(_))));
    assert!(matches!(envelope::decode(b"\x0a\xff"), Err(EnvelopeError::Malformed(_))));
}

#[test]
fn unknown_fields_are_carried_in_the_exact_bytes_only() {
    let mut bytes = envelope::sign(PayloadType::Record, b"text".to_vec(), &[&key(1)]).encode_to_vec();
    bytes.extend([0x78, 0x01]);
    let envelope = envelope::decode(&bytes).unwrap();
    assert!(envelope::verify(&envelope, PayloadType::Record, &[public(1)], 1).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_signed_comes_back_and_any_change_is_noticed(
        payload in prop::collection::vec(any::<u8>(), 1..200),
        bit: prop::sample::Index,
        signer in 1_u8..20,
    ) {
        let sealed = envelope::sign(PayloadType::Record, payload.clone(), &[&key(signer)]);
        let keys = [public(signer)];
        let read = envelope::decode(&sealed.encode_to_vec()).unwrap();
        prop_assert_eq!(envelope::verify(&read, PayloadType::Record, &keys, 1), Ok(payload.as_slice()));

        let mut changed = sealed.clone();
        let at = bit.index(payload.len() * 8);
        changed.payload[at / 8] ^= 1 << (at % 8);
        prop_assert!(envelope::verify(&changed, PayloadType::Record, &keys, 1).is_err());

        let mut changed = sealed.clone();
        let at = bit.index(64 * 8);
        changed.signatures[0].sig[at / 8] ^= 1 << (at % 8);
        prop_assert!(envelope::verify(&changed, PayloadType::Record, &keys, 1).is_err());

        let mut changed = sealed;
        changed.payload_type = PayloadType::Rotation.as_str().to_owned();
        prop_assert!(envelope::verify(&changed, PayloadType::Rotation, &keys, 1).is_err());
    }

    #[test]
    fn any_bytes_are_judged_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = envelope::decode(&bytes);
    }
}
