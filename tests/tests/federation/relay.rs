//! Relay: a peer passes on what its author allows, to those the author allows, and passes on withdrawals first of all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{HolderState, ListLedgerRequest, PublishRequest, RecordSource};
use cairn_tests::{
    desk::{profile, wish, wish_for},
    place::TestPlace,
    story::{Story, converge, peer, peer_with_relay},
    wait::until,
};
use jiff::SignedDuration;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::scene::{PHRASE, arrives};

/// A wish to release an experiment to named nodes, peers or not, who may pass it on to each other.
fn passed_on(experiment: &str, nodes: &[&TestPlace]) -> PublishRequest {
    let to = nodes.iter().map(|place| place.id_text()).collect();
    PublishRequest { to, relay: Some(true), ..wish(experiment, Card::NamedPeers) }
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_record_goes_one_step_on_with_exact_bytes_and_both_ledgers_say_so() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(passed_on("south-tyneside", &[&plymouth, &dorset])).await;
    arrives(&record, &dorset).await;

    assert_eq!(
        dorset.opening_of(&tyneside.id, 0).await.expect("held"),
        tyneside.opening_of(&tyneside.id, 0).await.expect("held"),
    );
    let shown = dorset.record(&record).await.expect("held").entry.expect("an entry");
    assert_eq!(shown.via, "Plymouth Alliance");
    assert_eq!(shown.author_name, "South Tyneside Alliance (so called by Plymouth Alliance)");
    let short = format!("{}/0", tyneside.id.short());
    assert!(dorset.record(&short).await.is_ok(), "{short} is how it is shown");
    assert!(!dorset.evidence(&record).await.is_empty(), "it can be proven with what came");
    let ledger = plymouth.release().list_ledger(ListLedgerRequest::default()).await.expect("a ledger");
    let ledger = ledger.into_inner().entries;
    let passed = ledger.iter().find(|entry| entry.record_id == record).expect("the relay's own ledger");
    assert_eq!(passed.node_id, dorset.id_text());
    assert!(
        plymouth.audit().await.iter().any(|(event, words)| event == "access" && words.contains("passed on"))
    );
    let sync = dorset.sync(&tyneside.id_text()).await;
    assert_eq!((sync.via.as_str(), sync.held), ("Plymouth Alliance", 1));

    // A day later its author hears, through the same peer, that Dorset holds it.
    story.pass(SignedDuration::from_hours(25));
    dorset.publish(profile(Card::Network)).await;
    until("the author's ledger tells it", async || {
        let ledger = tyneside.release().list_ledger(ListLedgerRequest::default()).await.expect("a ledger");
        let entries = ledger.into_inner().entries;
        let entry = entries.into_iter().find(|entry| entry.node_id == dorset.id_text())?;
        (entry.via == "Plymouth Alliance" && entry.uses.iter().any(|used| used.contains("holds it")))
            .then_some(())
    })
    .await;
}

/// The first record is for Plymouth alone, the second for all peers of its author; the third may be passed on, but Plymouth has no
/// contract for that with Dorset, and none with Wellbeing Teams.
///
/// ```text
///   South Tyneside Alliance === Plymouth Alliance === EDUFI
///           Wellbeing Teams ---/             \------ Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_passed_on_that_policy_or_contracts_do_not_allow() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let edufi = story.place("EDUFI").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &edufi).await;
    peer(&plymouth, &dorset).await;
    let wellbeing = story.place("Wellbeing Teams").await;
    peer(&wellbeing, &plymouth).await;
    wellbeing.import_case("wellbeing-teams").await;
    let theirs = wellbeing.publish(passed_on("wellbeing-teams", &[&plymouth, &edufi])).await;
    arrives(&theirs, &plymouth).await;
    for case in ["south-tyneside", "edufi", "wellbeing-teams"] {
        tyneside.import_case(case).await;
    }
    tyneside.publish(wish_for("edufi", &["Plymouth Alliance"])).await;
    tyneside.publish(wish("wellbeing-teams", Card::Network)).await;
    converge(&[&tyneside, &plymouth]).await;
    assert!(
        edufi.leaves_of(&tyneside.id).await.is_empty(),
        "nothing is for it, so it learns nothing of the log"
    );

    let third = tyneside.publish(passed_on("south-tyneside", &[&plymouth, &edufi, &dorset])).await;
    arrives(&third, &edufi).await;
    assert_eq!(edufi.records(RecordSource::Peers).await.len(), 1);
    assert_eq!(edufi.leaves_of(&tyneside.id).await.len(), 3, "the log is whole, what it says is not for all");
    assert!(dorset.leaves_of(&tyneside.id).await.is_empty() && !dorset.holds(&third).await);
    assert!(edufi.leaves_of(&wellbeing.id).await.is_empty() && !edufi.holds(&theirs).await);
}

/// Copies a database as operators do while the node serves.
async fn back_up(place: &TestPlace, to: &Path) {
    let from = SqliteConnectOptions::new().filename(place.dir().join("cairn.db"));
    let mut database = SqliteConnection::connect_with(&from).await.expect("a database");
    sqlx::query("VACUUM INTO ?")
        .bind(to.display().to_string())
        .execute(&mut database)
        .await
        .expect("a backup");
    database.close().await.expect("closed");
}

/// The raw files of a place: the database with its side files, and whatever is mapped into memory.
fn raw_files(place: &TestPlace) -> Vec<PathBuf> {
    let mut files = place.database_files();
    let maps = fs::read_to_string("/proc/self/maps").expect("the maps of this process");
    let inside = place.dir().display().to_string();
    let mapped = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .filter(|file| file.starts_with(&inside));
    files.extend(mapped.map(PathBuf::from));
    files.sort();
    files.dedup();
    files
}

/// ```text
///   Wellbeing Teams --- South Tyneside Alliance === Plymouth Alliance === Dorset
///                                                                    \=== EDUFI (off the network)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_reaches_everyone_also_through_the_relay_and_who_was_away() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let wellbeing = story.place("Wellbeing Teams").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let mut edufi = story.place("EDUFI").await;
    peer(&tyneside, &wellbeing).await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    peer_with_relay(&plymouth, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    let everyone = [&wellbeing, &plymouth, &dorset, &edufi];
    let record = tyneside.publish(passed_on("south-tyneside", &everyone)).await;
    for place in everyone {
        arrives(&record, place).await;
        assert!(place.database_contains(PHRASE));
    }
    let (salt, _) = dorset.opening_of(&tyneside.id, 0).await.expect("held");
    edufi.stop().await;

    tyneside.withdraw(&record, "consent withdrawn").await.expect("nothing stands in the way");
    for (place, via) in [(&wellbeing, ""), (&plymouth, ""), (&dorset, "Plymouth Alliance")] {
        let holder = until(&format!("{} has purged", place.name), async || {
            let holders = tyneside.withdrawal(&record).await.holders;
            let holder = holders.into_iter().find(|holder| holder.node_id == place.id_text());
            holder.filter(|holder| holder.state() == HolderState::Purged)
        })
        .await;
        assert_eq!(holder.via, via);
    }
    let away = tyneside.withdrawal(&record).await.holders.into_iter().find(|h| h.node_id == edufi.id_text());
    let away = away.expect("the relay says to whom it had passed it on");
    assert_eq!((away.state(), away.via.as_str()), (HolderState::Waiting, "Plymouth Alliance"));

    // Its relay is gone when it comes back, and it has heard nothing for eight days: it shows nothing, and has nothing to serve.
    story.pass(SignedDuration::from_hours(24 * 8));
    let mut plymouth = plymouth;
    plymouth.stop().await;
    edufi.start().await;
    let refused = edufi.record(&record).await.expect_err("nothing was heard from its author");
    assert!(refused.message().contains("is held, and not shown"), "{refused:?}");
    plymouth.start().await;
    until("EDUFI has purged", async || {
        let holders = tyneside.withdrawal(&record).await.holders;
        holders.iter().any(|h| h.node_id == edufi.id_text() && h.state() == HolderState::Purged).then_some(())
    })
    .await;

    for place in [&tyneside, &wellbeing, &plymouth, &dorset, &edufi] {
        assert!(!place.holds(&record).await, "{} holds it", place.name);
        place.forgets(&salt).await;
        if place.id != tyneside.id {
            place.forgets(PHRASE).await; // at home, the experiment itself stays
        }
        let backup = place.dir().join("backup.db");
        back_up(place, &backup).await;
        for file in raw_files(place).into_iter().chain([backup]) {
            let bytes = fs::read(&file).unwrap_or_default();
            let holds = |marker: &[u8]| bytes.windows(marker.len()).any(|window| window == marker);
            assert!(!holds(&salt) && (place.id == tyneside.id || !holds(PHRASE)), "{}", file.display());
        }
    }
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset
///                          \=== EDUFI ===/
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_who_pass_on_the_same_log_each_bring_what_they_have() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let mut plymouth = story.place("Plymouth Alliance").await;
    let edufi = story.place("EDUFI").await;
    let dorset = story.place("Dorset").await;
    for hub in [&plymouth, &edufi] {
        peer_with_relay(&tyneside, hub).await;
        peer_with_relay(hub, &dorset).await;
    }
    for case in ["south-tyneside", "wellbeing-teams", "edufi"] {
        tyneside.import_case(case).await;
    }
    let through_both = tyneside.publish(passed_on("south-tyneside", &[&plymouth, &edufi, &dorset])).await;
    let through_edufi = tyneside.publish(passed_on("wellbeing-teams", &[&edufi, &dorset])).await;
    arrives(&through_both, &dorset).await;
    arrives(&through_edufi, &dorset).await;

    plymouth.stop().await;
    let later = tyneside.publish(passed_on("edufi", &[&plymouth, &edufi, &dorset])).await;
    arrives(&later, &dorset).await;
    tyneside.withdraw(&through_both, "mistake").await.expect("nothing stands in the way");
    until("Dorset has purged", async || (!dorset.holds(&through_both).await).then_some(())).await;

    // The one that was away knows less than Dorset, and brings nothing back.
    plymouth.start().await;
    until("Plymouth has purged", async || (!plymouth.holds(&through_both).await).then_some(())).await;
    converge(&[&tyneside, &plymouth, &edufi]).await;
    assert!(!dorset.holds(&through_both).await && dorset.holds(&later).await);
}

/// ```text
///   South Tyneside Alliance =x= Plymouth Alliance === Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_was_passed_on_is_called_back_also_after_its_author_has_left() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(passed_on("south-tyneside", &[&plymouth, &dorset])).await;
    arrives(&record, &dorset).await;
    tyneside.remove("Plymouth Alliance", "the contract was not renewed").await;
    until("Plymouth knows", async || {
        plymouth.peering(&tyneside.name).await.filter(|p| p.standing_words.contains("ended by them"))
    })
    .await;

    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    until("Plymouth says that it has purged", async || {
        tyneside.holder(&record, "Plymouth Alliance").await.filter(|h| h.state() == HolderState::Purged)
    })
    .await;
    until("Dorset has purged", async || (!dorset.holds(&record).await).then_some(())).await;
    dorset.forgets(PHRASE).await;
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset === EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_record_goes_no_further_than_one_step() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    peer_with_relay(&dorset, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(wish("south-tyneside", Card::Public)).await;
    arrives(&record, &dorset).await;
    // Dorset's own word comes after, so that EDUFI has heard whatever Dorset would have told.
    let word = dorset.publish(profile(Card::Public)).await;
    arrives(&word, &edufi).await;
    assert!(edufi.leaves_of(&tyneside.id).await.is_empty() && !edufi.holds(&record).await);
}

/// ```text
///   South Tyneside Alliance (off the network) === Plymouth Alliance (restarted) === Dorset (new)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_withdrawn_meanwhile_is_not_passed_on() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(passed_on("south-tyneside", &[&plymouth, &dorset])).await;
    arrives(&record, &plymouth).await;
    tyneside.stop().await;
    plymouth.stop().await;
    plymouth.start().await;
    peer_with_relay(&plymouth, &dorset).await;
    until("the log is followed", async || (dorset.leaves_of(&tyneside.id).await.len() == 1).then_some(()))
        .await;
    let word = plymouth.publish(profile(Card::Network)).await;
    arrives(&word, &dorset).await;
    assert!(!dorset.holds(&record).await, "Plymouth has not heard its author since it began to serve");

    tyneside.start().await;
    arrives(&record, &dorset).await;
}
