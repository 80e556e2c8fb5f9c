//! A regional hub: twenty places that are peers of one, who passes on what they allow.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{HolderState, PublishRequest};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, peer_with_relay},
    wait::until,
};

use crate::scene::PHRASE;

/// How many places there are around the hub.
const PLACES: usize = 20;

/// ```text
///   place 1 === hub === place 2
///               ||| ... place 20
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn twenty_places_learn_from_each_other_through_one_and_can_take_it_back() {
    let story = Story::begin();
    let hub = story.place("Liverpool City Region").await;
    let mut places: Vec<TestPlace> = Vec::new();
    for n in 1..=PLACES {
        let place = story.place(&format!("Place {n}")).await;
        // The hub takes the ticket: a node lets only a few strangers of one address propose to it, and all are on this machine.
        peer_with_relay(&place, &hub).await;
        places.push(place);
    }
    let (author, others) = places.split_first().expect("places");
    author.import_case("south-tyneside").await;
    // For all but the last of them.
    let (outside, readers) = others.split_last().expect("places");
    let to = readers.iter().map(TestPlace::id_text).chain([hub.id_text()]).collect();
    let record = PublishRequest { to, relay: Some(true), ..wish("south-tyneside", Card::NamedPeers) };
    let record = author.publish(record).await;
    for place in readers {
        until(&format!("{} holds it", place.name), async || place.holds(&record).await.then_some(())).await;
    }
    assert!(outside.leaves_of(&author.id).await.is_empty() && !outside.holds(&record).await);

    author.withdraw(&record, "consent withdrawn").await.expect("nothing stands in the way");
    until("every one of them has said that it is gone", async || {
        let holders = author.withdrawal(&record).await.holders;
        let gone = holders.iter().filter(|holder| holder.state() == HolderState::Purged).count();
        (holders.len() == readers.len() + 1 && gone == holders.len()).then_some(())
    })
    .await;
    for place in readers.iter().chain([&hub, outside]) {
        place.forgets(PHRASE).await;
    }
}
