//! Calling another node: a TLS connection, a `Hello` that proves whose it is, and then its service.

use std::{io, sync::Arc, time::Duration};

use cairn_proto::{
    identity::Identity,
    ids::NodeId,
    limits,
    pb::exchange::{
        HelloRequest, HelloResponse, PullRequest, PullResponse, WatchRequest, WatchResponse,
        exchange_service_client::ExchangeServiceClient,
    },
};
use futures::Stream;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::Mutex, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{
    Status, Streaming,
    transport::{Channel, Endpoint, Uri},
};

use super::{server::SOFTWARE, status, tls};
use crate::{
    app::{App, AppError},
    wire::contract,
};

/// Connecting and handshaking take milliseconds on any working network.
const CONNECT: Duration = Duration::from_secs(10);
/// No single answer takes longer.
pub const ANSWER: Duration = Duration::from_secs(30);
/// A silent connection is probed after this long, and given up when the probe is not answered:
/// after a partition it would hang for ever otherwise.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(10);
/// HTTP/2 windows that keep a long back-fill flowing.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// Why a peer could not be talked to.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody answered.
    #[error("{endpoint} cannot be reached: {error}")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The address is none.
    #[error("\"{0}\" is not an address; it must be host:port")]
    Endpoint(String),
    /// TLS could not be set up on our side.
    #[error(transparent)]
    Tls(#[from] tls::TlsSetupError),
    /// Somebody else answers there.
    #[error("{endpoint} answers as another node than {expected}: {why}. Nothing was sent but our identity")]
    Impostor {
        /// Where.
        endpoint: String,
        /// Who should be there.
        expected: NodeId,
        /// What does not fit.
        why: String,
    },
    /// The peer speaks no version that we speak.
    #[error(
        "the peer asks for version {min} to {max} of the protocol, and this node speaks {} to {}; upgrade one of the two",
        limits::MIN_PROTOCOL_VERSION,
        limits::PROTOCOL_VERSION
    )]
    Version {
        /// Its lowest.
        min: u32,
        /// Its highest.
        max: u32,
    },
    /// The peer speaks a version that is too old for this place.
    #[error(
        "the peer speaks version {agreed} of the protocol, and this place asks for {minimum} at least ([exchange] min_version in \
         cairn.toml): nothing flows but withdrawals until the peer is upgraded"
    )]
    Old {
        /// What both speak.
        agreed: u32,
        /// What this place asks for.
        minimum: u32,
    },
    /// The peer refused, or broke off.
    #[error("the peer says: {}", .0.message())]
    Refused(#[from] Box<tonic::Status>),
    /// What the peer said cannot be read.
    #[error("what the peer said cannot be read: {0}")]
    Unreadable(String),
}

impl From<tonic::Status> for CallError {
    fn from(status: tonic::Status) -> Self {
        if let Some(cairn_proto::pb::exchange::refusal::Kind::Version(version)) = status::refusal(&status) {
            return Self::Version { min: version.min_version, max: version.version };
        }
        Self::Refused(Box::new(status))
    }
}

/// A connection to a peer that has proven who it is.
#[derive(Debug)]
pub struct Peer {
    /// Its service.
    pub service: ExchangeServiceClient<Channel>,
    /// Its identity.
    pub identity: Identity,
    /// Its answer to our `Hello`.
    pub hello: HelloResponse,
}

impl Peer {
    /// Learning flows only in a version that is new enough for this place.
    ///
    /// # Errors
    /// [`CallError::Old`].
    pub fn refuse_old(&self, app: &App) -> Result<(), CallError> {
        let (agreed, minimum) = (self.hello.version, app.versions.minimum());
        match app.versions.is_enough(agreed) {
            true => Ok(()),
            false => Err(CallError::Old { agreed, minimum }),
        }
    }
}

/// What following a peer needs of a connection to it.
pub trait Line: Send {
    /// Heads, as long as the peer tells them.
    type Heads: Stream<Item = Result<WatchResponse, Status>> + Send + Unpin;
    /// What a head brings.
    type Parts: Stream<Item = Result<PullResponse, Status>> + Send + Unpin;

    /// Who is there.
    fn identity(&self) -> &Identity;

    /// Asks for heads.
    fn watch(&mut self, request: WatchRequest) -> impl Future<Output = Result<Self::Heads, Status>> + Send;

    /// Asks for what a head brings.
    fn pull(&mut self, request: PullRequest) -> impl Future<Output = Result<Self::Parts, Status>> + Send;
}

impl Line for Peer {
    type Heads = Streaming<WatchResponse>;
    type Parts = Streaming<PullResponse>;

    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn watch(&mut self, request: WatchRequest) -> Result<Self::Heads, Status> {
        Ok(self.service.watch(request).await?.into_inner())
    }

    async fn pull(&mut self, request: PullRequest) -> Result<Self::Parts, Status> {
        Ok(self.service.pull(request).await?.into_inner())
    }
}

/// Connects to `endpoint`, expecting `node` there, and says hello.
///
/// # Errors
/// [`CallError`]; somebody else at that address learns our identity and nothing more.
pub async fn connect(app: &App, node: &NodeId, endpoint: &str) -> Result<Peer, CallError> {
    let (stream, key) = dial(app, endpoint).await?;
    let channel = channel(stream, endpoint).await?;
    let mut service = ExchangeServiceClient::new(channel)
        .max_decoding_message_size(limits::MESSAGE_BYTES)
        .max_encoding_message_size(limits::MESSAGE_BYTES);
    let relationship = app.relationship(node).await.map_err(|e| CallError::Unreadable(e.to_string()))?;
    let mut request = tonic::Request::new(HelloRequest {
        version: app.versions.high(),
        min_version: app.versions.low(),
        identity: app.keys.identity().events().to_vec(),
        endpoint: app.endpoint.to_string(),
        software: SOFTWARE.to_owned(),
        relationship: relationship.as_ref().map(Into::into),
    });
    request.set_timeout(ANSWER);
    let hello = service.hello(request).await?.into_inner();
    let impostor = |why: String| CallError::Impostor { endpoint: endpoint.to_owned(), expected: *node, why };
    let identity = Identity::verify(&hello.identity).map_err(|e| impostor(e.to_string()))?;
    if identity.node_id() != *node {
        return Err(impostor(format!("it is {}", identity.node_id())));
    }
    if identity.current().signing_key.as_bytes() != &key {
        return Err(impostor("it does not hold that node's signing key".into()));
    }
    let unreadable = |error: AppError| CallError::Unreadable(error.to_string());
    let seen = contract::seen(hello.relationship.clone()).map_err(|e| unreadable(e.into()))?;
    app.hear_standing(node, &seen).await.map_err(unreadable)?;
    if app.versions.agreed(hello.version, hello.version).is_none() {
        return Err(CallError::Version { min: hello.version, max: hello.version });
    }
    Ok(Peer { service, identity, hello })
}

async fn dial(app: &App, endpoint: &str) -> Result<(TlsStream<TcpStream>, [u8; 32]), CallError> {
    let config = tls::client_config(&app.keys.signing())?;
    let connect = async {
        let socket = TcpStream::connect(endpoint).await?;
        socket.set_nodelay(true)?;
        let name = tls::server_name().map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        let chain = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let certificate = chain.ok_or_else(|| io::Error::other("no certificate"))?;
        let key = tls::key_of(certificate).map_err(io::Error::other)?.to_bytes();
        Ok((stream, key))
    };
    let connected = timeout(CONNECT, connect).await.unwrap_or_else(|late| Err(late.into()));
    connected.map_err(|error| CallError::Unreachable { endpoint: endpoint.to_owned(), error })
}

/// A channel over one connection. When that is lost, so is the channel: the worker connects again
/// and asks anew who is there.
async fn channel(stream: TlsStream<TcpStream>, endpoint: &str) -> Result<Channel, CallError> {
    let stream = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = tower::service_fn(move |_: Uri| {
        let stream = stream.clone();
        async move { stream.lock().await.take().ok_or_else(|| io::Error::other("the connection was lost")) }
    });
    let uri = Endpoint::from_shared(format!("http://{endpoint}"));
    uri.map_err(|_| CallError::Endpoint(endpoint.to_owned()))?
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .connect_with_connector(connector)
        .await
        .map_err(|error| CallError::Unreachable {
            endpoint: endpoint.to_owned(),
            error: io::Error::other(error),
        })
}
