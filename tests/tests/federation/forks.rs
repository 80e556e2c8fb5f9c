//! Two logs of one author, most often because a copy was put back and went on: found out by whoever compares, told to all who are
//! concerned, the author among them; no new records are taken, and what is withdrawn goes all the same.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    fork,
    pb::admin::{Finding, FindingState},
};
use cairn_tests::{
    desk::{profile, wish},
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};

use crate::restore::{What, back_up, restore};

async fn knows(place: &TestPlace, author: &TestPlace) {
    let found =
        until(&format!("{} knows", place.name), async || place.forks().await.into_iter().next()).await;
    let proven = fork::verify(&found.evidence).expect("evidence that anyone can check");
    assert_eq!(proven.author.node_id(), author.id);
    assert_eq!(found.ours, place.id == author.id);
}

/// Plymouth is put back to before `lost`, with nobody there to say so, and a person opens the gate.
async fn put_back(plymouth: &mut TestPlace, others: &mut [&mut TestPlace], backup: &tempfile::TempDir) {
    for place in others.iter_mut() {
        place.stop().await;
    }
    plymouth.stop().await;
    restore(plymouth, backup.path(), What::Database);
    plymouth.start().await;
    plymouth.open_gate("nothing was signed since, we believe").await.expect("nobody is known to hold more");
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance (put back, and opened by somebody who was wrong)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_author_of_two_logs_is_found_out_and_may_only_withdraw() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    for case in ["plymouth-alliance", "mayday-trust", "edufi"] {
        plymouth.import_case(case).await;
    }
    let told = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    plymouth.start().await;
    let lost = plymouth.publish(wish("mayday-trust", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    let said = tyneside.opening_of(&plymouth.id, 1).await;
    put_back(&mut plymouth, &mut [&mut tyneside], &backup).await;
    let other = plymouth.publish(wish("edufi", Card::Network)).await;
    assert_eq!(other, lost, "the same place in the log, for another record");
    tyneside.start().await;

    knows(&tyneside, &plymouth).await;
    knows(&plymouth, &plymouth).await;
    assert_eq!(tyneside.opening_of(&plymouth.id, 1).await, said, "what was held means what it meant");
    let sync = tyneside.sync(&plymouth.name).await;
    assert!(sync.state.contains("signed two different logs"), "{sync:?}");
    let look = |f: &Finding| f.state() == FindingState::Look && f.found.contains("signed two different logs");
    assert!(tyneside.doctor().await.iter().any(look));
    let mend = |f: &Finding| f.state() == FindingState::Mend && f.found.contains("this node's key");
    assert!(plymouth.doctor().await.iter().any(mend));
    let refused = plymouth.try_publish(profile(Card::Network)).await.expect_err("nothing is signed any more");
    assert!(refused.message().contains("fork list"), "{refused:?}");

    plymouth.withdraw(&told, "consent withdrawn").await.expect("words are taken back all the same");
    until("the words are gone", async || tyneside.opening_of(&plymouth.id, 0).await.is_none().then_some(()))
        .await;
    assert!(!tyneside.holds(&told).await);
}

/// ```text
///   South Tyneside Alliance --- EDUFI
///            \                  /
///             Plymouth Alliance (shows each of them another log)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_was_shown_different_logs_finds_out_by_comparing() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &edufi).await;
    peer(&tyneside, &edufi).await;
    plymouth.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside, &edufi]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    edufi.stop().await;
    plymouth.start().await;
    for _ in 0..2 {
        plymouth.publish(profile(Card::Network)).await;
    }
    converge(&[&plymouth, &tyneside]).await;
    put_back(&mut plymouth, &mut [&mut tyneside], &backup).await;
    plymouth.publish(profile(Card::Network)).await;
    edufi.start().await;
    converge(&[&plymouth, &edufi]).await;
    assert!(edufi.forks().await.is_empty(), "each log by itself is in order");
    plymouth.stop().await;
    tyneside.start().await;

    // Their author says nothing to either of them.
    knows(&edufi, &plymouth).await;
    knows(&tyneside, &plymouth).await;
}
