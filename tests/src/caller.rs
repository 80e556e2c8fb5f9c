//! Calls from anyone: a TLS connection with any key, and then whatever the caller likes to say.

use std::{io, net::SocketAddr, sync::Arc};

use cairn_node::exchange::{status, tls};
use cairn_proto::{
    identity::Identity,
    limits,
    pb::exchange::{
        Envelope, HelloRequest, HelloResponse, Opening, PullRequest, WatchRequest,
        exchange_service_client::ExchangeServiceClient, pull_response::Part, refusal::Kind,
    },
};
use ed25519_dalek::SigningKey;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, SignatureScheme, client::ResolvesClientCert, sign::CertifiedKey};
use tokio::{net::TcpStream, sync::Mutex};
use tokio_rustls::TlsConnector;
use tonic::{
    Status,
    transport::{Channel, Endpoint, Uri},
};

/// A connection on which a caller has proven to hold a key.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The generated client.
    pub service: ExchangeServiceClient<Channel>,
}

/// What a pull brought.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// Size of the head.
    pub size: u64,
    /// Number of leaves.
    pub leaves: usize,
    /// The openings.
    pub openings: Vec<Opening>,
}

/// A resolver that presents no certificate.
#[derive(Debug)]
struct Nobody;

impl ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// TLS of a caller without a certificate.
///
/// # Panics
/// When TLS cannot be set up.
#[must_use]
pub fn without_certificate(key: &SigningKey) -> ClientConfig {
    let mut config = tls::client_config(key).expect("TLS");
    config.client_auth_cert_resolver = Arc::new(Nobody);
    config
}

impl Caller {
    /// Connects with a key of one's own.
    ///
    /// # Panics
    /// When the connection is refused.
    pub async fn with_key(address: SocketAddr, key: &SigningKey) -> Self {
        let config = tls::client_config(key).expect("TLS");
        Self::with_tls(address, config).await.expect("a connection")
    }

    /// Connects with any TLS settings.
    ///
    /// # Errors
    /// When the connection is refused.
    pub async fn with_tls(address: SocketAddr, config: ClientConfig) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        let name = tls::server_name().map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        let stream = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
        let connector = tower::service_fn(move |_: Uri| {
            let stream = stream.clone();
            async move { stream.lock().await.take().ok_or_else(|| io::Error::other("the connection was lost")) }
        });
        let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(io::Error::other)?;
        let channel = endpoint.connect_with_connector(connector).await.map_err(io::Error::other)?;
        let service =
            ExchangeServiceClient::new(channel).max_decoding_message_size(2 * limits::MESSAGE_BYTES);
        Ok(Self { service: service.max_encoding_message_size(2 * limits::MESSAGE_BYTES) })
    }

    /// Says hello with an identity.
    ///
    /// # Errors
    /// The refusal.
    pub async fn hello(&mut self, identity: &Identity) -> Result<HelloResponse, Status> {
        self.hello_in(limits::PROTOCOL_VERSION, limits::MIN_PROTOCOL_VERSION, identity.events()).await
    }

    /// Says hello in given protocol versions.
    ///
    /// # Errors
    /// The refusal.
    pub async fn hello_in(
        &mut self,
        version: u32,
        min_version: u32,
        identity: &[Envelope],
    ) -> Result<HelloResponse, Status> {
        let identity = identity.to_vec();
        let request = HelloRequest { version, min_version, identity, ..Default::default() };
        Ok(self.service.hello(request).await?.into_inner())
    }

    /// Pulls everything there is for this caller.
    ///
    /// # Errors
    /// The refusal.
    pub async fn pull_all(&mut self) -> Result<Pulled, Status> {
        let mut parts = self.service.pull(PullRequest::default()).await?.into_inner();
        let mut pulled = Pulled::default();
        while let Some(message) = parts.message().await? {
            match message.part.expect("a part") {
                Part::Head(head) => pulled.size = head.size,
                Part::Leaves(batch) => pulled.leaves += batch.leaves.len() / cairn_proto::log::Leaf::LEN,
                Part::Openings(batch) => pulled.openings.extend(batch.openings),
            }
        }
        Ok(pulled)
    }

    /// Asks to be told of new heads, and gives the first answer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn first_head(&mut self) -> Result<u64, Status> {
        let mut heads = self.service.watch(WatchRequest::default()).await?.into_inner();
        Ok(heads.message().await?.expect("a head").size)
    }
}

/// The typed refusal in a status.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn refusal(status: &Status) -> Kind {
    status::refusal(status).unwrap_or_else(|| panic!("a refusal without a type: {status:?}"))
}
