//! Two real nodes and a back-fill of summaries of about 2 KiB between them.

use std::{
    path::Path,
    sync::OnceLock,
    time::{Duration, Instant},
};

use cairn_node::{
    app::{App, relay::Route},
    clock::Clock,
    config::Config,
    domain::{
        experiment::Declaration,
        learning::Document,
        policy::Card,
        record::{Body, ConsentState, ConsentStatement, Record},
    },
    files::document,
    init::{self, NewNode},
    node::Node,
    store::OpeningRow,
};
use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    ids::NodeId,
    log::{Leaf, commitment},
    pb::{
        admin::{self, admin_service_client::AdminServiceClient},
        exchange as pb,
    },
};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use prost::Message as _;
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};

use super::{RECORDS, bare, line, median, rate};

/// Back-fills of which the median is told: each makes a new receiver.
const RUNS: usize = 3;
/// Nothing more comes after so long without a record.
const STALLED: Duration = Duration::from_secs(20);
/// Between two looks whether all is indexed.
const LOOK: Duration = Duration::from_millis(10);

/// A record of about 2 KiB, from a real case.
pub(crate) fn record(author: &NodeId, index: u64) -> pb::Record {
    static RECORD: OnceLock<pb::Record> = OnceLock::new();
    let record = RECORD.get_or_init(|| template(author));
    pb::Record { author: author.to_string(), index, ..record.clone() }
}

fn template(author: &NodeId) -> pb::Record {
    let case = include_bytes!("../../../node/cases/melton.yaml");
    let Document::Experiment(experiment) = document::read(case, None).unwrap().document else {
        unreachable!()
    };
    let mut summary = experiment.summary(Declaration::InRetrospect).unwrap().unwrap();
    // The long account of the case, cut to a short form's length.
    summary.questions.clear();
    summary.headwinds.clear();
    summary.tailwinds.clear();
    summary.noticed = None;
    summary.unknowns = None;
    summary.compromises = None;
    summary.surprised = None;
    (&Record {
        author: *author,
        index: 0,
        identity_seq: 0,
        created_at: Timestamp::UNIX_EPOCH,
        policy: Card::Network.policy(cairn_node::domain::policy::For::default()).unwrap(),
        consent: ConsentStatement { state: ConsentState::Given, commitment: [9; 32] },
        disclosure: None,
        references: Vec::new(),
        body: Body::Summary(Box::new(summary)),
    })
        .into()
}

async fn start(dir: &Path, name: &str) -> Node {
    let new = NewNode {
        data_dir: dir.to_owned(),
        name: name.to_owned(),
        listen: Some(([127, 0, 0, 1], 0).into()),
        advertise: None,
        database_url: None,
        admin: None,
    };
    init::init(&new, Timestamp::UNIX_EPOCH).await.unwrap();
    Node::bind(Config::load(dir).unwrap(), Clock::System).await.unwrap()
}

async fn client(node: &Node) -> AdminServiceClient<Channel> {
    let path = node.admin().strip_prefix("unix:").unwrap().to_owned();
    let connector = tower::service_fn(move |_| {
        let path = path.clone();
        async move { tokio::net::UnixStream::connect(path).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://node.invalid");
    AdminServiceClient::new(endpoint.connect_with_connector(connector).await.unwrap())
}

/// Fills the author's log directly, in large transactions: publishing is measured elsewhere.
async fn fill(app: &App) -> Vec<Vec<u8>> {
    let mut envelopes = Vec::with_capacity(RECORDS);
    let mut tx = app.store.write().await.unwrap();
    let log = tx.log_for_update(&app.keys.node_id()).await.unwrap();
    let mut frontier = log.frontier;
    for from in (0..RECORDS as u64).step_by(256) {
        let (mut leaves, mut rows) = (Vec::new(), Vec::new());
        for index in from..(from + 256).min(RECORDS as u64) {
            let payload = record(&log.origin, index).encode_to_vec();
            let envelope =
                envelope::sign(PayloadType::Record, payload, &[&app.keys.signing()]).encode_to_vec();
            let leaf = Leaf::record(commitment(&[7; 32], &envelope));
            frontier.append(leaf.hash());
            leaves.push(leaf);
            envelopes.push(envelope.clone());
            let (expires_at, held_since) = (None, Timestamp::UNIX_EPOCH);
            rows.push(OpeningRow { index, salt: [7; 32], envelope, expires_at, held_since });
        }
        tx.append_leaves(log.id, from, &leaves, &frontier).await.unwrap();
        tx.add_openings(log.id, &rows).await.unwrap();
    }
    let head =
        Checkpoint { origin: checkpoint::origin(&log.origin), size: frontier.size(), root: frontier.root() };
    tx.set_head(log.id, frontier.size(), &checkpoint::sign(&head, &app.keys.signing())).await.unwrap();
    tx.set_settled(log.id, frontier.size()).await.unwrap();
    tx.commit().await.unwrap();
    envelopes
}

/// Peers the two and waits until the receiver holds everything; gives the time from acceptance.
async fn follow(author: &Node, receiver: &Node) -> Duration {
    let (mut theirs, mut ours) = (client(author).await, client(receiver).await);
    // All of it in one day.
    let offer = admin::InvitePeerRequest { daily_mib: 1000, ..Default::default() };
    let ticket = theirs.invite_peer(offer).await.unwrap().into_inner().ticket;
    let accept = |ticket_or_peer: String| admin::AcceptPeerRequest { ticket_or_peer, ..Default::default() };
    ours.accept_peer(accept(ticket)).await.unwrap();
    let node = receiver.app().keys.node_id();
    let mut bell = author.app().signals.peers();
    while author.app().relationship(&node).await.unwrap().is_none() {
        bell.changed().await.unwrap();
    }
    let mut records = receiver.app().signals.records();
    let begun = Instant::now();
    theirs.accept_peer(accept(node.to_string())).await.unwrap();
    let route = Route::direct((*author.app().keys.identity()).clone(), false);
    while receiver.app().holding(&route).await.unwrap().settled_to < RECORDS as u64 {
        if timeout(STALLED, records.changed()).await.is_err() {
            let peers = ours.list_peers(admin::ListPeersRequest::default()).await.unwrap().into_inner().peers;
            panic!("nothing came any more: {peers:?}");
        }
    }
    begun.elapsed()
}

/// How long it takes from now until everything that a node holds is found by its words.
async fn findable(node: &Node) -> Duration {
    let begun = Instant::now();
    while node.app().store.read().await.unwrap().unindexed_records(1).await.unwrap().is_some() {
        tokio::time::sleep(LOOK).await;
    }
    begun.elapsed()
}

/// A whole back-fill between two nodes; next to a bare stream that is verified and inserted.
pub(crate) async fn back_fill() {
    let dir = tempfile::tempdir().unwrap();
    let author = start(&dir.path().join("author"), "Author").await;
    let envelopes = fill(author.app()).await;
    // Not while others fetch: that is not what is measured.
    while author.app().index_records().await.unwrap() {}
    let bytes: usize = envelopes.iter().map(Vec::len).sum();
    let (mut ours, mut plain, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let receiver = start(&dir.path().join(format!("receiver-{run}")), &format!("Receiver {run}")).await;
        ours.push(follow(&author, &receiver).await);
        found.push(findable(&receiver).await);
        let held = receiver.app().store.read().await.unwrap().held_count(1).await.unwrap()
            + receiver.app().store.read().await.unwrap().held_count(2).await.unwrap();
        assert_eq!(held, RECORDS as u64);
        receiver.shutdown().await;
        plain.push(bare::back_fill(&envelopes, &author.app().keys.signing()).await);
    }
    let what = format!("back-fill of {RECORDS} x {:.1} KiB over TLS", bytes as f64 / RECORDS as f64 / 1024.0);
    line(&what, RECORDS, ours, plain);
    let (what, took) = ("  until its last record is found by its words", median(found).as_secs_f64());
    println!("{what:<44} {took:>10.1} s");
    publish(&author).await;
    author.shutdown().await;
}

/// One release after another through the use case, each durable before the next.
async fn publish(node: &Node) {
    let mut admin = client(node).await;
    let mut runs = Vec::new();
    for run in 0..200 {
        let content = include_str!("../../../node/cases/melton.yaml")
            .replace("id: melton", &format!("id: melton-{run}"));
        let content = content.into_bytes();
        let file_name = "melton.yaml".to_owned();
        admin.import_experiment(admin::ImportExperimentRequest { content, file_name }).await.unwrap();
        let what = Some(admin::publish_request::What::ExperimentId(format!("melton-{run}")));
        let request = admin::PublishRequest { what, card: "network".into(), ..Default::default() };
        let begun = Instant::now();
        admin.publish(request).await.unwrap();
        runs.push(begun.elapsed());
    }
    let took = median(runs);
    println!(
        "{:<44} {:>10.0}/s ({:.2} ms each)",
        "publish through the admin service",
        rate(1, took),
        took.as_secs_f64() * 1e3
    );
}
