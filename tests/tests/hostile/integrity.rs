//! Lies about whom to trust: about our own log, about forks, about heads of others. The scene is drawn in `scene`.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    checkpoint::{self, Checkpoint},
    fork,
    pb::exchange::{ForkEvidence, WatchResponse},
};
use cairn_tests::{
    desk::profile,
    forge::{ForgedLog, Persona},
    wait::until,
};
use ed25519_dalek::SigningKey;

use crate::scene::Scene;

/// A head of a log of `of`, signed with whatever key is at hand.
fn head(of: &cairn_proto::ids::NodeId, size: u64, key: &SigningKey) -> String {
    checkpoint::sign(&Checkpoint { origin: checkpoint::origin(of), size, root: [9; 32] }, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_closes_our_gate_without_our_own_signature() {
    let scene = Scene::set().await;
    let own = scene.victim.id;
    for (size, checkpoint) in [
        (99, head(&own, 99, &scene.liar.persona.signing)),
        (99, head(&scene.liar.id(), 99, &scene.liar.persona.signing)),
        (u64::MAX, "nonsense".to_owned()),
        (99, String::new()),
    ] {
        scene.liar.say(WatchResponse { origin: own.to_string(), size, checkpoint, ..Default::default() });
        scene.honest_part_works_on().await;
    }
    assert!(scene.victim.gate().await.is_none());
    scene.victim.publish(profile(Card::Network)).await;
    scene.liar.repent();
    scene.liar.write(|log| log.add("a third story"));
    scene.liar.announce();
    scene.settled(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_no_fork_changes_nothing() {
    let scene = Scene::set().await;
    scene.honest_part_works_on().await;
    let (honest, stranger) = (scene.honest.id, Persona::new());
    let identity = scene.honest.app().keys.identity().events().to_vec();
    let forged = ForkEvidence {
        identity: identity.clone(),
        smaller: head(&honest, 3, &scene.liar.persona.signing),
        larger: head(&honest, 3, &stranger.signing),
        ..Default::default()
    };
    let mut log = ForgedLog::new(stranger.id(), &stranger.signing);
    log.add("one story");
    let of_a_stranger = ForkEvidence {
        identity: stranger.identity.events().to_vec(),
        smaller: log.head().checkpoint,
        larger: head(&stranger.id(), 1, &stranger.signing),
        ..Default::default()
    };
    fork::check(&of_a_stranger).expect("a real fork, of somebody whom nobody here knows");
    let malformed = ForkEvidence { identity, root: vec![1; 5], ..Default::default() };
    for evidence in [forged, of_a_stranger, malformed, ForkEvidence::default()] {
        let origin = honest.to_string();
        scene.liar.say(WatchResponse { origin, fork: Some(evidence), ..Default::default() });
        scene.honest_part_works_on().await;
    }
    assert!(scene.victim.forks().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_head_of_another_is_no_evidence_and_a_real_one_is() {
    let scene = Scene::set().await;
    scene.honest_part_works_on().await;
    let origin = scene.honest.id_text();
    let say = |size, checkpoint| {
        let origin = origin.clone();
        scene.liar.say(WatchResponse { origin, size, checkpoint, ..Default::default() });
    };
    say(1, head(&scene.honest.id, 1, &scene.liar.persona.signing));
    scene.honest_part_works_on().await;
    say(1, "nonsense".to_owned());
    scene.honest_part_works_on().await;
    assert!(scene.victim.forks().await.is_empty());

    // As if the liar had been shown another log by that author.
    say(1, head(&scene.honest.id, 1, &scene.honest.app().keys.signing()));
    let found = until("the fork is found", async || scene.victim.forks().await.into_iter().next()).await;
    assert_eq!(found.node_id, origin);
}
