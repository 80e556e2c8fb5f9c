//! Withdrawal: a retraction purges at once, and what is gone does not come back, whoever sends it. The scene
//! is drawn in `scene`.

use cairn_proto::pb::exchange::{OpeningBatch, pull_response::Part};
use cairn_tests::wait::until;
use jiff::SignedDuration;

use crate::scene::{Scene, first_openings};

/// The liar retracts its first record.
async fn retracted() -> (Scene, Vec<u8>) {
    let scene = Scene::set().await;
    let (_, envelope) = scene.victim.opening_of(&scene.liar.id(), 0).await.expect("held");
    scene.liar.write(|log| log.retract(0));
    scene.liar.announce();
    until("it is purged", async || {
        scene.victim.opening_of(&scene.liar.id(), 0).await.is_none().then_some(())
    })
    .await;
    (scene, envelope)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retraction_purges_at_once_and_leaves_no_bytes() {
    let (scene, _) = retracted().await;
    assert!(!scene.victim.holds(&format!("{}/0", scene.liar.id())).await);
    assert!(scene.victim.holds(&format!("{}/1", scene.liar.id())).await, "the other record stays");
    until("the bytes are gone", async || (!scene.victim.database_contains(b"a first story")).then_some(()))
        .await;
    assert_eq!(scene.sync().await.leaves, 3, "the log itself stays whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retraction_purges_before_any_opening_of_the_same_pull_is_looked_at() {
    let scene = Scene::set().await;
    scene.liar.write(|log| {
        let index = log.add("released and withdrawn in one breath");
        log.retract(index);
    });
    scene.liar.announce();
    until("everything is settled", async || (scene.sync().await.settled_to == 4).then_some(())).await;
    assert!(scene.victim.opening_of(&scene.liar.id(), 2).await.is_none());
    assert!(!scene.victim.database_contains(b"in one breath"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_is_never_stored_again() {
    let (mut scene, _) = retracted().await;
    scene.liar.lie(|log, parts| {
        // Everything from the beginning, with the withdrawn record in front.
        let mut openings: Vec<_> = (0..log.size()).filter_map(|index| log.opening(index)).collect();
        openings.sort_by_key(|opening| opening.index);
        assert_eq!(openings[0].index, 0);
        *first_openings(parts) = OpeningBatch { openings, settled_to: log.size() };
    });
    for restart in [false, true] {
        if restart {
            scene.victim.stop().await;
            scene.victim.start().await;
        }
        let size = scene.liar.write(|log| log.add("a new story") + 1);
        scene.liar.announce();
        scene.settled(size).await;
        assert!(scene.victim.opening_of(&scene.liar.id(), 0).await.is_none(), "it came back");
        assert!(scene.victim.opening_of(&scene.liar.id(), size - 1).await.is_some(), "the new one came");
    }
}

/// The record expires at the victim, and the liar sends it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_never_stored_again() {
    let scene = Scene::set().await;
    let soon = scene.story.clock.now() + SignedDuration::from_millis(30);
    scene.liar.write(|log| {
        log.add_changed("for a moment only", |record| {
            let nanos = soon.subsec_nanosecond();
            let at = prost_types::Timestamp { seconds: soon.as_second(), nanos };
            record.policy.as_mut().expect("one").expires_at = Some(at);
        })
    });
    scene.liar.announce();
    scene.settled(3).await;
    assert_eq!(scene.sync().await.held, 3);
    scene.story.pass(SignedDuration::from_secs(1));
    until("it is purged", async || {
        scene.victim.opening_of(&scene.liar.id(), 2).await.is_none().then_some(())
    })
    .await;

    scene.liar.lie(|log, parts| {
        let openings: Vec<_> = (2..log.size()).filter_map(|index| log.opening(index)).collect();
        *first_openings(parts) = OpeningBatch { openings, settled_to: log.size() };
        assert!(matches!(parts[1], Part::Leaves(_)));
    });
    scene.liar.write(|log| log.add("another"));
    scene.liar.announce();
    scene.settled(4).await;
    assert!(scene.victim.opening_of(&scene.liar.id(), 2).await.is_none(), "it came back");
    assert_eq!(scene.sync().await.held, 3);
}
