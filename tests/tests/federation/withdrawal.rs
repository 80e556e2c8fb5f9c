//! Withdrawal: one action, and every holder purges, says so, and cannot be given it again.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        Finding, FindingState, HolderState, PauseSharingRequest, RecordSource, ResumeSharingRequest,
        VerifyAuditRequest, WithdrawRequest,
    },
    exchange::record::Body,
};
use cairn_tests::{
    desk::wish,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::SignedDuration;
use tonic::Code;

use crate::scene::{PHRASE, given, state};

/// ```text
///   Dorset --- South Tyneside Alliance --- EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn every_holder_purges_and_says_so_and_the_author_sees_it_node_by_node() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    assert!(dorset.database_contains(PHRASE));

    let withdrawn = tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    assert_eq!(withdrawn.holders.len(), 2, "{withdrawn:?}");
    for holder in [&dorset, &edufi] {
        state(&tyneside, &record, holder, HolderState::Purged).await;
        assert!(!holder.holds(&record).await);
        holder.forgets(PHRASE).await;
        holder.forgets(&salt).await;
    }
    assert!(!tyneside.holds(&record).await);
    tyneside.forgets(&salt).await;
    let there = tyneside.holder(&record, "Dorset").await.expect("a holder");
    assert!(!there.backups_until.is_empty() && there.purged_at.is_some(), "{there:?}");
    assert!(
        tyneside
            .audit()
            .await
            .iter()
            .any(|(event, words)| event == "withdrawal" && words.contains("mistake"))
    );

    let why = dorset.records(RecordSource::Peers).await.into_iter().find(|r| r.kind == "withdrawal");
    let why = dorset.record(&why.expect("the reason arrived").record_id).await.expect("held").record;
    assert!(matches!(why.and_then(|r| r.body), Some(Body::Retraction(said)) if said.withdrawn_index == 0));

    let again = tyneside.withdraw(&record, "other").await.expect_err("it is gone already");
    assert_eq!(again.code(), Code::FailedPrecondition);
    assert!(again.message().contains("was withdrawn on 2026-11-23"), "{again:?}");
    let audit = tyneside.release().verify_audit(VerifyAuditRequest {}).await.expect("a verdict").into_inner();
    assert_eq!(audit.broken, "");
}

/// ```text
///   Dorset -x- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_former_peer_is_told_too_and_its_receipt_comes_back() {
    let (_, tyneside, dorset, record) = given().await;
    tyneside.remove("Dorset", "the contract was not renewed").await;
    until("Dorset knows", async || {
        dorset.peering(&tyneside.name).await.filter(|p| p.standing_words.contains("ended by them"))
    })
    .await;
    assert!(dorset.holds(&record).await);

    tyneside.withdraw(&record, "consent withdrawn").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Purged).await;
    assert!(!dorset.holds(&record).await);
    dorset.forgets(PHRASE).await;
}

/// ```text
///   Dorset (off the network) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_reached_is_named_and_purges_on_its_return_before_it_shows_anything() {
    let (story, mut tyneside, mut dorset, record) = given().await;
    dorset.stop().await;
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Waiting).await;
    story.pass(SignedDuration::from_hours(24 * 8));
    state(&tyneside, &record, &dorset, HolderState::Unreachable).await;
    let told = |findings: Vec<Finding>, check: &str, words: &str| {
        findings
            .iter()
            .any(|f| f.check == check && f.state() == FindingState::Look && f.found.contains(words))
    };
    assert!(told(tyneside.doctor().await, "withdrawal", "Dorset: not reached since the withdrawal"));

    tyneside.stop().await;
    dorset.start().await;
    assert!(told(dorset.doctor().await, "silent author", "nothing was heard from South Tyneside Alliance"));
    let refused = dorset.record(&record).await.expect_err("nothing was heard from its author for eight days");
    assert!(refused.message().contains("is held, and not shown"), "{refused:?}");
    assert!(dorset.records(RecordSource::Peers).await.is_empty());
    tyneside.start().await;
    state(&tyneside, &record, &dorset, HolderState::Purged).await;
    assert!(!dorset.holds(&record).await);
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_taken_out_and_the_rest_stays() {
    let (_, tyneside, dorset, record) = given().await;

    let wish = |part: &str| WithdrawRequest {
        record: record.clone(),
        reason: "consent withdrawn".into(),
        parts: vec![part.to_owned()],
        ..Default::default()
    };
    let refused = tyneside.release().withdraw(wish("results")).await.expect_err("no such part");
    assert!(refused.message().contains("noticed"), "the parts there are named: {refused:?}");
    let done = tyneside.release().withdraw(wish("noticed")).await.expect("done").into_inner();
    let instead = done.withdrawal.expect("a withdrawal").replaced_by;
    converge(&[&tyneside, &dorset]).await;
    assert!(!dorset.holds(&record).await && dorset.holds(&instead).await);
    let Some(Body::ExperimentSummary(summary)) =
        dorset.record(&instead).await.expect("held").record.and_then(|record| record.body)
    else {
        panic!("a summary")
    };
    assert!(summary.noticed.is_empty() && !summary.tried.is_empty());
}

/// ```text
///   Dorset --- South Tyneside Alliance (pauses)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn while_sharing_is_paused_nothing_leaves_but_withdrawals() {
    let (_, tyneside, dorset, record) = given().await;
    tyneside.import_case("edufi").await;
    let reason = "we look into something first".to_owned();
    tyneside.release().pause_sharing(PauseSharingRequest { reason }).await.expect("paused");

    let refused = tyneside.try_publish(wish("edufi", Card::Network)).await.expect_err("paused");
    assert!(refused.message().contains("cairn resume"), "{refused:?}");
    tyneside.withdraw(&record, "mistake").await.expect("withdrawals still flow");
    until("Dorset has purged", async || (!dorset.holds(&record).await).then_some(())).await;

    tyneside.release().resume_sharing(ResumeSharingRequest {}).await.expect("resumed");
    let record = tyneside.publish(wish("edufi", Card::Network)).await;
    until("it arrives", async || dorset.holds(&record).await.then_some(())).await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn only_its_author_takes_a_record_back() {
    let (_, tyneside, dorset, record) = given().await;
    let refused = dorset.withdraw(&record, "mistake").await.expect_err("it is another's");
    assert!(refused.message().contains("only South Tyneside Alliance can take it back"), "{refused:?}");
    let unknown = tyneside.withdraw("7", "mistake").await.expect_err("no such record");
    assert_eq!(unknown.code(), Code::NotFound);
    assert!(dorset.holds(&record).await);
    assert!(dorset.audit().await.iter().any(|(event, _)| event == "access"), "who looked is written down");
}
