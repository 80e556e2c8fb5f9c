//! Who takes part: places with keys and a database each, made once and copied for every run. The same names have the
//! same keys in every process, so that a seed means the same everywhere.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use cairn_node::{
    config::{DATABASE, sqlite_url},
    entropy::Entropy,
    init::{self, KEYS, NewNode},
    keys::Keys,
    store::Store,
};
use cairn_proto::{identity::Identity, ids::NodeId};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// Where files are in memory, on Linux: a run writes a great deal and keeps nothing.
const IN_MEMORY: &str = "/dev/shm";

/// When every run begins: a Monday at noon.
pub(crate) const BEGINNING: &str = "2026-11-23T12:00:00Z";

/// A place before anything has happened.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its NodeId.
    pub(crate) id: NodeId,
    /// Its identity.
    pub(crate) identity: Identity,
    /// Its keys.
    pub(crate) keys: Arc<Keys>,
    /// Its data directory: keys, and nothing that changes.
    pub(crate) data_dir: PathBuf,
    /// Its database as it was made.
    pub(crate) database: PathBuf,
}

/// Everybody who was needed so far.
#[derive(Debug)]
pub(crate) struct Cast {
    dir: TempDir,
    empty: PathBuf,
    members: Mutex<Vec<Arc<Member>>>,
}

impl Cast {
    /// Nobody yet, and an empty database to begin from.
    pub(crate) async fn new() -> Self {
        let dir = match Path::new(IN_MEMORY).is_dir() {
            true => tempfile::tempdir_in(IN_MEMORY),
            false => tempfile::tempdir(),
        };
        let dir = dir.expect("a directory");
        Store::open(&sqlite_url(dir.path())).await.expect("a database").close().await;
        let empty = dir.path().join(DATABASE);
        Self { dir, empty, members: Mutex::default() }
    }

    /// A directory for runs.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The first `count` members.
    pub(crate) async fn first(&self, count: usize) -> Vec<Arc<Member>> {
        let mut members = self.members.lock().await;
        while members.len() < count {
            let next = members.len();
            members.push(Arc::new(self.member(next).await));
        }
        members.iter().take(count).cloned().collect()
    }

    async fn member(&self, number: usize) -> Member {
        let home = self.dir.path().join(format!("member-{number}"));
        let data_dir = home.join("data");
        fs::create_dir(&home).expect("a directory");
        fs::copy(&self.empty, home.join(DATABASE)).expect("a copy");
        let new = NewNode {
            data_dir: data_dir.clone(),
            name: name(number),
            listen: None,
            advertise: None,
            database_url: Some(sqlite_url(&home)),
            admin: None,
        };
        let entropy = Entropy::seeded(Sha256::digest(format!("member {number}")).into());
        let now: Timestamp = BEGINNING.parse().expect("a moment");
        init::init_with(&new, now, &entropy).await.expect("a node");
        let store = Store::open(&sqlite_url(&home)).await.expect("a database");
        let mut tx = store.read().await.expect("a database");
        let id = tx.self_id().await.expect("a database").expect("a node");
        let identity = tx.identity(&id).await.expect("a database").expect("an identity");
        drop(tx);
        store.close().await;
        let keys = Arc::new(Keys::load(&data_dir.join(KEYS), identity.clone()).expect("its keys"));
        Member { id, identity, keys, data_dir, database: home.join(DATABASE) }
    }
}

/// What a member is called.
pub(crate) fn name(number: usize) -> String {
    format!("Place {number}")
}
