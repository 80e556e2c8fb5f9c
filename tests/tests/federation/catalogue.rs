//! Looking before taking: the catalogue shows what the caller may read and nothing else, nothing of it is kept, and who was told of a
//! title is told of a withdrawal.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        AddBlockRequest, FetchRecordsRequest, HolderState, PauseSharingRequest, PublishRequest,
        RestorePeerRequest, RestrictPeerRequest, ResumeSharingRequest,
    },
    exchange::{ListOffersRequest, Standing, refusal::Kind},
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish, wish_for},
    place::TestPlace,
    story::{Story, converge, peer_with_relay},
    wait::until,
};
use jiff::SignedDuration;

use crate::{
    scene::arrives,
    subscriptions::{catalogue, fetch, leaves, pause, two, why},
};

const WHY: &str = "the contact there has left";

/// The titles that are offered, or why there are none.
async fn titles(at: &TestPlace, author: &TestPlace) -> Result<Vec<u64>, String> {
    let offered = catalogue(at, author).await.map_err(|refused| refused.message().to_owned())?;
    Ok(offered.iter().map(|entry| entry.index).collect())
}

/// Waits until nothing is offered, for a reason with these words.
async fn refused(at: &TestPlace, author: &TestPlace, words: &str) {
    until(&format!("{words:?} is why nothing is offered"), async || {
        titles(at, author).await.err().filter(|why| why.contains(words))
    })
    .await;
}

/// Waits until a holder of a withdrawn record says so.
async fn says(story: &Story, author: &TestPlace, record: &str, holder: &str, state: HolderState) {
    until(&format!("{holder} says {state:?}"), async || {
        story.pass(SignedDuration::from_mins(10));
        author.holder(record, holder).await.filter(|holder| holder.state() == state)
    })
    .await;
}

async fn restrict(at: &TestPlace, peer: &TestPlace, standing: Standing) {
    let (peer, review_on) = (peer.id_text(), "2027-03-01".to_owned());
    let request = RestrictPeerRequest { peer, standing: standing.into(), reason: WHY.to_owned(), review_on };
    at.standing().restrict_peer(request).await.expect("an active peer");
}

async fn restore(at: &TestPlace, peer: &TestPlace) {
    let request = RestorePeerRequest { peer: peer.id_text() };
    at.standing().restore_peer(request).await.expect("something to lift");
}

/// The catalogue shows what Dorset may read, whatever it follows, and tells nothing of the rest.
///
/// ```text
///   South Tyneside Alliance --- Dorset (paused, looks and picks)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_shows_what_may_be_read_and_who_only_looked_answers_a_withdrawal() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    pause(&dorset, &tyneside).await;
    let looked_at = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let picked = tyneside.publish(wish("edufi", Card::Network)).await;
    let withheld = tyneside.publish(wish_for("mayday-trust", &[&tyneside.id_text()])).await;
    tyneside.publish(profile(Card::Network)).await;
    leaves(&dorset, &tyneside, 4).await;

    let shown = catalogue(&dorset, &tyneside).await.expect("an answer");
    let shown: Vec<_> = shown.iter().map(|entry| (entry.index, &*entry.kind, entry.held)).collect();
    assert_eq!(shown, [(0, "experiment", false), (1, "experiment", false)]);
    assert!(!dorset.holds(&looked_at).await && !dorset.holds(&picked).await, "looking takes nothing in");
    assert!(!dorset.database_contains(b"Paying practices on trust"), "not even the title");
    assert_eq!(tyneside.ledger(&looked_at).await.len(), 1, "who was told of it is in the ledger");
    assert!(tyneside.ledger(&withheld).await.is_empty());
    assert!(why(&tyneside, &dorset, &looked_at).await.contains("saw its title in the catalogue"));

    let fetched = fetch(&dorset, &tyneside, &[1, 2, 77]).await;
    let held: Vec<_> = fetched.iter().map(|one| (one.index, one.held)).collect();
    assert_eq!(held, [(1, true), (2, false), (77, false)], "{fetched:?}");
    assert!(dorset.holds(&picked).await && !dorset.holds(&withheld).await);
    assert!(why(&tyneside, &dorset, &picked).await.contains("it was given to Dorset"));
    assert_eq!(dorset.sync(&tyneside.id_text()).await.settled_to, 0, "fetching settles nothing");
    assert!(catalogue(&dorset, &tyneside).await.expect("an answer")[1].held);

    tyneside.withdraw(&looked_at, "mistake").await.expect("nothing stands in the way");
    tyneside.withdraw(&picked, "mistake").await.expect("nothing stands in the way");
    let says = async |record: &str, state: HolderState| {
        until(&format!("Dorset says {state:?}"), async || {
            story.pass(SignedDuration::from_mins(10));
            tyneside.holder(record, "Dorset").await.filter(|holder| holder.state() == state)
        })
        .await;
    };
    says(&picked, HolderState::Purged).await;
    // The leaf that takes it back came before it was asked, and is not mistaken for something held.
    says(&looked_at, HolderState::NeverHeld).await;
    assert!(catalogue(&dorset, &tyneside).await.expect("an answer").is_empty());
    let again = fetch(&dorset, &tyneside, &[1]).await;
    assert!(!again[0].held && again[0].words.contains("does not come back"), "{again:?}");
}

/// ```text
///   South Tyneside Alliance -(pauses, limits, suspends, blocks)- Dorset (looks each time)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_holds_back_records_holds_back_their_titles() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    pause(&dorset, &tyneside).await;
    let named = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    tyneside.publish(wish("edufi", Card::Public)).await;
    leaves(&dorset, &tyneside, 2).await;

    let reason = "a question is open".to_owned();
    tyneside.release().pause_sharing(PauseSharingRequest { reason }).await.expect("paused");
    refused(
        &dorset,
        &tyneside,
        "South Tyneside Alliance could not be asked: the peer says: sharing is paused",
    )
    .await;
    let request = FetchRecordsRequest { author: tyneside.id_text(), indices: vec![0] };
    let not_fetched = dorset.subscription().fetch_records(request).await.expect_err("paused there");
    assert!(not_fetched.message().contains("sharing is paused"), "{not_fetched:?}");
    tyneside.release().resume_sharing(ResumeSharingRequest {}).await.expect("resumed");

    restrict(&tyneside, &dorset, Standing::Limited).await;
    assert_eq!(titles(&dorset, &tyneside).await, Ok(vec![1]), "what is public");
    assert!(tyneside.ledger(&named).await.is_empty());
    restore(&tyneside, &dorset).await;

    // Here it is known without a call; there it is known whoever calls.
    restrict(&dorset, &tyneside, Standing::Suspended).await;
    refused(&dorset, &tyneside, "suspended by us").await;
    restore(&dorset, &tyneside).await;
    restrict(&tyneside, &dorset, Standing::Suspended).await;
    refused(&dorset, &tyneside, WHY).await;
    let mut caller = Caller::with_key(tyneside.address, &dorset.app().keys.signing()).await;
    let offers = caller.service.list_offers(ListOffersRequest::default()).await.expect_err("suspended");
    assert!(matches!(refusal(&offers), Kind::NotAPeer(_)), "{offers:?}");
    restore(&tyneside, &dorset).await;
    until("it is offered again", async || titles(&dorset, &tyneside).await.ok().filter(|all| all.len() == 2))
        .await;

    let (node, reason) = (dorset.id_text(), WHY.to_owned());
    let request = AddBlockRequest { node, reason, review_on: String::new(), purge: false };
    tyneside.standing().add_block(request).await.expect("it can be blocked");
    let offers = caller.service.list_offers(ListOffersRequest::default()).await.expect_err("blocked");
    assert!(matches!(refusal(&offers), Kind::Blocked(_)), "{offers:?}");
    refused(&tyneside, &dorset, "is blocked here").await;
}

/// Dorset looked at a title and is no peer any more when the record is withdrawn.
///
/// ```text
///   South Tyneside Alliance -x- Dorset (looked, before the peering ended)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_only_saw_a_title_is_told_of_the_withdrawal_also_as_a_former_peer() {
    let story = Story::begin();
    let (tyneside, dorset) = two(&story).await;
    pause(&dorset, &tyneside).await;
    let record = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    leaves(&dorset, &tyneside, 1).await;
    assert_eq!(titles(&dorset, &tyneside).await, Ok(vec![0]));
    let entry = tyneside.ledger(&record).await.pop().expect("who was told");
    assert!(entry.title_only && entry.name == "Dorset", "{entry:?}");
    let shown = tyneside.record(&record).await.expect("it is ours").disclosures;
    assert!(shown.len() == 1 && shown[0].title_only, "{shown:?}");

    tyneside.remove(&dorset.id_text(), "reorganised").await;
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    says(&story, &tyneside, &record, "Dorset", HolderState::NeverHeld).await;
    let holder = tyneside.holder(&record, "Dorset").await.expect("it is named");
    assert!(holder.title_only && holder.given_at.is_some(), "{holder:?}");
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset (paused; saw a title, and took another record)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_saw_a_title_through_a_relay_is_known_to_the_author_once_it_is_withdrawn() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    let passed_on = |experiment: &str| PublishRequest {
        relay: Some(true),
        ..wish_for(experiment, &["Plymouth Alliance", &dorset.id_text()])
    };
    let first = tyneside.publish(passed_on("edufi")).await;
    arrives(&first, &dorset).await;
    pause(&dorset, &tyneside).await;
    let seen = tyneside.publish(passed_on("south-tyneside")).await;
    leaves(&dorset, &tyneside, 2).await;
    until("it is offered by Plymouth", async || {
        titles(&dorset, &tyneside).await.ok().filter(|all| all == &[0, 1])
    })
    .await;
    let audit = plymouth.audit().await;
    let told = audit.iter().filter(|(_, words)| words.contains("told the titles of record 1"));
    assert_eq!(told.count(), 1, "looking again is no news: {audit:?}");

    tyneside.withdraw(&seen, "mistake").await.expect("nothing stands in the way");
    let who = &dorset.id_text();
    until("Dorset is named, and says that it never held it", async || {
        story.pass(SignedDuration::from_mins(10));
        let holders = tyneside.withdrawal(&seen).await.holders;
        holders.into_iter().find(|one| one.node_id == *who && one.state() == HolderState::NeverHeld)
    })
    .await;
    converge(&[&plymouth, &dorset]).await;
    assert!(dorset.holds(&first).await);
}
