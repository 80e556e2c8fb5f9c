//! Legal holds: a law may oblige a holder to keep a withdrawn record. It is kept unseen then, its author knows, and it
//! goes when the hold ends.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{
    EndHoldRequest, ExportEvidenceRequest, FindingState, HoldEntry, HoldRecordRequest, HolderState,
    ListHoldsRequest, RecordSource, VerifyAuditRequest,
};
use cairn_tests::{
    desk::{Desk, wish},
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::SignedDuration;
use tonic::{Code, Status};

use crate::scene::{PHRASE, given, state};

const BASIS: &str = "Public Records Act 1958, section 3";
/// Some days after the stories begin.
const REVIEW: &str = "2026-12-01";

async fn hold(at: &Desk, record: &str, basis: &str, review_on: &str) -> Result<HoldEntry, Status> {
    let (record, basis, review_on) = (record.to_owned(), basis.to_owned(), review_on.to_owned());
    let answer = at.release().hold_record(HoldRecordRequest { record, basis, review_on }).await?;
    Ok(answer.into_inner().hold.expect("a hold"))
}

async fn end(at: &Desk, record: &str) -> Result<HoldEntry, Status> {
    let answer = at.release().end_hold(EndHoldRequest { record: record.to_owned() }).await?;
    Ok(answer.into_inner().hold.expect("a hold"))
}

async fn holds(at: &Desk) -> Vec<HoldEntry> {
    at.release().list_holds(ListHoldsRequest {}).await.expect("the holds").into_inner().holds
}

/// The record was withdrawn and is kept, and no way of looking shows it.
async fn kept_unseen(at: &TestPlace, record: &str, salt: &[u8]) {
    assert!(!at.holds(record).await);
    assert!(at.records(RecordSource::Unspecified).await.iter().all(|entry| entry.record_id != record));
    let shown = at.record(record).await.expect_err("it was withdrawn");
    let evidence = ExportEvidenceRequest { record: record.to_owned() };
    let evidence = at.admin().export_evidence(evidence).await.expect_err("it was withdrawn");
    for refused in [shown, evidence] {
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("was withdrawn by its author"), "{refused:?}");
        assert!(refused.message().contains("kept here under a legal hold"), "{refused:?}");
    }
    assert!(at.database_contains(PHRASE) && at.database_contains(salt), "it is kept");
}

/// ```text
///   Dorset (under a legal hold) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_a_hold_is_kept_unseen_and_goes_when_the_hold_ends() {
    let (story, tyneside, dorset, record) = given().await;
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    let made = hold(&dorset, "South Tyneside Alliance/0", BASIS, REVIEW).await.expect("a good hold");
    assert_eq!((&*made.record_id, &*made.basis, &*made.review_on), (&*record, BASIS, REVIEW));
    assert!(made.at.is_some() && !made.by.is_empty() && !made.withdrawn && !made.review_due, "{made:?}");
    assert_eq!(holds(&dorset).await, std::slice::from_ref(&made));
    assert!(dorset.holds(&record).await, "until it is withdrawn, it is as any other");

    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    let there = state(&tyneside, &record, &dorset, HolderState::Exception).await;
    assert_eq!((&*there.basis, &*there.review_on), (BASIS, REVIEW));
    assert!(there.words.contains("keeps it unseen for a legal reason") && there.purged_at.is_none());
    kept_unseen(&dorset, &record, &salt).await;
    assert!(holds(&dorset).await.iter().all(|hold| hold.withdrawn && !hold.review_due));
    assert!(dorset.doctor().await.iter().all(|finding| finding.check != "legal hold"));

    story.pass(SignedDuration::from_hours(24 * 8));
    assert!(holds(&dorset).await.iter().all(|hold| hold.review_due), "2026-12-01 has come");
    let found = dorset.doctor().await.into_iter().find(|finding| finding.check == "legal hold");
    let found = found.expect("the doctor tells it");
    assert_eq!(found.state(), FindingState::Look);
    assert!(found.found.contains(REVIEW) && found.mend.contains("cairn hold end"), "{found:?}");

    let renewed = hold(&dorset, &record, BASIS, "2027-06-01").await.expect("it is looked at again");
    assert!(renewed.withdrawn && renewed.at == made.at, "{renewed:?}");
    until("the author reads the new day", async || {
        tyneside.holder(&record, "Dorset").await.filter(|there| there.review_on == "2027-06-01")
    })
    .await;
    kept_unseen(&dorset, &record, &salt).await;

    let ended = end(&dorset, &record).await.expect("there is one");
    assert!(ended.withdrawn && ended.record_id == record, "{ended:?}");
    let there = state(&tyneside, &record, &dorset, HolderState::Purged).await;
    assert!(there.purged_at.is_some() && there.basis.is_empty() && there.review_on.is_empty(), "{there:?}");
    dorset.forgets(PHRASE).await;
    dorset.forgets(&salt).await;
    assert_eq!(holds(&dorset).await, []);
    let shown = dorset.record(&record).await.expect_err("it is gone");
    assert!(shown.message().contains("it is gone from here"), "{shown:?}");

    let audit = dorset.audit().await;
    let words: Vec<_> =
        audit.iter().filter(|(event, _)| event == "hold").map(|(_, words)| words.as_str()).collect();
    assert_eq!(words.len(), 3, "{audit:?}");
    assert!(words[0].contains("it was withdrawn meanwhile") && words[2].contains(BASIS), "{words:?}");
    let verdict = dorset.release().verify_audit(VerifyAuditRequest {}).await.expect("a verdict").into_inner();
    assert_eq!(verdict.broken, "");
}

/// ```text
///   Dorset (holds, and lets go) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn after_a_hold_that_ended_in_time_a_withdrawal_purges_as_ever() {
    let (_, tyneside, dorset, record) = given().await;
    hold(&dorset, &record, BASIS, REVIEW).await.expect("a good hold");
    assert!(!end(&dorset, &record).await.expect("there is one").withdrawn);
    assert!(dorset.holds(&record).await, "it stays as any other record");

    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Purged).await;
    dorset.forgets(PHRASE).await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_cannot_be_is_refused_with_what_to_do() {
    let (_, tyneside, dorset, record) = given().await;
    let unknown = format!("{}/77", tyneside.id);
    let long = "x".repeat(20_000);
    for (desk, named, basis, review_on, code, words) in [
        (&tyneside, &*record, BASIS, REVIEW, Code::InvalidArgument, "a legal hold is for records of others"),
        (&dorset, &unknown, BASIS, REVIEW, Code::NotFound, "`cairn list` shows what is held"),
        (&dorset, "Plymouth/0", BASIS, REVIEW, Code::NotFound, "`cairn peer list` shows all peers"),
        (&dorset, &record, " ", REVIEW, Code::InvalidArgument, "say with --basis which law"),
        (&dorset, &record, &long, REVIEW, Code::InvalidArgument, "at most"),
        (&dorset, &record, BASIS, "2026-11-22", Code::InvalidArgument, "name with --review a later day"),
        (&dorset, &record, BASIS, "2026-11-23", Code::InvalidArgument, "name with --review a later day"),
        (&dorset, &record, BASIS, "2026", Code::InvalidArgument, "as YYYY-MM-DD"),
        (&dorset, &record, BASIS, "", Code::InvalidArgument, "as YYYY-MM-DD"),
    ] {
        let refused = hold(desk, named, basis, review_on).await.expect_err(words);
        assert_eq!(refused.code(), code, "{refused:?}");
        assert!(refused.message().contains(words), "{refused:?}");
    }
    let none = end(&dorset, &record).await.expect_err("there is none");
    assert_eq!(none.code(), Code::NotFound);
    assert!(none.message().contains("cairn hold list"), "{none:?}");
    assert_eq!(holds(&dorset).await, []);
    assert!(dorset.audit().await.iter().all(|(event, _)| event != "hold"));
    assert!(tyneside.audit().await.iter().all(|(event, _)| event != "hold"));
}

/// ```text
///   Dorset (under a legal hold, restarted) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_back_stays_so_through_a_restart() {
    let (_, tyneside, mut dorset, record) = given().await;
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    hold(&dorset, &record, BASIS, REVIEW).await.expect("a good hold");
    tyneside.withdraw(&record, "consent withdrawn").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Exception).await;
    dorset.stop().await;
    dorset.start().await;
    converge(&[&tyneside, &dorset]).await;
    kept_unseen(&dorset, &record, &salt).await;
    state(&tyneside, &record, &dorset, HolderState::Exception).await;

    end(&dorset, &record).await.expect("there is one");
    state(&tyneside, &record, &dorset, HolderState::Purged).await;
    dorset.forgets(PHRASE).await;
    dorset.forgets(&salt).await;
}

/// ```text
///   Dorset (under a legal hold) -x- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_hold_of_a_former_peer_is_known_to_the_author_too() {
    let (_, tyneside, dorset, record) = given().await;
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    hold(&dorset, &record, BASIS, REVIEW).await.expect("a good hold");
    tyneside.remove("Dorset", "the contract was not renewed").await;
    until("Dorset knows", async || {
        dorset.peering(&tyneside.name).await.filter(|p| p.standing_words.contains("ended by them"))
    })
    .await;
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Exception).await;
    kept_unseen(&dorset, &record, &salt).await;
}

/// ```text
///   Dorset (under a legal hold) --- South Tyneside Alliance, whose record expires
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_against_a_withdrawal_only_and_ends_when_its_record_expires() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    let mut until_friday = wish("south-tyneside", Card::Network);
    until_friday.expires_on = "2026-11-27".to_owned();
    let record = tyneside.publish(until_friday).await;
    converge(&[&tyneside, &dorset]).await;
    hold(&dorset, &record, BASIS, REVIEW).await.expect("a good hold");
    story.pass(SignedDuration::from_hours(24 * 5));
    dorset.doctor().await; // which purges what has expired
    assert!(!dorset.holds(&record).await);
    assert_eq!(holds(&dorset).await, []);
    let told =
        |(event, words): &(String, String)| event == "hold" && words.contains("its legal hold ended with it");
    assert!(dorset.audit().await.iter().any(told));
    dorset.forgets(PHRASE).await;
}
