//! Connections that other nodes open: handshakes with a deadline and a bound on how many are
//! pending, so that a slow or silent caller holds up nobody.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use cairn_proto::limits;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::tls;

/// A handshake takes milliseconds; a caller that needs longer is not one.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes under way at once: bounds memory whoever connects.
const PENDING: usize = 256;
/// Pause after the system refused a connection, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What is known about a caller on one connection: what the handshake proved, and what it said in its Hello.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The Ed25519 key it holds.
    pub key: [u8; 32],
    /// Where it calls from.
    pub address: IpAddr,
    agreed: Arc<AtomicU32>,
}

impl Proven {
    /// A caller that has not said Hello.
    #[must_use]
    pub fn new(key: [u8; 32], address: IpAddr) -> Self {
        Self { key, address, agreed: Arc::new(AtomicU32::new(limits::MIN_PROTOCOL_VERSION)) }
    }

    /// The version of the protocol that is spoken on this connection: the oldest, unless another was agreed on.
    #[must_use]
    pub fn agreed(&self) -> u32 {
        self.agreed.load(Ordering::Relaxed)
    }

    /// Notes the version agreed on.
    pub fn agree(&self, version: u32) {
        self.agreed.store(version, Ordering::Relaxed);
    }
}

pin_project_lite::pin_project! {
    /// A connection whose handshake has succeeded.
    pub struct Connection {
        #[pin]
        stream: TlsStream<TcpStream>,
        proven: Proven,
    }
}

impl Connected for Connection {
    type ConnectInfo = Proven;

    fn connect_info(&self) -> Proven {
        self.proven.clone()
    }
}

/// Accepts connections until the stream is dropped.
pub fn connections(
    listener: TcpListener,
    config: rustls::ServerConfig,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), sender));
    ReceiverStream::new(receiver)
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, sender: mpsc::Sender<io::Result<Connection>>) {
    let pending = Arc::new(Semaphore::new(PENDING));
    loop {
        let Ok(permit) = pending.clone().acquire_owned().await else { return };
        let (socket, address) = tokio::select! {
            () = sender.closed() => return,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            let _permit = permit;
            match handshake(&acceptor, socket, address.ip()).await {
                Ok(connection) => drop(sender.send(Ok(connection)).await),
                Err(error) => tracing::info!(%address, %error, "TLS handshake refused"),
            }
        });
    }
}

async fn handshake(acceptor: &TlsAcceptor, socket: TcpStream, address: IpAddr) -> io::Result<Connection> {
    socket.set_nodelay(true)?;
    let stream = timeout(HANDSHAKE, acceptor.accept(socket)).await??;
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.ok_or_else(|| io::Error::other("no client certificate"))?;
    let key = tls::key_of(certificate).map_err(io::Error::other)?.to_bytes();
    Ok(Connection { stream, proven: Proven::new(key, address) })
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_shutdown(cx)
    }
}
