//! How two places become peers: a ticket, a proposal, a person on each side.

use cairn_proto::pb::{admin::Peer, exchange::Standing};
use cairn_tests::{
    place::TestPlace,
    story::{Story, peer},
    wait::until,
};
use jiff::SignedDuration;
use tonic::Code;

async fn waiting(at: &TestPlace, of: &TestPlace) -> Peer {
    let id = of.id_text();
    until("a proposal waits", async || at.peering(&id).await.filter(|p| p.waits_for_us)).await
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance
///   (accepts the ticket)        (must still accept the proposal)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_peering_needs_a_person_on_each_side() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    tyneside.accept(&plymouth.ticket().await).await.expect("the ticket is good");

    let at_plymouth = waiting(&plymouth, &tyneside).await;
    assert_eq!(at_plymouth.standing(), Standing::Proposed);
    let at_tyneside = tyneside.peering(&plymouth.name).await.expect("our proposal");
    assert_eq!(at_tyneside.standing(), Standing::Proposed);
    assert!(
        at_tyneside.standing_words.contains("waits for the other side"),
        "{}",
        at_tyneside.standing_words
    );
    let own = tyneside.accept(&plymouth.id_text()).await.expect_err("nobody accepts their own proposal");
    assert_eq!(own.code(), Code::FailedPrecondition, "{own:?}");
    assert_eq!(tyneside.status().await.active_peers, 0);

    plymouth.accept(&tyneside.id_text()).await.expect("the proposal waits");
    until("both are active", async || {
        let sides = [plymouth.peering(&tyneside.name).await?, tyneside.peering(&plymouth.name).await?];
        sides.iter().all(|p| p.standing() == Standing::Active).then_some(())
    })
    .await;
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance ··· EDUFI
///                  (both hold the same ticket)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_works_once() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let edufi = story.place("EDUFI").await;
    let ticket = plymouth.ticket().await;
    tyneside.accept(&ticket).await.expect("the ticket is good");
    waiting(&plymouth, &tyneside).await;

    edufi.accept(&ticket).await.expect("only the inviting node knows that it was used");
    let told = until("EDUFI is told", async || {
        edufi.peering(&plymouth.name).await.filter(|p| !p.last_error.is_empty())
    })
    .await;
    assert!(told.last_error.contains("unknown, used or void"), "{}", told.last_error);
    assert!(plymouth.peering(&edufi.name).await.is_none());
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn expired_damaged_and_own_tickets_are_refused_in_words() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let ticket = plymouth.ticket().await;

    let own = plymouth.accept(&ticket).await.expect_err("our own");
    assert!(own.message().contains("our own"), "{own:?}");
    for position in [13, ticket.len() / 2, ticket.len() - 1] {
        let mut damaged = ticket.clone();
        let other = if &damaged[position..=position] == "q" { "p" } else { "q" };
        damaged.replace_range(position..=position, other);
        let refused = tyneside.accept(&damaged).await.expect_err("damaged");
        assert!(refused.message().contains("damaged"), "{refused:?}");
    }
    story.pass(SignedDuration::from_hours(15 * 24));
    let late = tyneside.accept(&ticket).await.expect_err("after fourteen days");
    assert!(late.message().contains("became void on 2026-12-07"), "{late:?}");
    assert!(tyneside.peerings().await.is_empty());
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance     (off the network until the ticket is void)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_became_void_on_the_way_is_refused_by_its_maker() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let ticket = plymouth.ticket().await;
    plymouth.stop().await;
    tyneside.accept(&ticket).await.expect("still good");
    story.pass(SignedDuration::from_hours(15 * 24));
    plymouth.start().await;

    let told = until("South Tyneside is told", async || {
        tyneside.peering(&plymouth.name).await.filter(|p| p.last_error.contains("void"))
    })
    .await;
    assert_eq!(told.standing(), Standing::Proposed);
    assert!(plymouth.peerings().await.is_empty());
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_second_ticket_between_peers_changes_nothing() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    let before = tyneside.peerings().await;

    let again = tyneside.accept(&plymouth.ticket().await).await.expect_err("peers already");
    assert!(again.message().contains("active"), "{again:?}");
    let after = tyneside.peerings().await;
    assert_eq!((after.len(), after[0].since), (1, before[0].since));
}
