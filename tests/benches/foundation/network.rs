//! What takes time between places: until a release is seen, until a star or a chain of places has it, until it is gone again; and what
//! it costs to ask a peer that has nothing new.

use std::{
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use cairn_node::{config::FILE, domain::policy::Card};
use cairn_proto::{
    ids::RecordId,
    pb::admin::{HolderState, PublishRequest},
};
use cairn_tests::{
    desk::wish,
    place::TestPlace,
    story::{Story, converge, free_address, peer, peer_with_relay},
};
use futures::future::join_all;
use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{median, spread};

/// Releases one after another, of which the distribution is told.
const RELEASES: usize = 500;
/// Places of a star and of a chain.
const PLACES: usize = 200;
/// Places that purge.
const HOLDERS: usize = 50;
/// Releases in a star.
const ROUNDS: usize = 20;
/// Between two releases: what a peer may ask in a moment is filled up again.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// Between two looks at counters that have to come to rest.
const REST: Duration = Duration::from_millis(500);

/// A place with experiments of a real case under as many names.
async fn with_experiments(place: &TestPlace, count: usize) {
    for n in 0..count {
        let case = include_str!("../../../node/cases/melton.yaml");
        place.import(case.replace("id: melton", &format!("id: melton-{n}"))).await;
    }
}

/// A wish to release one of them to anyone who is reached.
fn to_all(n: usize) -> PublishRequest {
    PublishRequest { relay: Some(true), ..wish(&format!("melton-{n}"), Card::Public) }
}

/// When a record is held at a place.
async fn held_at(place: &TestPlace, record: RecordId) -> Instant {
    let mut records = place.app().signals.records();
    while place.opening_of(&record.author, record.index).await.is_none() {
        records.changed().await.unwrap();
    }
    Instant::now()
}

/// When a record is not held any more at a place.
async fn gone_at(place: &TestPlace, record: RecordId) -> Instant {
    let mut purged = place.app().signals.purged();
    while place.opening_of(&record.author, record.index).await.is_some() {
        purged.changed().await.unwrap();
    }
    Instant::now()
}

/// Two connected places, nothing else going on: from the wish to release until the other holds the record.
pub(crate) async fn publish_to_visible() {
    let story = Story::begin();
    let author = story.place("Melton").await;
    let reader = story.place("Dorset").await;
    peer(&author, &reader).await;
    with_experiments(&author, RELEASES).await;
    let mut runs = Vec::new();
    for n in 0..RELEASES {
        let begun = Instant::now();
        let record = author.publish(to_all(n)).await;
        runs.push(held_at(&reader, record.parse().unwrap()).await - begun);
        story.pass(PAUSE);
    }
    spread("publish to held at a connected peer", runs);
}

async fn places(story: &Story, count: usize) -> Vec<TestPlace> {
    let mut places = Vec::with_capacity(count);
    for n in 0..count {
        places.push(story.place(&format!("Place {n}")).await);
    }
    places
}

/// Prints how long each of some places took, and all of them, over several rounds.
fn told(what: &str, rounds: &[Vec<Duration>]) {
    spread(what, rounds.concat());
    let last = rounds.iter().map(|each| each.iter().copied().max().unwrap()).collect();
    println!("{:<44} median {:>5.1} ms", "  until the last one", median(last).as_secs_f64() * 1e3);
}

/// One hub with all others around it: the hub releases, another place releases through the hub, and a release is withdrawn.
pub(crate) async fn star() {
    let story = Story::begin();
    let all = places(&story, PLACES).await;
    let (hub, others) = all.split_first().unwrap();
    for other in others {
        peer_with_relay(other, hub).await;
    }
    let (speaker, readers) = others.split_first().unwrap();
    for place in [hub, speaker] {
        with_experiments(place, ROUNDS).await;
    }
    for (author, of, what) in [
        (hub, others, format!("a star of {PLACES}: the hub's release, at each")),
        (speaker, readers, format!("a star of {PLACES}: another's, through the hub")),
    ] {
        let mut rounds = Vec::new();
        for n in 0..ROUNDS {
            let begun = Instant::now();
            let record: RecordId = author.publish(to_all(n)).await.parse().unwrap();
            let held = join_all(of.iter().map(|place| held_at(place, record))).await;
            rounds.push(held.into_iter().map(|at| at - begun).collect());
            story.pass(PAUSE);
        }
        told(&what, &rounds);
    }
    drop(all);
    withdrawal().await;
}

/// A release that many hold is withdrawn: until each has purged it, and until all receipts are in.
async fn withdrawal() {
    let story = Story::begin();
    let all = places(&story, HOLDERS + 1).await;
    let (author, holders) = all.split_first().unwrap();
    for holder in holders {
        peer(holder, author).await;
    }
    with_experiments(author, ROUNDS).await;
    let (mut rounds, mut receipts) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        let name = author.publish(to_all(n)).await;
        let record: RecordId = name.parse().unwrap();
        join_all(holders.iter().map(|place| held_at(place, record))).await;
        let begun = Instant::now();
        author.withdraw(&name, "consent withdrawn").await.unwrap();
        let gone = join_all(holders.iter().map(|place| gone_at(place, record))).await;
        rounds.push(gone.into_iter().map(|at| at - begun).collect());
        let mut records = author.app().signals.records();
        while !all_receipts(author, &name).await {
            records.changed().await.unwrap();
        }
        receipts.push(begun.elapsed());
        story.pass(PAUSE);
    }
    told(&format!("withdrawn, purged at each of {HOLDERS}"), &rounds);
    println!("{:<44} median {:>5.1} ms", "  until every receipt is in", median(receipts).as_secs_f64() * 1e3);
}

async fn all_receipts(author: &TestPlace, record: &str) -> bool {
    let holders = author.withdrawal(record).await.holders;
    holders.len() == HOLDERS && holders.iter().all(|holder| holder.state() == HolderState::Purged)
}

/// Places in a row, each of which may pass on its neighbours' records: all release at once. A record goes one step beyond its author's
/// peers and no further, so it is to reach two places on either side.
pub(crate) async fn chain() {
    const STEPS: usize = 2;
    let story = Story::begin();
    let all = places(&story, PLACES).await;
    for pair in all.windows(2) {
        peer_with_relay(&pair[0], &pair[1]).await;
    }
    for place in &all {
        with_experiments(place, 1).await;
    }
    let begun = Instant::now();
    let records = join_all(all.iter().map(|place| place.publish(to_all(0)))).await;
    let waits = records.iter().enumerate().flat_map(|(at, record)| {
        let record: RecordId = record.parse().unwrap();
        let near = at.saturating_sub(STEPS)..=(at + STEPS).min(all.len() - 1);
        near.filter(move |&n| n != at).map(move |n| (n, record))
    });
    let held = join_all(waits.map(|(n, record)| held_at(&all[n], record))).await;
    let what = format!("a chain of {PLACES}: all release, two places on");
    told(&what, &[held.into_iter().map(|at| at - begun).collect()]);
}

/// Bytes that went through.
#[derive(Debug, Default)]
struct Through {
    up: AtomicU64,
    down: AtomicU64,
}

impl Through {
    fn both(&self) -> (u64, u64) {
        (self.up.load(Ordering::Relaxed), self.down.load(Ordering::Relaxed))
    }

    /// Waits until nothing goes through any more, and gives what went through since.
    async fn since(&self, before: (u64, u64)) -> (u64, u64) {
        let mut last = self.both();
        loop {
            tokio::time::sleep(REST).await;
            let now = self.both();
            if now == last && now != before {
                return (now.0 - before.0, now.1 - before.1);
            }
            last = now;
        }
    }
}

/// Passes connections on to `to`, and counts.
async fn counted(at: SocketAddr, to: SocketAddr) -> Arc<Through> {
    let (through, listener) = (Arc::new(Through::default()), TcpListener::bind(at).await.unwrap());
    let counts = through.clone();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(to).await else { continue };
            let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
            let (up, down) = (counts.clone(), counts.clone());
            tokio::spawn(async move { pass(from_near, to_far, &up.up).await });
            tokio::spawn(async move { pass(from_far, to_near, &down.down).await });
        }
    });
    through
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    count: &AtomicU64,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes).await {
        count.fetch_add(n as u64, Ordering::Relaxed);
        if to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

/// What it costs to ask a peer with nothing new, for logs of two lengths: with a new connection, and on one that is there.
pub(crate) async fn unchanged() {
    let story = Story::begin();
    let mut author = story.place("Melton").await;
    let mut reader = story.place("Dorset").await;
    let through_here = free_address();
    let through = counted(through_here, author.address).await;
    author.stop().await;
    let file = author.dir().join(FILE);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("advertise = \"\"", &format!("advertise = \"{through_here}\""))).unwrap();
    author.start().await;
    peer(&author, &reader).await;
    with_experiments(&author, RELEASES).await;
    for (from, to) in [(0, 10), (10, RELEASES)] {
        for n in from..to {
            author.publish(to_all(n)).await;
        }
        converge(&[&author, &reader]).await;
        reader.stop().await;
        let before = through.both();
        let begun = Instant::now();
        reader.start().await;
        let (up, down) = through.since(before).await;
        let took = begun.elapsed().saturating_sub(2 * REST);
        println!(
            "{:<44} {up:>6} B up {down:>6} B down, TLS among them (at most {:.0} ms)",
            format!("an unchanged peer of {to} records, connecting"),
            took.as_secs_f64() * 1e3
        );
        let before = through.both();
        tokio::time::sleep(Duration::from_secs(60)).await;
        let now = through.both();
        let (up, down) = (now.0 - before.0, now.1 - before.1);
        println!("{:<44} {up:>6} B up {down:>6} B down", "  and connected, in a minute");
    }
}
