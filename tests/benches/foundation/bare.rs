//! The calls nobody can avoid: durable inserts, and a stream over mutual TLS that is verified and
//! inserted, written as plainly as possible.

use std::{
    pin::Pin,
    str::FromStr as _,
    sync::Arc,
    time::{Duration, Instant},
};

use cairn_node::{
    exchange::{incoming, tls},
    store::{OpeningRow, Store},
};
use cairn_proto::{
    envelope,
    log::Frontier,
    pb::exchange::{
        self as pb,
        exchange_service_client::ExchangeServiceClient,
        exchange_service_server::{ExchangeService, ExchangeServiceServer},
        pull_response::Part,
    },
};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use prost::Message as _;
use sqlx::{
    QueryBuilder, Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, transport::Endpoint};

/// Rows a transaction: what a node uses for openings.
const BATCH: usize = 256;

/// A database with the one table that durable inserts need.
pub(crate) async fn database(dir: &std::path::Path) -> SqlitePool {
    let url = format!("sqlite://{}", dir.join("bare.db").display());
    let options = SqliteConnectOptions::from_str(&url)
        .unwrap()
        .create_if_missing(true)
        .page_size(16 * 1024)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::query("CREATE TABLE r (idx BIGINT PRIMARY KEY, salt BYTEA, envelope BYTEA)")
        .execute(&pool)
        .await
        .unwrap();
    pool
}

/// Inserts envelopes in batches, each a transaction.
pub(crate) async fn insert(pool: &SqlitePool, from: usize, batch: &[impl AsRef<[u8]>]) {
    let mut tx = pool.begin().await.unwrap();
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO r (idx, salt, envelope) ");
    query.push_values(batch.iter().zip(from as i64..), |mut values, (bytes, idx)| {
        values.push_bind(idx).push_bind(&[7_u8; 32][..]).push_bind(bytes.as_ref());
    });
    query.build().execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Inserting openings through the store; next to multi-row inserts into one table.
pub(crate) async fn durable_insert(envelopes: &[Vec<u8>]) {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..super::RUNS {
        let dir = tempfile::tempdir().unwrap();
        ours.push(through_the_store(dir.path(), envelopes).await);
        let pool = database(dir.path()).await;
        let begun = Instant::now();
        for (batch, n) in envelopes.chunks(BATCH).zip(0..) {
            insert(&pool, n * BATCH, batch).await;
        }
        bare.push(begun.elapsed());
    }
    super::line("durable insert (SQLite, 256 a transaction)", envelopes.len(), ours, bare);
}

async fn through_the_store(dir: &std::path::Path, envelopes: &[Vec<u8>]) -> Duration {
    let store = Store::open(&format!("sqlite://{}", dir.join("ours.db").display())).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let log = tx.log_for_update(&cairn_proto::ids::NodeId::from_bytes([1; 32])).await.unwrap();
    assert_eq!(log.frontier, Frontier::new());
    tx.commit().await.unwrap();
    let row = |(bytes, index): (&Vec<u8>, u64)| OpeningRow {
        index,
        salt: [7; 32],
        envelope: bytes.clone(),
        expires_at: None,
        held_since: Timestamp::UNIX_EPOCH,
    };
    let rows: Vec<_> = envelopes.iter().zip(0..).map(row).collect();
    let begun = Instant::now();
    for batch in rows.chunks(BATCH) {
        let mut tx = store.write().await.unwrap();
        tx.add_openings(log.id, batch).await.unwrap();
        tx.commit().await.unwrap();
    }
    begun.elapsed()
}

/// Sends openings that lie in memory.
struct Sender(Arc<Vec<pb::PullResponse>>);

type Parts<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ExchangeService for Sender {
    type WatchStream = Parts<pb::WatchResponse>;
    type PullStream = Parts<pb::PullResponse>;

    async fn hello(&self, _: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn peering(&self, _: Request<pb::PeeringRequest>) -> Result<Response<pb::PeeringResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_offers(
        &self,
        _: Request<pb::ListOffersRequest>,
    ) -> Result<Response<pb::ListOffersResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn retract(&self, _: Request<pb::RetractRequest>) -> Result<Response<pb::RetractResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn watch(&self, _: Request<pb::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn pull(&self, _: Request<pb::PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let (sender, receiver) = tokio::sync::mpsc::channel(2);
        let parts = self.0.clone();
        tokio::spawn(async move {
            for part in parts.iter() {
                if sender.send(Ok(part.clone())).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Receives openings over mutual TLS, verifies them strictly and inserts them durably: no log, no
/// commitments, no policies, no ledger.
pub(crate) async fn back_fill(envelopes: &[Vec<u8>], key: &SigningKey) -> Duration {
    let parts = envelopes.chunks(BATCH).map(|batch| {
        let opening =
            |bytes: &Vec<u8>| pb::Opening { index: 0, salt: vec![7; 32], envelope: bytes.clone().into() };
        let openings = pb::OpeningBatch { openings: batch.iter().map(opening).collect(), settled_to: 0 };
        pb::PullResponse { part: Some(Part::Openings(openings)) }
    });
    let service = ExchangeServiceServer::new(Sender(Arc::new(parts.collect())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections =
        incoming::connections(listener, tls::server_config(tls::Presented::new(key).unwrap()).unwrap());
    let server = tokio::spawn(
        tonic::transport::Server::builder()
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .add_service(service)
            .serve_with_incoming(connections),
    );
    let dir = tempfile::tempdir().unwrap();
    let pool = database(dir.path()).await;
    let begun = Instant::now();
    receive(address, key, &pool).await;
    let took = begun.elapsed();
    server.abort();
    took
}

async fn receive(address: std::net::SocketAddr, key: &SigningKey, pool: &SqlitePool) {
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls::client_config(key).unwrap()));
    let socket = TcpStream::connect(address).await.unwrap();
    let stream = connector.connect(tls::server_name().unwrap(), socket).await.unwrap();
    let mut stream = Some(TokioIo::new(stream));
    let channel = Endpoint::from_shared(format!("http://{address}"))
        .unwrap()
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .connect_with_connector(tower::service_fn(move |_| {
            let stream = stream.take();
            async move { stream.ok_or_else(|| std::io::Error::other("once")) }
        }))
        .await
        .unwrap();
    let parts =
        ExchangeServiceClient::new(channel).pull(pb::PullRequest::default()).await.unwrap().into_inner();
    let public = key.verifying_key();
    let mut verified = futures::StreamExt::buffered(
        parts.map(move |part| tokio::task::spawn_blocking(move || verify(part.unwrap(), &public))),
        4,
    );
    let mut from = 0;
    while let Some(batch) = verified.next().await {
        let batch = batch.unwrap();
        insert(pool, from, &batch).await;
        from += batch.len();
    }
}

fn verify(part: pb::PullResponse, public: &VerifyingKey) -> Vec<prost::bytes::Bytes> {
    let Some(Part::Openings(batch)) = part.part else { panic!("only openings were sent") };
    for opening in &batch.openings {
        let envelope = pb::Envelope::decode(&opening.envelope[..]).unwrap();
        let signature = Signature::from_slice(&envelope.signatures[0].sig).unwrap();
        public.verify_strict(&envelope::pae(&envelope.payload_type, &envelope.payload), &signature).unwrap();
    }
    batch.openings.into_iter().map(|opening| opening.envelope).collect()
}
