//! Restored backups and copied disks: a node whose database is older than what it signed gets its log back from its peers before it
//! signs anything, and nothing is lost.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{Finding, FindingState, HolderState},
    exchange::{ListOffersRequest, refusal::Kind},
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish},
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use tempfile::TempDir;
use tonic::Code;

/// Which files of a node come back.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// Those of the database.
    Database,
    /// Whatever tells how far the node was: as when the whole machine is put back.
    All,
}

fn files(of: &TestPlace, what: What) -> Vec<PathBuf> {
    let mark = of.dir().join("last-signed");
    let mark = (what == What::All && mark.exists()).then_some(mark);
    of.database_files().into_iter().chain(mark).collect()
}

/// Copies the files of a node that is down.
pub(crate) fn back_up(place: &TestPlace) -> TempDir {
    let backup = tempfile::tempdir().expect("a directory");
    for file in files(place, What::All) {
        fs::copy(&file, backup.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    backup
}

/// Puts them back.
pub(crate) fn restore(place: &TestPlace, backup: &Path, what: What) {
    let wanted = |name: &Path| what == What::All || name.to_string_lossy().contains("cairn.db");
    files(place, what).iter().for_each(|file| fs::remove_file(file).expect("removed"));
    for file in fs::read_dir(backup).expect("a backup").filter_map(Result::ok) {
        let name = PathBuf::from(file.file_name());
        if wanted(&name) {
            fs::copy(file.path(), place.dir().join(name)).expect("restored");
        }
    }
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance --- EDUFI
///                               (restored from a backup; a story was released after it, and another withdrawn)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_author_gets_back_what_it_signed_before_it_signs_anything() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let edufi = story.place("EDUFI").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &edufi).await;
    for case in ["plymouth-alliance", "mayday-trust", "edufi"] {
        plymouth.import_case(case).await;
    }
    let told = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    converge(&[&plymouth, &tyneside, &edufi]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    plymouth.start().await;
    let lost = plymouth.publish(wish("mayday-trust", Card::Network)).await;
    plymouth.withdraw(&told, "consent withdrawn").await.expect("withdrawn");
    converge(&[&plymouth, &tyneside, &edufi]).await;
    until("both have purged it", async || {
        let purged = plymouth
            .withdrawal(&told)
            .await
            .holders
            .iter()
            .all(|holder| holder.state() == HolderState::Purged);
        purged.then_some(())
    })
    .await;
    tyneside.stop().await;
    plymouth.stop().await;
    restore(&plymouth, backup.path(), What::Database);
    plymouth.start().await;

    // EDUFI gives all of it back; but what South Tyneside holds is not known yet.
    let closed =
        until("the log came back", async || plymouth.gate().await.filter(|gate| gate.size_now >= 3)).await;
    assert!(closed.reason.contains("older copy"), "{closed:?}");
    let refused = plymouth.try_publish(wish("edufi", Card::Network)).await.expect_err("nothing is signed");
    assert!(
        refused.code() == Code::FailedPrecondition && refused.message().contains("gate show"),
        "{refused:?}"
    );
    let refused = plymouth.withdraw(&lost, "mistake").await.expect_err("nothing is signed");
    assert!(refused.message().contains("nothing has left"), "{refused:?}");
    let doctor = plymouth.doctor().await;
    let told_so = |f: &Finding| f.state() == FindingState::Mend && f.mend.contains("South Tyneside");
    assert!(doctor.iter().any(told_so), "{doctor:?}");

    tyneside.start().await;
    until("the gate opens", async || plymouth.gate().await.is_none().then_some(())).await;
    assert!(plymouth.holds(&lost).await, "what was released after the backup is here again");
    assert!(!plymouth.holds(&told).await, "what was withdrawn after it does not come back");
    let withdrawal = plymouth.withdrawal(&told).await;
    assert_eq!(withdrawal.reason, "consent withdrawn");
    let next = plymouth.publish(wish("edufi", Card::Network)).await;
    converge(&[&plymouth, &tyneside, &edufi]).await;
    for place in [&tyneside, &edufi] {
        assert!(place.holds(&next).await && place.holds(&lost).await && !place.holds(&told).await);
        assert!(place.forks().await.is_empty());
    }
    assert_eq!(tyneside.leaves_of(&plymouth.id).await, plymouth.leaves_of(&plymouth.id).await);
    let audit = plymouth.audit().await;
    assert!(audit.iter().any(|(_, words)| words.contains("opened the gate")), "{audit:?}");
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance --- Dorset
///   (away; it alone knows that a story   (restored)        (was never given it, and asks)
///   was withdrawn since)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_withdrawn_since_is_given_to_nobody() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&plymouth, &tyneside).await;
    peer(&plymouth, &dorset).await;
    let key = dorset.app().keys.signing();
    dorset.stop().await;
    plymouth.import_case("plymouth-alliance").await;
    let told = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    plymouth.start().await;
    plymouth.withdraw(&told, "consent withdrawn").await.expect("withdrawn");
    until("it is gone", async || (!tyneside.holds(&told).await).then_some(())).await;
    tyneside.stop().await;
    plymouth.stop().await;
    restore(&plymouth, backup.path(), What::Database);
    plymouth.start().await;

    let mut caller = Caller::with_key(plymouth.address, &key).await;
    let refused = caller.pull_all().await.expect_err("it is not known whether it may be given");
    assert!(matches!(refusal(&refused), Kind::Paused(_)), "{refused:?}");
    let titles = caller.service.list_offers(ListOffersRequest::default()).await;
    let refused = titles.expect_err("a title may not be given either");
    assert!(matches!(refusal(&refused), Kind::Paused(_)), "{refused:?}");
    assert!(plymouth.ledger(&told).await.iter().all(|entry| entry.node_id != dorset.id.to_string()));
    tyneside.start().await;
    dorset.start().await;
    until("the gate opens", async || plymouth.gate().await.is_none().then_some(())).await;
    converge(&[&plymouth, &tyneside, &dorset]).await;
    assert!(!plymouth.holds(&told).await && !dorset.holds(&told).await);
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance (the whole machine is put back: nothing here knows)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_put_back_asks_before_it_signs() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    plymouth.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    plymouth.start().await;
    let lost = plymouth.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    plymouth.stop().await;
    restore(&plymouth, backup.path(), What::All);
    plymouth.start().await;

    // At once, as fast as a program can.
    let next =
        until("it signs again", async || plymouth.try_publish(profile(Card::Network)).await.ok()).await;
    assert!(plymouth.holds(&lost).await && next.record_id != lost);
    converge(&[&plymouth, &tyneside]).await;
    assert!(tyneside.holds(&next.record_id).await && tyneside.forks().await.is_empty());
}

/// ```text
///   South Tyneside Alliance ··· Plymouth Alliance (alone; its directory was copied from another machine)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_copied_directory_waits_for_a_person_or_for_its_peers() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    plymouth.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    tyneside.stop().await;
    let moved = async |plymouth: &mut TestPlace| {
        plymouth.stop().await;
        fs::write(plymouth.dir().join("last-signed"), "1\n0123456789abcdef\n").expect("written");
        plymouth.start().await;
        let closed = plymouth.gate().await.expect("a closed gate");
        assert!(closed.reason.contains("copied from another machine"), "{closed:?}");
        assert_eq!(closed.answers.first().map(|answer| answer.holds), Some(None));
    };
    moved(&mut plymouth).await;
    plymouth.open_gate("moved by us; the old machine is off").await.expect("nobody is known to hold more");
    plymouth.publish(profile(Card::Network)).await;

    moved(&mut plymouth).await;
    tyneside.start().await;
    until("the gate opens by itself", async || plymouth.gate().await.is_none().then_some(())).await;
    plymouth.publish(profile(Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    assert!(tyneside.forks().await.is_empty());
}
