//! Signed notes against the examples of C2SP and of Go's checksum database, where the format comes from.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cairn_proto::{
    limits::CHECKPOINT_BYTES,
    note::{InvalidNote, InvalidVerifierKey, KeyKind, NoteSignature, SignedNote, VerifierKey},
};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use proptest::prelude::*;

/// C2SP `signed-note`, the example of the specification.
const SALVATORE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
    ed è subito sera.\n\n— quasimodo.example/salvatore \
    NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

/// C2SP `tlog-cosignature`, the example of the specification.
const SOFA: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa \
    Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0\
    xUe+mbIUBkBIfZ+qnA==\n";

/// `golang.org/x/mod/sumdb/note`, example: verifier key, secret key (type byte and seed), text, signature line.
const NEUMANN_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const NEUMANN: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n— PeterNeumann \
    x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn published_notes_are_read_and_written_byte_for_byte() {
    for note in [SALVATORE, SOFA, NEUMANN] {
        assert_eq!(SignedNote::parse(note).unwrap().to_string(), note);
    }
    let salvatore = SignedNote::parse(SALVATORE).unwrap();
    assert!(salvatore.text.ends_with("\n\ned è subito sera.\n"));
    assert_eq!(salvatore.signatures[0].name, "quasimodo.example/salvatore");
    assert_eq!(salvatore.signatures[0].key_id, [0x36, 0x7b, 0xa0, 0x4b]);
    assert_eq!(salvatore.signatures[0].signature.len(), 64);
    let sofa = SignedNote::parse(SOFA).unwrap();
    let time: [u8; 8] = sofa.signatures[1].signature[..8].try_into().unwrap();
    assert_eq!((u64::from_be_bytes(time), sofa.signatures[1].signature.len()), (1_679_315_147, 72));
}

#[test]
fn the_published_key_signs_and_verifies_the_published_note() {
    let key: VerifierKey = NEUMANN_KEY.parse().unwrap();
    assert_eq!(
        (key.to_string().as_str(), key.name(), key.kind()),
        (NEUMANN_KEY, "PeterNeumann", KeyKind::Ed25519)
    );
    let note = SignedNote::parse(NEUMANN).unwrap();
    let signature = note.by(key.name(), key.kind(), key.key()).next().unwrap();
    let signature = Signature::from_slice(signature).unwrap();
    assert!(key.key().verify_strict(note.text.as_bytes(), &signature).is_ok());
    assert_eq!(note.by(key.name(), KeyKind::CosignatureV1, key.key()).count(), 0);
    assert_eq!(note.by("PeterNewman", key.kind(), key.key()).count(), 0);

    let secret = BASE64_STANDARD.decode(NEUMANN_SECRET).unwrap();
    let secret = SigningKey::from_bytes(&secret[1..].try_into().unwrap());
    let line = NoteSignature {
        name: key.name().to_owned(),
        key_id: key.id(),
        signature: secret.sign(note.text.as_bytes()).to_vec(),
    };
    let made = SignedNote { text: note.text, signatures: vec![line] };
    assert_eq!(made.to_string(), NEUMANN);
}

#[test]
fn mangled_verifier_keys_are_refused() {
    for begin in 0..NEUMANN_KEY.len() {
        for end in begin..NEUMANN_KEY.len() {
            assert!(NEUMANN_KEY[begin..end].parse::<VerifierKey>().is_err());
        }
    }
    let refused = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    assert_eq!(refused(&NEUMANN_KEY.replace("c74f20a3", "C74F20A3")), InvalidVerifierKey::Hash);
    assert_eq!(refused(&NEUMANN_KEY.replace("Peter", "Peter ")), InvalidVerifierKey::Name);
    assert_eq!(
        refused("a+c74f20a3+CRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        InvalidVerifierKey::Kind(9)
    );
    assert!(matches!(refused("a+c74f20a3+AQ=="), InvalidVerifierKey::Key(_)));
}

#[test]
fn malformed_notes_are_refused_with_the_reason() {
    let line = "— a AAAAAAE=";
    assert!(SignedNote::parse(&format!("text\n\n{line}\n")).is_ok());
    let refused = |note: &str| SignedNote::parse(note).unwrap_err();
    assert_eq!(refused(""), InvalidNote::Unended);
    assert_eq!(refused(&format!("text\n\n{line}")), InvalidNote::Unended);
    assert_eq!(refused("text\n"), InvalidNote::NoSignatures);
    assert_eq!(refused(&format!("text\n{line}\n")), InvalidNote::NoSignatures);
    assert_eq!(refused("text\n\n\n"), InvalidNote::SignatureLine(1));
    assert_eq!(refused(&format!("te\txt\n\n{line}\n")), InvalidNote::ControlCharacter);
    assert_eq!(refused(&format!("text\r\n\r\n{line}\r\n")), InvalidNote::ControlCharacter);
    for wrong in ["- a AAAAAAE=", "— AAAAAAE=", "—\u{a0}a AAAAAAE=", "—", "text"] {
        assert_eq!(refused(&format!("text\n\n{line}\n{wrong}\n")), InvalidNote::SignatureLine(2), "{wrong}");
    }
    for wrong in ["—  AAAAAAE=", "— a+b AAAAAAE=", "— a\u{2003}b AAAAAAE=", "— a\u{a0} AAAAAAE="] {
        assert_eq!(refused(&format!("text\n\n{wrong}\n")), InvalidNote::KeyName(1), "{wrong}");
    }
    // No signature, no padding, stray bits, the other alphabet, something after it.
    for wrong in ["AAAAAA==", "AAAAAAE", "AAAAAAF=", "AAAAAA-_", "AAAAAAE= ", ""] {
        assert_eq!(refused(&format!("text\n\n— a {wrong}\n")), InvalidNote::Base64(1), "{wrong}");
    }
    let lines = |count| format!("text\n\n{}", format!("{line}\n").repeat(count));
    assert!(SignedNote::parse(&lines(16)).is_ok());
    assert_eq!(refused(&lines(17)), InvalidNote::TooManySignatures(17));
    let large = "x".repeat(CHECKPOINT_BYTES + 1);
    assert_eq!(refused(&large), InvalidNote::TooLarge(CHECKPOINT_BYTES + 1));
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(note in "([a—\n]{0,4}\n\n){1,3}(— [ab]{1,2} (AAAAAAE=|AAAAAAEC|AAAAAQID)\n){1,3}") {
        if let Ok(parsed) = SignedNote::parse(&note) {
            prop_assert_eq!(parsed.to_string(), note);
        }
    }
}
