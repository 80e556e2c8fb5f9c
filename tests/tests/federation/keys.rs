//! Key life: the next signing key comes into force while nodes serve, and peers follow without anybody copying anything.

use std::fs;

use cairn_node::{domain::policy::Card, init::KEYS, recover::recover};
use cairn_proto::{
    evidence,
    pb::admin::{GetKeysRequest, KeySet, RotateKeysRequest},
};
use cairn_tests::{
    caller::Caller,
    desk::{Desk, profile, wish},
    story::{Story, converge, peer},
    wait::until,
};

async fn keys(at: &Desk) -> KeySet {
    at.admin().get_keys(GetKeysRequest {}).await.expect("keys").into_inner().keys.expect("keys")
}

async fn rotate(at: &Desk) -> KeySet {
    at.admin().rotate_keys(RotateKeysRequest {}).await.expect("rotated").into_inner().keys.expect("keys")
}

/// ```text
///   Dorset --- South Tyneside Alliance (rotates)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn peers_follow_a_rotation_by_themselves_and_what_was_signed_stays_valid() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    let before = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let first = keys(&tyneside).await;
    let old = tyneside.app().keys.signing();

    let second = rotate(&tyneside).await;
    assert_eq!((second.node_id, second.words), (first.node_id.clone(), first.words.clone()));
    assert_ne!(second.signing_key, first.signing_key);
    assert_ne!(second.next_key_hash, first.next_key_hash);
    assert_eq!((second.from, second.changes), (1, 1));
    let after = tyneside.publish(profile(Card::Network)).await;
    until("the new record arrives", async || dorset.holds(&after).await.then_some(())).await;
    assert!(dorset.holds(&before).await);
    for record in [&before, &after] {
        let pack = dorset.evidence(record).await;
        evidence::verify(&pack).expect("both keys count, each for its part of the log");
    }
    // The other way: Tyneside calls Dorset with its new key.
    let back = dorset.publish(profile(Card::Network)).await;
    until("a record of Dorset arrives", async || tyneside.holds(&back).await.then_some(())).await;
    converge(&[&tyneside, &dorset]).await;

    let mut caller = Caller::with_key(dorset.address, &old).await;
    caller.pull_all().await.expect_err("the old key opens no door any more");
    assert!(
        tyneside.audit().await.iter().any(|(event, words)| event == "keys" && words.contains("record 1 on"))
    );
}

/// ```text
///   Dorset --- South Tyneside Alliance (rotates three times, and stops in between)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_breaks_off_is_finished_at_the_next_start() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    let dir = tyneside.dir().join(KEYS);
    let file = |name: &str| fs::read(dir.join(name)).expect("a key");
    let (signing, next) = (file("signing.pem"), file("next-signing.pem"));
    rotate(&tyneside).await;
    assert_eq!(file("signing.pem"), next);
    let after = file("next-signing.pem");

    // As it is when power fails after the database has it: no file was renamed; then: one was.
    for names in [["signing.pem", "next-signing.pem", "after-next-signing.pem"]] {
        tyneside.stop().await;
        for (name, bytes) in names.iter().zip([&signing, &next, &after]) {
            fs::write(dir.join(name), bytes).expect("written");
        }
        tyneside.start().await;
        assert_eq!((file("signing.pem"), file("next-signing.pem")), (next.clone(), after.clone()));
    }
    tyneside.stop().await;
    fs::rename(dir.join("next-signing.pem"), dir.join("after-next-signing.pem")).expect("renamed");
    tyneside.start().await;
    assert_eq!(file("next-signing.pem"), after);
    assert_eq!(fs::read_dir(&dir).expect("keys").count(), 3, "no old key stays");

    let third = rotate(&tyneside).await;
    assert_eq!(third.changes, 2);
    let record = tyneside.publish(profile(Card::Network)).await;
    until("it arrives", async || dorset.holds(&record).await.then_some(())).await;
}

/// ```text
///   Dorset --- South Tyneside Alliance (rotates while it releases)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_during_a_rotation_is_signed_by_the_key_of_its_place() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    let release = async || {
        for _ in 0..20 {
            tyneside.publish(profile(Card::Network)).await;
        }
    };
    let change = async || {
        for _ in 0..5 {
            rotate(&tyneside).await;
        }
    };
    futures::join!(release(), release(), change());
    converge(&[&tyneside, &dorset]).await;
    assert_eq!(dorset.sync("South Tyneside Alliance").await.held, 40);
    assert_eq!(keys(&tyneside).await.changes, 5);
}

/// ```text
///   South Tyneside Alliance (lost its next key)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn without_the_next_key_nothing_is_rotated_and_it_is_said_what_to_do() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let next = tyneside.dir().join(KEYS).join("next-signing.pem");
    let kept = fs::read(&next).expect("a key");
    fs::copy(tyneside.dir().join(KEYS).join("witness.pem"), &next).expect("another key");
    let refused =
        tyneside.admin().rotate_keys(RotateKeysRequest {}).await.expect_err("not the one committed to");
    assert!(refused.message().contains("recovery key"), "{refused:?}");
    fs::remove_file(&next).expect("removed");
    tyneside.admin().rotate_keys(RotateKeysRequest {}).await.expect_err("no next key");
    assert_eq!(keys(&tyneside).await.changes, 0);
    tyneside.publish(profile(Card::Network)).await;
    fs::write(&next, kept).expect("written");
    assert_eq!(rotate(&tyneside).await.changes, 1);
}

/// ```text
///   Dorset --- South Tyneside Alliance (its keys were stolen)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_counts_at_a_peer_once_a_person_there_has_confirmed_it() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    let before = tyneside.publish(profile(Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let stolen = tyneside.app().keys.signing();
    let serving = recover(&tyneside.config(), &[tyneside.dir().join("RECOVERY-KEY.txt")], None).await;
    assert!(serving.expect_err("it serves").to_string().contains("stop it first"));
    tyneside.stop().await;
    fs::remove_dir_all(tyneside.dir().join(KEYS)).expect("the keys are gone");
    fs::create_dir(tyneside.dir().join(KEYS)).expect("an empty directory");

    let wrong = recover(&tyneside.config(), &[dorset.dir().join("RECOVERY-KEY.txt")], None).await;
    let wrong = wrong.expect_err("the recovery key of another").to_string();
    assert!(wrong.contains("1 of 1") && wrong.contains("Nothing was changed"), "{wrong}");
    let done = recover(&tyneside.config(), &[tyneside.dir().join("RECOVERY-KEY.txt")], None).await;
    assert_eq!(done.expect("recovered").from, 1);
    tyneside.start().await;
    let after = tyneside.publish(profile(Card::Public)).await;

    let waits = until("Dorset is asked", async || {
        dorset.peering(&tyneside.name).await.filter(|peer| peer.waits_for_us)
    })
    .await;
    assert!(waits.standing_words.contains("compare the words"), "{waits:?}");
    until("Tyneside is told why nothing flows", async || {
        tyneside.peering("Dorset").await.filter(|peer| peer.last_error.contains("has to confirm that"))
    })
    .await;
    assert!(!dorset.holds(&after).await && dorset.holds(&before).await);

    dorset.accept(&tyneside.name).await.expect("the words are the same");
    until("it flows", async || dorset.holds(&after).await.then_some(())).await;
    assert!(dorset.holds(&before).await, "what the old key had signed stays");
    converge(&[&tyneside, &dorset]).await;
    let mut thief = Caller::with_key(dorset.address, &stolen).await;
    thief.pull_all().await.expect_err("the stolen key opens no door");
    assert!(dorset.audit().await.iter().any(|(event, words)| event == "keys" && words.contains("recovered")));
    assert_eq!(rotate(&tyneside).await.changes, 2);
}
