//! Backups: everything a node holds, in one file that only the operator's key opens, made while the node serves, on either
//! database, for either database. Every backup is rehearsed before it counts: the very file is read back, decrypted with a key made
//! for this one time, restored into a scratch database and checked whole.
//!
//! Deliberately not here: when a backup is made, which `worker/backup.rs` decides, and what a restored node must not do before
//! its peers told it its newest head.

mod error;
mod fill;
mod inspect;
mod make;
mod parts;
mod rehearse;
mod restore;
mod seal;
mod shelf;

use std::path::PathBuf;

use jiff::SignedDuration;

pub use error::BackupError;
pub use make::{Made, Wish, clear_up, make};
pub use rehearse::{Looked, Rehearsed, look_at, rehearse_with};
pub use restore::{Restored, Wanted, restore};
pub use seal::{InvalidKey, Key, Recipient};
pub use shelf::{Kept, Shelf, failure};

/// Backups older than so many days are deleted, and a place can only choose fewer: receipts promise peers that backups hold a
/// purged record no longer.
pub const KEEP_DAYS: u32 = 35;

/// What a place decided about its backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the node puts them by itself; none: it makes none by itself.
    pub directory: Option<PathBuf>,
    /// Whose keys open them.
    pub recipients: Vec<Recipient>,
    /// How often one is made.
    pub every: SignedDuration,
    /// For how many days one is kept.
    pub keep_days: u32,
}

#[cfg(test)]
mod tests;
