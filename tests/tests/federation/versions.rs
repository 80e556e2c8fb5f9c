//! Records of later versions: what a node does not know yet stays in the bytes that it holds and passes on, and counts as signed.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    envelope::{self, PayloadType},
    evidence,
    pb::exchange::Policy,
};
use cairn_tests::{
    forge::{ForgedLog, policy, small_record},
    story::{Story, peer_with_relay},
    wait::until,
};
use prost::Message as _;

/// A field that no version has yet, number 2000, with some text in it.
const LATER: &[u8] = b"\x82\x7d\x0eof a later day";

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset
///   (runs a later version)      (passes it on)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_does_not_know_yet_it_passes_on_byte_for_byte() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let key = tyneside.app().keys.signing();
    let mut log = ForgedLog::new(tyneside.id, &key);
    let mut record = small_record(&tyneside.id, 0, "what a later version writes");
    record.policy = Some(Policy { relay: true, ..policy(Card::Public, &[]) });
    let payload = [record.encode_to_vec().as_slice(), LATER].concat();
    let signed =
        [envelope::sign(PayloadType::Record, payload, &[&key]).encode_to_vec().as_slice(), LATER].concat();
    log.add_envelope(signed.clone());
    tyneside.adopt(&log).await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;

    let name = format!("{}/0", tyneside.id_text());
    for place in [&plymouth, &dorset] {
        until(&format!("{} holds it", place.name), async || place.holds(&name).await.then_some(())).await;
        let (_, bytes) = place.opening_of(&tyneside.id, 0).await.expect("held");
        assert_eq!(bytes, signed, "{}", place.name);
    }
    let proven = evidence::verify(&dorset.evidence(&name).await).expect("its author signed these bytes");
    assert_eq!(proven.record_id.author, tyneside.id);
}
