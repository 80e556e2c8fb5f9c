//! Lies about records. Their leaves are proven and stay; what lies beside them must fit. The scene is drawn
//! in `scene`.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
    pb::exchange::{Opening, OpeningBatch, Purpose, Record, pull_response::Part},
};
use cairn_tests::{
    desk::profile,
    forge::{Persona, policy, small_record},
    wait::until,
};
use prost::Message as _;

use crate::scene::{Scene, attack, before_openings, first_openings};

const NOT_COMMITTED: &str = "is not what its author's log commits to";
const OUT_OF_ORDER: &str = "out of order or outside the log";

fn change_envelope(opening: &mut Opening, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = opening.envelope.to_vec();
    change(&mut bytes);
    opening.envelope = bytes.into();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_an_envelope_is_refused() {
    attack(NOT_COMMITTED, 5, |_, parts| {
        change_envelope(&mut first_openings(parts).openings[1], |bytes| bytes[40] ^= 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_salt_is_refused() {
    attack(NOT_COMMITTED, 5, |_, parts| first_openings(parts).openings[0].salt[0] ^= 1).await;
    attack("malformed", 5, |_, parts| {
        let _ = first_openings(parts).openings[0].salt.pop();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_openings_are_refused() {
    attack(NOT_COMMITTED, 5, |_, parts| {
        let openings = &mut first_openings(parts).openings;
        openings.swap(0, 1);
        (openings[0].index, openings[1].index) = (2, 3);
    })
    .await;
    attack(OUT_OF_ORDER, 5, |_, parts| first_openings(parts).openings.swap(0, 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_outside_the_log_are_refused() {
    attack(OUT_OF_ORDER, 5, |_, parts| first_openings(parts).openings[2].index = 5).await;
    attack(OUT_OF_ORDER, 5, |_, parts| first_openings(parts).openings[2].index = u64::MAX).await;
    attack(OUT_OF_ORDER, 5, |_, parts| first_openings(parts).settled_to = 6).await;
    attack(OUT_OF_ORDER, 5, |_, parts| first_openings(parts).settled_to = 3).await;
    attack(OUT_OF_ORDER, 5, |_, parts| {
        *first_openings(parts) = OpeningBatch { openings: Vec::new(), settled_to: 1_000 };
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_that_do_not_lead_on_are_refused() {
    attack("out of turn", 5, |_, parts| {
        before_openings(parts, Part::Openings(OpeningBatch { openings: Vec::new(), settled_to: 2 }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_message_is_refused() {
    attack("message length too large", 5, |_, parts| {
        change_envelope(&mut first_openings(parts).openings[0], |bytes| bytes.resize(5 << 20, 0));
    })
    .await;
}

/// The liar signs something, commits to it, and sends it, with an honest record behind it.
async fn signed_but_wrong(write: impl FnOnce(&Scene, &mut cairn_tests::forge::ForgedLog)) -> Scene {
    let scene = Scene::set().await;
    scene.liar.write(|log| {
        write(&scene, log);
        log.add("and an honest one");
    });
    scene.liar.announce();
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_for_somebody_else_is_not_held() {
    let scene = signed_but_wrong(|_, log| {
        let other = policy(Card::NamedPeers, &[NodeId::from_bytes([3; 32])]);
        log.add_changed("not for South Tyneside", |record| record.policy = Some(other));
    })
    .await;
    scene.settled(4).await;
    assert!(scene.victim.opening_of(&scene.liar.id(), 2).await.is_none());
    assert_eq!(scene.sync().await.held, 3);
    assert!(!scene.victim.database_contains(b"not for South Tyneside"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_with_a_policy_that_must_not_be_is_not_held() {
    let bad: [fn(&mut Record); 6] = [
        |record| record.policy.as_mut().expect("one").purposes.push(Purpose::Ranking.into()),
        |record| {
            record.policy.as_mut().expect("one").prohibited.retain(|&p| p != i32::from(Purpose::Inspection))
        },
        |record| record.policy.as_mut().expect("one").audience = None,
        |record| record.policy.as_mut().expect("one").purposes.clear(),
        |record| record.policy = None,
        |record| record.consent = None,
    ];
    let scene = signed_but_wrong(|_, log| {
        for change in bad {
            log.add_changed("an unacceptable story", change);
        }
    })
    .await;
    scene.settled(9).await;
    assert_eq!(scene.sync().await.held, 3, "the honest ones");
    assert!(!scene.victim.database_contains(b"an unacceptable story"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_envelope_of_another_author_is_refused_in_this_log() {
    let scene = Scene::set().await;
    let record = scene.honest.publish(profile(Card::Public)).await;
    until("the record is there", async || scene.victim.holds(&record).await.then_some(())).await;
    let (_, stolen) = scene.victim.opening_of(&scene.honest.id, 0).await.expect("held");
    scene.liar.write(|log| log.add_envelope(stolen));
    scene.liar.announce();

    scene.complaint("record 2 does not verify").await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.sync().await.held, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_record_at_another_index_or_under_another_name_is_refused() {
    let other = Persona::new();
    for (change, words) in [
        ((|record: &mut Record| record.index = 0) as fn(&mut Record), "says it stands at index 0, not 2"),
        (|record| record.identity_seq = 7, "the key of identity event 7"),
        (|record| record.author = Persona::new().id().to_string(), "names another author"),
    ] {
        let scene = signed_but_wrong(|_, log| {
            log.add_changed("a strange story", change);
        })
        .await;
        scene.complaint(words).await;
        assert_eq!(scene.sync().await.held, 2, "{words}");
    }
    let scene = signed_but_wrong(|scene, log| {
        let record = small_record(&scene.liar.id(), 2, "signed by another");
        let signed = envelope::sign(PayloadType::Record, record.encode_to_vec(), &[&other.signing]);
        log.add_envelope(signed.encode_to_vec());
    })
    .await;
    scene.complaint("0 of the 1 keys that must sign the envelope have signed it").await;
    assert_eq!(scene.sync().await.held, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_record_are_refused() {
    for (bytes, words) in [
        (Vec::new(), "record 2 does not verify"),
        (vec![0xff; 100], "the envelope cannot be read"),
        (vec![0; 257 * 1024], "at most 262144 are accepted"),
    ] {
        let scene = signed_but_wrong(|_, log| {
            log.add_envelope(bytes);
        })
        .await;
        scene.complaint(words).await;
        assert_eq!(scene.sync().await.held, 2, "{words}");
    }
}
