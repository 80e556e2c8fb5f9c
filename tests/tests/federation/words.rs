//! Records held here are found by their words: once they have come, while they may be shown, and never again afterwards.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{
    AddBlockRequest, HoldRecordRequest, HolderState, ListRecordsRequest, RecordSource, RemoveBlockRequest,
};
use cairn_tests::{desk::wish, place::TestPlace, wait::until};
use jiff::SignedDuration;
use tonic::Code;

use crate::scene::{given, state};

/// A word of the case that stands nowhere else, without its beginning: an index leaves that to the word before.
const TRACE: &[u8] = b"terbury";

async fn finds(at: &TestPlace, words: &str, expected: &[&String]) {
    until(&format!("{} finds {words:?}", at.name), async || {
        (at.found(words).await.iter().collect::<Vec<_>>() == expected).then_some(())
    })
    .await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_by_its_words_until_it_is_withdrawn() {
    let (story, mut tyneside, mut dorset, record) = given().await;
    finds(&dorset, "canterbury", &[&record]).await;
    finds(&tyneside, "ZÉALAND Canterb", &[&record]).await;
    assert!(dorset.found("canterbury nowhere").await.is_empty());
    dorset.stop().await;
    dorset.start().await;
    assert_eq!(dorset.found("canterbury").await, [&*record], "it is known over a restart");

    // What may have been withdrawn is not shown, and not found.
    tyneside.stop().await;
    story.pass(SignedDuration::from_hours(24 * 8));
    finds(&dorset, "canterbury", &[]).await;
    tyneside.start().await;
    finds(&dorset, "canterbury", &[&record]).await;

    assert!(dorset.database_contains(TRACE));
    tyneside.withdraw(&record, "consent withdrawn").await.expect("nothing stands in the way");
    state(&tyneside, &record, &dorset, HolderState::Purged).await;
    for place in [&tyneside, &dorset] {
        assert!(place.found("canterbury").await.is_empty());
    }
    dorset.forgets(TRACE).await;
}

/// ```text
///   Dorset -x- South Tyneside Alliance (blocked for a while)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_shown_is_not_found() {
    let (_story, tyneside, dorset, record) = given().await;
    finds(&dorset, "canterbury", &[&record]).await;
    let hold = HoldRecordRequest {
        record: record.clone(),
        basis: "a law on public records".to_owned(),
        review_on: "2027-03-01".to_owned(),
    };
    let held = dorset.release().hold_record(hold).await;
    held.expect("it can be held");
    let (node, reason) = (tyneside.name.clone(), "it passes on what it must not".to_owned());
    let block = AddBlockRequest { node: node.clone(), reason, review_on: String::new(), purge: false };
    dorset.standing().add_block(block).await.expect("it can be blocked");
    assert!(dorset.found("canterbury").await.is_empty() && dorset.database_contains(TRACE));
    let node = tyneside.id.to_string();
    dorset.standing().remove_block(RemoveBlockRequest { node }).await.expect("it can be lifted");
    assert_eq!(dorset.found("canterbury").await, [&*record]);

    // What a law obliges a holder to keep is read by nothing.
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    until("it is kept back", async || dorset.record(&record).await.is_err().then_some(())).await;
    assert!(dorset.found("canterbury").await.is_empty());
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn words_narrow_a_listing_down_and_its_pages_go_on() {
    let (_story, tyneside, dorset, theirs) = given().await;
    dorset.import_case("edufi").await;
    let ours = dorset.publish(wish("edufi", Card::Network)).await;
    finds(&dorset, "learn", &[&ours, &theirs]).await;
    let list = async |peer: &str, source: RecordSource, cursor: &str, words: &str| {
        let (peer, cursor, words) = (peer.to_owned(), cursor.to_owned(), words.to_owned());
        let request = ListRecordsRequest { source: source.into(), peer, limit: 1, cursor, words };
        dorset.admin().list_records(request).await.map(tonic::Response::into_inner)
    };
    let first = list("", RecordSource::Unspecified, "", "learn").await.expect("a page");
    assert_eq!(first.records.iter().map(|r| &r.record_id).collect::<Vec<_>>(), [&ours]);
    let second = list("", RecordSource::Unspecified, &first.next_cursor, "learn").await.expect("a page");
    assert_eq!(second.records.iter().map(|r| &r.record_id).collect::<Vec<_>>(), [&theirs]);
    for (peer, source, expected) in [
        ("", RecordSource::Own, &ours),
        ("", RecordSource::Peers, &theirs),
        (&tyneside.name[..], RecordSource::Unspecified, &theirs),
    ] {
        let page = list(peer, source, "", "learn").await.expect("a page");
        assert_eq!(page.records.iter().map(|r| &r.record_id).collect::<Vec<_>>(), [expected]);
    }
    for (cursor, words) in [(&first.next_cursor[..], ""), ("5.1.1", "learn"), ("x", "learn"), ("", "?!")] {
        let refused = list("", RecordSource::Unspecified, cursor, words).await.expect_err("not a listing");
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    }
}
