//! Ending a peering: at once, on both sides, with a reason.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::exchange::{PullRequest, Standing, WatchRequest, refusal::Kind};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::wish,
    liar::Liar,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::{end_of, soon, until},
};
use jiff::SignedDuration;

const REASON: &str = "the contract was not renewed";

async fn ended(at: &TestPlace, peer: &str) -> String {
    let ended = async || at.peering(peer).await.filter(|p| p.standing() == Standing::Ended);
    until("the end is known", ended).await.standing_words
}

/// The error with which a stream ends, whatever comes before.
/// ```text
///   South Tyneside Alliance -x- Plymouth Alliance --- EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_nothing_flows_and_both_sides_know_why() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &edufi).await;
    plymouth.import_case("plymouth-alliance").await;
    plymouth.import_case("mayday-trust").await;
    let before = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    converge(&[&plymouth, &tyneside, &edufi]).await;

    plymouth.remove(&tyneside.name, REASON).await;
    assert_eq!(ended(&plymouth, &tyneside.name).await, format!("ended by us: {REASON}"));
    assert_eq!(ended(&tyneside, &plymouth.name).await, format!("ended by them: {REASON}"));
    let after = plymouth.publish(wish("mayday-trust", Card::Public)).await;
    converge(&[&plymouth, &edufi]).await;

    assert!(edufi.holds(&after).await);
    assert!(tyneside.holds(&before).await && !tyneside.holds(&after).await);
    let mut caller = Caller::with_key(plymouth.address, &tyneside.app().keys.signing()).await;
    let refused = caller.pull_all().await.expect_err("no peer any more");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(why) if why.reason.contains(REASON)));
}

/// ```text
///   South Tyneside Alliance -x- Plymouth Alliance
///   (watches, and pulls without reading on)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn open_streams_end_with_the_peering() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let neighbour = Liar::spawn().await;
    neighbour.become_peer_of(&plymouth).await;
    let mut log = cairn_tests::forge::ForgedLog::new(plymouth.id, &plymouth.app().keys.signing());
    for n in 0..600 {
        log.add(&format!("{n}: {}", "long words ".repeat(1400)));
    }
    plymouth.adopt(&log).await;

    let mut caller = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;
    let mut heads = caller.service.watch(WatchRequest::default()).await.expect("a peer").into_inner();
    assert_eq!(soon("a head comes", heads.message()).await.expect("a peer").expect("a head").size, 600);
    let pull = caller.service.pull(PullRequest::default()).await.expect("a peer").into_inner();
    plymouth.remove(&neighbour.id_text(), REASON).await;

    for status in [end_of(heads).await, end_of(pull).await] {
        let status = status.expect("a refusal, not just an end");
        assert!(matches!(refusal(&status), Kind::NotAPeer(why) if why.reason.contains(REASON)));
    }
}

/// ```text
///   Plymouth Alliance -x- a neighbour in the middle of an answer
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_peer_still_sends_is_not_kept() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let neighbour = Liar::spawn().await;
    neighbour.write(|log| log.add_all(&["one", "two", "three"]));
    neighbour.fall_silent_after(2); // the head and the leaves, but no openings
    neighbour.become_peer_of(&plymouth).await;
    until("the leaves are there", async || {
        (plymouth.sync(&neighbour.id_text()).await.leaves == 3).then_some(())
    })
    .await;

    plymouth.remove(&neighbour.id_text(), REASON).await;
    neighbour.speak_again();
    until("the neighbour is told", async || {
        let told = neighbour.steps();
        let end = |s: &_| matches!(s, cairn_proto::pb::exchange::peering_request::Step::End(e) if e.reason == REASON);
        told.iter().any(end).then_some(())
    })
    .await;
    assert_eq!(plymouth.sync(&neighbour.id_text()).await.held, 0);
}

/// ```text
///   South Tyneside Alliance -x- Plymouth Alliance --- EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn once_both_sides_know_the_end_nobody_calls_again() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &edufi).await;
    plymouth.remove(&tyneside.name, REASON).await;
    ended(&tyneside, &plymouth.name).await;
    let last_contact = async || plymouth.peering(&tyneside.name).await.expect("a peering").last_contact;
    let before = last_contact().await;

    // Any call from now on would be noted an hour later; meanwhile another place gives time for many.
    story.pass(SignedDuration::from_hours(1));
    for case in ["plymouth-alliance", "mayday-trust", "fcdo"] {
        plymouth.import_case(case).await;
        plymouth.publish(wish(case, Card::Network)).await;
        converge(&[&plymouth, &edufi]).await;
    }
    assert_eq!(last_contact().await, before);
}
