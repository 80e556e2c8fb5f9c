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

mod by_hand;

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use cairn_node::{clock::Clock, config::AdminListen, domain::policy::Card, node::Node, recover::recover};
use cairn_proto::{
    checkpoint, evidence,
    ids::NodeId,
    pb::{
        admin::RotateKeysRequest,
        exchange::{EvidencePack, WitnessIdentity},
    },
};
use cairn_tests::{
    desk::{profile, wish},
    story::{Story, converge, peer},
};
use prost::Message as _;
use tokio::{process::Command, sync::Mutex};

use by_hand::{hash, key};

/// The frozen pack of the protocol's test vectors.
const GOLDEN: &str = include_str!("../../../proto/tests/golden/evidence.hex");
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
pub(crate) fn python() -> Option<OsString> {
    let python = std::env::var_os("CAIRN_TEST_PYTHON");
    let required = std::env::var_os("CAIRN_TEST_REQUIRE_PYTHON").is_some();
    assert!(python.is_some() || !required, "CAIRN_TEST_PYTHON names no interpreter, and one is required");
    if python.is_none() {
        eprintln!("skipped: CAIRN_TEST_PYTHON names no Python interpreter");
    }
    python
}

pub(crate) fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// A program that is being started holds for a moment whatever is open here, the locks of nodes, too. So a
/// node stops and starts while no program does.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What a program says, and whether it is content.
pub(crate) async fn finish(command: &mut Command) -> (bool, String) {
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
pub(crate) struct Packs(Vec<(String, Vec<u8>)>);

impl Packs {
    pub(crate) fn add(&mut self, what: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((what.into(), bytes.into()));
    }

    pub(crate) fn add_pack(&mut self, what: impl Into<String>, pack: &EvidencePack) {
        self.add(what, evidence::encode(pack));
    }

    /// A pack with each of many single changes.
    pub(crate) fn add_changes(&mut self, what: &str, pack: &[u8]) {
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
    pub(crate) async fn agree(&self, python: &OsStr) -> usize {
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
            recover(&tyneside.config(), &[tyneside.dir().join("RECOVERY-KEY.txt")], None).await.unwrap();
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
