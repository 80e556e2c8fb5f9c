//! Places go offline and come back; nothing is lost and nothing comes twice.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::RecordSource;
use cairn_tests::{
    desk::wish,
    story::{Story, converge, peer},
    wait::until,
};

/// ```text
///   Neighbourhood Midwives --- Wellbeing Teams
///   (offline for a while)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_away_catches_up() {
    let story = Story::begin();
    let teams = story.place("Wellbeing Teams").await;
    let mut midwives = story.place("Neighbourhood Midwives").await;
    peer(&teams, &midwives).await;
    for case in ["wellbeing-teams", "melton", "edufi"] {
        teams.import_case(case).await;
    }
    let first = teams.publish(wish("wellbeing-teams", Card::Network)).await;
    converge(&[&teams, &midwives]).await;

    midwives.stop().await;
    let second = teams.publish(wish("melton", Card::Network)).await;
    let third = teams.publish(wish("edufi", Card::Public)).await;
    midwives.start().await;
    converge(&[&teams, &midwives]).await;

    let held: Vec<_> = midwives.records(RecordSource::Peers).await.into_iter().map(|r| r.record_id).collect();
    assert_eq!(held.len(), 3);
    assert!([first, second, third].iter().all(|record| held.contains(record)));
}

/// ```text
///   Neighbourhood Midwives --- Wellbeing Teams
///                              (offline for a while, on the same address again)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_author_that_was_away_is_found_again() {
    let story = Story::begin();
    let mut teams = story.place("Wellbeing Teams").await;
    let midwives = story.place("Neighbourhood Midwives").await;
    peer(&teams, &midwives).await;
    teams.import_case("wellbeing-teams").await;

    teams.stop().await;
    let away = until("it is told that nobody answers", async || {
        let sync = midwives.sync(&teams.name).await;
        Some(sync.state).filter(|state| state.contains("cannot be reached"))
    })
    .await;
    assert!(away.starts_with("not reachable"), "{away}");
    teams.start().await;
    let record = teams.publish(wish("wellbeing-teams", Card::Network)).await;

    until("the record is there", async || midwives.holds(&record).await.then_some(())).await;
    assert_eq!(midwives.sync(&teams.name).await.state, "up to date");
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance
///   (accepts a ticket while the other is down)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_waits_until_the_other_side_is_there() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let ticket = plymouth.ticket().await;
    plymouth.stop().await;
    tyneside.accept(&ticket).await.expect("the ticket is good");
    tyneside.stop().await;
    plymouth.start().await;
    tyneside.start().await;

    until("the proposal has arrived", async || {
        plymouth.peering(&tyneside.name).await.filter(|p| p.waits_for_us)
    })
    .await;
}

/// ```text
///   EDUFI --- Plymouth Alliance --- Mayday Trust --- EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn three_places_that_all_publish_end_with_the_same() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let mayday = story.place("Mayday Trust").await;
    let edufi = story.place("EDUFI").await;
    let places = [(&plymouth, "plymouth-alliance"), (&mayday, "mayday-trust"), (&edufi, "edufi")];
    peer(&plymouth, &mayday).await;
    peer(&mayday, &edufi).await;
    peer(&edufi, &plymouth).await;
    for (place, case) in places {
        place.import_case(case).await;
        place.publish(wish(case, Card::Network)).await;
    }
    converge(&[&plymouth, &mayday, &edufi]).await;

    for (place, _) in places {
        let mut titles: Vec<_> =
            place.records(RecordSource::Unspecified).await.into_iter().map(|r| r.record_id).collect();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), 3, "{}", place.name);
    }
}
