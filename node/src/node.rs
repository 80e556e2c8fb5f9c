//! The composition root: everything a node is made of, put together in one readable place.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cairn_proto::{
    identity::Identity,
    limits,
    pb::{
        DESCRIPTORS,
        admin::{
            admin_service_server::AdminServiceServer, dialogue_service_server::DialogueServiceServer,
            integrity_service_server::IntegrityServiceServer, learning_service_server::LearningServiceServer,
            release_service_server::ReleaseServiceServer, standing_service_server::StandingServiceServer,
            subscription_service_server::SubscriptionServiceServer,
            succession_service_server::SuccessionServiceServer,
        },
        exchange::exchange_service_server::ExchangeServiceServer,
    },
};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::{service::InterceptorLayer, transport::Server};

use crate::{
    admin::{
        auth::Gate, dialogue::Dialogue, integrity::Integrity, learning::Learning, release::Releases,
        service::Admin, standing::Standings, subscription::Subscriptions, succession::Successions,
    },
    app::{App, AppError, signals::Signals},
    clock::Clock,
    config::{AdminListen, Config},
    entropy::{self, Entropy, EntropyError},
    exchange::{incoming, server::Exchange, tls},
    files,
    init::KEYS,
    keys::{KeyError, Keys},
    mark::{self, Mark},
    public,
    store::{Store, StoreError},
    worker,
};

/// Held by the one process that serves a data directory.
const LOCK: &str = "node.lock";
/// How often the lock is tried, and the pause in between: half a second in all.
const LOCK_TRIES: u32 = 25;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// Tells the command line where the admin service is.
const ENDPOINT: &str = "admin.endpoint";
/// The admin token, on loopback only.
const TOKEN: &str = "admin.token";
/// The admin socket.
const SOCKET: &str = "admin.sock";
/// Longest path of a Unix socket that every system takes.
const SOCKET_PATH_BYTES: usize = 100;
/// The largest message about learning: a whole cycle as a file, and some to spare.
const LEARNING_BYTES: usize = files::BUNDLE_BYTES + 64 * 1024;
/// Calls under way get this long to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);
/// Calls one connection may have under way.
const CALLS_PER_CONNECTION: usize = 64;
/// Wishes to try a peer that wait.
const PROBES: usize = 8;
/// HTTP/2 keep-alive, or connections hang for ever after a partition.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Why a node cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process serves this data directory.
    #[error("another node is already running on {dir}; stop it first, or use another --data-dir", dir = .0.display())]
    Running(PathBuf),
    /// A file of the data directory cannot be used.
    #[error("{path} cannot be used: {error}; check that this user owns the data directory and may write to it",
        path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {error}; if another program uses the port, choose another in cairn.toml"
    )]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The path of the socket is too long for the system.
    #[error(
        "the path of the admin socket, {path}, is too long for a Unix socket; use a data directory with a \
         shorter path, or set [admin] listen = \"127.0.0.1:7444\"", path = .0.display()
    )]
    SocketPath(PathBuf),
    /// The database holds no node.
    #[error("the database holds no node; was the node made with another database? Check [database] url")]
    EmptyDatabase,
    /// The database cannot be used.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// Documents of an earlier version cannot be made findable.
    #[error("documents at home cannot be read: {0}")]
    Documents(#[from] AppError),
    /// The keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] tls::TlsSetupError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The schemas in this binary are damaged: a defect.
    #[error("reflection cannot be set up: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// A serving node.
#[derive(Debug)]
pub struct Node {
    app: App,
    exchange: SocketAddr,
    public: Option<SocketAddr>,
    admin: String,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    files: Vec<PathBuf>,
    _lock: File,
}

enum AdminSocket {
    Unix(UnixListener),
    Tcp(TcpListener, String),
}

impl Node {
    /// Opens everything, listens, and begins to work. Port 0 works: the addresses are known when
    /// this returns.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn bind(config: Config, clock: Clock) -> Result<Self, StartError> {
        let dir = config.data_dir.as_path();
        let lock = lock(dir).await?;
        let store = Store::open(&config.database_url).await?;
        let keys = Keys::load(&dir.join(KEYS), own_identity(&store).await?)?;
        let listener = listen(config.listen).await?;
        let exchange = local_address(&listener, config.listen)?;
        let readers = match &config.public {
            Some(public) => Some((listen(public.listen).await?, public)),
            None => None,
        };
        let (socket, admin) = admin_socket(dir, &config.admin).await?;
        let endpoint =
            if config.advertise.is_empty() { reachable(exchange).to_string() } else { config.advertise };
        let presented = tls::Presented::new(&keys.signing())?;
        let tls = tls::server_config(presented.clone())?;
        let (probes, to_try) = mpsc::channel(PROBES);
        let app = App {
            store,
            serving_since: clock.now(),
            clock,
            entropy: Entropy::System,
            keys: Arc::new(keys),
            endpoint: endpoint.into(),
            data_dir: dir.into(),
            settings: Arc::new(config.preflight),
            witnesses: Arc::new(config.witnesses),
            versions: config.versions,
            backup: Arc::new(config.backup),
            signals: Arc::new(Signals::default()),
            probes,
        };
        app.look_at_mark(Mark::read(dir).as_ref(), &mark::place(dir)).await?;
        app.reindex().await?;
        app.renew_compared().await?;
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_exchange(app.clone(), listener, tls, stopped(&stop)));
        tasks.spawn(serve_admin(app.clone(), socket, stopped(&stop))?);
        let mut reading = None;
        if let Some((listener, wanted)) = readers {
            let address = local_address(&listener, wanted.listen)?;
            reading = Some(address);
            tasks.spawn(public::serve(app.clone(), listener, address, wanted.base.clone(), stopped(&stop)));
        }
        tasks.spawn(until(stopped(&stop), present(app.clone(), presented)));
        tasks.spawn(until(stopped(&stop), worker::probe::run(app.clone(), to_try)));
        tasks.spawn(until(stopped(&stop), worker::follow::run(app.clone(), config.backoff)));
        tasks.spawn(until(stopped(&stop), worker::compared::run(app.clone())));
        tasks.spawn(until(stopped(&stop), worker::index::run(app.clone())));
        tasks.spawn(until(stopped(&stop), worker::purge::run(app.clone())));
        tasks.spawn(until(stopped(&stop), worker::chase::run(app.clone(), config.backoff)));
        tasks.spawn(until(stopped(&stop), worker::tell::run(app.clone())));
        tasks.spawn(until(stopped(&stop), worker::mark::run(app.clone())));
        tasks.spawn(until(stopped(&stop), worker::backup::run(app.clone())));
        let endpoint_file = dir.join(ENDPOINT);
        replace(&endpoint_file, &format!("{admin}\n"))?;
        tracing::info!(node = %app.keys.node_id().short(), %exchange, %admin, "serving");
        let files = vec![endpoint_file, dir.join(SOCKET), dir.join(TOKEN)];
        Ok(Self { app, exchange, public: reading, admin, stop, tasks, files, _lock: lock })
    }

    /// The use cases, for tests.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Address on which other nodes are answered.
    #[must_use]
    pub fn exchange(&self) -> SocketAddr {
        self.exchange
    }

    /// Address on which readers of the web are answered, if any.
    #[must_use]
    pub fn public(&self) -> Option<SocketAddr> {
        self.public
    }

    /// Where the admin service is: "unix:PATH" or "http://ADDRESS".
    #[must_use]
    pub fn admin(&self) -> &str {
        &self.admin
    }

    /// Serves until `stop` is ready or a part of the node has failed, then finishes what is under
    /// way and closes the database.
    pub async fn join(mut self, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = stop => tracing::info!("stopping"),
            _ = self.tasks.join_next() => tracing::error!("a part of the node has failed; stopping"),
        }
        self.shutdown().await;
    }

    /// Finishes what is under way and closes the database.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        self.app.signals.close();
        let finish = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(GRACE, finish).await.is_err() {
            tracing::info!("calls that were still under way were cut off");
            self.tasks.shutdown().await;
        }
        self.app.store.close().await;
        for file in &self.files {
            // Gone already is as good.
            fs::remove_file(file).ok();
        }
        tracing::info!("stopped");
    }
}

/// Takes the lock of a data directory. One that was just given up may be seen as taken for a moment more: by a node that is still
/// ending, or by a program that was started meanwhile and has not let go of it yet.
pub(crate) async fn lock(dir: &Path) -> Result<File, StartError> {
    let path = dir.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| StartError::File { path: path.clone(), error })?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(error)) => return Err(StartError::File { path, error }),
        }
    }
    Err(StartError::Running(dir.to_owned()))
}

pub(crate) async fn own_identity(store: &Store) -> Result<Identity, StartError> {
    let mut tx = store.read().await?;
    let node = tx.self_id().await?.ok_or(StartError::EmptyDatabase)?;
    tx.identity(&node).await?.ok_or(StartError::EmptyDatabase)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, error })
}

fn local_address(listener: &TcpListener, address: SocketAddr) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::Listen { address, error })
}

/// Where a listener can be reached from this machine, when it listens on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    match (address.ip().is_unspecified(), address) {
        (false, _) => address,
        (true, SocketAddr::V4(_)) => SocketAddr::from(([127, 0, 0, 1], address.port())),
        (true, SocketAddr::V6(_)) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port())),
    }
}

async fn admin_socket(dir: &Path, listen_on: &AdminListen) -> Result<(AdminSocket, String), StartError> {
    match listen_on {
        AdminListen::Unix => {
            let path = dir.join(SOCKET);
            if path.as_os_str().len() > SOCKET_PATH_BYTES {
                return Err(StartError::SocketPath(path));
            }
            // Left by a node that was killed; the lock says that it runs no more.
            fs::remove_file(&path).ok();
            let listener = UnixListener::bind(&path).and_then(|listener| {
                fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
                Ok(listener)
            });
            let listener = listener.map_err(|error| StartError::File { path: path.clone(), error })?;
            Ok((AdminSocket::Unix(listener), format!("unix:{}", path.display())))
        }
        AdminListen::Loopback(address) => {
            let listener = listen(*address).await?;
            let address = local_address(&listener, *address)?;
            let token: String = entropy::bytes::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect();
            replace(&dir.join(TOKEN), &token)?;
            Ok((AdminSocket::Tcp(listener, token), format!("http://{address}")))
        }
    }
}

/// Writes a small file for its owner only, in the place of an older one.
fn replace(path: &Path, text: &str) -> Result<(), StartError> {
    let write = || {
        let temporary = path.with_extension("new");
        fs::remove_file(&temporary).ok();
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| StartError::File { path: path.to_owned(), error })
}

fn stopped(stop: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + use<> {
    let mut stop = stop.subscribe();
    async move {
        // An error means that the sender is gone, which is a stop as well.
        stop.wait_for(|&stop| stop).await.ok();
    }
}

async fn until(stop: impl Future<Output = ()>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = stop => {}
        () = work => {}
    }
}

/// Shows callers a certificate of the key that is in force.
async fn present(app: App, presented: Arc<tls::Presented>) {
    let mut keys = app.signals.keys();
    while keys.changed().await.is_ok() {
        if let Err(error) = presented.renew(&app.keys.signing()) {
            tracing::error!(%error, "no certificate could be made of the new key; restart the node");
        }
    }
}

async fn serve_exchange(
    app: App,
    listener: TcpListener,
    tls: rustls::ServerConfig,
    stop: impl Future<Output = ()> + Send,
) {
    let service = ExchangeServiceServer::new(Exchange::new(app))
        .max_decoding_message_size(limits::MESSAGE_BYTES)
        .max_encoding_message_size(limits::MESSAGE_BYTES);
    let served = Server::builder()
        .concurrency_limit_per_connection(CALLS_PER_CONNECTION)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(GRACE))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .add_service(service)
        .serve_with_incoming_shutdown(incoming::connections(listener, tls), stop)
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the exchange service failed");
    }
}

fn serve_admin(
    app: App,
    socket: AdminSocket,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<impl Future<Output = ()> + Send, StartError> {
    let reflection =
        || tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(DESCRIPTORS);
    // Clients in other languages still ask for the older of the two.
    let (reflection, reflection_alpha) = (reflection().build_v1()?, reflection().build_v1alpha()?);
    let gate = match &socket {
        AdminSocket::Unix(_) => Gate::socket(),
        AdminSocket::Tcp(_, token) => Gate::token(token),
    };
    Ok(async move {
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter.set_serving::<AdminServiceServer<Admin>>().await;
        reporter.set_serving::<ExchangeServiceServer<Exchange>>().await;
        reporter.set_serving::<LearningServiceServer<Learning>>().await;
        reporter.set_serving::<ReleaseServiceServer<Releases>>().await;
        reporter.set_serving::<IntegrityServiceServer<Integrity>>().await;
        reporter.set_serving::<StandingServiceServer<Standings>>().await;
        reporter.set_serving::<SubscriptionServiceServer<Subscriptions>>().await;
        reporter.set_serving::<SuccessionServiceServer<Successions>>().await;
        reporter.set_serving::<DialogueServiceServer<Dialogue>>().await;
        let learning = LearningServiceServer::new(Learning::new(app.clone()));
        let learning =
            learning.max_decoding_message_size(LEARNING_BYTES).max_encoding_message_size(LEARNING_BYTES);
        let release = ReleaseServiceServer::new(Releases::new(app.clone()))
            .max_decoding_message_size(limits::MESSAGE_BYTES);
        let integrity = IntegrityServiceServer::new(Integrity::new(app.clone()));
        let standing = StandingServiceServer::new(Standings::new(app.clone()))
            .max_decoding_message_size(limits::MESSAGE_BYTES);
        let subscription = SubscriptionServiceServer::new(Subscriptions::new(app.clone()));
        let succession = SuccessionServiceServer::new(Successions::new(app.clone()));
        let dialogue = DialogueServiceServer::new(Dialogue::new(app.clone()))
            .max_decoding_message_size(limits::MESSAGE_BYTES);
        let admin = AdminServiceServer::new(Admin::new(app)).max_decoding_message_size(limits::MESSAGE_BYTES);
        let router = Server::builder()
            .layer(InterceptorLayer::new(gate))
            .add_service(admin)
            .add_service(learning)
            .add_service(release)
            .add_service(integrity)
            .add_service(standing)
            .add_service(subscription)
            .add_service(succession)
            .add_service(dialogue)
            .add_service(health)
            .add_service(reflection)
            .add_service(reflection_alpha);
        let served = match socket {
            AdminSocket::Unix(listener) => {
                router.serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop).await
            }
            AdminSocket::Tcp(listener, _) => {
                router.serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop).await
            }
        };
        if let Err(error) = served {
            tracing::error!(%error, "the admin service failed");
        }
    })
}
