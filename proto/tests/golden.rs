//! Frozen bytes of everything that is signed, hashed or pasted: a change here is a change of the protocol.
//!
//! Keys are fixed and Ed25519 is deterministic, so that the bytes are the same in every run and in every other
//! implementation. Files that end in `.hex` hold bytes as lower-case hexadecimal digits, 32 a line.
#![cfg(test)]

use std::{fs, path::Path};

use cairn_proto::{
    checkpoint, envelope,
    envelope::PayloadType,
    evidence, fork,
    identity::{Identity, Kind},
    ids::{NodeId, RecordId},
    log::{Frontier, Leaf, commitment, leaf_hash},
    pb::exchange::{Envelope, ExperimentDeclaration, PeeringContract, Purpose, TrustFile},
    record, succession,
    ticket::Ticket,
    trust,
};
use prost::Message as _;

#[path = "support/place.rs"]
mod place;

use place::{Place, key, public};

fn hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    bytes.chunks(32).map(line).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn frozen(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name))
        .unwrap_or_default()
}

/// Compares with the frozen file; on a difference leaves the new text where it can be looked at.
fn same(name: &str, text: &str) {
    if frozen(name) == text {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
    panic!(
        "tests/golden/{name} is missing or differs. Compare:\n  diff {}/tests/golden/{name} {}\n\
         Nodes in use hold the old bytes. If the change is meant, it needs a new version in the payload type,\n\
         domain separation or leaf, and the old form stays readable. Only then copy the file.",
        env!("CARGO_MANIFEST_DIR"),
        folder.join(name).display(),
    );
}

fn events(envelope: &Envelope) -> String {
    hex(&envelope.encode_to_vec())
}

#[test]
fn identity_events() {
    let place = Place::new(1);
    same("node_id.txt", &format!("{}\n{}\n", place.id(), place.id().words()));
    same("inception.hex", &events(&place.identity.events()[0]));
    same("rotation.hex", &events(&place.rotation(5)));
    same("recovery.hex", &events(&place.recovery(3)));
    same("succession.hex", &events(&place.succession(Kind::Split, &[50, 80], 5)));
    let mut half = place.succession(Kind::Split, &[50, 80], 5);
    half.signatures = vec![half.signatures[1].clone()];
    let file = succession::check(&place.identity, half).unwrap();
    same("succession_file.hex", &hex(&file.encode()));
}

#[test]
fn record_and_peering_contract() {
    let place = Place::new(1);
    same("record.hex", &hex(&place.envelope(&place.record(0))));
    let contract = PeeringContract {
        proposer: place.id().to_string(),
        accepter: Place::new(50).id().to_string(),
        purposes: vec![Purpose::PeerLearning.into(), Purpose::Research.into()],
        relay: true,
        purge_hours: 24,
        backup_days: 35,
        daily_bytes: 200_000_000,
        review_on: "2027-11-23".to_owned(),
        proposed_at: Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 }),
        nonce: vec![7; 16],
    };
    let mut sealed =
        envelope::sign(PayloadType::PeeringContract, contract.encode_to_vec(), &[&place.signing()]);
    envelope::countersign(&mut sealed, &key(50));
    same("peering_contract.hex", &events(&sealed));
    let keys = [public(1), public(50)];
    assert!(envelope::verify(&sealed, PayloadType::PeeringContract, &keys, 2).is_ok());
}

#[test]
fn experiment_declaration() {
    let place = Place::new(1);
    let declaration = ExperimentDeclaration {
        node_id: place.id().to_string(),
        experiment: "e".to_owned(),
        design_hash: vec![4; 32],
        declared_at: Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 }),
    };
    let payload = declaration.encode_to_vec();
    let sealed = envelope::sign(PayloadType::ExperimentDeclaration, payload, &[&place.signing()]);
    same("experiment_declaration.hex", &events(&sealed));
}

#[test]
fn trust_list() {
    let place = Place::new(1);
    let payload = place::trust_list().encode_to_vec();
    let list = envelope::sign(PayloadType::TrustList, payload, &[&place.signing()]);
    let file = TrustFile { identity: place.identity.events().to_vec(), list: Some(list) };
    same("trust_list.hex", &hex(&trust::encode(&file)));
}

#[test]
fn leaves_and_frontier() {
    let bound = commitment(&[3; 32], b"envelope");
    same("leaf_record.hex", &hex(&Leaf::record(bound).to_bytes()));
    same("leaf_retraction.hex", &hex(&Leaf::retraction(258, bound).to_bytes()));
    same("leaf_hash.hex", &hex(&Leaf::record(bound).hash()));
    let mut frontier = Frontier::new();
    (0..7_u8).for_each(|index| frontier.append(leaf_hash(&[index])));
    same("frontier.hex", &hex(&frontier.to_bytes()));
    same("frontier_root.hex", &hex(&frontier.root()));
}

#[test]
fn heads_and_evidence() {
    let (mut author, witness) = (Place::new(1), Place::new(50));
    let pack = place::evidence(&mut author, &witness);
    same("checkpoint.txt", &author.head());
    same("checkpoint_cosigned.txt", &pack.checkpoint);
    same("evidence.hex", &hex(&evidence::encode(&pack)));
    same("fork.hex", &hex(&fork::encode(&place::fork())));
}

#[test]
fn ticket() {
    let ticket = Ticket {
        node_id: Place::new(1).id(),
        endpoint: "cairn.dorset.example:7443".to_owned(),
        name: "Dorset".to_owned(),
        secret: [9; 16],
        expires_at: 1_800_000_000,
        purposes: vec![Purpose::PeerLearning.into()],
        relay: false,
        review_on: "2027-11-23".to_owned(),
        daily_bytes: 0,
    };
    same("ticket.txt", &format!("{ticket}\n"));
}

/// The frozen bytes themselves are still understood, whatever this version would write.
#[test]
fn frozen_bytes_are_still_read() {
    let event = |name: &str| envelope::decode(&unhex(&frozen(name))).unwrap();
    let inception = event("inception.hex");
    let identity = Identity::verify(std::slice::from_ref(&inception)).unwrap();
    let id: NodeId = frozen("node_id.txt").lines().next().unwrap().parse().unwrap();
    assert_eq!(identity.node_id(), id);
    assert_eq!(Identity::verify(&[inception.clone(), event("rotation.hex")]).unwrap().seq(), 1);
    assert_eq!(Identity::verify(&[inception, event("recovery.hex")]).unwrap().seq(), 1);
    let split = Identity::verify(&[identity.events()[0].clone(), event("succession.hex")]).unwrap();
    assert_eq!(split.succession().unwrap().log_size, 5);
    let half = succession::verify(&unhex(&frozen("succession_file.hex"))).unwrap();
    assert_eq!((half.node.node_id(), half.signed()), (id, vec![true, false]));
    assert!(record::open(&unhex(&frozen("record.hex")), &identity, 0).is_ok());
    assert!(checkpoint::verify(&frozen("checkpoint.txt"), &identity).is_ok());
    let witness = Place::new(50).identity;
    let time = checkpoint::verify_cosignature(&frozen("checkpoint_cosigned.txt"), &witness);
    assert_eq!(time, Ok(1_800_000_000));
    let proven = evidence::verify(&unhex(&frozen("evidence.hex"))).unwrap();
    assert_eq!(proven.record_id, RecordId { author: id, index: 0 });
    assert_eq!(Leaf::from_bytes(&unhex(&frozen("leaf_retraction.hex"))).unwrap().target(), Some(258));
    let frontier = Frontier::from_bytes(&unhex(&frozen("frontier.hex"))).unwrap();
    assert_eq!(hex(&frontier.root()), frozen("frontier_root.hex"));
    assert_eq!(trust::verify(&unhex(&frozen("trust_list.hex"))).unwrap().author.node_id(), id);
    assert_eq!(frozen("ticket.txt").parse::<Ticket>().unwrap().node_id, id);
}
