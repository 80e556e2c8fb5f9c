//! A peer that plays with its standing: it gets nothing more by that, and nobody else pays.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::RestrictPeerRequest,
    exchange::{HelloRequest, PullRequest, Relationship, Standing, refusal::Kind},
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish},
    liar::Liar,
    story::Story,
};

/// ```text
///   a neighbour (says what it likes about its own side) --- Plymouth Alliance (limits it)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_says_of_its_own_side_lifts_nothing_of_ours() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let neighbour = Liar::spawn().await;
    neighbour.become_peer_of(&plymouth).await;
    plymouth.import_case("plymouth-alliance").await;
    plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    plymouth.publish(profile(Card::Network)).await;
    let request = RestrictPeerRequest {
        peer: neighbour.id_text(),
        standing: Standing::Limited.into(),
        reason: "we ask first".into(),
        review_on: "2027-03-01".into(),
    };
    plymouth.standing().restrict_peer(request).await.expect("an active peer");

    // It did not say Hello since, so that it cannot know: it is not given what would look like everything.
    let mut caller = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;
    let mut parts = match caller.service.pull(PullRequest::default()).await {
        Ok(parts) => parts.into_inner(),
        Err(refused) => {
            assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
            caller.hello(&neighbour.persona.identity).await.expect("a Hello");
            caller.service.pull(PullRequest::default()).await.expect("it knows now").into_inner()
        }
    };
    while parts.message().await.expect("what is let through").is_some() {}

    let contract_hash = plymouth
        .app()
        .relationship(&neighbour.id())
        .await
        .expect("readable")
        .expect("a peering")
        .contract_hash
        .to_vec();
    let words = "x".repeat(20_000);
    for (standing, reason, review_on, good) in [
        (Standing::Active, "", "", true),
        (Standing::Suspended, "so", "2027-01-01", true),
        (Standing::Active, "", "", true),
        (Standing::Limited, &*words, "", false),
        (Standing::Limited, "so", "tomorrow", false),
        (Standing::Ended, "so", "", true),
    ] {
        let relationship = Relationship {
            standing: standing.into(),
            reason: reason.into(),
            review_on: review_on.into(),
            contract_hash: contract_hash.clone(),
            ..Default::default()
        };
        let hello = HelloRequest {
            version: 1,
            min_version: 1,
            identity: neighbour.persona.identity.events().to_vec(),
            relationship: Some(relationship),
            ..Default::default()
        };
        let answer = caller.service.hello(hello).await;
        assert_eq!(answer.is_ok(), good, "{standing:?} {answer:?}");
        let ours = plymouth.peering(&neighbour.id_text()).await.expect("a peering").by_us;
        assert_eq!(ours.expect("our limit").reason, "we ask first");
    }
    let pulled = caller.pull_all().await.expect("limited, and no more");
    assert_eq!((pulled.leaves, pulled.openings.len()), (2, 1), "the profile, and not the summary");
}
