//! Witnessing: whoever follows a log cosigns it, and a reader can ask for the word of those it names.

use std::fs;

use cairn_node::{config::FILE, domain::policy::Card};
use cairn_proto::{evidence, pb::admin::SyncEntry};
use cairn_tests::{
    desk::profile,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::SignedDuration;

async fn witnessed(at: &TestPlace, about: &TestPlace, words: &str) -> SyncEntry {
    let look = async || Some(at.sync(&about.name).await).filter(|sync| sync.witnessed.contains(words));
    until(&format!("{words:?} is told"), look).await
}

/// ```text
///   Dorset --- South Tyneside Alliance --- EDUFI
///   (asks for the word of EDUFI)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_whether_those_it_names_saw_the_same_log() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    let mut edufi = story.place("EDUFI").await;
    peer(&tyneside, &dorset).await;
    peer(&tyneside, &edufi).await;
    peer(&dorset, &edufi).await;
    dorset.stop().await;
    let file = dorset.dir().join(FILE);
    let text = fs::read_to_string(&file).expect("a configuration");
    let text = text.replace("named = []", &format!("named = [\"{}\"]", edufi.id));
    fs::write(&file, text).expect("written");
    dorset.start().await;
    let record = tyneside.publish(profile(Card::Public)).await;
    converge(&[&tyneside, &dorset, &edufi]).await;

    let entry = witnessed(&dorset, &tyneside, "witnessed and fresh").await;
    let names = |entry: &SyncEntry| entry.cosigned_by.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert!(names(&entry).contains(&"EDUFI".to_owned()), "{entry:?}");
    until("the author has the word of both", async || {
        (tyneside.status().await.cosigned_by.len() == 2).then_some(())
    })
    .await;
    let pack = evidence::verify(&tyneside.evidence(&record).await).expect("a good pack");
    let mut by: Vec<_> = pack.cosigned_by.iter().map(|(witness, _)| *witness).collect();
    by.sort();
    let mut both = [dorset.id, edufi.id];
    both.sort();
    assert_eq!(by, both);

    // While EDUFI is away nobody whom Dorset asks for has seen the newest state.
    edufi.stop().await;
    tyneside.publish(profile(Card::Public)).await;
    converge(&[&tyneside, &dorset]).await;
    let entry = witnessed(&dorset, &tyneside, "not witnessed yet: 0 of the 1 nodes named").await;
    assert!(entry.last_error.is_empty(), "it is followed all the same: {entry:?}");
    edufi.start().await;
    witnessed(&dorset, &tyneside, "witnessed and fresh").await;

    // Nothing new is said for days: a witness that still follows says so again.
    edufi.stop().await;
    story.pass(SignedDuration::from_hours(49));
    witnessed(&dorset, &tyneside, "witnessed, and not fresh").await;
    edufi.start().await;
    witnessed(&dorset, &tyneside, "witnessed and fresh").await;
}
