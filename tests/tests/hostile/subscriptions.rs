//! What was not asked for is not taken, what is offered is not believed, and nobody asks for more than the protocol allows. The scene
//! is drawn in `scene`.

use cairn_proto::pb::{
    admin::{
        Labels, LookAtCatalogueRequest, PauseFollowingRequest, ResumeFollowingRequest, SetSubscriptionRequest,
    },
    exchange::{
        BuiltInScale, Declaration, DeclarationKind, ExperimentState, ExperimentSummary, Filter,
        ListOffersRequest, ListOffersResponse, Offer, PullRequest, Record, Scale, record::Body,
        refusal::Kind, scale::Label,
    },
};
use cairn_tests::caller::{Caller, refusal};
use tonic::Code;

use crate::scene::Scene;

/// Makes a record a summary with this theme.
fn about(theme: &'static str) -> impl FnOnce(&mut Record) {
    move |record| {
        let scale = Scale { label: Some(Label::BuiltIn(BuiltInScale::Place.into())) };
        record.body = Some(Body::ExperimentSummary(ExperimentSummary {
            title: theme.into(),
            kind: "experiment".into(),
            state: ExperimentState::Running.into(),
            scale: Some(scale),
            themes: vec![theme.into()],
            tried: "Something small.".into(),
            declaration: Some(Declaration {
                kind: DeclarationKind::InRetrospect.into(),
                ..Declaration::default()
            }),
            ..ExperimentSummary::default()
        }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_leaves_out_is_not_held_though_it_is_sent() {
    let scene = Scene::set().await;
    let labels = Some(Labels { themes: vec!["housing".into()], ..Labels::default() });
    let request = SetSubscriptionRequest { author: scene.liar.id_text(), labels, depth: "none".into() };
    scene.victim.subscription().set_subscription(request).await.expect("a peer");
    scene.liar.write(|log| {
        log.add_changed("asked for", about("Social housing"));
        log.add_changed("not asked for", about("schools"));
        log.add("a profile is always taken")
    });
    scene.liar.announce();
    scene.settled(5).await;
    let held: Vec<bool> = scene.holding().await.1.iter().map(Option::is_some).collect();
    assert_eq!(held, [true, true, true, false, true]);
    let asked = scene.liar.pulls().pop().and_then(|pull| pull.filter).expect("a filter");
    assert_eq!((asked.themes, asked.summaries_from), (vec!["housing".to_owned()], 2));
    scene.honest_part_works_on().await;
}

/// Each of these choices is heard on the connection that is open; nobody is called, and nothing asked for that is here.
#[tokio::test(flavor = "multi_thread")]
async fn a_choice_takes_effect_over_the_open_connection() {
    let scene = Scene::set().await;
    let (author, hellos) = (scene.liar.id_text(), scene.liar.hellos());
    let choose = async |labels: Labels| {
        let request =
            SetSubscriptionRequest { author: author.clone(), labels: Some(labels), depth: String::new() };
        scene.victim.subscription().set_subscription(request).await.expect("a peer");
    };
    choose(Labels { themes: vec!["housing".into()], ..Labels::default() }).await;
    scene.liar.write(|log| log.add_changed("left out at first", about("schools")));
    scene.liar.announce();
    scene.settled(3).await;
    let pulls = scene.liar.pulls().len();
    choose(Labels::default()).await;
    cairn_tests::wait::until("the rest is here", async || scene.holding().await.1[2].clone()).await;
    let again = scene.liar.pulls().split_off(pulls);
    assert!(again.len() == 1 && again[0].from_size == 3 && again[0].filter.is_none(), "{again:?}");

    let request = PauseFollowingRequest { author: author.clone() };
    scene.victim.subscription().pause_following(request).await.expect("a peer");
    scene.liar.write(|log| log.add("while paused"));
    scene.liar.announce();
    cairn_tests::wait::until("the leaf is held", async || (scene.sync().await.leaves == 4).then_some(()))
        .await;
    assert_eq!(scene.holding().await.1[3], None);
    let request = ResumeFollowingRequest { author };
    scene.victim.subscription().resume_following(request).await.expect("a peer");
    scene.settled(4).await;
    assert!(scene.holding().await.1[3].is_some());
    assert_eq!(scene.liar.hellos(), hellos, "nobody was called");
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_that_nobody_asked_for_while_paused_are_not_held() {
    let scene = Scene::set().await;
    let request = PauseFollowingRequest { author: scene.liar.id_text() };
    scene.victim.subscription().pause_following(request).await.expect("a peer");
    let opening = scene.liar.write(|log| {
        let index = log.add("not asked for");
        log.opening(index).expect("an opening")
    });
    scene.liar.lie(move |log, parts| {
        let openings = vec![opening.clone()];
        let batch = cairn_proto::pb::exchange::OpeningBatch { openings, settled_to: log.size() };
        parts.push(cairn_proto::pb::exchange::pull_response::Part::Openings(batch));
    });
    scene.liar.announce();
    cairn_tests::wait::until("the leaf is held", async || (scene.sync().await.leaves == 3).then_some(()))
        .await;
    scene.honest_part_works_on().await;
    assert_eq!(scene.holding().await.1[2], None);
    assert_eq!(scene.sync().await.settled_to, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_is_malformed_is_shown_to_nobody() {
    let scene = Scene::set().await;
    let look = async || {
        let request = LookAtCatalogueRequest { author: scene.liar.id_text(), ..Default::default() };
        scene.victim.subscription().look_at_catalogue(request).await
    };
    let offer = |index: u64, title: &str| Offer {
        index,
        kind: "experiment".into(),
        title: title.into(),
        scale: "place".into(),
        created_at: Some(prost_types::Timestamp::default()),
        ..Offer::default()
    };
    let answer = |offers: Vec<Offer>, looked_to| ListOffersResponse { offers, looked_to, end: 9 };
    for lie in [
        answer(vec![offer(0, "an escape \u{1b}[31m")], 9),
        answer(vec![offer(0, &"x".repeat(301))], 9),
        answer(vec![offer(3, "one"), offer(2, "out of order")], 9),
        answer(vec![offer(9, "beyond")], 9),
        answer(vec![], 0),
    ] {
        scene.liar.offer(lie.clone());
        // The last one never comes to an end: it is given up after some pages.
        match look().await {
            Ok(reply) => assert!(lie.offers.is_empty() && reply.into_inner().entries.is_empty(), "{lie:?}"),
            Err(refused) => assert!(!refused.message().contains('\u{1b}'), "{refused:?}"),
        }
    }
    scene.liar.offer(answer(vec![offer(0, "one"), offer(4, "another")], 9));
    assert_eq!(look().await.expect("an answer").into_inner().entries.len(), 2);
    assert_eq!(scene.holding().await.0.len(), 2, "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_filters_and_lists_are_refused_with_the_limit() {
    let scene = Scene::set().await;
    let mut caller = Caller::with_key(scene.victim.address, &scene.liar.persona.signing).await;
    let many = Filter { factors: vec!["x".into(); 65], ..Filter::default() };
    let limit = |status: &tonic::Status| match refusal(status) {
        Kind::Quota(quota) => (quota.limit, quota.allowed, quota.used),
        other => panic!("another refusal: {other:?}"),
    };
    let wide = PullRequest { filter: Some(many.clone()), ..Default::default() };
    let refused = caller.service.pull(wide).await.expect_err("too wide");
    assert_eq!(limit(&refused), ("filter entries".into(), 64, 65));
    let offers = ListOffersRequest { filter: Some(many), ..Default::default() };
    assert_eq!(limit(&caller.service.list_offers(offers).await.expect_err("too wide")).2, 65);
    let only = PullRequest { only: (0..257).collect(), ..Default::default() };
    let refused = caller.service.pull(only).await.expect_err("too many");
    assert_eq!(limit(&refused), ("single records".into(), 256, 257));
    let long = Filter { themes: vec!["x".repeat(301)], ..Filter::default() };
    for request in [
        PullRequest { filter: Some(long), ..Default::default() },
        PullRequest {
            filter: Some(Filter { kinds: vec!["\u{7}".into()], ..Filter::default() }),
            ..Default::default()
        },
        PullRequest { only: vec![3, 2], ..Default::default() },
    ] {
        let refused = caller.service.pull(request).await.expect_err("malformed");
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    }
    let mine = ListOffersRequest { origin: scene.liar.id_text(), ..Default::default() };
    let refused = caller.service.list_offers(mine).await.expect_err("its own log");
    assert!(matches!(refusal(&refused), Kind::NotInAudience(_)), "{refused:?}");
}
