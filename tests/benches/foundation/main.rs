//! What a node does next to the bare library calls it cannot avoid, in one run: medians and
//! ratios. `cargo bench -p cairn-tests --bench foundation`, with the names of some parts after `--` for these alone.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a benchmark measures time, prints, and stops at the first surprise"
)]

mod bare;
mod network;
mod nodes;
mod process;
mod watchers;

use std::time::{Duration, Instant};

use cairn_proto::{
    envelope::{self, PayloadType},
    identity::{self, Identity},
    log::{Frontier, Leaf, commitment},
};
use ed25519_dalek::{Signature, SigningKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

/// Summaries in a back-fill.
const RECORDS: usize = 100_000;
/// Envelopes of which the durable insert is measured by itself.
const INSERTS: usize = 20_000;
/// Runs of which the median is told.
const RUNS: usize = 5;

/// The median of some durations.
fn median(mut runs: Vec<Duration>) -> Duration {
    runs.sort();
    runs[runs.len() / 2]
}

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Prints the median and the 99th hundredth of some durations.
fn spread(what: &str, mut runs: Vec<Duration>) {
    runs.sort();
    let (middle, late) = (runs[runs.len() / 2], runs[runs.len() * 99 / 100]);
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    println!("{what:<44} p50 {:>8.1} ms   p99 {:>8.1} ms", ms(middle), ms(late));
}

/// Prints a line: ours, the bare calls, and the ratio of their rates.
fn line(what: &str, count: usize, ours: Vec<Duration>, bare: Vec<Duration>) {
    let (ours, bare) = (rate(count, median(ours)), rate(count, median(bare)));
    println!("{what:<44} {ours:>10.0}/s {bare:>10.0}/s {:>6.2}", ours / bare);
}

struct Signed {
    author: Identity,
    key: SigningKey,
    envelopes: Vec<Vec<u8>>,
}

fn signed(count: usize) -> Signed {
    let key = SigningKey::from_bytes(&[1; 32]);
    let public = |n: u8| SigningKey::from_bytes(&[n; 32]).verifying_key();
    let (_, inception) = identity::inception(&key, &public(2), &public(3), &[public(4)], 1, [5; 16]);
    let author = Identity::verify(&[inception]).unwrap();
    let envelopes = (0..count as u64).map(|index| {
        let payload = nodes::record(&author.node_id(), index).encode_to_vec();
        envelope::sign(PayloadType::Record, payload, &[&key]).encode_to_vec()
    });
    Signed { envelopes: envelopes.collect(), author, key }
}

/// Opens a record, checks its commitment and appends its leaf; next to one strict verification
/// and two hashes.
fn verify_and_append() {
    let count = 4_000;
    let signed = signed(count);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let mut frontier = Frontier::new();
        for (bytes, index) in signed.envelopes.iter().zip(0..) {
            let record = cairn_proto::record::open(bytes, &signed.author, index).unwrap();
            let record = cairn_node::domain::record::Record::try_from(record).unwrap();
            let leaf = Leaf::record(commitment(&[7; 32], bytes));
            frontier.append(leaf.hash());
            std::hint::black_box(record);
        }
        ours.push(begun.elapsed());
        std::hint::black_box(frontier.root());

        let public = signed.key.verifying_key();
        let begun = Instant::now();
        for bytes in &signed.envelopes {
            let envelope = cairn_proto::pb::exchange::Envelope::decode(&bytes[..]).unwrap();
            let signature = Signature::from_slice(&envelope.signatures[0].sig).unwrap();
            let message = envelope::pae(&envelope.payload_type, &envelope.payload);
            public.verify_strict(&message, &signature).unwrap();
            std::hint::black_box((Sha256::digest(bytes), Sha256::digest([0; 74])));
        }
        bare.push(begun.elapsed());
    }
    line("verify and append (log + envelope)", count, ours, bare);
}

#[tokio::main]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    println!("{:<44} {:>12} {:>12} {:>6}", "medians", "ours", "bare calls", "ratio");
    if wanted("verify") {
        verify_and_append();
    }
    if wanted("insert") {
        bare::durable_insert(&signed(INSERTS).envelopes).await;
    }
    if wanted("back-fill") {
        nodes::back_fill().await;
    }
    if wanted("visible") {
        network::publish_to_visible().await;
    }
    if wanted("unchanged") {
        network::unchanged().await;
    }
    if wanted("star") {
        network::star().await;
    }
    if wanted("chain") {
        network::chain().await;
    }
    if wanted("watchers") {
        watchers::thousand().await;
    }
    if wanted("idle") {
        process::idle();
    }
}
