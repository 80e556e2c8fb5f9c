//! Evidence packs: one file proves one record, offline, and only that one.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    evidence,
    pb::exchange::{EvidencePack, record::Body},
};
use cairn_tests::{
    desk::wish,
    story::{Story, converge, peer},
};
use prost::Message as _;

/// Length of the line before the message.
const MAGIC: usize = "cairn-evidence/v1\n".len();

/// Where the identity's key hints lie in a file. DSSE does not authenticate them and nobody relies on them.
fn key_hints(pack: &[u8]) -> Vec<std::ops::Range<usize>> {
    let message = EvidencePack::decode(&pack[MAGIC..]).expect("a pack");
    let witnesses = message.witnesses.iter().flat_map(|witness| &witness.identity);
    let hints = message
        .identity
        .iter()
        .chain(witnesses)
        .flat_map(|event| &event.signatures)
        .map(|one| one.keyid.as_bytes());
    let found = hints.map(|hint| {
        let at = pack.windows(hint.len()).position(|window| window == hint).expect("in the file");
        at - 2..at + hint.len() // the field's number and length, and its text
    });
    found.collect()
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance
///   (exports what it received)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_pack_from_a_receiver_proves_the_record_and_no_changed_byte_passes() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    for case in ["edufi", "mayday-trust", "plymouth-alliance", "melton", "fcdo"] {
        plymouth.import_case(case).await;
        plymouth.publish(wish(case, Card::Network)).await;
    }
    converge(&[&plymouth, &tyneside]).await;

    let pack = tyneside.evidence(&format!("{}/2", plymouth.name)).await;
    let proven = evidence::verify(&pack).expect("the pack verifies offline");
    assert_eq!((proven.record_id.author, proven.record_id.index), (plymouth.id, 2));
    assert_eq!(proven.checkpoint.size, 5);
    let Some(Body::ExperimentSummary(summary)) = &proven.record.body else { panic!("a summary") };
    assert_eq!(summary.whose, "Plymouth Alliance");

    let hints = key_hints(&pack);
    for position in 0..pack.len() {
        for flip in [0x01, 0x80] {
            let mut changed = pack.clone();
            changed[position] ^= flip;
            match evidence::verify(&changed) {
                Err(_) => {}
                Ok(same) => {
                    assert!(
                        hints.iter().any(|hint| hint.contains(&position)),
                        "byte {position} is not covered"
                    );
                    assert_eq!((same.record_id, &same.record), (proven.record_id, &proven.record));
                }
            }
        }
    }
}

/// ```text
///   Plymouth Alliance (exports one of its own, then goes on publishing)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn every_index_of_a_growing_log_can_be_proven() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    for n in 0..9 {
        plymouth.publish(cairn_tests::desk::profile(Card::Public)).await;
        for index in 0..=n {
            let pack = plymouth.evidence(&index.to_string()).await;
            assert_eq!(evidence::verify(&pack).expect("a proof").checkpoint.size, n + 1);
        }
    }
}
