//! Lies about heads: forged, borrowed, forked, forgotten. The scene is drawn in `scene`.

use cairn_proto::pb::exchange::{Head, pull_response::Part};
use cairn_tests::{
    forge::{ForgedLog, Persona},
    liar::Liar,
    wait::until,
};

use crate::scene::{Scene, attack};

fn set_head(parts: &mut [Part], head: Head) {
    parts[0] = Part::Head(head);
}

/// The signature line with another character in its middle.
fn wrongly_signed(head: &Head) -> Head {
    let mut note = head.checkpoint.clone();
    let at = note.len() - 30;
    let other = if &note[at..=at] == "A" { "B" } else { "A" };
    note.replace_range(at..=at, other);
    Head { checkpoint: note, ..head.clone() }
}

fn borrowed() -> Head {
    let other = Persona::new();
    let mut log = ForgedLog::new(other.id(), &other.signing);
    log.add_all(&["1", "2", "3", "4", "5"]);
    log.head()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_not_signed_by_its_author_is_refused() {
    attack("a signature of the checkpoint names a known key and is wrong", 2, |log, parts| {
        set_head(parts, wrongly_signed(&log.head()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_of_another_log_is_refused() {
    attack("the checkpoint is of another log", 2, |_, parts| set_head(parts, borrowed())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_signed_by_another_key_in_our_authors_name_is_refused() {
    let stolen = Persona::new();
    attack("is not signed by the key its node has", 2, move |log, parts| {
        let author =
            cairn_proto::checkpoint::Checkpoint::parse(&body(&log.head().checkpoint)).expect("a body");
        let forged = cairn_proto::checkpoint::sign(&author, &stolen.signing);
        set_head(parts, Head { size: 5, checkpoint: forged });
    })
    .await;
}

/// The text of a note, without its signatures.
fn body(note: &str) -> String {
    let (text, _) = note.split_once("\n\n").expect("a note");
    format!("{text}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_with_two_sizes_is_refused() {
    attack("announced 6 leaves, but the signed head has 5", 2, |log, parts| {
        set_head(parts, Head { size: 6, ..log.head() });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_larger_than_its_log_is_refused() {
    attack("not part of the log", 2, |log, parts| set_head(parts, log.head_of(6, log.root(5)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_of_other_leaves_is_refused() {
    attack("not part of the log", 2, |log, parts| set_head(parts, log.head_of(5, [9; 32]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_announcement_is_refused_before_anything_is_asked_for() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    let pulls = scene.liar.pulls().len();
    let head = scene.liar.write(|log| {
        log.add("a third");
        log.head()
    });
    for (size, note, words) in [
        (3, wrongly_signed(&head).checkpoint, "is wrong"),
        (5, borrowed().checkpoint, "of another log"),
        (4, head.checkpoint.clone(), "announced 4 leaves, but the signed head has 3"),
        (3, String::new(), "is not a signed note"),
        (3, "x".repeat(20_000), "is not a signed note"),
        (u64::MAX, head.checkpoint.clone(), "announced"),
    ] {
        scene.liar.announce_falsely(size, &note);
        scene.complaint(words).await;
    }
    scene.honest_part_works_on().await;
    assert_eq!(scene.liar.pulls().len(), pulls);
    assert_eq!(scene.holding().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logs_of_the_same_size_are_a_fork() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    scene.liar.write(|log| {
        log.entries.truncate(1);
        log.add("another second story");
    });
    scene.liar.announce();
    scene.complaint("two different logs of 2 leaves").await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.holding().await, before);
    scene.evidence(2, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_log_with_another_past_is_refused() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    scene.liar.write(|log| {
        log.entries.truncate(1);
        log.add_all(&["another second story", "and a third"]);
    });
    scene.liar.announce();
    scene.complaint("two different logs of 3 leaves").await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.holding().await, before);
    scene.evidence(2, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_log_with_another_past_is_found_out_at_every_size() {
    for size in [1, 2, 3, 4] {
        let scene = Scene::set().await;
        scene.liar.write(|log| log.add_all(&["a third", "a fourth", "a fifth"]));
        scene.liar.announce();
        scene.settled(5).await;
        let before = scene.holding().await;
        scene.liar.write(|log| {
            log.entries.truncate(size - 1);
            log.add("another story");
        });
        scene.liar.hang_up();
        scene.evidence(size as u64, 5).await;
        scene.honest_part_works_on().await;
        assert_eq!(scene.holding().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_fork_no_record_is_taken_and_what_is_withdrawn_goes() {
    let scene = Scene::set().await;
    let followed = scene.liar.write(|log| log.entries.clone());
    scene.liar.write(|log| {
        log.entries.truncate(1);
        log.add("another second story");
    });
    scene.liar.announce();
    scene.evidence(2, 2).await;
    // It goes on as if nothing had been, with the log that was followed.
    scene.liar.write(|log| {
        log.entries = followed;
        log.add("a third story");
        log.retract(0);
    });
    scene.liar.hang_up();
    until("the withdrawn story is gone", async || {
        scene.victim.opening_of(&scene.liar.id(), 0).await.is_none().then_some(())
    })
    .await;
    let (leaves, openings) = scene.holding().await;
    assert_eq!((leaves.len(), openings[2].is_some()), (4, false), "the new record was not taken");
    assert!(openings[1].is_some(), "what was held stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_smaller_than_before_stops_the_following() {
    let scene = Scene::set().await;
    let before = scene.holding().await;
    scene.liar.write(|log| log.entries.truncate(1));
    scene.liar.hang_up();
    scene.complaint("offers 1 leaves, but 2 are held").await;
    scene.liar.write(|log| log.entries.clear());
    scene.liar.hang_up();
    scene.complaint("offers 0 leaves, but 2 are held").await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.holding().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_answers_with_a_smaller_head_is_refused() {
    attack("offers 1 leaves, but 2 are held", 2, |log, parts| set_head(parts, log.head_of(1, log.root(1))))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_else_at_the_address_of_a_peer_gets_nothing() {
    let mut scene = Scene::set().await;
    scene.honest.stop().await;
    let impostor = Liar::spawn_at(scene.honest.address).await;
    let told = until("the impostor is seen", async || {
        Some(scene.victim.sync("Plymouth Alliance").await.last_error).filter(|e| e.contains("another node"))
    })
    .await;
    assert!(told.contains(&impostor.id_text()), "{told}");
    assert!(impostor.pulls().is_empty() && impostor.steps().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_answers_in_an_unknown_version_is_told_so() {
    let scene = Scene::set().await;
    scene.liar.speak(2);
    scene.liar.announce_falsely(9, "which breaks the connection off");
    scene.complaint("the peer asks for version 2 to 2 of the protocol, and this node speaks 1 to 1").await;
    scene.honest_part_works_on().await;
}
