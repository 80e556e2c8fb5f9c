//! Lies about leaves. The scene is drawn in `scene`.

use cairn_proto::{
    log::{Leaf, LeafKind},
    pb::exchange::pull_response::Part,
};
use cairn_tests::wait::until;

use crate::scene::{Scene, attack, before_openings, first_leaves};

const NOT_IN_LOG: &str = "not part of the log that its author signed";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_leaf_is_refused() {
    attack(NOT_IN_LOG, 2, |_, parts| first_leaves(parts).leaves[Leaf::LEN + 20] ^= 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_of_an_unknown_kind_is_refused() {
    attack("has kind 9, which is not known", 2, |_, parts| first_leaves(parts).leaves[1] = 9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_in_another_order_are_refused() {
    attack(NOT_IN_LOG, 2, |_, parts| first_leaves(parts).leaves.rotate_left(Leaf::LEN)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_too_few_is_refused() {
    attack(NOT_IN_LOG, 2, |_, parts| first_leaves(parts).leaves.truncate(Leaf::LEN)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_too_many_is_refused() {
    attack("past the signed head of 5", 2, |_, parts| {
        let leaves = &mut first_leaves(parts).leaves;
        leaves.extend_from_within(..Leaf::LEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_leaf_and_none_are_refused() {
    attack("not between 1 and 256 leaves", 2, |_, parts| {
        let _ = first_leaves(parts).leaves.pop();
    })
    .await;
    attack("not between 1 and 256 leaves", 2, |_, parts| first_leaves(parts).leaves.clear()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_leaves_a_gap_is_refused() {
    attack("starts at leaf 3, but we hold 2", 2, |log, parts| *first_leaves(parts) = log.batch(3, 5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_sent_again_from_the_beginning_are_refused() {
    attack("starts at leaf 0, but we hold 2", 2, |log, parts| *first_leaves(parts) = log.batch(0, 5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retraction_of_what_does_not_come_before_it_is_refused() {
    attack("which does not come before it", 2, |_, parts| {
        let leaf = Leaf::retraction(4, [7; 32]);
        first_leaves(parts).leaves[..Leaf::LEN].copy_from_slice(&leaf.to_bytes());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_turned_into_a_retraction_on_the_way_is_refused() {
    attack(NOT_IN_LOG, 2, |log, parts| {
        let leaf = Leaf::retraction(0, *log.entries[2].leaf.commitment());
        assert_eq!(leaf.kind(), LeafKind::Retraction);
        first_leaves(parts).leaves[..Leaf::LEN].copy_from_slice(&leaf.to_bytes());
    })
    .await;
}

/// A log long enough that the first batch needs a proof.
async fn attack_on_the_proof(change: impl Fn(&mut Vec<Vec<u8>>) + Send + 'static, words: &str) {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    scene.liar.write(|log| {
        for n in 0..300 {
            log.add(&format!("story {n}"));
        }
    });
    scene.liar.lie(move |_, parts| change(&mut first_leaves(parts).consistency_proof));
    scene.liar.announce();
    scene.complaint(words).await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.holding().await, before);
    scene.liar.repent();
    scene.settled(302).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_proof_is_refused() {
    attack_on_the_proof(|proof| proof[0][0] ^= 1, NOT_IN_LOG).await;
    attack_on_the_proof(Vec::clear, NOT_IN_LOG).await;
    attack_on_the_proof(|proof| proof.push(vec![0; 32]), NOT_IN_LOG).await;
    attack_on_the_proof(
        |proof| {
            let _ = proof[0].pop();
        },
        "out of turn",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_257_leaves_is_refused() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    scene.liar.write(|log| {
        for n in 0..300 {
            log.add(&format!("story {n}"));
        }
    });
    scene.liar.lie(|log, parts| *first_leaves(parts) = log.batch(2, 2 + 257));
    scene.liar.announce();
    scene.complaint("not between 1 and 256 leaves").await;
    assert_eq!(scene.holding().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_an_answer_have_an_order() {
    const WORDS: &str = "out of turn";
    attack(WORDS, 2, |_, parts| parts.swap(1, 2)).await; // openings before leaves
    attack(WORDS, 2, |_, parts| parts.swap(0, 1)).await; // leaves before the head
    attack(WORDS, 2, |_, parts| parts.truncate(1)).await; // neither
    attack(WORDS, 5, |log, parts| before_openings(parts, Part::Leaves(log.batch(4, 5)))).await;
    attack(WORDS, 5, |log, parts| before_openings(parts, Part::Head(log.head()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let scene = Scene::set().await;
    scene.liar.write(|log| log.add("a third"));
    scene.liar.lie(|_, parts| parts.retain(|part| !matches!(part, Part::Openings(_))));
    scene.liar.announce();
    until("it was asked for again", async || (scene.liar.pulls().len() > 4).then_some(())).await;
    assert_eq!(scene.sync().await.settled_to, 2);
    scene.liar.repent();
    scene.settled(3).await;
}
