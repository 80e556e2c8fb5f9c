//! Withdrawal: a retraction purges at once, and what is gone does not come back, whoever sends it. The scene
//! is drawn in `scene`.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::HolderState,
    exchange::{
        Opening, OpeningBatch, PurgeOutcome, PurgeReceipt, RetractRequest, pull_response::Part, record::Body,
        refusal::Kind,
    },
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::profile,
    forge::{Persona, policy},
    liar::Liar,
    place::TestPlace,
    story::Story,
    wait::until,
};
use jiff::SignedDuration;
use tonic::Status;

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

/// Brings a retraction, in the name of `author`, with the key of the liar.
async fn bring(scene: &Scene, author: &Persona, retraction: Opening) -> Result<Option<Opening>, Status> {
    let mut caller = Caller::with_key(scene.victim.address, &scene.liar.persona.signing).await;
    let request =
        RetractRequest { identity: author.identity.events().to_vec(), retraction: Some(retraction) };
    Ok(caller.service.retract(request).await?.into_inner().receipt)
}

/// The retraction arrives before the record does, and again after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_before_it_came_never_comes() {
    let scene = Scene::set().await;
    let retraction = scene.liar.write(|log| {
        let mut later = log.clone();
        let index = later.add("a story that is regretted");
        let retraction = later.retract_saying(index);
        later.opening(retraction).expect("it says why")
    });
    let receipt = bring(&scene, &scene.liar.persona, retraction.clone()).await.expect("it is the author's");
    assert_eq!(receipt, None, "the purge is under way");
    scene.liar.write(|log| log.add("a story that is regretted"));
    scene.liar.announce();
    scene.settled(3).await;
    assert_eq!(scene.sync().await.held, 2);
    assert!(!scene.victim.database_contains(b"that is regretted"));
    let receipt = until("a receipt is signed", async || {
        bring(&scene, &scene.liar.persona, retraction.clone()).await.expect("once more")
    })
    .await;
    let message =
        cairn_proto::record::open(&receipt.envelope, &scene.victim.app().keys.identity(), receipt.index);
    let Some(Body::PurgeReceipt(said)) = message.expect("signed by the holder").body else {
        panic!("a receipt")
    };
    assert_eq!((said.index, said.outcome()), (2, PurgeOutcome::NeverHeld));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retraction_that_is_not_its_authors_changes_nothing() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    let stranger = Persona::new();
    let mut log = cairn_tests::forge::ForgedLog::new(scene.liar.id(), &stranger.signing);
    log.add_all(&["one", "two"]);
    let index = log.retract_saying(0);
    let forged = log.opening(index).expect("it says why");
    let refused = bring(&scene, &scene.liar.persona, forged.clone()).await.expect_err("another's signature");
    assert!(refused.message().contains("does not verify"), "{refused:?}");
    // In the stranger's own name: nothing of that author was ever held here.
    let mut own = cairn_tests::forge::ForgedLog::new(stranger.id(), &stranger.signing);
    own.add("one");
    let index = own.retract_saying(0);
    let refused = bring(&scene, &stranger, own.opening(index).expect("it says why")).await;
    let refused = refused.expect_err("nothing of the stranger is held");
    assert!(matches!(refusal(&refused), Kind::NotInAudience(_)), "{refused:?}");
    // A record that is no retraction, brought as one.
    let record = scene.liar.write(|log| log.opening(1)).expect("a record");
    bring(&scene, &scene.liar.persona, record).await.expect_err("no retraction");
    assert_eq!(scene.holding().await, before);
    scene.honest_part_works_on().await;
}

/// A receipt of the liar about record `index` of the victim, as it would stand in the liar's log.
fn receipt(victim: &TestPlace, index: u64, retraction: u64) -> Body {
    Body::PurgeReceipt(PurgeReceipt {
        author: victim.id_text(),
        index,
        retraction_index: retraction,
        outcome: PurgeOutcome::Purged.into(),
        at: Some(Default::default()),
        backups_until: "2026-12-28".into(),
        software: "liar 1.0".into(),
        ..Default::default()
    })
}

fn sign(liar: &Liar, victim: &TestPlace, body: Body) -> Opening {
    let to = victim.id;
    let index = liar.write(|log| {
        log.add_changed("", |record| {
            record.body = Some(body);
            record.policy = Some(policy(Card::NamedPeers, &[to]));
        })
    });
    liar.write(|log| log.opening(index)).expect("just written")
}

/// ```text
///   South Tyneside Alliance -x- a former peer that says what it likes
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn receipts_that_fit_no_withdrawal_count_for_nothing() {
    let story = Story::begin();
    let victim = story.place("South Tyneside Alliance").await;
    let liar = Liar::spawn().await;
    liar.become_peer_of(&victim).await;
    let first = victim.publish(profile(Card::Network)).await;
    let mut caller = Caller::with_key(victim.address, &liar.persona.signing).await;
    assert_eq!(caller.pull_all().await.expect("a peer").openings.len(), 1);

    // Before there is a withdrawal: in the liar's log, which is followed.
    sign(&liar, &victim, receipt(&victim, 0, 1));
    liar.announce();
    until("the log was followed", async || {
        (victim.sync(&liar.id_text()).await.settled_to == 1).then_some(())
    })
    .await;
    victim.withdraw(&first, "mistake").await.expect("nothing stands in the way");
    let name = victim.peering(&liar.id_text()).await.expect("a peering").name;
    let standing = async || victim.holder(&first, &name).await.expect("a holder").state();
    assert_eq!(standing().await, HolderState::Waiting, "a receipt from before counts for nothing");

    // For another retraction, for another record, and signed by somebody else; then the right one. The victim asks
    // again and again, since a former peer does not follow its log.
    victim.remove(&name, "the contract was not renewed").await;
    let asked_again = async || {
        let before = liar.retractions().len();
        until("it is asked again", async || (liar.retractions().len() > before + 1).then_some(())).await;
    };
    let other = Liar::spawn().await;
    for forged in [
        sign(&liar, &victim, receipt(&victim, 0, 7)),
        sign(&liar, &victim, receipt(&victim, 5, 1)),
        sign(&other, &victim, receipt(&victim, 0, 1)),
    ] {
        liar.give_receipt(forged);
        asked_again().await;
        assert_eq!(standing().await, HolderState::Waiting);
    }
    liar.give_receipt(sign(&liar, &victim, receipt(&victim, 0, 1)));
    until("the right one counts", async || (standing().await == HolderState::Purged).then_some(())).await;
}
