//! What is published reaches its audience, and nobody else.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{PublishRequest, RecordSource},
    exchange::refusal::Kind,
};
use cairn_tests::{
    caller::{Caller, Pulled, refusal},
    desk::{wish, wish_for},
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::SignedDuration;

/// What a place is given when it asks with its own key, past its own node.
async fn asked_by(reader: &TestPlace, author: &TestPlace) -> Result<Pulled, tonic::Status> {
    let mut caller = Caller::with_key(author.address, &reader.app().keys.signing()).await;
    caller.pull_all().await
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance --- Healthcare Improvement Scotland
///   (named)                            |              (active, but not named)
///                                      ·
///                                    EDUFI (proposed, never accepted)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_named_peer_receives_and_nobody_else_does() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let scotland = story.place("Healthcare Improvement Scotland").await;
    let edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &scotland).await;
    edufi.accept(&plymouth.ticket().await).await.expect("the ticket is good");
    until("EDUFI's proposal waits", async || plymouth.peering("EDUFI").await).await;

    plymouth.import_case("plymouth-alliance").await;
    let record = plymouth.publish(wish_for("plymouth-alliance", &["South Tyneside Alliance"])).await;
    converge(&[&plymouth, &tyneside, &scotland]).await;

    assert!(tyneside.holds(&record).await);
    assert!(!scotland.holds(&record).await);
    assert!(!edufi.holds(&record).await);
    let given = asked_by(&tyneside, &plymouth).await.expect("an active peer");
    assert_eq!((given.size, given.leaves, given.openings.len()), (1, 1, 1));
    let given = asked_by(&scotland, &plymouth).await.expect("an active peer");
    assert_eq!((given.size, given.leaves, given.openings.len()), (1, 1, 0));
    let refused = asked_by(&edufi, &plymouth).await.expect_err("only proposed");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
    let told: Vec<_> = plymouth.record(&record).await.expect("our own").disclosures;
    let told: Vec<_> = told.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(told, ["South Tyneside Alliance"], "the disclosure ledger knows who received it");
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance --- Healthcare Improvement Scotland      EDUFI
///                                                                                       (a stranger)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn network_and_public_reach_every_peer_and_no_stranger() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let scotland = story.place("Healthcare Improvement Scotland").await;
    let edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &scotland).await;

    plymouth.import_case("plymouth-alliance").await;
    plymouth.import_case("mayday-trust").await;
    let network = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    let public = plymouth.publish(wish("mayday-trust", Card::Public)).await;
    converge(&[&plymouth, &tyneside, &scotland]).await;

    for place in [&tyneside, &scotland] {
        assert!(place.holds(&network).await && place.holds(&public).await, "{}", place.name);
    }
    let refused = asked_by(&edufi, &plymouth).await.expect_err("a stranger");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "not even what is public: {refused:?}");
    assert!(edufi.records(RecordSource::Unspecified).await.is_empty());
}

/// ```text
///   GreaterSport --- Liverpool City Region --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn all_peers_see_the_same_leaves_but_not_the_same_records() {
    let story = Story::begin();
    let liverpool = story.place("Liverpool City Region").await;
    let sport = story.place("GreaterSport").await;
    let dorset = story.place("Dorset").await;
    peer(&liverpool, &sport).await;
    peer(&dorset, &liverpool).await;

    for case in ["liverpool-city-region", "greatersport", "dorset", "wellbeing-teams"] {
        liverpool.import_case(case).await;
    }
    liverpool.publish(wish_for("liverpool-city-region", &["GreaterSport"])).await;
    liverpool.publish(wish_for("dorset", &["Dorset"])).await;
    liverpool.publish(wish_for("greatersport", &["GreaterSport"])).await;
    liverpool.publish(wish("wellbeing-teams", Card::Network)).await;
    converge(&[&liverpool, &sport, &dorset]).await;

    let (in_sport, in_dorset) = (sport.sync(&liverpool.name).await, dorset.sync(&liverpool.name).await);
    assert_eq!((in_sport.leaves, in_sport.held, in_sport.not_held), (4, 3, 1));
    assert_eq!((in_dorset.leaves, in_dorset.held, in_dorset.not_held), (4, 2, 2));
    assert_eq!(sport.leaves_of(&liverpool.id).await, dorset.leaves_of(&liverpool.id).await);
}

/// ```text
///   Plymouth Alliance --- Mayday Trust            (from the beginning)
///          |
///          +------------- Melton                  (joins a day after the releases)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_late_joiner_gets_what_went_before_only_if_the_card_says_so() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let mayday = story.place("Mayday Trust").await;
    peer(&plymouth, &mayday).await;
    plymouth.import_case("plymouth-alliance").await;
    plymouth.import_case("fcdo").await;
    let only_now = PublishRequest { back_fill: Some(false), ..wish("plymouth-alliance", Card::Network) };
    let only_now = plymouth.publish(only_now).await;
    let also_later = plymouth.publish(wish("fcdo", Card::Network)).await;

    story.pass(SignedDuration::from_hours(24));
    let melton = story.place("Melton").await;
    peer(&melton, &plymouth).await;
    converge(&[&plymouth, &mayday, &melton]).await;

    assert!(mayday.holds(&only_now).await && mayday.holds(&also_later).await);
    assert!(melton.holds(&also_later).await);
    assert!(!melton.holds(&only_now).await);
    assert_eq!(asked_by(&melton, &plymouth).await.expect("a peer").openings.len(), 1);
}

/// ```text
///   Plymouth Alliance --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_everything_and_sends_nothing() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    plymouth.import_case("plymouth-alliance").await;
    plymouth.import_case("edufi").await;

    let dry = PublishRequest { dry_run: true, ..wish("plymouth-alliance", Card::Network) };
    let shown = plymouth.try_publish(dry).await.expect("nothing stands in the way");
    assert_eq!(shown.record_id, "");
    assert_eq!(shown.recipients.iter().map(|r| &*r.name).collect::<Vec<_>>(), ["South Tyneside Alliance"]);
    assert_eq!(plymouth.log_size().await.1, 0);

    let other = plymouth.publish(wish("edufi", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    let held = tyneside.records(RecordSource::Peers).await;
    assert_eq!(held.iter().map(|r| &r.record_id).collect::<Vec<_>>(), [&other]);
}
