//! Other people's clients: programs in Python that use none of our code, at real nodes and on real evidence.
//!
//! `clients/verify_evidence.py` follows the protocol's page. It must say of every pack what [`evidence::verify`]
//! says of it. `clients/ask_node.py` must find out who a node is from what the node tells.
//!
//! `CAIRN_TEST_PYTHON` names an interpreter with the packages of `clients/README.md`; without it the tests here
//! say that they were skipped, and fail where `CAIRN_TEST_REQUIRE_PYTHON` is set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use cairn_node::{clock::Clock, config::AdminListen, domain::policy::Card, node::Node, recover::recover};
use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    evidence,
    ids::NodeId,
    log::{Leaf, commitment, node_hash},
    pb::{
        admin::RotateKeysRequest,
        exchange::{Envelope, EvidencePack, Inception, Record, Recovery, Rotation, WitnessIdentity},
    },
};
use cairn_tests::{
    desk::{profile, wish},
    story::{Story, converge, peer},
};
use ed25519_dalek::{Signature, SigningKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::{process::Command, sync::Mutex};

/// The frozen pack of the protocol's test vectors.
const GOLDEN: &str = include_str!("../../proto/tests/golden/evidence.hex");
/// The line before the message.
const MAGIC: &[u8] = b"cairn-evidence/v1\n";
/// So many places of a pack are changed, one at a time.
const PLACES: usize = 60;
/// The client that checks evidence.
const VERIFIER: &str = "verify_evidence.py";

/// The Python to test with, if there is one. Where it is required, that there is none is a failure.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "which Python there is, the machine says; that there is none is told"
)]
fn python() -> Option<OsString> {
    let python = std::env::var_os("CAIRN_TEST_PYTHON");
    let required = std::env::var_os("CAIRN_TEST_REQUIRE_PYTHON").is_some();
    assert!(python.is_some() || !required, "CAIRN_TEST_PYTHON names no interpreter, and one is required");
    if python.is_none() {
        eprintln!("skipped: CAIRN_TEST_PYTHON names no Python interpreter");
    }
    python
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// A program that is being started holds for a moment whatever is open here, the locks of nodes, too. So a
/// node stops and starts while no program does.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What a program says, and whether it is content.
async fn finish(command: &mut Command) -> (bool, String) {
    let running = {
        let _alone = ALONE.lock().await;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let done = running.wait_with_output().await.unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(matches!(done.status.code(), Some(0 | 1)), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.stderr.is_empty(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

/// What a client says.
async fn run(
    python: &OsStr,
    client: &str,
    arguments: impl IntoIterator<Item: AsRef<OsStr>>,
) -> (bool, String) {
    // -B: nothing is left behind in the source tree.
    finish(Command::new(python).arg("-B").arg(clients().join(client)).args(arguments)).await
}

/// What the verifier says of one pack.
async fn told(python: &OsStr, pack: &[u8]) -> (bool, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("one.cairn-evidence");
    fs::write(&file, pack).unwrap();
    run(python, VERIFIER, [file]).await
}

/// Packs, each with words for what is special about it.
#[derive(Default)]
struct Packs(Vec<(String, Vec<u8>)>);

impl Packs {
    fn add(&mut self, what: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((what.into(), bytes.into()));
    }

    fn add_pack(&mut self, what: impl Into<String>, pack: &EvidencePack) {
        self.add(what, evidence::encode(pack));
    }

    /// A pack with each of many single changes.
    fn add_changes(&mut self, what: &str, pack: &[u8]) {
        let hints = hints(pack);
        let spread = (0..PLACES).map(|n| n * (pack.len() - 1) / (PLACES - 1));
        for place in spread.chain(hints.iter().copied()) {
            for flip in [0x01, 0x08, 0x80] {
                let mut changed = pack.to_vec();
                changed[place] ^= flip;
                self.add(format!("{what}: byte {place} changed by {flip:#x}"), changed);
            }
        }
        for end in [0, 10, MAGIC.len(), pack.len() / 2, pack.len() - 1] {
            self.add(format!("{what}: ends after {end} bytes"), &pack[..end]);
        }
        self.add(format!("{what}: a zero byte more"), [pack, &[0]].concat());
        self.add(format!("{what}: an unknown field more"), [pack, &[0x78, 0x01]].concat());
    }

    /// Python and we say the same of each; gives how many hold.
    async fn agree(&self, python: &OsStr) -> usize {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = (0..self.0.len()).map(|n| dir.path().join(n.to_string())).collect();
        for (file, (_, bytes)) in files.iter().zip(&self.0) {
            fs::write(file, bytes).unwrap();
        }
        let (content, said) = run(python, VERIFIER, &files).await;
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), files.len(), "one line for each file");
        let mut proven = 0;
        for (((what, bytes), line), file) in self.0.iter().zip(lines).zip(&files) {
            let ours = evidence::verify(bytes);
            let verdict = line.split_once(&format!(": {}: ", file.display())).map(|(verdict, _)| verdict);
            match (verdict, &ours) {
                (Some("proven"), Ok(_)) => proven += 1,
                (Some("refused"), Err(_)) => {}
                _ => panic!("{what}: we say {:?}, Python says {line}", ours.map(|proven| proven.record_id)),
            }
        }
        assert_eq!(content, proven == self.0.len());
        proven
    }
}

/// Some bytes of key hints in the identities, and the numbers of the fields they are in: no signature covers them.
fn hints(pack: &[u8]) -> Vec<usize> {
    let message = EvidencePack::decode(&pack[MAGIC.len()..]).unwrap();
    let witnesses = message.witnesses.iter().flat_map(|one| &one.identity);
    let signatures = message.identity.iter().chain(witnesses).flat_map(|event| &event.signatures);
    let places = signatures.flat_map(|one| {
        let hint = one.keyid.as_bytes();
        let at = pack.windows(hint.len()).position(|window| window == hint).unwrap();
        [at - 2, at - 1, at, at + 33]
    });
    places.collect()
}

fn golden() -> (Vec<u8>, EvidencePack) {
    let bytes = unhex(&GOLDEN.lines().collect::<String>());
    let pack = EvidencePack::decode(&bytes[MAGIC.len()..]).unwrap();
    (bytes, pack)
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance
///   (exports what it received)   (releases to its network, and to anyone)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_can_check_what_a_peer_was_given() {
    let Some(python) = python() else { return };
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    for (case, card) in
        [("edufi", Card::Network), ("plymouth-alliance", Card::Network), ("melton", Card::Public)]
    {
        plymouth.import_case(case).await;
        plymouth.publish(wish(case, card)).await;
    }
    plymouth.publish(profile(Card::Public)).await;
    converge(&[&plymouth, &tyneside]).await;

    let mut packs = Packs::default();
    let words = ["all peers of its author", "all peers of its author", "anyone", "anyone"];
    for (index, words) in words.iter().enumerate() {
        let pack = tyneside.evidence(&format!("{}/{index}", plymouth.name)).await;
        let (content, said) = told(&python, &pack).await;
        assert!(content, "{said}");
        assert!(said.contains(&plymouth.id_text()), "{said}");
        assert!(said.contains(&format!("index {index} of the log of its author, of 4 entries")), "{said}");
        assert!(said.contains(&format!("it is for: {words}.")), "{said}");
        packs.add_changes(&format!("record {index}"), &pack);
        packs.add(format!("record {index}"), pack);
    }
    let proven = packs.agree(&python).await;
    assert!(proven > words.len() && proven < packs.0.len(), "hints may change, and nothing else: {proven}");
}

/// ```text
///   South Tyneside Alliance (rotates its keys, loses them, and recovers)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_can_follow_the_keys_of_a_place() {
    let Some(python) = python() else { return };
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    tyneside.publish(profile(Card::Public)).await;
    let mut packs = Packs::default();
    for index in 0..3 {
        for earlier in 0..=index {
            let pack = tyneside.evidence(&earlier.to_string()).await;
            let (content, said) = told(&python, &pack).await;
            assert!(content, "{said}");
            assert!(said.contains(&format!("(identity event {earlier} of {}, ", index + 1)), "{said}");
            packs.add_changes(&format!("record {earlier} after {index} changes of keys"), &pack);
        }
        if index == 0 {
            tyneside.admin().rotate_keys(RotateKeysRequest {}).await.unwrap();
        } else {
            let _alone = ALONE.lock().await;
            tyneside.stop().await;
            recover(&tyneside.config(), &[tyneside.dir().join("RECOVERY-KEY.txt")]).await.unwrap();
            tyneside.start().await;
        }
        tyneside.publish(profile(Card::Public)).await;
    }
    packs.agree(&python).await;
}

#[tokio::test]
async fn the_frozen_pack_is_proven_and_its_changes_are_judged_alike() {
    let Some(python) = python() else { return };
    let (bytes, pack) = golden();
    let (content, said) = told(&python, &bytes).await;
    assert!(content && said.contains("saw that head at 2027-01-15 08:00:00 UTC"), "{said}");

    let mut packs = Packs::default();
    packs.add_changes("the frozen pack", &bytes);
    let mut with = |what: &str, change: &dyn Fn(&mut EvidencePack)| {
        let mut changed = pack.clone();
        change(&mut changed);
        packs.add_pack(what, &changed);
    };
    with("no witness", &|pack| pack.witnesses.clear());
    with("a witness twice", &|pack| pack.witnesses.push(pack.witnesses[0].clone()));
    with("its author as witness", &|pack| {
        pack.witnesses.push(WitnessIdentity { identity: pack.identity.clone() });
    });
    with("a witness without a chain", &|pack| pack.witnesses.push(WitnessIdentity::default()));
    with("17 witnesses", &|pack| pack.witnesses = vec![pack.witnesses[0].clone(); 17]);
    with("the chain of another", &|pack| pack.identity = pack.witnesses[0].identity.clone());
    with("the inception twice", &|pack| pack.identity.push(pack.identity[0].clone()));
    with("no chain", &|pack| pack.identity.clear());
    with("another index", &|pack| pack.index = 1);
    with("an index beyond all", &|pack| pack.index = u64::MAX);
    with("a short salt", &|pack| pack.salt.truncate(31));
    with("a hash too many", &|pack| pack.inclusion_proof.push(vec![0; 32]));
    with("64 hashes", &|pack| pack.inclusion_proof = vec![vec![0; 32]; 64]);
    with("a hash missing", &|pack| pack.inclusion_proof.truncate(1));
    with("a short hash", &|pack| pack.inclusion_proof[0].truncate(31));
    with("no proof", &|pack| pack.inclusion_proof.clear());
    with("no envelope", &|pack| pack.envelope.clear());
    with("an unknown field in the envelope", &|pack| pack.envelope.extend([0x78, 0x01]));
    with("no hint", &|pack| pack.identity[0].signatures[0].keyid.clear());
    with("another hint", &|pack| pack.identity[0].signatures[0].keyid = "anything — at all".into());
    with("a hint of 256 KiB", &|pack| pack.identity[0].signatures[0].keyid = "a".repeat(256 << 10));
    with("a hint not quite so long", &|pack| pack.identity[0].signatures[0].keyid = "a".repeat(255 << 10));
    with("another type", &|pack| pack.identity[0].payload_type.push('2'));
    with("17 signatures", &|pack| {
        let one = pack.identity[0].signatures[0].clone();
        pack.identity[0].signatures = vec![one; 17];
    });
    with("a long signature", &|pack| pack.identity[0].signatures[0].sig.push(0));
    for (what, line) in SIGNATURE_LINES {
        with(what, &|pack| pack.checkpoint.push_str(line));
    }
    with("16 signatures", &|pack| pack.checkpoint.push_str(&SIGNATURE_LINES[0].1.repeat(14)));
    with("17 signatures", &|pack| pack.checkpoint.push_str(&SIGNATURE_LINES[0].1.repeat(15)));
    with("more than 16 KiB", &|pack| {
        pack.checkpoint.push_str(&format!("— {} AAAAAAA=\n", "a".repeat(16 << 10)));
    });
    with("another cosigner's name", &|pack| {
        pack.checkpoint = pack.checkpoint.replacen("\n— cairn/cairn1f", "\n— cairn/cairn2f", 1);
    });
    with("cosigned by its author", &|pack| {
        let chain = pack.identity.clone();
        let author = NodeId::from_bytes(hash(&chain[0].payload).try_into().unwrap());
        pack.checkpoint = checkpoint::cosign(&pack.checkpoint, &author, &key(2), 1).unwrap();
        pack.witnesses.push(WitnessIdentity { identity: chain });
    });
    with("cosigned too late for a calendar", &|pack| {
        let witness = pack.witnesses[0].identity[0].payload.clone();
        let witness = NodeId::from_bytes(hash(witness).try_into().unwrap());
        pack.checkpoint = checkpoint::cosign(&pack.checkpoint, &witness, &key(51), i64::MAX as u64).unwrap();
    });
    with("no last newline", &|pack| pack.checkpoint.truncate(pack.checkpoint.len() - 1));
    with("no checkpoint", &|pack| pack.checkpoint.clear());

    for (what, tail) in wire() {
        packs.add(what, [&bytes[..], &tail].concat());
    }
    // What is not known counts for the size of the file, and not for that of an event in it.
    let rest = EvidencePack { identity: Vec::new(), ..pack.clone() }.encode_to_vec();
    let event = [pack.identity[0].encode_to_vec(), filler(300 << 10)].concat();
    let length = event.len();
    let head = [0x0a, low_bits(length) | 0x80, low_bits(length >> 7) | 0x80, low_bits(length >> 14)];
    packs.add("an event with much that is unknown", [MAGIC, &head, &event, &rest].concat());
    packs.add("another first line", [b"cairn-evidence/v2\n", &bytes[MAGIC.len()..]].concat());
    packs.add("nothing", []);
    let room = (1 << 20) - bytes.len();
    for more in [room, room + 1] {
        packs.add(format!("{more} bytes more"), [&bytes[..], &filler(more)].concat());
    }
    assert!(packs.agree(&python).await > 0);
}

fn low_bits(number: usize) -> u8 {
    u8::try_from(number & 0x7f).unwrap()
}

/// So many bytes (more than 16 KiB) that are an unknown field, number 15.
fn filler(bytes: usize) -> Vec<u8> {
    let content = bytes - 4;
    let head = [0x7a, low_bits(content) | 0x80, low_bits(content >> 7) | 0x80, low_bits(content >> 14)];
    [&head[..], &vec![0; content]].concat()
}

/// Lines after the signatures of a checkpoint, most of which nobody may write.
const SIGNATURE_LINES: [(&str, &str); 14] = [
    ("a stranger's signature", "— stranger AAAAAAA=\n"),
    ("only a key id", "— stranger AAAAAA==\n"),
    ("stray bits", "— stranger AAAAAAB=\n"),
    ("no padding", "— stranger AAAAAAA\n"),
    ("a space after it", "— stranger AAAAAAA= \n"),
    ("a hyphen", "- stranger AAAAAAA=\n"),
    ("no name", "—  AAAAAAA=\n"),
    ("a plus sign in the name", "— a+b AAAAAAA=\n"),
    ("a no-break space in the name", "— a\u{a0}b AAAAAAA=\n"),
    ("a control character in the name", "— a\u{7f}b AAAAAAA=\n"),
    ("a next-line character in the name", "— a\u{85}b AAAAAAA=\n"),
    ("a name in other letters", "— Äänekoski AAAAAAA=\n"),
    ("a tab", "— a\tb AAAAAAA=\n"),
    ("an empty line", "\n"),
];

/// Ends of a message as other writers of protobuf, and liars, write them.
fn wire() -> Vec<(String, Vec<u8>)> {
    let nested = |depth: usize| [vec![0x7b; depth], vec![0x7c; depth]].concat();
    let filled = |depth: usize| [vec![0x7b; depth], vec![0x78, 0], vec![0x7c; depth]].concat();
    let ends: [(&str, &[u8]); 16] = [
        ("field 0", &[0x02, 0x00]),
        ("wire type 6", &[0x7e, 0x00]),
        ("wire type 7", &[0x7f, 0x00]),
        ("a group", &[0x7b, 0x08, 0x01, 0x7c]),
        ("a group that ends with another number", &[0x7b, 0x74]),
        ("a group that does not end", &[0x7b, 0x08, 0x01]),
        ("an end without a group", &[0x7c]),
        ("eight bytes", &[0x79, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("four bytes", &[0x7d, 1, 2, 3, 4]),
        ("three of four bytes", &[0x7d, 1, 2, 3]),
        ("the index again, in a long spelling", &[0x20, 0x80, 0x80, 0x00]),
        ("a number with more than 64 bits", &[0x78, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
        ("the index as bytes", &[0x22, 0x01, 0x00]),
        ("a witness as a number", &[0x38, 0x01]),
        ("the salt again, empty", &[0x1a, 0x00]),
        ("a field number beyond 29 bits", &[0xf8, 0xff, 0xff, 0xff, 0x1f, 0x00]),
    ];
    let mut all: Vec<_> = ends.iter().map(|(what, bytes)| ((*what).to_owned(), bytes.to_vec())).collect();
    for depth in [99, 100, 101] {
        all.push((format!("{depth} groups in each other"), nested(depth)));
        all.push((format!("{depth} groups with something in them"), filled(depth)));
    }
    all
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> Vec<u8> {
    key(number).verifying_key().to_bytes().to_vec()
}

fn hash(bytes: impl AsRef<[u8]>) -> Vec<u8> {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_node_tells_other_peoples_clients_who_it_is() {
    let Some(python) = python() else { return };
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let good = |said: &str| {
        for line in [
            "health: SERVING".to_owned(),
            "service: cairn.admin.v1.AdminService".to_owned(),
            format!("name: {}", plymouth.name),
            format!("id: {}", plymouth.id),
        ] {
            assert!(said.lines().any(|one| one == line), "{line:?} is missing in:\n{said}");
        }
    };
    let socket = format!("unix:{}", plymouth.dir().join("admin.sock").display());
    let (content, said) = run(&python, "ask_node.py", [socket]).await;
    assert!(content, "{said}");
    good(&said);

    let (dir, mut config) = (plymouth.dir().to_owned(), plymouth.config());
    config.admin = AdminListen::Loopback(([127, 0, 0, 1], 0).into());
    let node = {
        let _alone = ALONE.lock().await;
        plymouth.stop().await;
        Node::bind(config, Clock::System).await.unwrap()
    };
    let token = ["--token-file".into(), dir.join("admin.token").into_os_string()];
    let address = [OsString::from(node.admin())];
    let (content, said) = run(&python, "ask_node.py", [&address[..], &token[..]].concat()).await;
    assert!(content, "{said}");
    let (content, refused) = run(&python, "ask_node.py", &address).await;
    assert!(!content && refused.contains("UNAUTHENTICATED"), "{refused}");
    node.shutdown().await;
    assert!(said.contains(&plymouth.id_text()) && said.contains(&plymouth.name), "{said}");
}
