//! Uses: an author hears in words what readers did with its records, at most once a day.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{PauseSharingRequest, RecordSource, ResumeSharingRequest},
    exchange::{UseKind, record::Body},
};
use cairn_tests::{
    desk::{case, wish},
    place::TestPlace,
    story::converge,
    wait::until,
};
use jiff::SignedDuration;

use crate::scene::given;

/// There is nothing that an author is to be told now.
async fn tells_nothing(place: &TestPlace) {
    assert_eq!(place.app().tell_uses().await.expect("a look at the uses"), 0);
}

/// The node looks when it starts, at whatever hour that is.
async fn restart(place: &mut TestPlace) {
    place.stop().await;
    place.start().await;
}

/// Waits until so many records stand in the log of a place.
async fn log_grows_to(place: &TestPlace, size: u64) {
    until(&format!("the log of {} has {size} records", place.name), async || {
        (place.log_size().await.1 == size).then_some(())
    })
    .await;
}

/// What the author's ledger says that the only recipient did with a record.
async fn said(author: &TestPlace, record: &str) -> Vec<String> {
    let mut entries = author.ledger(record).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = entries.remove(0);
    assert_eq!(entry.via, "", "the author gave it");
    entry.uses
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_one_receipt_tells_the_author_what_is_held() {
    let (story, tyneside, mut dorset, first) = given().await;
    story.pass(SignedDuration::from_hours(23));
    tyneside.import_case("edufi").await;
    let second = tyneside.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    tells_nothing(&dorset).await;
    assert_eq!(dorset.log_size().await.1, 0);
    assert!(said(&tyneside, &first).await.is_empty());

    story.pass(SignedDuration::from_hours(1));
    restart(&mut dorset).await;
    log_grows_to(&dorset, 1).await;
    converge(&[&tyneside, &dorset]).await;
    for record in [&first, &second] {
        assert_eq!(said(&tyneside, record).await, ["holds it (told 2026-11-24)"]);
    }
    let received = tyneside.records(RecordSource::Peers).await;
    assert_eq!(received.iter().map(|record| &*record.kind).collect::<Vec<_>>(), ["use receipt"]);
    let receipt = tyneside.record(&received[0].record_id).await.expect("held").record.expect("a record");
    let Some(Body::UseReceipt(receipt)) = receipt.body else { panic!("a use receipt") };
    let uses: Vec<_> = receipt.uses.iter().map(|one| (one.index, one.kind())).collect();
    assert_eq!(uses, [(0, UseKind::Held), (1, UseKind::Held)]);

    story.pass(SignedDuration::from_hours(25));
    restart(&mut dorset).await;
    tells_nothing(&dorset).await;
    tells_nothing(&tyneside).await;
    assert_eq!(dorset.log_size().await.1, 1, "a day without news adds nothing");
    assert_eq!(tyneside.log_size().await.1, 2, "a receipt is no learning");
    assert_eq!(said(&tyneside, &first).await, ["holds it (told 2026-11-24)"]);
}

/// ```text
///   Dorset --- South Tyneside Alliance
///   (starts an experiment from a record that it was given)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_author_hears_that_an_experiment_started_from_its_record() {
    let (story, tyneside, mut dorset, record) = given().await;
    let mut file = String::from_utf8(case("dorset")).expect("text");
    file.push_str(&format!(
        "derived_from:\n  - record: {record}\n    what_changed: We began with one village.\n    \
         why_changed: We are fewer people.\n    context_difference: It is a county and not a borough.\n"
    ));
    let experiment = dorset.import(file).await;
    dorset.publish(wish(&experiment, Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    story.pass(SignedDuration::from_hours(24));
    restart(&mut dorset).await;
    log_grows_to(&dorset, 2).await;
    converge(&[&tyneside, &dorset]).await;
    let expected = ["holds it (told 2026-11-24)", "started an experiment from it (told 2026-11-24)"];
    assert_eq!(said(&tyneside, &record).await, expected);
    // The experiment itself came to South Tyneside on the same day, and what came just now made it look.
    log_grows_to(&tyneside, 2).await;
    converge(&[&tyneside, &dorset]).await;
    assert_eq!(said(&dorset, "0").await, ["holds it (told 2026-11-24)"]);
}

/// ```text
///   Dorset (pauses) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn while_sharing_is_paused_no_author_is_told() {
    let (story, tyneside, dorset, record) = given().await;
    let reason = "we look into something first".to_owned();
    dorset.release().pause_sharing(PauseSharingRequest { reason }).await.expect("paused");
    story.pass(SignedDuration::from_hours(24));
    tells_nothing(&dorset).await;
    assert_eq!(dorset.log_size().await.1, 0);

    dorset.release().resume_sharing(ResumeSharingRequest {}).await.expect("resumed");
    log_grows_to(&dorset, 1).await;
    converge(&[&tyneside, &dorset]).await;
    assert_eq!(said(&tyneside, &record).await, ["holds it (told 2026-11-24)"]);
}

/// ```text
///   Dorset -x- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_peer_any_more_is_told_nothing() {
    let (story, tyneside, mut dorset, record) = given().await;
    dorset.remove(&tyneside.name, "the contract was not renewed").await;
    story.pass(SignedDuration::from_hours(24));
    restart(&mut dorset).await;
    tells_nothing(&dorset).await;
    assert_eq!(dorset.log_size().await.1, 0);
    assert!(said(&tyneside, &record).await.is_empty());
}
