//! The bytes that a contract allows in a day: refused with a type, counted over a restart, and never in the way of a withdrawal.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    limits::DAILY_BYTES,
    pb::{
        admin::{ExplainPeerRequest, GetPeerRequest, HolderState, InvitePeerRequest},
        exchange::refusal::Kind,
    },
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish},
    place::TestPlace,
    story::{Story, converge, peer, peer_on},
    wait::until,
};
use jiff::SignedDuration;

use crate::subscriptions::catalogue;

const ALLOWED: u64 = 200 * 1024 * 1024;

/// As if a peer had fetched so much today.
async fn fetched(at: &TestPlace, by: &TestPlace, bytes: u64) {
    let today = at.app().clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut tx = at.app().store.write().await.expect("a writable database");
    tx.count_served(&by.id, today, bytes).await.expect("counted");
    tx.commit().await.expect("a commit");
}

async fn today(at: &TestPlace, peer: &str) -> u64 {
    let request = GetPeerRequest { peer: peer.to_owned() };
    let found = at.admin().get_peer(request).await.expect("a peer").into_inner().peer.expect("a peer");
    assert_eq!(found.daily_bytes, ALLOWED);
    found.bytes_today
}

/// ```text
///   South Tyneside Alliance --- Dorset (has fetched all it may today)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_greedy_peer_waits_for_tomorrow_and_withdrawals_wait_for_nothing() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    for case in ["south-tyneside", "edufi", "mayday-trust"] {
        tyneside.import_case(case).await;
    }
    let one = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let used = today(&tyneside, "Dorset").await;
    assert!(used > 1000, "{used} bytes of one summary");

    // The last one may go a little beyond, so that the largest one still gets through.
    fetched(&tyneside, &dorset, ALLOWED - used - 1).await;
    let two = tyneside.publish(wish("edufi", Card::Network)).await;
    until("the second arrives", async || dorset.holds(&two).await.then_some(())).await;
    assert!(today(&tyneside, "Dorset").await > ALLOWED);
    let three = tyneside.publish(wish("mayday-trust", Card::Network)).await;
    let told = until("Dorset is told", async || {
        dorset.peering(&tyneside.name).await.filter(|peer| peer.last_error.contains("allows in a day"))
    })
    .await;
    assert!(told.last_error.contains("tomorrow"), "{}", told.last_error);
    let refused = catalogue(&dorset, &tyneside).await.expect_err("titles are counted, too");
    assert!(refused.message().contains("the rest follows tomorrow"), "{refused:?}");
    assert!(tyneside.ledger(&three).await.is_empty());
    let request = ExplainPeerRequest { peer: "Dorset".into(), record: three.clone() };
    let explained = tyneside.admin().explain_peer(request).await.expect("an answer").into_inner();
    assert!(explained.explanations[0].words.contains("goes on tomorrow"), "{explained:?}");

    // A restart forgets nothing, and whoever asks again is refused again, with the time to wait.
    tyneside.stop().await;
    tyneside.start().await;
    let mut caller = Caller::with_key(tyneside.address, &dorset.app().keys.signing()).await;
    let request =
        cairn_proto::pb::exchange::PullRequest { from_size: 3, openings_from: 2, ..Default::default() };
    let mut parts = caller.service.pull(request).await.expect("a stream").into_inner();
    parts.message().await.expect("a head").expect("a head");
    let refused = parts.message().await.expect_err("no more today");
    let Kind::Quota(quota) = refusal(&refused) else { panic!("another refusal: {refused:?}") };
    assert_eq!((quota.limit.as_str(), quota.allowed), (DAILY_BYTES, ALLOWED));
    assert!(quota.used >= ALLOWED);
    assert_eq!(quota.retry_after_seconds, 12 * 60 * 60, "from noon to midnight");

    let dorset_says = async |record: &str| {
        until("Dorset has purged", async || {
            tyneside.holder(record, "Dorset").await.filter(|h| h.state() == HolderState::Purged)
        })
        .await;
    };
    tyneside.withdraw(&one, "mistake").await.expect("nothing stands in the way");
    dorset_says(&one).await;
    assert!(!dorset.holds(&one).await && !dorset.holds(&three).await);

    // The next day everything comes that was left, and what went is not among it.
    story.pass(SignedDuration::from_hours(12));
    dorset.stop().await;
    dorset.start().await;
    until("the third arrives", async || dorset.holds(&three).await.then_some(())).await;
    converge(&[&tyneside, &dorset]).await;
    let after = today(&tyneside, "Dorset").await;
    assert!(after > 0 && after < ALLOWED / 2, "the days are counted apart");
    assert!(!dorset.holds(&one).await);
}

/// ```text
///   South Tyneside Alliance --- Dorset, Plymouth Alliance (which agreed on one MiB a day)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_the_invitation_says_is_what_counts() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let plymouth = story.place("Plymouth Alliance").await;
    peer(&tyneside, &dorset).await;
    peer_on(&tyneside, &plymouth, InvitePeerRequest { daily_mib: 1, ..Default::default() }).await;
    for (place, peer) in [(&tyneside, &plymouth), (&plymouth, &tyneside)] {
        assert_eq!(place.peering(&peer.name).await.expect("a peer").daily_bytes, 1 << 20);
    }
    for reader in [&dorset, &plymouth] {
        fetched(&tyneside, reader, 1 << 20).await;
    }
    tyneside.import_case("edufi").await;
    let word = tyneside.publish(wish("edufi", Card::Network)).await;
    until("Dorset has it", async || dorset.holds(&word).await.then_some(())).await;
    until("Plymouth is told to wait", async || {
        plymouth.peering(&tyneside.name).await.filter(|p| p.last_error.contains("of the 1048576 bytes"))
    })
    .await;
    assert!(!plymouth.holds(&word).await);
}

/// ```text
///   South Tyneside Alliance --- Dorset (refused for today, and still following)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_wait_follows_the_log_and_asks_for_no_more_than_there_is_news() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    fetched(&tyneside, &dorset, ALLOWED).await;
    let word = tyneside.publish(profile(Card::Network)).await;
    until("Dorset is told", async || {
        dorset.peering(&tyneside.name).await.filter(|peer| peer.last_error.contains("allows in a day"))
    })
    .await;
    tyneside.import_case("south-tyneside").await;
    tyneside.publish(wish("south-tyneside", Card::Network)).await;
    // Over the connection that is open: leaves are not counted.
    until("the leaf is there", async || (dorset.leaves_of(&tyneside.id).await.len() == 2).then_some(()))
        .await;
    assert!(!dorset.holds(&word).await);
    assert_eq!(today(&tyneside, "Dorset").await, ALLOWED, "nothing was given");

    // On the next day, the next word is enough.
    story.pass(SignedDuration::from_hours(12));
    tyneside.import_case("edufi").await;
    tyneside.publish(wish("edufi", Card::Network)).await;
    until("all three are there", async || (dorset.sync(&tyneside.name).await.held == 3).then_some(())).await;
    converge(&[&tyneside, &dorset]).await;
}
