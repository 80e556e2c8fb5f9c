//! Restored backups: an author that forgot what it had said is not followed, and nothing is lost.

use std::{fs, path::PathBuf};

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{Finding, FindingState, SyncEntry};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use tempfile::TempDir;

/// Copies the database of a node that is down.
fn back_up(place: &TestPlace) -> TempDir {
    let backup = tempfile::tempdir().expect("a directory");
    for file in place.database_files() {
        fs::copy(&file, backup.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    backup
}

fn restore(place: &TestPlace, backup: &TempDir) {
    place.database_files().iter().for_each(|file| fs::remove_file(file).expect("removed"));
    for file in fs::read_dir(backup.path()).expect("a backup").filter_map(Result::ok) {
        let name = PathBuf::from(file.file_name());
        fs::copy(file.path(), place.dir().join(name)).expect("restored");
    }
}

async fn complaint(at: &TestPlace, about: &TestPlace, words: &str) -> SyncEntry {
    let look = async || Some(at.sync(&about.name).await).filter(|sync| sync.last_error.contains(words));
    until(&format!("{words:?} is told"), look).await
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance (restored from a backup that lacks its newest record)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_author_is_not_followed_and_nothing_is_lost() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    for case in ["plymouth-alliance", "mayday-trust", "edufi", "fcdo"] {
        plymouth.import_case(case).await;
    }
    let old = plymouth.publish(wish("plymouth-alliance", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    plymouth.stop().await;
    let backup = back_up(&plymouth);
    plymouth.start().await;
    let lost = plymouth.publish(wish("mayday-trust", Card::Network)).await;
    converge(&[&plymouth, &tyneside]).await;
    let before = tyneside.leaves_of(&plymouth.id).await;
    let said = tyneside.opening_of(&plymouth.id, 1).await;
    plymouth.stop().await;
    restore(&plymouth, &backup);
    plymouth.start().await;

    let behind = complaint(&tyneside, &plymouth, "restored from an older copy").await;
    assert_eq!((behind.leaves, behind.held), (2, 2));
    until("the doctor tells it, too", async || {
        let told =
            |f: &Finding| f.state() == FindingState::Look && f.found.contains("restored from an older copy");
        tyneside.doctor().await.iter().any(told).then_some(())
    })
    .await;

    let other = plymouth.publish(wish("edufi", Card::Network)).await;
    complaint(&tyneside, &plymouth, "two different logs of 2 leaves").await;
    plymouth.publish(wish("fcdo", Card::Network)).await;
    complaint(&tyneside, &plymouth, "not part of the log").await;
    assert_eq!(tyneside.leaves_of(&plymouth.id).await, before);
    assert!(tyneside.holds(&old).await && tyneside.holds(&lost).await);
    assert_eq!(other, lost, "the fork gave the same name to another record");
    assert_eq!(tyneside.opening_of(&plymouth.id, 1).await, said, "but here it means what it meant");
}
