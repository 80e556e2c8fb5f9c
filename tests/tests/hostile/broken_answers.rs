//! Peers that fall silent in the middle of an answer hold up nobody else, and not for ever.

use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_falls_silent_is_given_up_and_holds_up_nobody() {
    let scene = Scene::set().await;
    scene.liar.write(|log| log.add_all(&["a third", "a fourth", "a fifth"]));
    scene.liar.fall_silent_after(2);
    scene.liar.announce();
    cairn_tests::wait::until("the leaves are there", async || (scene.sync().await.leaves == 5).then_some(()))
        .await;
    scene.honest_part_works_on().await;
    scene.complaint("fell silent in the middle of an answer").await; // after the deadline of a part
    assert_eq!(scene.sync().await.held, 2);
    scene.liar.speak_again();
    scene.settled(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_stops_at_once_although_a_peer_is_silent() {
    let mut scene = Scene::set().await;
    scene.liar.write(|log| log.add("a third"));
    scene.liar.fall_silent_after(1);
    scene.liar.announce();
    cairn_tests::wait::until("it was asked", async || (scene.liar.pulls().len() > 1).then_some(())).await;
    cairn_tests::wait::soon("the node stops", scene.victim.stop()).await;
    scene.liar.speak_again();
    scene.victim.start().await;
    scene.settled(3).await;
}
