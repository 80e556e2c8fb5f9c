//! Time: what has reached its last moment goes by itself, everywhere, and never comes back.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{HolderState, PublishRequest};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::SignedDuration;

/// A moment before midnight: nodes that hold something for this day look at the clock every few milliseconds.
const JUST_BEFORE: &str = "2026-11-23T23:59:59.980Z";
/// Words of the case that stand nowhere else.
const PHRASE: &[u8] = b"Canterbury, New Zealand";

fn for_today(experiment: &str) -> PublishRequest {
    PublishRequest { expires_on: "2026-11-23".into(), ..wish(experiment, Card::Network) }
}

async fn purged(at: &TestPlace, author: &TestPlace) {
    until(&format!("{} has purged", at.name), async || {
        at.opening_of(&author.id, 0).await.is_none().then_some(())
    })
    .await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn at_its_last_moment_a_record_goes_by_itself_on_both_sides() {
    let story = Story::begin_at(JUST_BEFORE);
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    tyneside.import_case("edufi").await;
    let passing = tyneside.publish(for_today("south-tyneside")).await;
    let staying = tyneside.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    assert!(dorset.holds(&passing).await && dorset.database_contains(PHRASE));

    story.pass(SignedDuration::from_secs(1));
    purged(&tyneside, &tyneside).await;
    purged(&dorset, &tyneside).await;
    until("the bytes are gone", async || {
        let gone = !dorset.database_contains(PHRASE) && !dorset.database_contains(&salt);
        (gone && !tyneside.database_contains(&salt)).then_some(())
    })
    .await;

    tyneside.stop().await;
    dorset.stop().await;
    tyneside.start().await;
    dorset.start().await;
    tyneside.import_case("fcdo").await;
    tyneside.publish(wish("fcdo", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    assert!(!dorset.holds(&passing).await && !tyneside.holds(&passing).await);
    assert!(dorset.holds(&staying).await);
    assert_eq!(dorset.sync(&tyneside.name).await.leaves, 3, "the log itself stays whole");
}

/// ```text
///   Dorset --- South Tyneside Alliance (off the network when the moment comes)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_be_told() {
    let story = Story::begin_at(JUST_BEFORE);
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    tyneside.publish(for_today("south-tyneside")).await;
    converge(&[&tyneside, &dorset]).await;

    tyneside.stop().await;
    story.pass(SignedDuration::from_secs(1));
    purged(&dorset, &tyneside).await;
    tyneside.start().await;
    purged(&tyneside, &tyneside).await;
}

/// ```text
///   Dorset (off the network while the record lives) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_not_sent_to_those_who_come_late() {
    let story = Story::begin_at(JUST_BEFORE);
    let tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    dorset.stop().await;
    tyneside.import_case("south-tyneside").await;
    let passing = tyneside.publish(for_today("south-tyneside")).await;
    story.pass(SignedDuration::from_secs(1));
    dorset.start().await;
    converge(&[&tyneside, &dorset]).await;

    assert!(!dorset.holds(&passing).await && !dorset.database_contains(PHRASE));
    assert_eq!(dorset.sync(&tyneside.name).await.leaves, 1);
}

/// ```text
///   Plymouth Alliance (clock right) --- EDUFI (clock two hours ahead)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_far_off_is_told_and_stops_nothing() {
    let (right, ahead) = (Story::begin_at("2026-11-23T12:00:00Z"), Story::begin_at("2026-11-23T14:00:00Z"));
    let (plymouth, edufi) = (right.place("Plymouth Alliance").await, ahead.place("EDUFI").await);
    peer(&plymouth, &edufi).await;
    edufi.import_case("edufi").await;
    let record = edufi.publish(wish("edufi", Card::Network)).await;
    converge(&[&plymouth, &edufi]).await;
    assert!(plymouth.holds(&record).await);
    let findings = plymouth.doctor().await;
    let clock = findings.iter().find(|f| f.found.contains("120 minutes ahead")).expect("the clock is told");
    assert!(clock.mend.contains("NTP"), "{clock:?}");
}

/// ```text
///   Dorset (clock a day ahead) --- South Tyneside Alliance --- EDUFI (clock a day behind)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn each_purges_by_its_own_clock_and_every_receipt_counts() {
    let right = Story::begin_at(JUST_BEFORE);
    let ahead = Story::begin_at("2026-11-24T23:59:59.980Z");
    let behind = Story::begin_at("2026-11-22T23:59:59.980Z");
    let tyneside = right.place("South Tyneside Alliance").await;
    let (dorset, edufi) = (ahead.place("Dorset").await, behind.place("EDUFI").await);
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    for case in ["south-tyneside", "edufi", "fcdo"] {
        tyneside.import_case(case).await;
    }
    let passing = tyneside.publish(for_today("south-tyneside")).await;
    let staying = tyneside.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    assert!(!dorset.holds(&passing).await && dorset.holds(&staying).await, "its day is over there");
    assert!(edufi.holds(&passing).await && edufi.holds(&staying).await);

    right.pass(SignedDuration::from_secs(1));
    purged(&tyneside, &tyneside).await;
    assert!(edufi.holds(&passing).await, "its last day has not begun there");
    behind.pass(SignedDuration::from_hours(24) + SignedDuration::from_secs(1));
    // Whatever arrives makes a node look at its clock.
    tyneside.publish(wish("fcdo", Card::Network)).await;
    purged(&edufi, &tyneside).await;

    behind.pass(SignedDuration::from_hours(-25));
    let withdrawn = tyneside.withdraw(&staying, "mistake").await.expect("nothing stands in the way");
    let at = withdrawn.at.expect("a moment").seconds;
    let purged_at = async |holder: &TestPlace| {
        until(&format!("{} has said that it is purged", holder.name), async || {
            let there = tyneside.holder(&staying, &holder.name).await;
            there.filter(|there| there.state() == HolderState::Purged)
        })
        .await
        .purged_at
        .expect("a moment")
        .seconds
    };
    assert!(purged_at(&dorset).await > at && purged_at(&edufi).await < at, "each says when by its own clock");
    assert!(!dorset.holds(&staying).await && !edufi.holds(&staying).await && !edufi.holds(&passing).await);
    let told = tyneside.holder(&staying, "EDUFI").await.expect("a holder").words;
    assert!(told.contains("its clock is behind ours"), "{told}");
}
