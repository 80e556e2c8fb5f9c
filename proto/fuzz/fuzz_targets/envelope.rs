//! Any bytes as an envelope: judged without a crash, and what is accepted is within bounds.
#![no_main]

use cairn_proto::{envelope, limits};
use ed25519_dalek::SigningKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = envelope::public_key(bytes);
    let Ok(read) = envelope::decode(bytes) else { return };
    assert!(bytes.len() <= limits::ENVELOPE_BYTES);
    assert!((1..=limits::SIGNATURES).contains(&read.signatures.len()));
    let kind = envelope::check(&read).expect("decode checks the same");
    let stranger = SigningKey::from_bytes(&[7; 32]).verifying_key();
    assert!(envelope::verify(&read, kind, &[stranger], 0).is_err(), "a signature nobody made");
});
