//! Learning at home on a node with 2,000 cycles: what a page, a document and a search cost over the admin service, next
//! to the bare queries they cannot avoid, in one run. `cargo bench -p cairn-tests --bench home`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark measures time, prints, and stops at the first surprise"
)]

mod bare;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use cairn_node::{
    clock::Clock,
    config::Config,
    init::{self, NewNode},
    node::Node,
};
use cairn_proto::pb::admin::{
    GetDocumentRequest, ImportCycleRequest, ListDocumentsRequest, Trait,
    learning_service_client::LearningServiceClient,
};
use cairn_tests::desk::Desk;
use jiff::Timestamp;
use tonic::transport::Channel;

/// Cycles at home: those of a large country in twenty years.
const CYCLES: usize = 2_000;
/// Calls of which median and 99th percentile are told.
const CALLS: usize = 400;
/// A whole cycle of a real case.
const CASE: &str = include_str!("../../../node/cases/cycles/south-tyneside.yaml");
/// How all ids of the case begin.
const PREFIX: &str = "tyneside-";

async fn start(dir: &Path) -> Node {
    let new = NewNode {
        data_dir: dir.to_owned(),
        name: "A country".to_owned(),
        listen: Some(([127, 0, 0, 1], 0).into()),
        advertise: None,
        database_url: None,
        admin: None,
    };
    init::init(&new, Timestamp::UNIX_EPOCH).await.unwrap();
    Node::bind(Config::load(dir).unwrap(), Clock::System).await.unwrap()
}

/// The case again and again, each under ids of its own.
async fn fill(learning: &mut LearningServiceClient<Channel>) -> usize {
    let mut documents = 0;
    for n in 0..CYCLES {
        let content = CASE.replace(PREFIX, &format!("place{n}-")).into_bytes();
        let request = ImportCycleRequest { content, file_name: "case.yaml".to_owned(), replace: false };
        documents += learning.import_cycle(request).await.unwrap().into_inner().added.len();
    }
    documents
}

/// Median and 99th percentile of what a call takes.
fn told(what: &str, mut ours: Vec<Duration>, mut bare: Vec<Duration>) {
    ours.sort();
    bare.sort();
    let at = |runs: &[Duration], part: usize| runs[(runs.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!(
        "{what:<44} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>6.2}",
        at(&ours, 50),
        at(&ours, 99),
        at(&bare, 50),
        at(&bare, 99),
        at(&bare, 50) / at(&ours, 50)
    );
}

/// A call over the admin service, again and again.
macro_rules! timed {
    (|$n:ident| $call:expr) => {{
        let mut runs = Vec::with_capacity(CALLS);
        for $n in 0..CALLS {
            let begun = Instant::now();
            $call;
            runs.push(begun.elapsed());
        }
        runs
    }};
}

fn list(kind: &str, words: &str, traits: &[(&str, &str)]) -> ListDocumentsRequest {
    let traits = traits.iter().map(|(name, value)| Trait { name: (*name).into(), value: (*value).into() });
    ListDocumentsRequest {
        kind: kind.to_owned(),
        words: words.to_owned(),
        traits: traits.collect(),
        ..Default::default()
    }
}

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let node = start(dir.path()).await;
    let mut learning = Desk::at(node.admin()).await.unwrap().learning();
    let begun = Instant::now();
    let documents = fill(&mut learning).await;
    let took = begun.elapsed();
    println!(
        "{CYCLES} cycles, {documents} documents, read in at {:.0} documents/s",
        documents as f64 / took.as_secs_f64()
    );
    let bare = bare::Bare::open(dir.path()).await;
    println!("{:<44} {:>8} {:>8} {:>8} {:>8} {:>6}", "milliseconds", "median", "p99", "bare", "p99", "ratio");

    let ours = timed!(|_n| learning.list_documents(list("cycle", "", &[])).await.unwrap());
    told("list: the newest 50 cycles", ours, timed!(|_n| bare.page("cycle").await));

    let ours = timed!(|n| {
        let request = GetDocumentRequest { kind: "cycle".into(), id: bare.cycle(n).to_owned(), version: 0 };
        learning.get_document(request).await.unwrap()
    });
    told("open: one cycle with its links", ours, timed!(|n| bare.document("cycle", bare.cycle(n)).await));

    for (what, words, traits) in [
        ("search: a word of every cycle", "charter", &[][..]),
        ("search: two words", "learning poster", &[]),
        ("search: a word of one document", "place1234", &[]),
        ("search: by theme and scale", "", &[("theme", "payment"), ("scale", "place")]),
        ("search: a word and a state", "leaders", &[("state", "running")]),
    ] {
        let found = learning.list_documents(list("", words, traits)).await.unwrap().into_inner().documents;
        assert!(!found.is_empty(), "{what} finds something");
        let ours = timed!(|_n| learning.list_documents(list("", words, traits)).await.unwrap());
        told(what, ours, timed!(|_n| bare.search(words).await));
    }
    node.shutdown().await;
}
