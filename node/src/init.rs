//! Making a node: identity, keys, recovery key, database, configuration. Never over another one.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use cairn_proto::{
    identity::{self, Identity},
    ids::NodeId,
};
use jiff::Timestamp;

use crate::{
    app::{self, AppError, place::PlaceDocument},
    config::{self, DATABASE, EXAMPLE, FILE, is_host_port, sqlite_url},
    entropy::{Entropy, EntropyError},
    keys::{KeyError, NewKeys, RECOVERY},
    store::{Store, StoreError},
};

/// Directory of the keys in a data directory.
pub const KEYS: &str = "keys";

/// What a new node is made from.
#[derive(Clone, Debug)]
pub struct NewNode {
    /// Where it will live.
    pub data_dir: PathBuf,
    /// Name of the place.
    pub name: String,
    /// Address to listen on, other than the default.
    pub listen: Option<SocketAddr>,
    /// Address other nodes use.
    pub advertise: Option<String>,
    /// Database other than SQLite in the data directory.
    pub database_url: Option<String>,
    /// Where the admin service listens, other than the default.
    pub admin: Option<SocketAddr>,
}

/// A node that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its NodeId.
    pub node: NodeId,
    /// Where it lives.
    pub data_dir: PathBuf,
    /// The file with the recovery key.
    pub recovery_file: PathBuf,
}

/// Why no node was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a node already.
    #[error("{dir} holds a node already; nothing was changed. Choose another --data-dir", dir = .0.display())]
    Exists(PathBuf),
    /// Something else is there.
    #[error(
        "{dir} is not empty (it holds {found}); nothing was changed. Choose an empty or new --data-dir, or, if \
         an earlier init broke off, remove {dir} first", dir = .dir.display()
    )]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
        /// Something in it.
        found: String,
    },
    /// A file or directory cannot be made.
    #[error("{path} cannot be made: {error}; check that the directory above it exists and may be written",
        path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The address is none.
    #[error("\"{0}\" is not an address; --advertise must be host:port, for example node.example.org:7443")]
    Advertise(String),
    /// The admin address is not local.
    #[error("the admin service listens on loopback addresses only, not on {0}")]
    AdminAddress(SocketAddr),
    /// The database belongs to another node.
    #[error("the database belongs to another node already; give each node its own")]
    DatabaseInUse,
    /// The name is no use.
    #[error(transparent)]
    Name(#[from] AppError),
    /// Keys could not be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// Keys could not be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was made does not verify: a defect.
    #[error("the new identity does not verify: {0}")]
    Identity(#[from] identity::IdentityError),
}

/// Makes a node.
///
/// # Errors
/// [`InitError`]; nothing that was there before is changed.
pub async fn init(new: &NewNode, now: Timestamp) -> Result<Made, InitError> {
    init_with(new, now, &Entropy::System).await
}

/// As [`init`], with keys from a source of randomness.
///
/// # Errors
/// As [`init`].
pub async fn init_with(new: &NewNode, now: Timestamp, entropy: &Entropy) -> Result<Made, InitError> {
    let place = PlaceDocument::named(&new.name)?;
    let settings = settings(new)?;
    let data_dir = std::path::absolute(&new.data_dir).unwrap_or_else(|_| new.data_dir.clone());
    prepare(&data_dir)?;
    let url = match &new.database_url {
        Some(url) => url.clone(),
        None => {
            // Made here, so that nobody else can read it; SQLite's side files take after it.
            write_new(&data_dir.join(DATABASE), b"")?;
            sqlite_url(&data_dir)
        }
    };
    // Before any key is made: a database that is in use must not leave half a node behind.
    let store = Store::open(&url).await?;
    if store.read().await?.self_id().await?.is_some() {
        return Err(InitError::DatabaseInUse);
    }
    let (keys, identity) = make_identity(entropy)?;
    let node = identity.node_id();
    let key_dir = data_dir.join(KEYS);
    make_dir(&key_dir)?;
    let recovery_file = data_dir.join(RECOVERY);
    keys.write(&key_dir, &recovery_file, &node)?;
    fill_database(&store, &identity, &place, now).await?;
    // Last, because it says that everything else is in place.
    write_new(&data_dir.join(FILE), settings.as_bytes())?;
    Ok(Made { node, data_dir, recovery_file })
}

/// New keys, and the identity that begins with them.
fn make_identity(entropy: &Entropy) -> Result<(NewKeys, Identity), InitError> {
    let keys = NewKeys {
        signing: entropy.signing_key()?,
        witness: entropy.signing_key()?,
        next: entropy.signing_key()?,
        recovery: entropy.signing_key()?,
    };
    let (_, inception) = identity::inception(
        &keys.signing,
        &keys.witness.verifying_key(),
        &keys.next.verifying_key(),
        &[keys.recovery.verifying_key()],
        1,
        entropy.bytes()?,
    );
    Ok((keys, Identity::verify(&[inception])?))
}

async fn fill_database(
    store: &Store,
    identity: &Identity,
    place: &PlaceDocument,
    now: Timestamp,
) -> Result<(), InitError> {
    let mut tx = store.write().await?;
    match tx.set_self(&identity.node_id()).await {
        Err(StoreError::Conflict(_)) => return Err(InitError::DatabaseInUse),
        other => other?,
    }
    tx.save_identity(identity).await?;
    app::place::save(&mut tx, place, now).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

/// The example configuration with the given values in place of the defaults.
fn settings(new: &NewNode) -> Result<String, InitError> {
    let mut text = EXAMPLE.to_owned();
    let mut set = |default: &str, value: String| text = text.replacen(default, &value, 1);
    if let Some(listen) = new.listen {
        set("listen = \"0.0.0.0:7443\"", format!("listen = \"{listen}\""));
    }
    if let Some(advertise) = &new.advertise {
        if !is_host_port(advertise) {
            return Err(InitError::Advertise(advertise.clone()));
        }
        set("advertise = \"\"", format!("advertise = \"{advertise}\""));
    }
    if let Some(url) = &new.database_url {
        set("url = \"\"", format!("url = {}", toml::Value::String(url.clone())));
    }
    if let Some(admin) = new.admin {
        if !admin.ip().is_loopback() {
            return Err(InitError::AdminAddress(admin));
        }
        set("listen = \"unix\"", format!("listen = \"{admin}\""));
    }
    Ok(text)
}

/// Sees to it that a directory is there and empty.
pub(crate) fn prepare(dir: &Path) -> Result<(), InitError> {
    let file = |error| InitError::File { path: dir.to_owned(), error };
    if dir.join(config::FILE).exists() {
        return Err(InitError::Exists(dir.to_owned()));
    }
    if !dir.exists() {
        return make_dir(dir);
    }
    match dir.read_dir().map_err(file)?.next() {
        None => Ok(()),
        Some(entry) => {
            let found = entry.map_err(file)?.file_name().to_string_lossy().into_owned();
            Err(InitError::NotEmpty { dir: dir.to_owned(), found })
        }
    }
}

/// Makes a directory for its owner only.
pub(crate) fn make_dir(dir: &Path) -> Result<(), InitError> {
    let made = DirBuilder::new().mode(0o700).create(dir);
    made.map_err(|error| InitError::File { path: dir.to_owned(), error })
}

/// Writes a new file for its owner only.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), InitError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| InitError::File { path: path.to_owned(), error })
}
