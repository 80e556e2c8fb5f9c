//! Backups among peers: what was withdrawn after a backup was made does not come back with it, and the node makes them by itself.

use std::{fs, path::Path};

use cairn_node::{
    app::AppError,
    backup::{Key, Shelf},
    config::FILE,
    domain::policy::Card,
};
use cairn_proto::pb::admin::{Finding, FindingState, RecordSource};
use cairn_tests::{
    desk::profile,
    place::TestPlace,
    story::{Story, converge},
    wait::until,
};
use jiff::SignedDuration;

use crate::scene::{PHRASE, given};

/// ```text
///   South Tyneside Alliance --- Dorset (restored from a backup of before the withdrawal)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_since_is_not_shown_by_a_restored_holder_and_is_purged_again() {
    let (_, mut tyneside, mut dorset, record) = given().await;
    let (shelf, key) = (tempfile::tempdir().expect("a directory"), Key::generate());
    let made = dorset.back_up(shelf.path(), &key).await;
    assert!(made.rehearsed.records >= 1 && made.rehearsed.logs == 1, "{made:?}");
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    until("Dorset has purged", async || (!dorset.holds(&record).await).then_some(())).await;
    dorset.forgets(PHRASE).await;

    dorset.stop().await;
    tyneside.stop().await;
    let restored = dorset.restore_from(&made.file, &key).await;
    assert_eq!(restored.node, dorset.id);
    assert!(dorset.database_contains(PHRASE), "the backup brought it back");
    dorset.start().await;
    let refused = dorset.record(&record).await.expect_err("its author was not heard since");
    assert!(refused.message().contains("is held, and not shown"), "{refused:?}");
    assert!(dorset.records(RecordSource::Unspecified).await.is_empty());
    let told = |f: &Finding| f.check == "silent author" && f.found.contains("South Tyneside Alliance");
    assert!(dorset.doctor().await.iter().any(told));

    tyneside.start().await;
    until("it is purged again", async || dorset.opening_of(&tyneside.id, 0).await.is_none().then_some(()))
        .await;
    dorset.forgets(PHRASE).await;
    converge(&[&tyneside]).await;
    assert!(!dorset.holds(&record).await);
}

/// ```text
///   South Tyneside Alliance (restored) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_author_gives_nothing_before_it_knows_what_it_had_withdrawn() {
    let (_, mut tyneside, mut dorset, record) = given().await;
    let (shelf, key) = (tempfile::tempdir().expect("a directory"), Key::generate());
    let made = tyneside.back_up(shelf.path(), &key).await;
    tyneside.stop().await;
    dorset.stop().await;
    let restored = tyneside.restore_from(&made.file, &key).await;
    assert_eq!(restored.log_size, 1);
    tyneside.start().await;
    let refused =
        tyneside.app().public_record(0).await.expect_err("some of it may have been withdrawn since");
    assert!(matches!(refused, AppError::Gate { .. }), "{refused:?}");
    let refused = tyneside.try_publish(profile(Card::Network)).await.expect_err("nothing leaves");
    assert!(refused.message().contains("restored from a backup"), "{refused:?}");
    dorset.start().await;
    until("the gate opens", async || tyneside.gate().await.is_none().then_some(())).await;
    assert!(dorset.holds(&record).await, "who held it holds it");
    let audit = tyneside.audit().await;
    assert!(
        audit.iter().any(|(_, words)| words.contains("closed because the database was restored")),
        "{audit:?}"
    );
}

fn configure(place: &TestPlace, shelf: &Path, key: &Key) {
    let file = place.dir().join(FILE);
    let text = fs::read_to_string(&file).expect("a configuration");
    let text = text.replace("directory = \"\"", &format!("directory = \"{}\"", shelf.display()));
    let text = text.replace("recipients = []", &format!("recipients = [\"{}\"]", key.recipient()));
    fs::write(file, text).expect("written");
}

async fn told(place: &TestPlace) -> Finding {
    place.doctor().await.into_iter().find(|f| f.check == "backup").expect("the doctor looks at backups")
}

/// Waits until backups of these moments are there, newest first, and no others.
async fn kept(place: &TestPlace, shelf: &Path, moments: &[&str]) {
    let shelf = Shelf::of(shelf, &place.id);
    until(&format!("backups of {moments:?} are there"), async || {
        let kept = shelf.kept().expect("a directory").into_iter();
        kept.map(|kept| kept.made_at.to_string()).eq(moments.iter().copied()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_backs_itself_up_deletes_old_ones_and_says_when_it_cannot() {
    let story = Story::begin();
    let mut dorset = story.place("Dorset").await;
    assert!(told(&dorset).await.found.contains("makes no backups by itself"));
    dorset.stop().await;
    let (disk, key) = (tempfile::tempdir().expect("a directory"), Key::generate());
    let shelf = disk.path().join("backups");
    fs::create_dir(&shelf).expect("made");
    fs::write(shelf.join("cairn1another000-20200101T000000Z.age"), b"of another node").expect("written");
    configure(&dorset, &shelf, &key);
    let cut_off = dorset.dir().join("rehearsal-00");
    fs::create_dir(&cut_off).expect("made");
    dorset.start().await;
    kept(&dorset, &shelf, &["2026-11-23T12:00:00Z"]).await;
    assert!(!cut_off.exists(), "what a power cut left is gone");
    until("it is told", async || (told(&dorset).await.state() == FindingState::Well).then_some(())).await;

    story.pass(SignedDuration::from_hours(49));
    let late = told(&dorset).await;
    assert!(late.state() == FindingState::Mend && late.found.contains("every 24 hours"), "{late:?}");
    // Whatever happens makes the node look at its clock.
    dorset.import_case("dorset").await;
    kept(&dorset, &shelf, &["2026-11-25T13:00:00Z", "2026-11-23T12:00:00Z"]).await;
    story.pass(SignedDuration::from_hours(24 * 33));
    dorset.import_case("edufi").await;
    kept(&dorset, &shelf, &["2026-12-28T13:00:00Z", "2026-11-25T13:00:00Z"]).await;
    let names = fs::read_dir(&shelf).expect("a directory").count();
    assert_eq!(names, 5, "two with their notes, and what is not ours");

    fs::rename(&shelf, disk.path().join("elsewhere")).expect("unmounted");
    story.pass(SignedDuration::from_hours(25));
    dorset.import_case("fcdo").await;
    until("that it cannot is told", async || {
        let told = told(&dorset).await;
        (told.state() == FindingState::Mend && told.found.contains("is no directory")).then_some(())
    })
    .await;
    fs::rename(disk.path().join("elsewhere"), &shelf).expect("mounted again");
    story.pass(SignedDuration::from_mins(16));
    dorset.import_case("melton").await;
    until("it is well again", async || (told(&dorset).await.state() == FindingState::Well).then_some(()))
        .await;
}
