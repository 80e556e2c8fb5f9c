//! Floods: who asks too often has to wait, and nobody else has.

use cairn_proto::pb::exchange::refusal::Kind;
use cairn_tests::{
    caller::{Caller, refusal},
    liar::Liar,
    story::Story,
};
use jiff::SignedDuration;

/// What a peer may ask for at once.
const BURST: usize = 200;

/// ```text
///   a greedy peer --- Plymouth Alliance --- a patient peer
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_refused_with_the_time_to_wait_and_others_are_served() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let (greedy, patient) = (Liar::spawn().await, Liar::spawn().await);
    greedy.become_peer_of(&plymouth).await;
    patient.become_peer_of(&plymouth).await;
    let mut caller = Caller::with_key(plymouth.address, &greedy.persona.signing).await;
    let mut refused = None;
    for _ in 0..=BURST {
        refused = caller.pull_all().await.err();
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("at some point it is too much");
    let Kind::Quota(quota) = refusal(&refused) else { panic!("another refusal: {refused:?}") };
    assert_eq!((quota.limit.as_str(), quota.allowed), ("requests", BURST as u64));
    assert!(quota.retry_after_seconds > 0);

    // On every method, and on a new connection as well.
    let mut again = Caller::with_key(plymouth.address, &greedy.persona.signing).await;
    let refused = again.pull_all().await.expect_err("the same key");
    assert!(matches!(refusal(&refused), Kind::Quota(_)), "{refused:?}");
    let refused = again.first_head().await.expect_err("the same key");
    assert!(matches!(refusal(&refused), Kind::Quota(_)), "{refused:?}");
    // But it can still say who it is, for it may have to withdraw something, and that has its own bound.
    let mut refused = None;
    for _ in 0..=BURST {
        refused = again.hello(&greedy.persona.identity).await.err();
        if refused.is_some() {
            break;
        }
        assert!(again.first_head().await.is_err());
    }
    assert!(matches!(refusal(&refused.expect("too much of that, too")), Kind::Quota(_)));
    let mut other = Caller::with_key(plymouth.address, &patient.persona.signing).await;
    other.hello(&patient.persona.identity).await.expect("a peer that asks rarely");
    other.pull_all().await.expect("a peer that asks rarely");

    story.pass(SignedDuration::from_secs(i64::from(quota.retry_after_seconds)));
    caller.pull_all().await.expect("after waiting");
}
