//! Groups: who leaves holds nothing that says it belongs, and who comes back gets what it should.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        AddMemberRequest, CreateGroupRequest, HolderState, InvitePeerRequest, ListWithdrawalsRequest,
        PublishRequest, RemoveMemberRequest,
    },
    exchange::Purpose,
};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, converge, peer, peer_on},
    wait::until,
};

use crate::preflight::page;

const GROUP: &str = "north";

async fn make_group(author: &TestPlace, members: &[&TestPlace]) {
    let members = members.iter().map(|member| member.name.clone()).collect();
    let create = CreateGroupRequest { name: "North".into(), members, ..Default::default() };
    author.release().create_group(create).await.expect("a group");
}

async fn add(author: &TestPlace, member: &TestPlace, earlier: bool) {
    let request = AddMemberRequest { group: GROUP.into(), peer: member.name.clone(), earlier: Some(earlier) };
    author.release().add_member(request).await.expect("a member");
}

async fn remove(author: &TestPlace, member: &TestPlace) {
    let request = RemoveMemberRequest { group: GROUP.into(), peer: member.name.clone() };
    author.release().remove_member(request).await.expect("it was a member");
}

fn to_group(experiment: &str) -> PublishRequest {
    PublishRequest { group: GROUP.into(), ..wish(experiment, Card::Group) }
}

/// The record at an index of a place's log, as people name it.
fn record(author: &TestPlace, index: u64) -> String {
    format!("{}/{index}", author.id_text())
}

async fn gone(at: &TestPlace, record: &str) {
    until(&format!("{} does not hold {record}", at.name), async || (!at.holds(record).await).then_some(()))
        .await;
}

async fn here(at: &TestPlace, record: &str) {
    until(&format!("{} holds {record}", at.name), async || at.holds(record).await.then_some(())).await;
}

/// ```text
///   Dorset (a member) --- South Tyneside Alliance --- EDUFI (a member, then not, then again)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_holds_nothing_that_says_it_belongs_and_may_come_back() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    for case in ["south-tyneside", "dorset"] {
        tyneside.import_case(case).await;
    }
    make_group(&tyneside, &[&dorset, &edufi]).await;
    let told = record(&tyneside, 0);
    here(&dorset, &told).await;
    here(&edufi, &told).await;

    remove(&tyneside, &edufi).await;
    let told_anew = record(&tyneside, 1);
    gone(&edufi, &told).await;
    here(&dorset, &told_anew).await;
    gone(&dorset, &told).await;
    assert!(!tyneside.holds(&told).await && tyneside.holds(&told_anew).await);
    for member in [&dorset, &edufi] {
        let wanted = HolderState::Purged;
        until(&format!("{} says so", member.name), async || {
            tyneside.holder(&told, &member.name).await.filter(|holder| holder.state() == wanted)
        })
        .await;
    }
    let withdrawal = tyneside.withdrawal(&told).await;
    assert_eq!((withdrawal.reason.as_str(), &withdrawal.replaced_by), ("superseded", &told_anew));
    let all = ListWithdrawalsRequest::default();
    let all = tyneside.release().list_withdrawals(all).await.expect("withdrawals").into_inner();
    assert!(all.withdrawals.is_empty(), "a change of members is not listed for ever: {all:?}");
    assert_eq!(tyneside.status().await.open_withdrawals, 0);
    assert!(!edufi.holds(&told_anew).await);

    let meanwhile = tyneside.publish(to_group("south-tyneside")).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    assert!(dorset.holds(&meanwhile).await && !edufi.holds(&meanwhile).await);
    add(&tyneside, &edufi, true).await;
    here(&edufi, &meanwhile).await;
    let since = tyneside.publish(to_group("dorset")).await;
    here(&edufi, &since).await;
    here(&dorset, &since).await;
}

/// ```text
///   Dorset (a member) --- South Tyneside Alliance --- EDUFI (off the network while it leaves and comes back)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_unaware_of_having_left_gets_what_was_before() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let mut edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    make_group(&tyneside, &[&dorset]).await;
    let before = tyneside.publish(to_group("south-tyneside")).await;
    story.pass(jiff::SignedDuration::from_hours(1));
    add(&tyneside, &edufi, false).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    assert!(!edufi.holds(&before).await);

    edufi.stop().await;
    remove(&tyneside, &edufi).await;
    add(&tyneside, &edufi, true).await;
    edufi.start().await;
    here(&edufi, &before).await;
}

/// ```text
///   South Tyneside Alliance --- Dorset (the only member, then none)
///             |
///             +---------------- EDUFI (a member whose contract is for other purposes)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn to_a_group_without_members_it_leaves_for_nobody_until_one_joins() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    let statistics = vec![Purpose::OfficialStatistics.into()];
    peer_on(&tyneside, &edufi, InvitePeerRequest { purposes: statistics, ..Default::default() }).await;
    tyneside.import_case("south-tyneside").await;
    make_group(&tyneside, &[&dorset]).await;
    remove(&tyneside, &dorset).await;
    gone(&dorset, &record(&tyneside, 0)).await;

    let empty = page(&tyneside, to_group("south-tyneside")).await;
    assert!(empty.clear && empty.recipients.is_empty(), "{empty:?}");
    assert!(empty.later.starts_with("No active peer belongs to this group today"), "{}", empty.later);
    assert!(empty.withheld.iter().all(|peer| peer.reason == "not a member of the group"), "{empty:?}");
    add(&tyneside, &edufi, true).await;
    let other = page(&tyneside, to_group("south-tyneside")).await;
    assert!(other.later.starts_with("Nobody receives it today"), "one belongs to it: {}", other.later);
    assert!(other.withheld.iter().any(|peer| peer.reason.contains("none of the purposes")), "{other:?}");

    let released = tyneside.publish(to_group("south-tyneside")).await;
    converge(&[&tyneside, &dorset, &edufi]).await;
    assert!(!dorset.holds(&released).await && !edufi.holds(&released).await);
    assert!(tyneside.record(&released).await.expect("our own").disclosures.is_empty());
    story.pass(jiff::SignedDuration::from_hours(1));
    add(&tyneside, &dorset, true).await;
    here(&dorset, &released).await;
    assert!(!edufi.holds(&released).await);
}
