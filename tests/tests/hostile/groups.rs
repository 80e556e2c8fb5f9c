//! Groups, as a member's node sees them: what it asks for when an author changes one of its groups.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    ids::NodeId,
    pb::exchange::{Group, Reference, ReferenceKind, record::Body},
};
use cairn_tests::{forge::policy, wait::until};

use crate::scene::Scene;

/// The author tells the members of its group anew, in the place of the record `before`; gives the new record's index.
fn tell(scene: &Scene, member: NodeId, before: Option<u64>) -> u64 {
    let author = scene.liar.id_text();
    let index = scene.liar.write(|log| {
        let index = log.add_changed("", |record| {
            let revised = |index| Reference {
                kind: ReferenceKind::RevisionOf.into(),
                author,
                index,
                ..Default::default()
            };
            record.policy = Some(policy(Card::NamedPeers, &[member]));
            record.references = before.map(revised).into_iter().collect();
            record.body =
                Some(Body::Group(Group { id: "north".into(), name: "North".into(), about: String::new() }));
        });
        before.map(|before| log.retract(before));
        index
    });
    scene.liar.announce();
    index
}

/// How often it was asked for everything from the beginning.
fn from_the_beginning(scene: &Scene) -> usize {
    scene.liar.pulls().iter().filter(|pull| pull.openings_from == 0).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_asks_for_everything_and_who_stays_does_not() {
    let scene = Scene::set().await;
    let other = NodeId::from_bytes([3; 32]);
    let begun = from_the_beginning(&scene);

    let joined = tell(&scene, scene.victim.id, None);
    scene.settled(3).await;
    assert_eq!(from_the_beginning(&scene), begun + 1, "who joins asks once more");
    let stayed = tell(&scene, scene.victim.id, Some(joined));
    scene.settled(5).await;
    assert!(scene.victim.opening_of(&scene.liar.id(), joined).await.is_none());
    assert!(scene.victim.opening_of(&scene.liar.id(), stayed).await.is_some());
    let without_us = tell(&scene, other, Some(stayed));
    scene.settled(7).await;
    assert!(scene.victim.opening_of(&scene.liar.id(), stayed).await.is_none());
    assert_eq!(from_the_beginning(&scene), begun + 1, "neither who stays nor who leaves asks again");

    tell(&scene, scene.victim.id, Some(without_us));
    until("it asks once more", async || (from_the_beginning(&scene) == begun + 2).then_some(())).await;
    scene.settled(9).await;
    assert_eq!(from_the_beginning(&scene), begun + 2);
    scene.honest_part_works_on().await;
}
