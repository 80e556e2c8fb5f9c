//! Restoring: a new data directory, and a database that is empty until now, from a backup. It is checked whole before it is
//! committed, and the configuration, which says that there is a node, is written last.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    BackupError, Key,
    fill::{self, Filled},
    inspect,
};
use crate::{
    config,
    init::{self, KEYS},
    store::{GateRow, Store},
};

/// What is to be restored, and where.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The backup.
    pub file: &'a Path,
    /// What opens it.
    pub keys: &'a [Key],
    /// A new or empty directory.
    pub data_dir: &'a Path,
    /// An empty PostgreSQL database, instead of SQLite in the data directory.
    pub database_url: Option<&'a str>,
}

/// A node that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Its NodeId.
    pub node: NodeId,
    /// The moment to which it went back.
    pub made_at: Timestamp,
    /// Where it lives now.
    pub data_dir: PathBuf,
    /// How many records its own log has.
    pub log_size: u64,
    /// Records that fit their leaf.
    pub records: u64,
}

/// Makes a node from a backup. It does not serve yet, and it signs nothing before its peers told it its newest head.
///
/// # Errors
/// [`BackupError`]; nothing is left of the attempt then.
pub async fn restore(wanted: &Wanted<'_>, now: Timestamp) -> Result<Restored, BackupError> {
    let data_dir = std::path::absolute(wanted.data_dir).unwrap_or_else(|_| wanted.data_dir.to_owned());
    let existed = data_dir.exists();
    init::prepare(&data_dir)?;
    let attempt = Attempt { dir: data_dir.clone(), existed, done: false };
    let url = match wanted.database_url {
        Some(url) => url.to_owned(),
        None => {
            init::write_new(&data_dir.join(config::DATABASE), b"")?;
            config::sqlite_url(&data_dir)
        }
    };
    let Filled { store, mut tx, contents, .. } = fill::fill(&url, wanted.file, wanted.keys).await?;
    let seen = inspect::inspect(&mut tx, &contents).await?;
    let settings = settings(&contents.files, wanted.database_url)?;
    // Records of others may have been withdrawn since: none is shown or passed on before its author was heard anew.
    tx.forget_heard().await?;
    // And nothing of ours is signed or given before our peers told what was signed since.
    let made_at = contents.made_at.strftime("%Y-%m-%d %H:%M UTC");
    let reason = format!("the database was restored from a backup of {made_at}");
    tx.close_gate(&GateRow { at: now, reason, size: seen.own_size }).await?;
    init::make_dir(&data_dir.join(KEYS))?;
    for (name, bytes) in contents.files.iter().filter(|(name, _)| *name != config::FILE) {
        init::write_new(&data_dir.join(name), bytes)?;
    }
    tx.commit().await?;
    store.close().await;
    // Brings an older schema up to date, and makes the text index.
    Store::open(&url).await?.close().await;
    // Last, because it says that everything else is in place.
    init::write_new(&data_dir.join(config::FILE), settings.as_bytes())?;
    attempt.keep();
    Ok(Restored {
        node: contents.node,
        made_at: contents.made_at,
        data_dir,
        log_size: seen.own_size,
        records: seen.records,
    })
}

/// The configuration of the backup, with the database of the restored node.
fn settings(files: &BTreeMap<String, Vec<u8>>, url: Option<&str>) -> Result<String, BackupError> {
    let text = files.get(config::FILE).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| BackupError::Malformed("it has no configuration".to_owned()))?;
    config::with_database_url(text, url.unwrap_or_default())
        .ok_or_else(|| BackupError::Malformed("its configuration cannot be read".to_owned()))
}

/// A data directory that is emptied, or deleted where it was not there, unless the node was restored.
struct Attempt {
    dir: PathBuf,
    existed: bool,
    done: bool,
}

impl Attempt {
    fn keep(mut self) {
        self.done = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        for entry in fs::read_dir(&self.dir).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                fs::remove_dir_all(path).ok()
            } else {
                fs::remove_file(path).ok()
            };
        }
        if !self.existed {
            fs::remove_dir(&self.dir).ok();
        }
    }
}
