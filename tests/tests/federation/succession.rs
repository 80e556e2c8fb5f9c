//! Succession: places merge, split and begin anew. The old log is frozen, what takes back still flows, people are told, and trust
//! does not move by itself.

use cairn_node::{
    domain::policy::Card,
    recover::{Named, recover},
};
use cairn_proto::{
    evidence,
    identity::Kind,
    pb::{
        admin::{
            AcceptSuccessionRequest, DraftSuccessionRequest, Finding, FindingState, FinishSuccessionRequest,
            HolderState, ListSuccessionsRequest, PublishRequest, ReadSuccessionRequest, RotateKeysRequest,
            SuccessionEntry,
        },
        exchange::Standing,
    },
};
use cairn_tests::{
    desk::{Desk, profile, wish},
    forge::{Entry, ForgedLog},
    place::TestPlace,
    story::{Story, converge, peer, peer_with_relay},
    wait::until,
};
use tonic::{Code, Status};

use crate::{
    restore::{What, back_up, restore},
    scene::{arrives, given},
};

async fn draft(old: &Desk, kind: Kind, heirs: &[&TestPlace]) -> Result<Vec<u8>, Status> {
    let to = heirs.iter().map(|heir| heir.id_text()).collect();
    let request = DraftSuccessionRequest { kind: kind.into(), to };
    Ok(old.succession().draft_succession(request).await?.into_inner().file)
}

async fn agree(heir: &Desk, file: Vec<u8>) -> Result<Vec<u8>, Status> {
    Ok(heir.succession().accept_succession(AcceptSuccessionRequest { file }).await?.into_inner().file)
}

async fn finish(old: &Desk, file: Vec<u8>) -> Result<SuccessionEntry, Status> {
    let answer = old.succession().finish_succession(FinishSuccessionRequest { file }).await?.into_inner();
    Ok(answer.succession.expect("a succession"))
}

/// The whole ceremony, as people do it.
async fn succeed(old: &TestPlace, kind: Kind, heirs: &[&TestPlace]) -> SuccessionEntry {
    let mut file = draft(old, kind, heirs).await.expect("a draft");
    for heir in heirs {
        file = agree(heir, file).await.expect("they agree");
    }
    finish(old, file).await.expect("in force")
}

async fn known(at: &Desk, node: &str) -> Vec<SuccessionEntry> {
    let request = ListSuccessionsRequest { node: node.to_owned() };
    at.succession().list_successions(request).await.expect("an answer").into_inner().successions
}

/// Waits until a peer says at a place who goes on for it.
async fn hears(at: &TestPlace, of: &TestPlace, words: &str) {
    until(&format!("{} hears of {}", at.name, of.name), async || {
        at.peering(&of.id_text()).await.filter(|peer| peer.succeeded.contains(words))
    })
    .await;
}

async fn purged(author: &TestPlace, record: &str, holder: &TestPlace) {
    until(&format!("{} says that it has purged", holder.name), async || {
        author.holder(record, &holder.name).await.filter(|h| h.state() == HolderState::Purged)
    })
    .await;
}

/// ```text
///   EDUFI --- South Tyneside Alliance ---\
///        \--- Plymouth Alliance ----------- Dorset (goes on for both)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_places_merge_into_a_third_and_what_takes_back_still_flows() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    for old in [&tyneside, &plymouth] {
        peer(old, &edufi).await;
        peer(old, &dorset).await;
    }
    tyneside.import_case("south-tyneside").await;
    plymouth.import_case("plymouth-alliance").await;
    let told = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let other = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    let theirs = edufi.publish(profile(Card::Network)).await;
    edufi.import_case("edufi").await;
    let learnt = edufi.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &plymouth, &dorset, &edufi]).await;

    for old in [&tyneside, &plymouth] {
        let done = succeed(old, Kind::Merged, &[&dorset]).await;
        assert_eq!(done.summary, "succeeded by Dorset (merged) at size 1");
    }
    for old in [&tyneside, &plymouth] {
        hears(&edufi, old, "(merged) at size 1").await;
        hears(&dorset, old, "this node").await;
        let status = old.status().await;
        assert_eq!(status.succeeded, "succeeded by Dorset (merged) at size 1");
        let refused = old.try_publish(profile(Card::Network)).await.expect_err("nothing more is released");
        assert!(refused.message().contains("Dorset goes on instead"), "{refused:?}");
        assert!(old.audit().await.iter().any(|(event, words)| event == "keys" && words.contains("gave up")));
    }
    // Trust has not moved.
    assert!(edufi.peering(&dorset.id_text()).await.is_none());
    assert_eq!(edufi.peerings().await.len(), 2);
    let look = |f: &Finding| f.state() == FindingState::Look && f.check == "succession";
    assert_eq!(edufi.doctor().await.iter().filter(|finding| look(finding)).count(), 2);
    assert!(edufi.sync(&tyneside.name).await.state.contains("what it withdraws is followed"));
    // What was released counts as before, and evidence says who goes on.
    assert!(edufi.holds(&told).await && edufi.holds(&other).await && tyneside.holds(&theirs).await);
    let proven = evidence::verify(&edufi.evidence(&told).await).expect("it still counts");
    let heirs: Vec<_> = proven.author.succession().expect("a succession").nodes().collect();
    assert_eq!(heirs, [dorset.id]);

    // Keys may change; what is taken back is purged, and receipts come back, in both directions.
    tyneside.admin().rotate_keys(RotateKeysRequest {}).await.expect("rotated");
    tyneside.withdraw(&told, "consent withdrawn").await.expect("words are taken back all the same");
    edufi.withdraw(&learnt, "mistake").await.expect("as ever");
    for holder in [&edufi, &dorset] {
        purged(&tyneside, &told, holder).await;
        assert!(!holder.holds(&told).await && holder.holds(&other).await);
    }
    purged(&edufi, &learnt, &tyneside).await;
    assert!(!tyneside.holds(&learnt).await);
    let why = edufi.opening_of(&tyneside.id, 1).await;
    assert!(why.is_some(), "also the reason that was given");

    // Whoever is told telephones, and agrees anew.
    peer(&edufi, &dorset).await;
    hears(&edufi, &plymouth, "a peer here").await;
    assert!(!edufi.doctor().await.iter().any(look));
}

/// ```text
///   Dorset (away) --- South Tyneside Alliance (splits) --- Plymouth Alliance, EDUFI
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_place_splits_and_who_was_away_learns_of_it_on_return() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let edufi = story.place("EDUFI").await;
    let mut dorset = story.place("Dorset").await;
    for other in [&plymouth, &edufi, &dorset] {
        peer(&tyneside, other).await;
    }
    tyneside.import_case("south-tyneside").await;
    dorset.stop().await;
    let record = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let one = draft(&tyneside, Kind::Split, &[&plymouth]).await.expect_err("a split has two");
    assert!(one.message().contains("2 to 8"), "{one:?}");

    let file = draft(&tyneside, Kind::Split, &[&plymouth, &edufi]).await.expect("a draft");
    let read = ReadSuccessionRequest { file: file.clone() };
    let read = plymouth.succession().read_succession(read).await.expect("read").into_inner();
    let read = read.succession.expect("what it means");
    assert!(read.successors.iter().all(|heir| !heir.agreed) && read.successors[0].ours);
    let half = agree(&plymouth, file).await.expect("it agrees");
    assert_eq!(agree(&plymouth, half.clone()).await.expect("twice is once"), half);
    let early = finish(&tyneside, half.clone()).await.expect_err("one has not agreed");
    assert!(early.message().contains("EDUFI") && !early.message().contains("Plymouth"), "{early:?}");
    assert!(tyneside.status().await.succeeded.is_empty());
    let whole = agree(&edufi, half).await.expect("it agrees, too");
    finish(&tyneside, whole.clone()).await.expect("in force");
    let again = finish(&tyneside, whole).await.expect_err("once");
    assert!(again.message().contains("given up"), "{again:?}");

    dorset.start().await;
    arrives(&record, &dorset).await;
    hears(&dorset, &tyneside, "(split) at size 1").await;
    let [entry] = &known(&dorset, "").await[..] else { panic!("one succession") };
    assert_eq!((entry.name.as_str(), entry.log_size), ("South Tyneside Alliance", 1));
    assert!(entry.successors.iter().all(|heir| !heir.peer && heir.standing == "no peer here"));
    assert!(known(&plymouth, &tyneside.id_text()).await[0].successors[0].ours);
}

/// Appends a record to the log of a node, past everything that would refuse it.
async fn force(place: &TestPlace, about: &str) -> u64 {
    let (app, id) = (place.app(), place.id);
    let mut log = ForgedLog::new(id, &app.keys.signing());
    for (leaf, index) in place.leaves_of(&id).await.into_iter().zip(0..) {
        log.entries.push(Entry { leaf, opening: place.opening_of(&id, index).await });
    }
    let index = log.add(about);
    let mut tx = app.store.write().await.expect("a writable database");
    let row = tx.log_for_update(&id).await.expect("a log");
    let mut frontier = row.frontier;
    let Entry { leaf, opening } = log.entries.last().expect("the new one").clone();
    frontier.append(leaf.hash());
    tx.append_leaves(row.id, index, &[leaf], &frontier).await.expect("a leaf");
    let (salt, envelope) = opening.expect("what it says");
    let held_since = story_begins();
    let row_of = cairn_node::store::OpeningRow { index, salt, envelope, expires_at: None, held_since };
    tx.add_openings(row.id, &[row_of]).await.expect("an opening");
    let head = log.head();
    tx.set_head(row.id, head.size, &head.checkpoint).await.expect("a head");
    tx.set_settled(row.id, head.size).await.expect("settled");
    tx.commit().await.expect("a commit");
    index
}

fn story_begins() -> jiff::Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a moment")
}

/// ```text
///   Dorset --- South Tyneside Alliance --- Plymouth Alliance (goes on)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_after_it_is_taken_by_nobody() {
    let (story, mut tyneside, dorset, before) = given().await;
    let plymouth = story.place("Plymouth Alliance").await;
    peer(&tyneside, &plymouth).await;
    succeed(&tyneside, Kind::Merged, &[&plymouth]).await;
    hears(&dorset, &tyneside, "at size 1").await;
    let index = force(&tyneside, "signed although the place was given up").await;
    tyneside.stop().await;
    tyneside.start().await;
    converge(&[&tyneside, &dorset]).await;
    let sync = dorset.sync(&tyneside.name).await;
    assert_eq!(
        (sync.leaves, sync.settled_to, sync.held),
        (2, 2, 1),
        "the leaf is followed, and nothing is held"
    );
    assert!(dorset.opening_of(&tyneside.id, index).await.is_none() && dorset.holds(&before).await);
    let void = format!("{}/{index}", tyneside.id_text());
    assert!(!tyneside.holds(&void).await, "not even by its author");
    tyneside.withdraw(&before, "consent withdrawn").await.expect("what takes back goes on");
    purged(&tyneside, &before, &dorset).await;
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset
///                \--- EDUFI (goes on)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_through_others_hears_of_it_and_a_withdrawal_reaches_it_after() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    peer(&tyneside, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    let to = vec![plymouth.id_text(), dorset.id_text()];
    let named = PublishRequest { to, relay: Some(true), ..wish("south-tyneside", Card::NamedPeers) };
    let record = tyneside.publish(named).await;
    arrives(&record, &dorset).await;

    succeed(&tyneside, Kind::Renamed, &[&edufi]).await;
    until("Dorset hears of it through Plymouth", async || {
        known(&dorset, "").await.into_iter().find(|one| one.node_id == tyneside.id_text())
    })
    .await;
    assert!(dorset.sync(&tyneside.id_text()).await.state.contains("(renamed) at size 1"));
    assert!(dorset.holds(&record).await);
    tyneside.withdraw(&record, "consent withdrawn").await.expect("taken back");
    until("it is gone at Dorset", async || (!dorset.holds(&record).await).then_some(())).await;
}

/// ```text
///   Dorset --- South Tyneside Alliance (its key was stolen) --- EDUFI (the thief's)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_takes_back_the_place_that_a_thief_gave_away_or_keeps_it_given_up() {
    for (named, lifted) in [(Named::Lift, true), (Named::Keep, false)] {
        let (story, mut tyneside, dorset, before) = given().await;
        let edufi = story.place("EDUFI").await;
        peer(&tyneside, &edufi).await;
        succeed(&tyneside, Kind::Merged, &[&edufi]).await;
        hears(&dorset, &tyneside, "at size 1").await;
        tyneside.stop().await;
        let recovery = [tyneside.dir().join("RECOVERY-KEY.txt")];
        let unsaid = recover(&tyneside.config(), &recovery, None).await.expect_err("which is it?");
        assert!(unsaid.to_string().contains("--succession lift"), "{unsaid}");
        recover(&tyneside.config(), &recovery, Some(named)).await.expect("recovered");
        tyneside.start().await;
        until("Dorset is asked", async || {
            dorset.peering(&tyneside.name).await.filter(|peer| peer.waits_for_us)
        })
        .await;
        assert!(
            !known(&dorset, &tyneside.id_text()).await.is_empty(),
            "not before a person has confirmed it"
        );
        dorset.accept(&tyneside.name).await.expect("confirmed by telephone");
        assert_eq!(known(&dorset, &tyneside.id_text()).await.is_empty(), lifted);
        let published = tyneside.try_publish(profile(Card::Network)).await;
        assert_eq!(published.is_ok(), lifted);
        if let Ok(record) = published {
            arrives(&record.record_id, &dorset).await;
        }
        assert!(dorset.holds(&before).await);
    }
}

/// ```text
///   South Tyneside Alliance (has second thoughts) --- Plymouth Alliance
///               \--- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_given_up_by_mistake() {
    let (story, tyneside, dorset, _) = given().await;
    let plymouth = story.place("Plymouth Alliance").await;
    let mut refused = Vec::new();
    let request = DraftSuccessionRequest { kind: Kind::Merged.into(), to: vec![plymouth.id_text()] };
    let stranger = tyneside.succession().draft_succession(request).await.expect_err("never reached");
    assert_eq!(stranger.code(), Code::NotFound);
    peer(&tyneside, &plymouth).await;
    refused
        .push((draft(&tyneside, Kind::Merged, &[&tyneside]).await.expect_err("itself"), "its own successor"));
    let file = draft(&tyneside, Kind::Merged, &[&plymouth]).await.expect("a draft");
    refused.push((agree(&dorset, file.clone()).await.expect_err("not named"), "does not name this node"));
    let agreed = agree(&plymouth, file.clone()).await.expect("it agrees");
    refused.push((finish(&dorset, agreed.clone()).await.expect_err("not its own"), "not drafted here"));
    let since = tyneside.publish(profile(Card::Network)).await;
    refused.push((finish(&tyneside, agreed).await.expect_err("released since"), since.as_str()));
    tyneside.withdraw(&since, "mistake").await.expect("withdrawn");

    // What takes back in between is no obstacle; other keys are.
    let file = draft(&tyneside, Kind::Merged, &[&plymouth]).await.expect("a draft");
    let agreed = agree(&plymouth, file.clone()).await.expect("it agrees");
    tyneside.admin().rotate_keys(RotateKeysRequest {}).await.expect("rotated");
    refused.push((finish(&tyneside, agreed).await.expect_err("other keys"), "keys were changed"));
    let file = draft(&tyneside, Kind::Merged, &[&plymouth]).await.expect("a draft");
    plymouth.admin().rotate_keys(RotateKeysRequest {}).await.expect("rotated");
    refused.push((agree(&plymouth, file).await.expect_err("other keys"), "keys were changed"));
    for (error, words) in refused {
        assert!(error.message().contains(words), "{words}: {error:?}");
    }
    let rotated = async || {
        let draft = draft(&tyneside, Kind::Merged, &[&plymouth]).await.ok()?;
        agree(&plymouth, draft).await.ok()
    };
    let agreed = until("Plymouth's new key is known", rotated).await;
    tyneside.withdraw(&format!("{}/0", tyneside.id_text()), "mistake").await.expect("withdrawn");
    let done = finish(&tyneside, agreed).await.expect("what takes back is no obstacle");
    assert_eq!(done.log_size, 3);
    // And who was given up goes on for nobody.
    let dead = draft(&tyneside, Kind::Merged, &[&plymouth]).await.expect_err("it is over");
    assert!(dead.message().contains("given up"), "{dead:?}");
    until("Dorset knows that nobody can be succeeded by it", async || {
        draft(&dorset, Kind::Merged, &[&tyneside]).await.err()
    })
    .await;
}

/// ```text
///   Dorset --- South Tyneside Alliance (put back; its key signed two logs) --- Plymouth Alliance (begun anew)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_signed_two_logs_can_say_who_goes_on() {
    let (story, mut tyneside, mut dorset, _) = given().await;
    let plymouth = story.place("Plymouth Alliance").await;
    peer(&tyneside, &plymouth).await;
    tyneside.stop().await;
    let backup = back_up(&tyneside);
    tyneside.start().await;
    tyneside.publish(profile(Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    tyneside.stop().await;
    dorset.stop().await;
    restore(&tyneside, backup.path(), What::Database);
    tyneside.start().await;
    tyneside.remove(&plymouth.id_text(), "it would give us our log back").await;
    let closed = draft(&tyneside, Kind::Renamed, &[&plymouth]).await.expect_err("the gate is closed");
    assert!(closed.message().contains("gate"), "{closed:?}");
    tyneside.open_gate("we believe that nothing was signed").await.expect("nobody is known to hold more");
    tyneside.publish(profile(Card::Network)).await;
    dorset.start().await;
    until("both know", async || {
        (!tyneside.forks().await.is_empty() && !dorset.forks().await.is_empty()).then_some(())
    })
    .await;
    succeed(&tyneside, Kind::Renamed, &[&plymouth]).await;
    hears(&dorset, &tyneside, "(renamed)").await;
    assert!(dorset.sync(&tyneside.name).await.state.contains("two different logs"));
    assert_eq!(dorset.peering(&tyneside.name).await.expect("a peer").standing(), Standing::Active);
}
