//! A place in a run: the real use cases on a real database. It can stop, be cut off between any two writes, come back, and come
//! back from an older copy of its database.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use cairn_node::{
    admin::{auth::Gate, release::Releases, service::Admin},
    app::{App, actor::Operator, signals::Signals},
    backup,
    clock::Clock,
    domain::{preflight::Settings, version::Versions, witness::Policy},
    entropy::Entropy,
    exchange::server::Exchange,
    store::Faults,
};
use tokio::sync::{mpsc, watch};
use tonic::{Request, service::Interceptor as _};

use crate::{cast::Member, truth::Seen};

/// SQLite's side file, beside the database.
const SIDE: &str = "-wal";

/// A place.
pub(crate) struct Place {
    /// Who it is.
    pub(crate) who: Arc<Member>,
    /// Whether it keeps to the rules.
    pub(crate) honest: bool,
    /// What time it thinks it is.
    pub(crate) clock: Clock,
    /// Where its salts come from: the sequence goes on when the node comes back.
    entropy: Entropy,
    /// When it is cut off.
    pub(crate) faults: Faults,
    /// Its node, while it runs.
    pub(crate) running: Option<Running>,
    /// Older copies of its database.
    pub(crate) copies: Vec<OlderCopy>,
    /// Whether it came back with less in its own log than it had signed.
    pub(crate) set_back: bool,
    /// How many writes there had been when it was looked at last.
    pub(crate) looked_after: Option<u64>,
    dir: PathBuf,
    generation: usize,
}

/// A node that runs.
pub(crate) struct Running {
    /// Its use cases.
    pub(crate) app: App,
    /// What other nodes may ask.
    pub(crate) exchange: Exchange,
    /// What its people ask.
    pub(crate) admin: Admin,
    /// What its people ask about what leaves.
    pub(crate) releases: Releases,
    /// Rings when files have to be cleared.
    pub(crate) purged: watch::Receiver<u64>,
    /// Whether files have to be cleared.
    pub(crate) to_clear: bool,
}

/// A copy of a database, and what was known of the place when it was made.
#[derive(Clone, Debug)]
pub(crate) struct OlderCopy {
    path: PathBuf,
    /// Size of its own log then.
    pub(crate) own_size: u64,
    /// What had been seen there.
    pub(crate) seen: Seen,
}

impl Place {
    /// A place that does not run yet.
    pub(crate) fn new(who: Arc<Member>, dir: &Path, clock: Clock, entropy: [u8; 32]) -> Self {
        let dir = dir.join(who.id.short());
        fs::create_dir_all(&dir).expect("a directory");
        let entropy = Entropy::seeded(entropy);
        let place = Self {
            who,
            honest: true,
            clock,
            entropy,
            faults: Faults::default(),
            running: None,
            copies: Vec::new(),
            set_back: false,
            looked_after: None,
            dir,
            generation: 0,
        };
        fs::copy(&place.who.database, place.file(0)).expect("a copy");
        place
    }

    fn file(&self, generation: usize) -> PathBuf {
        self.dir.join(format!("{generation}.db"))
    }

    /// Its use cases, if it runs.
    pub(crate) fn app(&self) -> Option<&App> {
        self.running.as_ref().map(|running| &running.app)
    }

    /// Whether it runs.
    pub(crate) fn up(&self) -> bool {
        self.running.is_some()
    }

    /// Starts, with nothing in memory.
    pub(crate) async fn start(&mut self) {
        self.faults = Faults::default();
        self.looked_after = None;
        let url = format!("sqlite://{}", self.file(self.generation).display());
        let store = self.faults.open(&url).await.expect("a database");
        let app = App {
            store,
            serving_since: self.clock.now(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            keys: self.who.keys.clone(),
            endpoint: format!("{}.example:7443", self.who.id.short()).into(),
            data_dir: self.who.data_dir.as_path().into(),
            settings: Arc::new(Settings::default()),
            witnesses: Arc::new(Policy::default()),
            versions: Versions::default(),
            backup: Arc::new(no_backups()),
            signals: Arc::new(Signals::default()),
            probes: mpsc::channel(1).0,
        };
        // Nobody is waited for: what peers say in the first seconds comes, or does not, as the run has it.
        app.signals.now_asked();
        let to_clear = !app.owed_receipts().await.expect("a database").is_empty();
        self.running = Some(Running {
            exchange: Exchange::new(app.clone()),
            admin: Admin::new(app.clone()),
            releases: Releases::new(app.clone()),
            purged: app.signals.purged(),
            to_clear,
            app,
        });
    }

    /// Stops as an operator stops a node.
    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.app.store.close().await;
        }
    }

    /// Is gone from one moment to the next: the files stay as they are at this moment.
    pub(crate) async fn crash(&mut self) {
        self.copy_to(&self.file(self.generation + 1));
        self.stop().await;
        remove(&self.file(self.generation));
        self.generation += 1;
    }

    /// Copies the database as it is at this moment.
    pub(crate) fn back_up(&mut self, own_size: u64, seen: Seen) {
        let path = self.dir.join(format!("copy-{}-{}.db", self.generation, self.copies.len()));
        self.copy_to(&path);
        self.copies.push(OlderCopy { path, own_size, seen });
    }

    /// Puts an older copy in place of what is there. The node must not run.
    pub(crate) fn restore(&mut self, copy: &OlderCopy) {
        remove(&self.file(self.generation));
        self.generation += 1;
        copy_database(&copy.path, &self.file(self.generation));
    }

    fn copy_to(&self, path: &Path) {
        copy_database(&self.file(self.generation), path);
    }

    /// A request of its people.
    pub(crate) fn asks<T>(&self, message: T) -> Request<T> {
        let gated = Gate::socket().call(Request::new(())).expect("the owner of the socket");
        let proof = gated.extensions().get::<Operator>().expect("a proof").clone();
        let mut request = Request::new(message);
        request.extensions_mut().insert(proof);
        request
    }
}

fn no_backups() -> backup::Settings {
    let every = jiff::SignedDuration::from_hours(24);
    backup::Settings { directory: None, recipients: Vec::new(), every, keep_days: 35 }
}

fn side(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}{SIDE}", path.display()))
}

/// Copies a database with what is only in its side file.
fn copy_database(from: &Path, to: &Path) {
    remove(to);
    fs::copy(from, to).expect("a copy");
    match fs::copy(side(from), side(to)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("no copy of the side file: {error}"),
        _ => {}
    }
}

fn remove(path: &Path) {
    for file in [path.to_owned(), side(path), PathBuf::from(format!("{}-shm", path.display()))] {
        fs::remove_file(file).ok();
    }
}
