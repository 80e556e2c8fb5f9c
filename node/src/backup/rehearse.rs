//! Rehearsal: a backup is restored into a scratch database, checked whole, and the scratch is deleted. And what can be told of a
//! backup without its key.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    BackupError, Key,
    fill::{self, Filled, Measure, Measured},
    inspect, seal,
    shelf::{self, Note},
};
use crate::{config, entropy, store::Store};

/// Begins the name of a scratch directory.
const SCRATCH: &str = "rehearsal-";

/// What a rehearsal saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Whose backup it is.
    pub node: NodeId,
    /// Of which moment.
    pub made_at: Timestamp,
    /// What made it.
    pub software: String,
    /// Rows restored and counted.
    pub rows: u64,
    /// Tables they were in.
    pub tables: usize,
    /// Logs whose every leaf was hashed, and whose head's signature was checked.
    pub logs: u64,
    /// Records that fit their leaf.
    pub records: u64,
}

/// What can be told of a backup without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How long it is.
    pub bytes: u64,
    /// How many keys open it. One of them was made for its rehearsal, and is gone.
    pub recipients: usize,
    /// What is noted beside it; none: there is no note.
    pub note: Option<Note>,
}

/// Restores a backup into a scratch database below `scratch_in`, checks it whole, and deletes it again.
///
/// # Errors
/// [`BackupError`]: what is wrong with it.
pub async fn rehearse_with(file: &Path, keys: &[Key], scratch_in: &Path) -> Result<Rehearsed, BackupError> {
    rehearse(file, keys, scratch_in, None).await
}

/// As [`rehearse_with`]; the file must also measure what it measured when it was written.
pub(super) async fn rehearse(
    file: &Path,
    keys: &[Key],
    scratch_in: &Path,
    written: Option<&Measure>,
) -> Result<Rehearsed, BackupError> {
    let scratch = Scratch::new(scratch_in)?;
    let url = scratch.database()?;
    let Filled { store, mut tx, contents, measure } = fill::fill(&url, file, keys).await?;
    if written.is_some_and(|written| *written != measure) {
        return Err(BackupError::NotWhole("what was read back is not what was written".to_owned()));
    }
    let seen = inspect::inspect(&mut tx, &contents).await?;
    tx.commit().await?;
    store.close().await;
    // As a node would open it: with a newer schema, if this version has one, and its text index.
    Store::open(&url).await?.close().await;
    Ok(Rehearsed {
        node: contents.node,
        made_at: contents.made_at,
        software: contents.software,
        rows: contents.rows,
        tables: contents.tables,
        logs: seen.logs,
        records: seen.records,
    })
}

/// Looks at a backup from outside: whether it is what its note says.
///
/// # Errors
/// [`BackupError`]: what is wrong with it.
pub fn look_at(path: &Path) -> Result<Looked, BackupError> {
    let open = || File::open(path).map_err(BackupError::file(path));
    let recipients = seal::count_recipients(open()?, path)?;
    let mut file = Measured::new(open()?);
    io::copy(&mut &mut file, &mut io::sink()).map_err(BackupError::file(path))?;
    let Measure { bytes, sha256 } = file.measure().1;
    let note = shelf::note_of(path);
    if note.as_ref().is_some_and(|note| note.bytes != bytes || note.sha256 != hex(&sha256)) {
        let error = io::Error::other("it is not what the note beside it says");
        return Err(BackupError::Damaged { path: path.to_owned(), error });
    }
    Ok(Looked { bytes, recipients, note })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Deletes what rehearsals that broke off have left. Whoever calls this holds the lock.
pub(super) fn remove_scratches(scratch_in: &Path) {
    let entries = fs::read_dir(scratch_in).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(SCRATCH)) {
        fs::remove_dir_all(entry.path()).ok();
    }
}

/// A directory for its owner only, deleted with all that is in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(scratch_in: &Path) -> Result<Self, BackupError> {
        let dir = scratch_in.join(format!("{SCRATCH}{}", hex(&entropy::bytes::<8>()?)));
        DirBuilder::new().mode(0o700).create(&dir).map_err(BackupError::file(&dir))?;
        Ok(Self(dir))
    }

    /// The URL of a new database in it.
    fn database(&self) -> Result<String, BackupError> {
        let path = self.0.join(config::DATABASE);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(BackupError::file(&path))?;
        Ok(config::sqlite_url(&self.0))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, dir = %self.0.display(), "a scratch directory could not be deleted; it holds what the node holds");
        }
    }
}
