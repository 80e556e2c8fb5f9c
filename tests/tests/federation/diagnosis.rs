//! What operators ask when something does not flow: does the peer answer, and why was it not given this?

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{
    ExplainPeerRequest, Finding, FindingState, PauseSharingRequest, TestPeerRequest,
};
use cairn_tests::{
    desk::{Desk, profile, wish, wish_for},
    liar::Liar,
    story::{Story, converge, peer},
    wait::until,
};

async fn tried(at: &Desk, peer: &str) -> Vec<Finding> {
    let answer = at.admin().test_peer(TestPeerRequest { peer: peer.to_owned() }).await;
    answer.expect("an answer").into_inner().findings
}

fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.check == check).expect("it was looked at")
}

async fn why(at: &Desk, peer: &str, record: &str) -> String {
    let request = ExplainPeerRequest { peer: peer.to_owned(), record: record.to_owned() };
    let answer = at.admin().explain_peer(request).await.expect("an answer").into_inner();
    answer.explanations.into_iter().next().expect("an explanation").words
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_is_tried_and_each_step_is_told() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    let findings = tried(&tyneside, "Dorset").await;
    assert!(findings.iter().all(|finding| finding.state() == FindingState::Well), "{findings:?}");
    for (check, words) in [
        ("connection", "over TLS 1.3"),
        ("identity", &*dorset.id.words()),
        ("versions", "version 1"),
        ("clock", "agree to the second"),
        ("peering", "there it is active"),
        ("contract", "records may not be passed on"),
    ] {
        assert!(of(&findings, check).found.contains(words), "{findings:?}");
    }

    dorset.stop().await;
    let findings = tried(&tyneside, "Dorset").await;
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.state(), &*finding.check), (FindingState::Mend, "connection"));
    assert!(finding.mend.contains("firewall"), "{finding:?}");

    let _impostor = Liar::spawn_at(dorset.address).await;
    let findings = tried(&tyneside, "Dorset").await;
    assert_eq!(of(&findings, "identity").state(), FindingState::Mend, "{findings:?}");
}

/// ```text
///   Dorset --- South Tyneside Alliance --- EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn for_each_record_it_is_said_why_a_peer_was_given_it_or_was_not() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let mut edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    let network = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let named = tyneside.publish(wish_for("edufi", &["Dorset"])).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    assert!(
        why(&tyneside, "EDUFI", &network).await.contains("it was given to EDUFI on 2026-11-23 12:00 UTC")
    );
    assert_eq!(why(&tyneside, "EDUFI", &named).await, "not given: not among the named peers");
    assert_eq!(why(&tyneside, "EDUFI", "").await, "not given: not among the named peers", "newest first");

    edufi.stop().await;
    let later = tyneside.publish(profile(Card::Network)).await;
    until("it is told that EDUFI cannot be reached", async || {
        why(&tyneside, "EDUFI", &later).await.contains("when we called it last").then_some(())
    })
    .await;
    tyneside.withdraw(&network, "mistake").await.expect("nothing stands in the way");
    let words = why(&tyneside, "EDUFI", &network).await;
    assert!(words.contains("was given to EDUFI") && words.contains("withdrawn"), "{words}");
    let reason = "we look into something first".to_owned();
    tyneside.release().pause_sharing(PauseSharingRequest { reason }).await.expect("paused");
    assert!(why(&tyneside, "EDUFI", &later).await.contains("sharing is paused here"));
    tyneside.remove("EDUFI", "the contract was not renewed").await;
    assert!(why(&tyneside, "EDUFI", &later).await.contains("not given: ended by us"));

    let unknown = ExplainPeerRequest { peer: "Melton".into(), record: String::new() };
    let refused = tyneside.admin().explain_peer(unknown).await.expect_err("no such peer");
    assert!(refused.message().contains("cairn peer list"), "{refused:?}");
    let beyond = ExplainPeerRequest { peer: "Dorset".into(), record: "99".into() };
    let refused = tyneside.admin().explain_peer(beyond).await.expect_err("no such record");
    assert!(refused.message().contains("not that long"), "{refused:?}");
}
