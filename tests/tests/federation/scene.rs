//! The scene with which several stories begin: one place holds a record of another.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{Holder, HolderState};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};

/// Words of the case that stand nowhere else.
pub(crate) const PHRASE: &[u8] = b"Canterbury, New Zealand";

/// Waits until a record is held.
pub(crate) async fn arrives(record: &str, at: &TestPlace) {
    until(&format!("{} holds {record}", at.name), async || at.holds(record).await.then_some(())).await;
}

/// Waits until the author knows that a holder is as far with a withdrawal.
pub(crate) async fn state(
    author: &TestPlace,
    record: &str,
    holder: &TestPlace,
    wanted: HolderState,
) -> Holder {
    until(&format!("{} stands at {wanted:?}", holder.name), async || {
        author.holder(record, &holder.name).await.filter(|h| h.state() == wanted)
    })
    .await
}

/// Dorset holds a record of South Tyneside, which comes first.
pub(crate) async fn given() -> (Story, TestPlace, TestPlace, String) {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    (story, tyneside, dorset, record)
}
