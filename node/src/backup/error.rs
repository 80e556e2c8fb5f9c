//! Why a backup could not be made, read or restored, and what to do next.

use std::{io, path::PathBuf};

use crate::{entropy::EntropyError, init::InitError, keys::KeyError, store::StoreError};

/// Why a backup could not be made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The directory for backups is not there.
    #[error("{dir} is no directory, so no backup was made: make it, or mount what belongs there; the node does not make it itself, \
             so that no backup lands on the wrong disk", dir = .0.display())]
    NoDirectory(PathBuf),
    /// It is not said where.
    #[error("it is not said where backups go: give --directory DIR, or set [backup] directory in cairn.toml")]
    NoPlace,
    /// Nobody could open it.
    #[error(
        "no backup was made, because nobody could open it: make a key with `cairn-node backup key --out FILE` on a machine that \
             is not this one, and name its age1... in [backup] recipients in cairn.toml, or with --recipient"
    )]
    NoRecipient,
    /// Another backup is under way.
    #[error("another backup of this node is being made; wait for it to end")]
    UnderWay,
    /// There is one of the same second.
    #[error("{path} is there already, so nothing was changed; try again in a second", path = .0.display())]
    Exists(PathBuf),
    /// A file cannot be used.
    #[error("{path} cannot be used: {error}; check that it exists, who owns it, and that the disk has room", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// It is no sealed file.
    #[error("{path} is no backup: it does not begin as a file encrypted with age does", path = .0.display())]
    NotSealed(PathBuf),
    /// None of the keys opens it.
    #[error("the key does not open {path}: it was encrypted to other keys; `cairn-node backup verify` without a key says to which",
        path = .0.display())]
    WrongKey(PathBuf),
    /// It does not decrypt to its end.
    #[error("{path} was changed or cut short, so nothing was restored from it: use another copy, or an older backup ({error})",
        path = .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What was seen.
        #[source]
        error: io::Error,
    },
    /// What is in it is not what a node writes.
    #[error("the backup does not hold what a backup holds: {0}; nothing was restored")]
    Malformed(String),
    /// It was restored and is not whole.
    #[error(
        "the backup was read back and is not whole: {0}. The database it was made from may be damaged: run `cairn doctor`, keep the \
             older backups, and find out before they are deleted"
    )]
    NotWhole(String),
    /// The keys changed under way.
    #[error("the node's keys were changed while they were read; try again")]
    KeysMoved,
    /// The database belongs to a node.
    #[error(
        "the database belongs to a node already, so nothing was restored: give the restored node an empty one"
    )]
    DatabaseInUse,
    /// The database holds something else.
    #[error(
        "the database holds a table {0}, which is none of a node's of that time; give the restored node an empty database"
    )]
    ForeignTable(String),
    /// The directory cannot become a data directory.
    #[error(transparent)]
    Directory(#[from] InitError),
    /// A key file of a node is no use.
    #[error(transparent)]
    NodeKey(#[from] KeyError),
    /// The database failed.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A part of this program failed: a defect.
    #[error("a part of the work was cut off ({0}); try again")]
    CutOff(#[from] tokio::task::JoinError),
}

impl BackupError {
    /// A file that cannot be used, to be given its error.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
