//! A place with its node in this process: real identity, database, TLS and sockets; only the clock is
//! turned by hand.

use std::{
    fs,
    net::SocketAddr,
    ops::Deref,
    path::{Path, PathBuf},
};

use cairn_node::{
    app::App,
    backup::{self, Key, Made, Restored, Wanted, Wish},
    clock::Clock,
    config::{Config, FILE, sqlite_url},
    domain::version::Versions,
    init::{self, NewNode},
    node::Node,
    store::Store,
};
use cairn_proto::{ids::NodeId, log::Leaf};
use tempfile::TempDir;

use crate::{
    desk::Desk,
    forge::ForgedLog,
    story::{Story, free_address},
    wait::until,
};

/// A place. It is also its people's [`Desk`].
#[derive(Debug)]
pub struct TestPlace {
    /// What it is called.
    pub name: String,
    /// Its NodeId.
    pub id: NodeId,
    /// Where its node answers other nodes.
    pub address: SocketAddr,
    /// Which versions of the protocol its node speaks, from its next start.
    pub versions: Versions,
    clock: Clock,
    dir: TempDir,
    running: Option<(Node, Desk)>,
}

/// Makes a node that listens at `address` and tries again soon after a failure.
///
/// # Panics
/// When it cannot be made.
pub async fn make_node(dir: &Path, name: &str, address: SocketAddr, clock: &Clock) -> NodeId {
    let new = NewNode {
        data_dir: dir.to_owned(),
        name: name.to_owned(),
        listen: Some(address),
        advertise: None,
        database_url: Some(sqlite_url(dir)),
        admin: None,
    };
    let made = init::init(&new, clock.now()).await.expect("a new node");
    let file = dir.join(FILE);
    let text = fs::read_to_string(&file).expect("a configuration");
    let text = text.replace("retry_first_ms = 1000", "retry_first_ms = 20");
    let text = text.replace("retry_longest_ms = 300000", "retry_longest_ms = 200");
    fs::write(file, text).expect("a writable configuration");
    made.node
}

impl TestPlace {
    /// A new place with a running node.
    ///
    /// # Panics
    /// When the node cannot be made or started, as every method here does.
    pub async fn spawn(story: &Story, name: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let address = free_address();
        let id = make_node(dir.path(), name, address, &story.clock).await;
        let clock = story.clock.clone();
        let mut place = Self {
            name: name.to_owned(),
            id,
            address,
            clock,
            dir,
            versions: Versions::default(),
            running: None,
        };
        place.start().await;
        place
    }

    /// Starts the node again on the same data and the same address.
    pub async fn start(&mut self) {
        let node = Node::bind(self.config(), self.clock.clone()).await.expect("the node starts");
        let desk = Desk::at(node.admin()).await.expect("the node answers its people");
        self.running = Some((node, desk));
    }

    /// Stops the node as an operator does.
    pub async fn stop(&mut self) {
        let (node, desk) = self.running.take().expect("a running node");
        drop(desk);
        node.shutdown().await;
    }

    /// The configuration in the data directory.
    #[must_use]
    pub fn config(&self) -> Config {
        let mut config = Config::load(self.dir()).expect("a good configuration");
        // Whatever the environment says: every place has its own database.
        config.database_url = sqlite_url(self.dir());
        config.versions = self.versions;
        config
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a backup, while the node serves, that this key opens.
    pub async fn back_up(&self, to: &Path, key: &Key) -> Made {
        let recipients = [key.recipient()];
        let store = Store::open_beside(&self.config().database_url).await.expect("a database to read");
        let wish = Wish { data_dir: self.dir(), directory: to, recipients: &recipients };
        let made = backup::make(&store, &wish, self.clock.now()).await.expect("a backup");
        store.close().await;
        made
    }

    /// The machine of a node that is down is lost; the node is made anew from a backup.
    pub async fn restore_from(&self, file: &Path, key: &Key) -> Restored {
        for entry in fs::read_dir(self.dir()).expect("a data directory").filter_map(Result::ok) {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("everything is lost");
        }
        let keys = [key.clone()];
        let wanted = Wanted { file, keys: &keys, data_dir: self.dir(), database_url: None };
        backup::restore(&wanted, self.clock.now()).await.expect("a node")
    }

    /// The files of the database.
    #[must_use]
    pub fn database_files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.dir()).expect("a data directory").filter_map(Result::ok);
        files.map(|f| f.path()).filter(|p| p.to_string_lossy().contains("cairn.db")).collect()
    }

    /// Whether any file of the database holds these bytes.
    #[must_use]
    pub fn database_contains(&self, bytes: &[u8]) -> bool {
        let holds = |path: &PathBuf| fs::read(path).expect("a file").windows(bytes.len()).any(|w| w == bytes);
        self.database_files().iter().any(holds)
    }

    /// Waits until no file of the database holds these bytes.
    pub async fn forgets(&self, bytes: &[u8]) {
        until(&format!("{} has no such bytes", self.name), async || {
            (!self.database_contains(bytes)).then_some(())
        })
        .await;
    }

    /// The desk of its people.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.running.as_ref().expect("a running node").1
    }

    /// The use cases behind the node.
    #[must_use]
    pub fn app(&self) -> &App {
        self.running.as_ref().expect("a running node").0.app()
    }

    /// The NodeId as text.
    #[must_use]
    pub fn id_text(&self) -> String {
        self.id.to_string()
    }

    /// Every leaf held here of the log of `author`.
    pub async fn leaves_of(&self, author: &NodeId) -> Vec<Leaf> {
        let mut tx = self.app().store.read().await.expect("a readable database");
        let Some(log) = tx.log(author).await.expect("a log") else { return Vec::new() };
        tx.leaves(log.id, 0, log.frontier.size()).await.expect("its leaves")
    }

    /// The exact bytes of a record held here, and its salt.
    pub async fn opening_of(&self, author: &NodeId, index: u64) -> Option<([u8; 32], Vec<u8>)> {
        let mut tx = self.app().store.read().await.expect("a readable database");
        let log = tx.log(author).await.expect("a log")?;
        let rows = tx.openings(log.id, index, index + 1, 1).await.expect("its openings");
        rows.into_iter().next().map(|row| (row.salt, row.envelope))
    }

    /// Writes a whole log, made with the node's own key, as many years of publishing would have left it.
    pub async fn adopt(&self, log: &ForgedLog) {
        let mut tx = self.app().store.write().await.expect("a writable database");
        log.write_to(&mut tx).await;
        tx.commit().await.expect("a commit");
    }
}

impl Deref for TestPlace {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        self.desk()
    }
}
