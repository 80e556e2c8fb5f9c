//! Lies about who goes on in the place of a node. The scene is drawn in `scene`.

use cairn_proto::{
    envelope,
    identity::{self, Identity, Kind},
    limits::ENVELOPE_BYTES,
    pb::exchange::Envelope,
};
use cairn_tests::{forge::Persona, wait::until};
use ed25519_dalek::SigningKey;

use crate::scene::Scene;

/// A succession of the liar by `heir` at a size, signed by these keys.
fn event(scene: &Scene, heir: &Identity, size: u64, keys: &[&SigningKey]) -> Envelope {
    let mut event = identity::succession(&scene.liar.persona.identity, Kind::Merged, &[heir], size);
    keys.iter().for_each(|key| envelope::countersign(&mut event, key));
    event
}

/// The liar presents its chain with these events more.
fn claim(scene: &Scene, events: Vec<Envelope>) {
    let begin = scene.liar.persona.identity.events().to_vec();
    scene.liar.claim(begin.into_iter().chain(events).collect());
}

async fn known(scene: &Scene) -> Option<String> {
    let peer = scene.victim.peering(&scene.liar.id_text()).await.expect("a peer");
    Some(peer.succeeded).filter(|words| !words.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_without_its_own_signature_or_twice_or_at_length() {
    let scene = Scene::set().await;
    let own = scene.liar.persona.signing.clone();
    let (heir, third) = (Persona::new(), Persona::new());
    let honest = scene.honest.app().keys.identity();
    let good = event(&scene, &heir.identity, 2, &[&own, &heir.signing]);
    let mut long = good.clone();
    long.payload.extend(vec![0; ENVELOPE_BYTES]);
    let merged = scene.liar.persona.identity.extended(&good).expect("a good one");
    let mut second = identity::succession(&merged, Kind::Merged, &[&third.identity], 2);
    [&own, &third.signing].iter().for_each(|key| envelope::countersign(&mut second, key));
    for (events, words) in [
        (vec![event(&scene, &honest, 2, &[&own])], "1 signatures and must have exactly 2"),
        (vec![event(&scene, &honest, 2, &[&own, &third.signing])], "0 of the 1 keys"),
        (vec![event(&scene, &honest, 2, &[&own, &own])], "0 of the 1 keys"),
        (vec![event(&scene, &heir.identity, 2, &[&heir.signing])], "0 of the 1 keys"),
        (vec![event(&scene, &scene.liar.persona.identity, 2, &[&own, &own])], "its own successor"),
        (vec![event(&scene, &heir.identity, u64::MAX, &[&own, &heir.signing])], "cuts at size"),
        (vec![good.clone(), second], "names successors, and they were named before"),
        (vec![long], "at most 262144 are accepted"),
    ] {
        claim(&scene, events);
        scene.complaint(words).await;
        assert_eq!(known(&scene).await, None, "{words}");
        scene.honest_part_works_on().await;
    }
    claim(&scene, vec![good]);
    until("a good one is told", async || known(&scene).await).await;
    scene.settled(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_author_gets_nothing_in_and_its_retractions_count() {
    let scene = Scene::set().await;
    let (own, heir) = (scene.liar.persona.signing.clone(), Persona::new());
    claim(&scene, vec![event(&scene, &heir.identity, 2, &[&own, &heir.signing])]);
    until("it is told", async || known(&scene).await).await;
    scene.liar.write(|log| {
        log.add_all(&["signed although it was given up", "and once more"]);
        log.retract_saying(0)
    });
    scene.liar.announce();
    scene.settled(5).await;
    let (_, openings) = scene.holding().await;
    let held: Vec<_> = openings.iter().map(Option::is_some).collect();
    assert_eq!(held, [false, true, false, false, true], "what takes back is taken, with its reason");
    // Without the succession its chain would be another: there is no way back.
    claim(&scene, Vec::new());
    scene.complaint("not a continuation").await;
    assert!(known(&scene).await.is_some());
    scene.honest_part_works_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_below_what_is_held_hides_it_and_nothing_else_suffers() {
    let scene = Scene::set().await;
    let (own, heir) = (scene.liar.persona.signing.clone(), Persona::new());
    let name = |index: u64| format!("{}/{index}", scene.liar.id_text());
    assert!(scene.victim.holds(&name(1)).await);
    claim(&scene, vec![event(&scene, &heir.identity, 1, &[&own, &heir.signing])]);
    until("it is told", async || known(&scene).await).await;
    assert!(scene.victim.holds(&name(0)).await && !scene.victim.holds(&name(1)).await);
    let refused = scene.victim.record(&name(1)).await.expect_err("it counts for nothing");
    assert!(refused.message().contains("named who goes on in its place at size 1"), "{refused:?}");
    assert_eq!(scene.holding().await.0.len(), 2, "the leaves stay proven");
    scene.honest_part_works_on().await;
}
