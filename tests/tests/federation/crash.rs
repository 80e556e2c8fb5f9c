//! Kill -9: what was acknowledged is there, what was half done is finished, nothing is done twice.

use cairn_node::{clock::Clock, domain::policy::Card};
use cairn_proto::pb::admin::{FindingState, RecordSource};
use cairn_tests::{
    desk::wish,
    forge::ForgedLog,
    liar::Liar,
    process::TestProcess,
    story::{Story, converge, peer},
    wait::until,
};

const RECORDS: u64 = 3_000;

/// The time of stories with processes, which have no other clock.
fn real_time() -> Story {
    Story { clock: Clock::System }
}

fn fill(log: &mut ForgedLog) {
    for day in 0..RECORDS {
        log.add(&format!("what we noticed on day {day}"));
    }
}

/// ```text
///   Dorset (killed twice) --- an author who sends piece by piece
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_killed_in_mid_pull_goes_on_where_it_was() {
    let mut dorset = TestProcess::spawn("Dorset").await;
    let author = Liar::spawn().await;
    author.write(fill);
    author.fall_silent_after(6); // the head and 5 batches of 256 leaves
    author.become_peer_at(&dorset, dorset.id, dorset.address).await;
    let id = author.id_text();
    until("1280 leaves are there", async || (dorset.sync(&id).await.leaves == 1280).then_some(())).await;
    dorset.kill().await;

    author.fall_silent_after(12); // the head, the other 7 batches of leaves, 4 batches of openings
    dorset.start().await;
    until("1024 records are there", async || (dorset.sync(&id).await.settled_to == 1024).then_some(())).await;
    assert_eq!(dorset.sync(&id).await.held, 1024);
    dorset.kill().await;

    author.speak_again();
    dorset.start().await;
    until("everything is there", async || (dorset.sync(&id).await.settled_to == RECORDS).then_some(())).await;
    assert_eq!(dorset.status().await.held_records, RECORDS);
    let asked: Vec<_> = author.pulls().iter().map(|pull| (pull.from_size, pull.openings_from)).collect();
    assert_eq!(asked, [(0, 0), (1280, 0), (RECORDS, 1024)], "nothing was fetched twice");
}

/// ```text
///   Dorset (killed again and again) --- Liverpool City Region (with years of records)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_killed_again_and_again_arrives_at_the_same() {
    let liverpool = real_time().place("Liverpool City Region").await;
    let mut log = ForgedLog::new(liverpool.id, &liverpool.app().keys.signing());
    fill(&mut log);
    liverpool.adopt(&log).await;
    let mut dorset = TestProcess::spawn("Dorset").await;
    peer(&liverpool, &dorset).await;
    for (leaves, held) in [(1, 0), (2_000, 0), (3_000, 1), (3_000, 1_500)] {
        until("there is a part of it", async || {
            let sync = dorset.sync(&liverpool.name).await;
            (sync.leaves >= leaves && sync.held >= held).then_some(())
        })
        .await;
        dorset.kill().await;
        dorset.start().await;
    }
    converge(&[&liverpool, &dorset]).await;

    assert_eq!(dorset.sync(&liverpool.name).await.held, RECORDS);
    let given = dorset.record(&format!("{}/{}", liverpool.id, RECORDS - 1)).await;
    assert!(given.is_ok(), "and the last of them verifies: {given:?}");
}

/// ```text
///   Plymouth Alliance (killed after each release) --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_the_author_being_killed() {
    let tyneside = real_time().place("South Tyneside Alliance").await;
    let mut plymouth = TestProcess::spawn("Plymouth Alliance").await;
    peer(&tyneside, &plymouth).await;
    let mut published = Vec::new();
    for case in ["plymouth-alliance", "mayday-trust", "melton", "fcdo"] {
        plymouth.import_case(case).await;
        published.push(plymouth.publish(wish(case, Card::Network)).await);
        plymouth.kill().await;
        plymouth.start().await;
        let own = plymouth.records(RecordSource::Own).await;
        assert_eq!(own.len(), published.len());
        for finding in plymouth.doctor().await {
            assert_ne!(finding.state(), FindingState::Mend, "{}: {}", finding.check, finding.found);
        }
    }
    converge(&[&tyneside, &plymouth]).await;

    for record in &published {
        assert!(plymouth.holds(record).await && tyneside.holds(record).await);
    }
}
