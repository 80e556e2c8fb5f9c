//! What a place follows of another: narrower, wider, paused, from some point on, also through a relay. Not here: looking at a catalogue
//! (`catalogue`).

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{
    CatalogueEntry, ExplainPeerRequest, FetchRecordsRequest, Fetched, HolderState, Labels,
    LookAtCatalogueRequest, PauseFollowingRequest, PublishRequest, ResumeFollowingRequest,
    SetSubscriptionRequest,
};
use cairn_tests::{
    desk::{profile, wish, wish_for},
    place::TestPlace,
    story::{Story, converge, peer, peer_with_relay},
    wait::until,
};
use tonic::Status;

use crate::scene::arrives;

fn themes(words: &[&str]) -> Labels {
    Labels { themes: words.iter().map(|&word| word.to_owned()).collect(), ..Labels::default() }
}

/// Chooses what is followed; gives it in words.
async fn follow(at: &TestPlace, author: &TestPlace, labels: Option<Labels>, depth: &str) -> String {
    let request = SetSubscriptionRequest { author: author.id_text(), labels, depth: depth.to_owned() };
    let reply = at.subscription().set_subscription(request).await.expect("an author that is known");
    reply.into_inner().subscription.expect("what is followed").words
}

pub(crate) async fn pause(at: &TestPlace, author: &TestPlace) {
    let request = PauseFollowingRequest { author: author.id_text() };
    at.subscription().pause_following(request).await.expect("an author that is known");
}

async fn resume(at: &TestPlace, author: &TestPlace) {
    let request = ResumeFollowingRequest { author: author.id_text() };
    at.subscription().resume_following(request).await.expect("an author that is known");
}

pub(crate) async fn catalogue(at: &TestPlace, author: &TestPlace) -> Result<Vec<CatalogueEntry>, Status> {
    let request = LookAtCatalogueRequest { author: author.id_text(), ..Default::default() };
    Ok(at.subscription().look_at_catalogue(request).await?.into_inner().entries)
}

pub(crate) async fn fetch(at: &TestPlace, author: &TestPlace, indices: &[u64]) -> Vec<Fetched> {
    let request = FetchRecordsRequest { author: author.id_text(), indices: indices.to_vec() };
    at.subscription().fetch_records(request).await.expect("an answer").into_inner().fetched
}

pub(crate) async fn why(at: &TestPlace, peer: &TestPlace, record: &str) -> String {
    let request = ExplainPeerRequest { peer: peer.id_text(), record: record.to_owned() };
    at.admin().explain_peer(request).await.expect("an answer").into_inner().explanations[0].words.clone()
}

/// Waits until so many leaves are held here, whatever was asked for beside them.
pub(crate) async fn leaves(at: &TestPlace, author: &TestPlace, count: usize) {
    let what = format!("{} holds {count} leaves", at.name);
    until(&what, async || (at.leaves_of(&author.id).await.len() == count).then_some(())).await;
}

/// Two peers, the first with cases of the report: about health, education and homelessness.
pub(crate) async fn two(story: &Story) -> (TestPlace, TestPlace) {
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    for case in ["south-tyneside", "edufi", "mayday-trust"] {
        tyneside.import_case(case).await;
    }
    (tyneside, dorset)
}

/// ```text
///   South Tyneside Alliance --- Dorset (follows education, then homelessness too, then everything)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_narrows_and_widening_brings_the_rest() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    let words = follow(&dorset, &tyneside, Some(themes(&["Education"])), "").await;
    assert_eq!(words, "theme Education");
    let health = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let education = tyneside.publish(wish("edufi", Card::Network)).await;
    let homeless = tyneside.publish(wish("mayday-trust", Card::Network)).await;
    let who = tyneside.publish(profile(Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    assert!(dorset.holds(&education).await && dorset.holds(&who).await, "a profile is no matter of themes");
    assert!(!dorset.holds(&health).await && !dorset.holds(&homeless).await);
    assert!(tyneside.ledger(&health).await.is_empty(), "what was not asked for did not leave");
    let state = dorset.sync(&tyneside.id_text()).await.state;
    assert_eq!(state, "up to date with what you chose to follow: theme Education");
    let not_here = why(&dorset, &tyneside, &health).await;
    assert!(not_here.contains("outside of what you chose to follow (theme Education)"), "{not_here}");
    assert!(why(&tyneside, &dorset, &health).await.contains("what it follows is its own choice"));

    follow(&dorset, &tyneside, Some(themes(&["education", "Education", "homelessness"])), "").await;
    arrives(&homeless, &dorset).await;
    assert!(!dorset.holds(&health).await);
    follow(&dorset, &tyneside, Some(Labels::default()), "").await;
    arrives(&health, &dorset).await;

    // Narrowing keeps what is held.
    follow(&dorset, &tyneside, Some(themes(&["education"])), "").await;
    converge(&[&tyneside, &dorset]).await;
    assert!(dorset.holds(&health).await && dorset.holds(&homeless).await);
}

/// ```text
///   South Tyneside Alliance --- Dorset (paused)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_is_paused_is_still_heard_when_it_takes_something_back() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    let before = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    arrives(&before, &dorset).await;
    pause(&dorset, &tyneside).await;
    let after = tyneside.publish(wish("edufi", Card::Network)).await;
    leaves(&dorset, &tyneside, 2).await;
    assert!(!dorset.holds(&after).await);
    let state = dorset.sync(&tyneside.id_text()).await.state;
    assert_eq!(state, "paused by your choice; what is withdrawn is followed");
    assert!(why(&dorset, &tyneside, &after).await.contains("you have paused South Tyneside Alliance"));

    tyneside.withdraw(&before, "mistake").await.expect("nothing stands in the way");
    until("Dorset has purged", async || {
        tyneside.holder(&before, "Dorset").await.filter(|holder| holder.state() == HolderState::Purged)
    })
    .await;
    assert!(!dorset.holds(&before).await);
    resume(&dorset, &tyneside).await;
    arrives(&after, &dorset).await;
    converge(&[&tyneside, &dorset]).await;
    assert!(!dorset.holds(&before).await, "what went does not come back");
}

/// ```text
///   South Tyneside Alliance --- Dorset (nothing from before, then everything)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_depth_leaves_out_what_was_before_and_going_deeper_brings_it() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    let plymouth = story.place("Plymouth Alliance").await;
    let who = tyneside.publish(profile(Card::Public)).await;
    let first = tyneside.publish(wish("south-tyneside", Card::Public)).await;
    let second = tyneside.publish(wish("edufi", Card::Public)).await;
    converge(&[&tyneside, &dorset]).await;

    let request = cairn_proto::pb::admin::AcceptPeerRequest {
        ticket_or_peer: tyneside.ticket().await,
        depth: "1".into(),
        ..Default::default()
    };
    plymouth.admin().accept_peer(request).await.expect("a ticket");
    until("the proposal waits", async || tyneside.peering(&plymouth.id_text()).await).await;
    tyneside.accept(&plymouth.id_text()).await.expect("the proposal waits");
    arrives(&second, &plymouth).await;
    converge(&[&tyneside, &plymouth]).await;
    assert!(!plymouth.holds(&first).await && plymouth.holds(&who).await);
    let later = tyneside.publish(wish("mayday-trust", Card::Public)).await;
    arrives(&later, &plymouth).await;
    assert_eq!(follow(&plymouth, &tyneside, None, "none").await, "all summaries; from entry 4 on");
    assert!(!plymouth.holds(&first).await && plymouth.holds(&second).await, "what is held stays");
    follow(&plymouth, &tyneside, None, "all").await;
    arrives(&first, &plymouth).await;
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset (follows homelessness of South Tyneside)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_comes_through_a_relay_is_filtered_and_looked_at_there() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    for case in ["south-tyneside", "edufi", "mayday-trust"] {
        tyneside.import_case(case).await;
    }
    let passed_on = |experiment: &str| PublishRequest {
        relay: Some(true),
        ..wish_for(experiment, &["Plymouth Alliance", &dorset.id_text()])
    };
    let first = tyneside.publish(passed_on("mayday-trust")).await;
    arrives(&first, &dorset).await;
    follow(&dorset, &tyneside, Some(themes(&["homelessness"])), "").await;
    let education = tyneside.publish(passed_on("edufi")).await;
    arrives(&education, &plymouth).await;
    leaves(&dorset, &tyneside, 2).await;
    until("it is offered there", async || {
        let shown = catalogue(&dorset, &tyneside).await.ok()?;
        (shown.len() == 2 && shown[0].held && !shown[1].held).then_some(())
    })
    .await;
    assert!(!dorset.holds(&education).await);
    assert!(fetch(&dorset, &tyneside, &[1]).await[0].held);
    let health = tyneside.publish(passed_on("south-tyneside")).await;
    arrives(&health, &plymouth).await;
    follow(&dorset, &tyneside, Some(Labels::default()), "").await;
    arrives(&health, &dorset).await;
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance (follows education, then all) === Dorset (follows all)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_left_out_comes_to_its_readers_once_it_follows_more() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    for case in ["south-tyneside", "edufi", "mayday-trust"] {
        tyneside.import_case(case).await;
    }
    follow(&plymouth, &tyneside, Some(themes(&["education"])), "").await;
    let passed_on = |experiment: &str| PublishRequest {
        relay: Some(true),
        ..wish_for(experiment, &["Plymouth Alliance", &dorset.id_text()])
    };
    let homeless = tyneside.publish(passed_on("mayday-trust")).await;
    let health = tyneside.publish(passed_on("south-tyneside")).await;
    let education = tyneside.publish(passed_on("edufi")).await;
    arrives(&education, &dorset).await;
    assert!(!plymouth.holds(&health).await && !dorset.holds(&health).await && !dorset.holds(&homeless).await);

    // One that somebody at Plymouth picks is passed on, too; then all the rest.
    assert!(fetch(&plymouth, &tyneside, &[0]).await[0].held);
    arrives(&homeless, &dorset).await;
    assert!(!dorset.holds(&health).await);
    follow(&plymouth, &tyneside, Some(Labels::default()), "").await;
    arrives(&health, &dorset).await;
}
