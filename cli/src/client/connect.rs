//! Opening the connection to a node.

use std::{
    error::Error as StdError,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tonic::transport::{self, Channel};
use tower::service_fn;

use super::{DataDir, ReachError, data_dir::Endpoint};

/// A node on the same machine accepts at once, or something is wrong.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Why the connection could not be opened.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the system said, if it came to that.
    kind: Option<io::ErrorKind>,
    /// The deepest reason, in the library's words.
    why: String,
}

impl Failure {
    /// The words for it.
    pub(crate) fn explain(self, dir: &DataDir, endpoint: &Endpoint) -> ReachError {
        match (self.kind, endpoint) {
            (Some(io::ErrorKind::PermissionDenied), Endpoint::Unix(path)) => {
                ReachError::Permission(path.clone())
            }
            (Some(io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused), _) => {
                ReachError::Stale { dir: dir.clone(), endpoint: endpoint.to_string() }
            }
            _ => ReachError::NoConnection { dir: dir.clone(), endpoint: endpoint.to_string(), why: self.why },
        }
    }
}

impl From<transport::Error> for Failure {
    fn from(error: transport::Error) -> Self {
        let mut deepest: &(dyn StdError + 'static) = &error;
        let mut kind = None;
        loop {
            kind = deepest.downcast_ref::<io::Error>().map(io::Error::kind).or(kind);
            match deepest.source() {
                Some(source) => deepest = source,
                None => break,
            }
        }
        Self { kind, why: deepest.to_string() }
    }
}

/// Opens the connection.
pub(crate) async fn open(endpoint: &Endpoint) -> Result<Channel, Failure> {
    match endpoint {
        Endpoint::Unix(path) => open_socket(path).await,
        Endpoint::Loopback(address) => {
            let endpoint = Channel::from_shared(address.clone())
                .map_err(|error| Failure { kind: None, why: error.to_string() })?;
            Ok(endpoint.connect_timeout(CONNECT_DEADLINE).connect().await?)
        }
    }
}

/// Opens a Unix socket. The name in the address is never looked up.
async fn open_socket(path: &Path) -> Result<Channel, Failure> {
    let path = PathBuf::from(path);
    let connector = service_fn(move |_| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    let endpoint = Channel::from_static("http://cairn.invalid").connect_timeout(CONNECT_DEADLINE);
    Ok(endpoint.connect_with_connector(connector).await?)
}
