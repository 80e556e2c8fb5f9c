//! Any bytes as an envelope of a record, and as the payload of one that is properly signed.
#![no_main]

use cairn_proto::{
    envelope::{self, PayloadType},
    identity::{self, Identity},
    record,
};
use ed25519_dalek::SigningKey;
use libfuzzer_sys::fuzz_target;
use prost::Message as _;

fuzz_target!(|bytes: &[u8]| {
    let keys: Vec<SigningKey> = (1..5).map(|number| SigningKey::from_bytes(&[number; 32])).collect();
    let public: Vec<_> = keys.iter().map(SigningKey::verifying_key).collect();
    let (_, event) = identity::inception(&keys[0], &public[1], &public[2], &public[3..], 1, [0; 16]);
    let author = Identity::verify(&[event]).expect("a sound inception");
    let _ = record::open(bytes, &author, 3);
    let sealed = envelope::sign(PayloadType::Record, bytes.to_vec(), &[&keys[0]]).encode_to_vec();
    if let Ok(record) = record::open(&sealed, &author, 3) {
        assert_eq!((record.author, record.index), (author.node_id().to_string(), 3));
    }
});
