//! A peer that passes on what it should not, or not what it got. The scene is drawn in `scene`; the liar passes on the log of
//! an author whom the victim does not know.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    limits,
    pb::exchange::{Audience, NamedPeers, OpeningBatch, Record, audience::Kind, pull_response::Part},
};
use cairn_tests::{
    forge::{ForgedLog, Persona, policy},
    wait::until,
};
use jiff::SignedDuration;

use crate::scene::{Scene, first_openings};

/// Makes a record one that anybody may pass on to anybody.
fn public(record: &mut Record) {
    record.policy = Some(policy(Card::Public, &[]));
}

/// An author with a public record, which the victim got from the liar.
async fn carried() -> (Scene, Persona, ForgedLog) {
    let scene = Scene::set().await;
    let author = Persona::new();
    let mut log = ForgedLog::new(author.id(), &author.signing);
    log.add_changed("a story from two steps away", public);
    scene.liar.carry(&author, log.clone());
    held(&scene, &author, 0, true).await;
    (scene, author, log)
}

async fn held(scene: &Scene, author: &Persona, index: u64, expected: bool) {
    until(&format!("{index} of {} is held: {expected}", author.id()), async || {
        (scene.victim.opening_of(&author.id(), index).await.is_some() == expected).then_some(())
    })
    .await;
}

/// Waits until the victim has dealt with whatever the liar announced: announcements are dealt with in their order, and those of
/// the liar's own log stand before those of others.
async fn heard_out(scene: &Scene) {
    for _ in 0..2 {
        let size = scene.liar.write(|log| log.add("the liar's own story") + 1);
        scene.liar.announce();
        scene.settled(size).await;
    }
}

/// Waits until so many leaves of the author's log are verified and settled.
async fn settled(scene: &Scene, author: &Persona, leaves: u64) {
    until("the log is followed", async || {
        let sync = scene.victim.sync(&author.id().to_string()).await;
        (sync.leaves == leaves && sync.settled_to == leaves).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_is_never_stored_again_however_often_it_is_passed_on() {
    let (mut scene, author, mut log) = carried().await;
    log.retract(0);
    scene.liar.carry(&author, log.clone());
    held(&scene, &author, 0, false).await;
    scene.liar.lie(|log, parts| {
        // Everything from the beginning, with the withdrawn record in front.
        let openings: Vec<_> = (0..log.size()).filter_map(|index| log.opening(index)).collect();
        if parts.iter().any(|part| matches!(part, Part::Openings(_))) {
            *first_openings(parts) = OpeningBatch { openings, settled_to: log.size() };
        }
    });
    for restart in [false, true] {
        if restart {
            scene.victim.stop().await;
            scene.victim.start().await;
        }
        let newest = log.add_changed("a new story", public);
        scene.liar.carry(&author, log.clone());
        held(&scene, &author, newest, true).await;
        assert!(scene.victim.opening_of(&author.id(), 0).await.is_none(), "it came back");
    }
    until("no bytes are left", async || {
        (!scene.victim.database_contains(b"a story from two steps away")).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_author_lets_nobody_pass_on_is_not_held() {
    let (scene, author, mut log) = carried().await;
    let victim = scene.victim.id;
    log.add("for all peers of its author, and for nobody else");
    log.add_changed("for the victim, but from its author only", |record| {
        record.policy = Some(policy(Card::NamedPeers, &[victim]));
    });
    log.add_changed("for somebody else", |record| {
        let kind = Kind::NamedPeers(NamedPeers { node_ids: vec![Persona::new().id().to_string()] });
        let policy = record.policy.as_mut().expect("one");
        policy.audience = Some(Audience { kind: Some(kind) });
        policy.relay = true;
    });
    scene.liar.carry(&author, log);
    settled(&scene, &author, 4).await;
    assert_eq!(scene.victim.sync(&author.id().to_string()).await.held, 1);
    for words in ["for all peers of its", "from its author only", "for somebody else"] {
        assert!(!scene.victim.database_contains(words.as_bytes()), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_its_authors_changes_nothing_and_the_rest_is_followed() {
    let (scene, author, log) = carried().await;
    let leaves = scene.victim.leaves_of(&author.id()).await;

    // Signed by the liar in the author's name; another log of the same length; one whose openings were changed.
    let mut forged = ForgedLog::new(author.id(), &scene.liar.persona.signing);
    forged.add_changed("a forged story", public);
    forged.add_changed("another", public);
    let mut other = ForgedLog::new(author.id(), &author.signing);
    other.add_changed("a story that was told elsewhere", public);
    let mut changed = log.clone();
    changed.add_changed("a second story", public);
    let mut opening = changed.entries[1].opening.take().expect("one");
    opening.1 = changed.entries[0].opening.clone().expect("one").1;
    changed.entries[1].opening = Some(opening);
    for (log, leaves_then) in [(forged, 1), (other, 1), (changed, 2)] {
        scene.liar.carry(&author, log);
        heard_out(&scene).await;
        let now = scene.victim.leaves_of(&author.id()).await;
        assert!(now.len() <= leaves_then && now[..1] == leaves[..], "{now:?}");
        assert!(scene.victim.opening_of(&author.id(), 1).await.is_none());
    }
    for words in ["a forged story", "told elsewhere"] {
        assert!(!scene.victim.database_contains(words.as_bytes()), "{words}");
    }
    scene.honest_part_works_on().await;
}

/// The honest author is a peer of the victim, and then it is not any more.
#[tokio::test(flavor = "multi_thread")]
async fn an_author_whom_the_victim_follows_itself_or_has_left_does_not_come_through_others() {
    let scene = Scene::set().await;
    let keys = scene.honest.app().keys.clone();
    let honest = Persona { signing: (*keys.signing()).clone(), identity: (*keys.identity()).clone() };
    // A log of the honest author that is longer than what the victim holds of it; nobody asks for it.
    let mut claim = ForgedLog::new(honest.id(), &honest.signing);
    for about in ["one", "two", "three"] {
        claim.add_changed(about, public);
    }
    for left in [false, true] {
        if left {
            scene.victim.remove("Plymouth Alliance", "the contract was not renewed").await;
        }
        scene.liar.carry(&honest, claim.clone());
        heard_out(&scene).await;
        assert!(scene.liar.pulls().iter().all(|pull| pull.origin.is_empty()), "left: {left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_keeps_nothing_fresh() {
    let (scene, author, log) = carried().await;
    let record = format!("{}/0", author.id());
    scene.liar.carry(&author, log);
    assert!(scene.victim.holds(&record).await);
    scene.story.pass(SignedDuration::from_hours(24 * 8));
    let refused = scene.victim.record(&record).await.expect_err("nothing was heard for eight days");
    assert!(refused.message().contains("is held, and not shown"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_passes_on_only_so_many_logs() {
    let scene = Scene::set().await;
    for n in 0..limits::RELAYED_LOGS + 3 {
        let author = Persona::new();
        let mut log = ForgedLog::new(author.id(), &author.signing);
        if n < 3 {
            log.add_changed("a story", public);
        }
        scene.liar.carry_quietly(&author, log);
    }
    scene.liar.announce();
    heard_out(&scene).await;
    let carried =
        async || scene.victim.app().store.read().await.expect("readable").carried_by(&scene.liar.id()).await;
    until("as many are followed as may be", async || {
        (carried().await.expect("a count") == limits::RELAYED_LOGS as u64).then_some(())
    })
    .await;
    scene.honest_part_works_on().await;
    assert_eq!(carried().await.expect("a count"), limits::RELAYED_LOGS as u64);
}
