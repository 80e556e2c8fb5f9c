//! Records of later versions: what a node does not know yet stays in the bytes that it holds and passes on, and counts as signed.

use cairn_node::domain::{policy::Card, version::Versions};
use cairn_proto::{
    envelope::{self, PayloadType},
    evidence,
    pb::{
        admin::{Finding, FindingState, HolderState, TestPeerRequest},
        exchange::{ListOffersRequest, Policy, refusal::Kind},
    },
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish},
    forge::{ForgedLog, policy, small_record},
    story::{Story, converge, peer, peer_with_relay},
    wait::until,
};
use jiff::SignedDuration;
use prost::Message as _;

use crate::scene::{arrives, state};

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

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance --- Dorset
///   (speaks versions 1 and 2)   (the same; asks for 2)   (speaks version 1)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn in_too_old_a_version_nothing_flows_but_withdrawals() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &dorset).await;
    plymouth.import_case("plymouth-alliance").await;
    let before = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    let theirs = dorset.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside, &dorset]).await;

    for place in [&mut tyneside, &mut plymouth] {
        place.stop().await;
        place.versions = Versions::speaking(1, 2);
    }
    plymouth.versions = plymouth.versions.asking(2).expect("it speaks that");
    plymouth.start().await;
    tyneside.start().await;
    let after = plymouth.publish(profile(Card::Network)).await;
    arrives(&after, &tyneside).await;
    dorset.import_case("wellbeing-teams").await;
    let late = dorset.publish(wish("wellbeing-teams", Card::Network)).await;
    until("Dorset is told which version it needs", async || {
        dorset.peering(&plymouth.name).await.filter(|p| p.last_error.contains("asks for version 2 to 2"))
    })
    .await;
    until("Plymouth's people see why", async || {
        plymouth.peering(&dorset.name).await.filter(|p| p.last_error.contains("asks for 2 at least"))
    })
    .await;
    let mut silent = Caller::with_key(plymouth.address, &dorset.app().keys.signing()).await;
    let refused = silent.pull_all().await.expect_err("who says no Hello speaks the oldest version");
    assert!(matches!(refusal(&refused), Kind::Version(v) if v.min_version == 2), "{refused:?}");
    let offers = silent.service.list_offers(ListOffersRequest::default()).await;
    let refused = offers.expect_err("a catalogue is giving, too");
    assert!(matches!(refusal(&refused), Kind::Version(v) if v.min_version == 2), "{refused:?}");
    let tested = plymouth.admin().test_peer(TestPeerRequest { peer: dorset.name.clone() }).await;
    let findings = tested.expect("an answer").into_inner().findings;
    let told = |f: &Finding| f.check == "versions" && f.state() == FindingState::Mend;
    assert!(findings.iter().any(told), "{findings:?}");

    // Dorset has tried again and again meanwhile, as these clocks have it at one and the same moment.
    story.pass(SignedDuration::from_mins(5));
    plymouth.withdraw(&before, "consent withdrawn").await.expect("nothing stands in the way");
    state(&plymouth, &before, &dorset, HolderState::Purged).await;
    dorset.withdraw(&theirs, "mistake").await.expect("nothing stands in the way");
    state(&dorset, &theirs, &plymouth, HolderState::Purged).await;
    assert!(!dorset.holds(&before).await && !dorset.holds(&after).await);
    assert!(!plymouth.holds(&theirs).await && !plymouth.holds(&late).await);
}
