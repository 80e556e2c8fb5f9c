//! Identities, records and signatures made by hand, good ones and such as nobody may make: Python and we judge them alike.

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    ids::NodeId,
    log::{Leaf, commitment, node_hash},
    pb::exchange::{
        Envelope, EvidencePack, Inception, Profile, PurgeReceipt, Record, Recovery, Retraction, Rotation,
        Succession, SuccessionKind, Successor, record::Body,
    },
};
use ed25519_dalek::{Signature, SigningKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{Packs, clients, finish, python, unhex};

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> Vec<u8> {
    key(number).verifying_key().to_bytes().to_vec()
}

pub(crate) fn hash(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn inception() -> Inception {
    Inception {
        signing_key: public(1),
        witness_key: public(2),
        next_key_hash: hash(public(3)),
        recovery_keys: vec![public(4)],
        recovery_threshold: 1,
        nonce: vec![1; 16],
    }
}

fn name(first: &Envelope) -> String {
    NodeId::from_bytes(hash(&first.payload).try_into().unwrap()).to_string()
}

/// The rotation from [`inception`] to key 3.
fn rotation(first: &Envelope) -> Rotation {
    Rotation {
        node_id: name(first),
        seq: 1,
        previous: hash(&first.payload),
        signing_key: public(3),
        witness_key: public(5),
        next_key_hash: hash(public(6)),
        log_size: 0,
    }
}

/// The recovery from [`inception`] to key 7.
fn recovery(first: &Envelope) -> Recovery {
    Recovery {
        node_id: name(first),
        seq: 1,
        previous: hash(&first.payload),
        signing_key: public(7),
        witness_key: public(8),
        next_key_hash: hash(public(9)),
        log_size: 0,
        recovery_keys: vec![public(4)],
        recovery_threshold: 1,
        keeps_succession: false,
    }
}

fn signed(kind: PayloadType, payload: Vec<u8>, by: &[u8]) -> Envelope {
    let keys: Vec<SigningKey> = by.iter().map(|number| key(*number)).collect();
    envelope::sign(kind, payload, &keys.iter().collect::<Vec<_>>())
}

/// The note of a head.
fn head(first: &Envelope, size: u64, root: [u8; 32], number: u8) -> String {
    checkpoint::sign(&Checkpoint { origin: format!("cairn/{}", name(first)), size, root }, &key(number))
}

/// A pack for the only record of a log, all signed by key `number`.
fn only_record(chain: Vec<Envelope>, number: u8, change: impl FnOnce(&mut Record)) -> EvidencePack {
    let seq = u32::try_from(chain.len()).unwrap() - 1;
    let mut record = Record { author: name(&chain[0]), identity_seq: seq, ..Record::default() };
    change(&mut record);
    only_payload(chain, number, record.encode_to_vec())
}

fn only_payload(chain: Vec<Envelope>, number: u8, payload: Vec<u8>) -> EvidencePack {
    let envelope = signed(PayloadType::Record, payload, &[number]).encode_to_vec();
    let root = Leaf::record(commitment(&[0; 32], &envelope)).hash();
    let checkpoint = head(&chain[0], 1, root, number);
    EvidencePack { identity: chain, envelope, salt: vec![0; 32], checkpoint, ..EvidencePack::default() }
}

/// The inception of a place with keys from `base` on.
fn place(base: u8) -> Envelope {
    let first = Inception {
        signing_key: public(base),
        witness_key: public(base + 1),
        next_key_hash: hash(public(base + 2)),
        recovery_keys: vec![public(base + 3)],
        recovery_threshold: 1,
        nonce: vec![base; 16],
    };
    signed(PayloadType::Inception, first.encode_to_vec(), &[base])
}

/// The succession of the place of `first` by those with keys from `by` on, at size 1.
fn succession(first: &Envelope, kind: SuccessionKind, by: &[u8]) -> Succession {
    Succession {
        node_id: name(first),
        seq: 1,
        previous: hash(&first.payload),
        log_size: 1,
        kind: kind.into(),
        successors: by.iter().map(|base| Successor { identity: vec![place(*base)] }).collect(),
    }
}

/// Packs of records at index 0 of a place that was given up.
fn successions(packs: &mut Packs, first: &Envelope) {
    let mut with =
        |what: &str, by: &[u8], change: &dyn Fn(&mut Succession), signers: &[u8], body: Option<Body>| {
            let kind = if by.len() == 1 { SuccessionKind::Merged } else { SuccessionKind::Split };
            let mut next = succession(first, kind, by);
            change(&mut next);
            let event = signed(PayloadType::Succession, next.encode_to_vec(), signers);
            let pack = only_record(vec![first.clone()], 1, |record| record.body = body);
            let identity = vec![first.clone(), event];
            packs.add_pack(format!("succession: {what}"), &EvidencePack { identity, ..pack });
        };
    with("a merger", &[50], &|_| {}, &[1, 50], None);
    with("a split, signed in another order", &[50, 60], &|_| {}, &[60, 1, 50], None);
    with("not signed by the successor", &[50], &|_| {}, &[1], None);
    with("signed by a third", &[50], &|_| {}, &[1, 60], None);
    with("signed by a third, too", &[50], &|_| {}, &[1, 50, 60], None);
    with("not signed by its node", &[50], &|_| {}, &[50, 60], None);
    with("signed by one of two, twice", &[50, 60], &|_| {}, &[1, 50, 50], None);
    with("of another node", &[50], &|next| next.node_id.push('q'), &[1, 50], None);
    with("seq 2", &[50], &|next| next.seq = 2, &[1, 50], None);
    with("other previous", &[50], &|next| next.previous = vec![0; 32], &[1, 50], None);
    with("at 2^63", &[50], &|next| next.log_size = 1 << 63, &[1, 50], None);
    with("of no kind", &[50], &|next| next.kind = 0, &[1, 50], None);
    with("a split into one", &[50], &|next| next.kind = SuccessionKind::Split.into(), &[1, 50], None);
    with("by itself", &[1], &|_| {}, &[1, 1], None);
    with("by one twice", &[50, 50], &|_| {}, &[1, 50, 50], None);
    with("a key of the node is one of the successor", &[2], &|_| {}, &[1, 2], None);
    with("a key of one is one of the other", &[50, 51], &|_| {}, &[1, 50, 51], None);
    with("a successor without a chain", &[50], &|next| next.successors[0].identity.clear(), &[1, 50], None);
    let nested = succession(&place(50), SuccessionKind::Merged, &[80]).encode_to_vec();
    let nested = signed(PayloadType::Succession, nested, &[50, 80]);
    let push = |next: &mut Succession| next.successors[0].identity.push(nested.clone());
    with("a successor that was given up itself", &[50], &push, &[1, 50], None);
    let eight = [50, 60, 70, 80, 90, 100, 110, 120];
    let nine = [50, 60, 70, 80, 90, 100, 110, 120, 130];
    with("by eight", &eight, &|_| {}, &[&[1], &eight[..]].concat(), None);
    with("by nine", &nine, &|_| {}, &[&[1], &nine[..]].concat(), None);
    let frozen = |next: &mut Succession| next.log_size = 0;
    with("frozen before the record", &[50], &frozen, &[1, 50], None);
    with("frozen before a profile", &[50], &frozen, &[1, 50], Some(Body::Profile(Profile::default())));
    let retraction = Body::Retraction(Retraction::default());
    with("frozen before a retraction", &[50], &frozen, &[1, 50], Some(retraction));
    let receipt = Body::PurgeReceipt(PurgeReceipt::default());
    with("frozen before a receipt", &[50], &frozen, &[1, 50], Some(receipt));

    // A recovery afterwards, which lifts it, keeps it, or cannot.
    let next = succession(first, SuccessionKind::Merged, &[50]).encode_to_vec();
    let event = signed(PayloadType::Succession, next.clone(), &[1, 50]);
    for (keeps, log_size, signing) in
        [(false, 0, 7), (true, 0, 7), (false, 1, 7), (true, 1, 7), (true, 2, 7), (false, 2, 7), (true, 1, 50)]
    {
        let mut after = recovery(first);
        (after.seq, after.previous) = (2, hash(&next));
        (after.keeps_succession, after.log_size, after.signing_key) = (keeps, log_size, public(signing));
        let after = signed(PayloadType::Recovery, after.encode_to_vec(), &[4, signing]);
        let pack = only_record(vec![first.clone()], 1, |_| {});
        let identity = vec![first.clone(), event.clone(), after];
        let what = format!("succession: a recovery to key {signing} at {log_size}, keeps {keeps}");
        packs.add_pack(what, &EvidencePack { identity, ..pack });
    }
}

/// Everything here is signed as it must be; what is signed is often not as it should be.
#[tokio::test]
async fn identities_and_records_made_by_hand_are_judged_alike() {
    let Some(python) = python() else { return };
    let mut packs = Packs::default();
    let begin = |change: &dyn Fn(&mut Inception), by: &[u8]| {
        let mut first = inception();
        change(&mut first);
        signed(PayloadType::Inception, first.encode_to_vec(), by)
    };
    let mut with = |what: &str, change: &dyn Fn(&mut Inception), by: &[u8]| {
        packs.add_pack(format!("inception: {what}"), &only_record(vec![begin(change, by)], 1, |_| {}));
    };
    with("good", &|_| {}, &[1]);
    with("signed by another, too", &|_| {}, &[1, 2]);
    with("signed by another", &|_| {}, &[2]);
    with("nonce of 15 bytes", &|first| first.nonce.truncate(15), &[1]);
    with("short hash of the next key", &|first| first.next_key_hash.truncate(31), &[1]);
    with("witness key is signing key", &|first| first.witness_key = public(1), &[1]);
    with("witness key is recovery key", &|first| first.witness_key = public(4), &[1]);
    with("signing key is recovery key", &|first| first.recovery_keys = vec![public(1)], &[1]);
    with("no recovery key", &|first| first.recovery_keys.clear(), &[1]);
    with("a recovery key twice", &|first| first.recovery_keys = vec![public(4), public(4)], &[1]);
    with("short witness key", &|first| first.witness_key.truncate(31), &[1]);
    for threshold in [0, 2, u32::MAX] {
        with("threshold of one key", &|first| first.recovery_threshold = threshold, &[1]);
    }
    for (keys, threshold) in [(15, 15), (16, 15), (16, 16), (17, 1)] {
        let change = |first: &mut Inception| {
            (first.recovery_keys, first.recovery_threshold) =
                ((100..100 + keys).map(public).collect(), threshold);
        };
        with(&format!("{threshold} of {keys} recovery keys"), &change, &[1]);
    }
    for encoded in odd_points() {
        with(&format!("witness key {encoded:02x?}"), &|first| first.witness_key = encoded.to_vec(), &[1]);
        with(
            &format!("recovery key {encoded:02x?}"),
            &|first| first.recovery_keys[0] = encoded.to_vec(),
            &[1],
        );
    }

    let first = begin(&|_| {}, &[1]);
    let mut with = |what: &str, change: &dyn Fn(&mut Rotation), by: &[u8]| {
        let mut next = rotation(&first);
        change(&mut next);
        let chain = vec![first.clone(), signed(PayloadType::Rotation, next.encode_to_vec(), by)];
        packs.add_pack(format!("rotation: {what}"), &only_record(chain, 3, |_| {}));
    };
    with("good", &|_| {}, &[1, 3]);
    with("signed the other way round", &|_| {}, &[3, 1]);
    with("signed by the old key", &|_| {}, &[1]);
    with("signed by the old key twice", &|_| {}, &[1, 1]);
    with("signed by the new key twice", &|_| {}, &[3, 3]);
    with("signed by a third key, too", &|_| {}, &[1, 3, 4]);
    with("of another node", &|next| next.node_id.push('q'), &[1, 3]);
    with("seq 2", &|next| next.seq = 2, &[1, 3]);
    with("other previous", &|next| next.previous = vec![0; 32], &[1, 3]);
    with("key not committed to", &|next| next.signing_key = public(7), &[1, 7]);
    with("same witness key", &|next| next.witness_key = public(2), &[1, 3]);
    with("old signing key as witness key", &|next| next.witness_key = public(1), &[1, 3]);
    with("recovery key as witness key", &|next| next.witness_key = public(4), &[1, 3]);
    with("at 1: for the head, not for the record", &|next| next.log_size = 1, &[1, 3]);
    with("at 2", &|next| next.log_size = 2, &[1, 3]);
    with("at 2^63", &|next| next.log_size = 1 << 63, &[1, 3]);

    let mut with = |what: &str, change: &dyn Fn(&mut Recovery), by: &[u8]| {
        let mut next = recovery(&first);
        change(&mut next);
        let chain = vec![first.clone(), signed(PayloadType::Recovery, next.encode_to_vec(), by)];
        packs.add_pack(format!("recovery: {what}"), &only_record(chain, by[by.len() - 1], |_| {}));
    };
    with("good", &|_| {}, &[4, 7]);
    with("signed by anybody, too", &|_| {}, &[1, 2, 9, 4, 7]);
    with("not signed by the recovery key", &|_| {}, &[1, 7]);
    with("not signed by the new key", &|_| {}, &[4, 1]);
    with("other recovery keys", &|next| next.recovery_keys = vec![public(10), public(11)], &[4, 7]);
    with("threshold 0", &|next| next.recovery_threshold = 0, &[4, 7]);
    with("recovery key becomes signing key", &|next| next.signing_key = public(4), &[4]);
    let to_old_recovery_key = |next: &mut Recovery| {
        (next.signing_key, next.recovery_keys) = (public(4), vec![public(10)]);
    };
    with("old recovery key becomes signing key", &to_old_recovery_key, &[4]);
    with("old signing key comes back", &|next| next.signing_key = public(1), &[4, 1]);
    with("old witness key becomes signing key", &|next| next.signing_key = public(2), &[4, 2]);
    with("old witness key becomes recovery key", &|next| next.recovery_keys = vec![public(2)], &[4, 7]);

    successions(&mut packs, &first);

    let mut with = |what: &str, change: &dyn Fn(&mut Record)| {
        packs.add_pack(format!("record: {what}"), &only_record(vec![first.clone()], 1, change));
    };
    with("without policy and consent", &|_| {});
    with("of another", &|record| record.author.push('q'));
    with("at another index", &|record| record.index = 1);
    with("by another key", &|record| record.identity_seq = 1);
    for (what, payload) in [
        ("a title that is not UTF-8", vec![0x8a, 0x01, 0x03, 0x0a, 0x01, 0xff]),
        ("a title as a number", vec![0x8a, 0x01, 0x02, 0x08, 0x01]),
        ("purposes one by one and packed", vec![0x2a, 0x05, 0x10, 0x01, 0x12, 0x01, 0x02]),
        ("a body in two parts", vec![0x8a, 0x01, 0x02, 0x0a, 0x00, 0x8a, 0x01, 0x02, 0x4a, 0x00]),
        ("an unknown body", vec![0xb2, 0x01, 0x00]),
    ] {
        let good = Record { author: name(&first), ..Record::default() }.encode_to_vec();
        let pack = only_payload(vec![first.clone()], 1, [good, payload].concat());
        packs.add_pack(format!("record: {what}"), &pack);
    }

    // Heads that no log has, signed all the same.
    let good = only_record(vec![first.clone()], 1, |_| {});
    let leaf = Leaf::record(commitment(&[0; 32], &good.envelope)).hash();
    for size in [0, 1, 2, 3, 1 << 62] {
        let other = [7; 32];
        for (what, root, proof) in [
            ("alone", leaf, vec![]),
            ("and one after it", node_hash(&leaf, &other), vec![other.to_vec()]),
            ("and one before it", node_hash(&other, &leaf), vec![other.to_vec()]),
        ] {
            let what = format!("head: size {size}, the record {what}");
            let checkpoint = head(&first, size, root, 1);
            packs.add_pack(what, &EvidencePack { checkpoint, inclusion_proof: proof, ..good.clone() });
        }
    }
    // The record from before a rotation, and the head at which the keys meet, by either of them and by neither.
    let mut next = rotation(&first);
    next.log_size = 1;
    let chain = vec![first.clone(), signed(PayloadType::Rotation, next.encode_to_vec(), &[1, 3])];
    for number in [1, 3, 5] {
        for size in [1, 2] {
            let (identity, checkpoint) = (chain.clone(), head(&first, size, leaf, number));
            let what = format!("head: size {size} by key {number}");
            packs.add_pack(what, &EvidencePack { identity, checkpoint, ..good.clone() });
        }
    }
    let proven = packs.agree(&python).await;
    assert!(proven > 10 && proven < packs.0.len() / 2, "{proven}");
}

/// Encodings of points of small order, second encodings, and what is no point at all.
fn odd_points() -> Vec<[u8; 32]> {
    let mut points = Vec::new();
    for sign in [0x00, 0x80] {
        // Small y: some are points, 0 and 1 are of small order.
        for low in 0..20 {
            let mut point = [0; 32];
            (point[0], point[31]) = (low, sign);
            points.push(point);
        }
        // y from p - 20 on; 236 is -1, what is above has a second, smaller encoding.
        for low in 217..=255 {
            let mut point = [0xff; 32];
            (point[0], point[31]) = (low, 0x7f | sign);
            points.push(point);
        }
    }
    for eighth in [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ] {
        let mut point: [u8; 32] = unhex(eighth).try_into().unwrap();
        points.push(point);
        point[31] |= 0x80;
        points.push(point);
    }
    points
}

/// Signatures on which verifiers are known to disagree, made by whoever has the secret key.
const ODD_SIGNATURES: &str = r"
import hashlib
from verify_evidence import ORDER, signature_holds
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
secret = bytes([1] * 32)
signer = Ed25519PrivateKey.from_private_bytes(secret)
key = signer.public_key().public_bytes_raw()
a = bytearray(hashlib.sha512(secret).digest()[:32])
a[0] &= 248
a[31] = a[31] & 63 | 64
a = int.from_bytes(a, 'little')
def say(key, message, signature):
    print(key.hex(), message.hex(), signature.hex(), signature_holds(key, message, signature))
for number in range(16):
    message = b'message %d' % number
    good = signer.sign(message)
    say(key, message, good)
    say(key, message + b'!', good)
    s = int.from_bytes(good[32:], 'little')
    say(key, message, good[:32] + (s + ORDER).to_bytes(32, 'little'))
    neutral = bytes([1]) + bytes(31)
    k = int.from_bytes(hashlib.sha512(neutral + key + message).digest(), 'little') % ORDER
    say(key, message, neutral + (k * a % ORDER).to_bytes(32, 'little'))
    for weak in (neutral, bytes(32), bytes(31) + b'\x80', b'\xec' + b'\xff' * 30 + b'\x7f',
                 b'\xed' + b'\xff' * 30 + b'\x7f', b'\xee' + b'\xff' * 30 + b'\x7f'):
        say(weak, message, neutral + bytes(32))
        say(weak, message, weak + bytes(32))
";

#[tokio::test]
async fn signatures_are_judged_alike() {
    let Some(python) = python() else { return };
    let mut command = Command::new(python);
    let (content, said) =
        finish(command.args(["-B", "-c", ODD_SIGNATURES]).env("PYTHONPATH", clients())).await;
    assert!(content, "{said}");
    let (mut held, mut refused) = (0, 0);
    for line in said.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let [key, message, signature, verdict] = parts[..] else { panic!("{line}") };
        let signature = Signature::from_slice(&unhex(signature)).unwrap();
        let holds = |key: ed25519_dalek::VerifyingKey| key.verify_strict(&unhex(message), &signature).is_ok();
        let ours = envelope::public_key(&unhex(key)).is_ok_and(holds);
        assert_eq!(verdict == "True", ours, "{line}");
        if ours { held += 1 } else { refused += 1 }
    }
    assert_eq!((held, refused), (16, 16 * 15));
}
