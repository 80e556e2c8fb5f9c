//! Where backups lie: their names, what is noted beside each, when they go, and what is noted when one failed. Names and notes
//! hold times, lengths, hashes and whose keys open a file, and nothing of what is in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::BackupError;

/// Held by whoever makes a backup of a node.
const LOCK: &str = "backup.lock";
/// Says in a data directory why the last backup failed.
const FAILURE: &str = "backup-failed.txt";
/// Ends the name of a backup.
const ENDING: &str = ".age";
/// Ends the name of the note beside it.
const NOTE: &str = ".json";
/// Ends the name of one that is not finished.
const UNFINISHED: &str = ".part";
/// The time in a name: UTC, and in the order of time when sorted.
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// As many characters of the NodeId are in a name.
const NODE_CHARS: usize = 14;
/// Notes are some hundred bytes.
const NOTE_BYTES: u64 = 64 * 1024;

/// What is noted beside a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Whose backup it is.
    pub node: String,
    /// Of which moment.
    pub made_at: Timestamp,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// That it was restored and checked whole, by itself, before it counted.
    pub rehearsed: bool,
    /// Who can open it.
    pub recipients: Vec<String>,
    /// What made it.
    pub software: String,
}

/// A backup on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where.
    pub file: PathBuf,
    /// The beginning of the NodeId.
    pub node: String,
    /// Of which moment.
    pub made_at: Timestamp,
    /// How long it is.
    pub bytes: u64,
    /// What is noted beside it, if that can be read.
    pub note: Option<Note>,
}

/// A directory with backups, of one node or of all.
#[derive(Clone, Debug)]
pub struct Shelf {
    dir: PathBuf,
    node: Option<String>,
}

impl Shelf {
    /// The backups of one node in a directory.
    #[must_use]
    pub fn of(dir: &Path, node: &NodeId) -> Self {
        let node = node.to_string().chars().take(NODE_CHARS).collect();
        Self { dir: dir.to_owned(), node: Some(node) }
    }

    /// All backups in a directory.
    #[must_use]
    pub fn of_all(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), node: None }
    }

    /// Where a backup of this moment belongs.
    pub(super) fn place(&self, at: Timestamp) -> PathBuf {
        let node = self.node.as_deref().unwrap_or_default();
        self.dir.join(format!("{node}-{}{ENDING}", at.strftime(TIME)))
    }

    /// Those that are there, newest first.
    ///
    /// # Errors
    /// [`BackupError::NoDirectory`], or [`BackupError::File`].
    pub fn kept(&self) -> Result<Vec<Kept>, BackupError> {
        let mut kept: Vec<Kept> = self.files()?.into_iter().filter_map(|file| self.one(file)).collect();
        kept.sort_by(|a, b| b.made_at.cmp(&a.made_at).then_with(|| a.file.cmp(&b.file)));
        Ok(kept)
    }

    /// Deletes those of before a moment, with their notes; gives how many.
    ///
    /// # Errors
    /// [`BackupError::File`] when one cannot be deleted.
    pub fn remove_older(&self, than: Timestamp) -> Result<usize, BackupError> {
        let old: Vec<Kept> = self.kept()?.into_iter().filter(|kept| kept.made_at < than).collect();
        for kept in &old {
            fs::remove_file(&kept.file).map_err(BackupError::file(&kept.file))?;
            // One without a note had none to delete.
            fs::remove_file(with(&kept.file, NOTE)).ok();
        }
        Ok(old.len())
    }

    /// Deletes what backups that broke off have left. Whoever calls this holds the lock.
    pub(super) fn remove_unfinished(&self) {
        let node = self.node.as_deref().unwrap_or_default();
        for file in self.files().unwrap_or_default() {
            let name = name(&file);
            if name.starts_with(node) && name.ends_with(UNFINISHED) {
                fs::remove_file(file).ok();
            }
        }
    }

    fn files(&self) -> Result<Vec<PathBuf>, BackupError> {
        if !self.dir.is_dir() {
            return Err(BackupError::NoDirectory(self.dir.clone()));
        }
        let entries = fs::read_dir(&self.dir).map_err(BackupError::file(&self.dir))?;
        Ok(entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
    }

    fn one(&self, file: PathBuf) -> Option<Kept> {
        let name = name(&file);
        let (node, at) = name.strip_suffix(ENDING)?.rsplit_once('-')?;
        if self.node.as_deref().is_some_and(|ours| ours != node) || !node.starts_with("cairn1") {
            return None;
        }
        let at = DateTime::strptime(TIME, at).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let bytes = fs::metadata(&file).ok()?.len();
        let note = note_of(&file);
        Some(Kept { node: node.to_owned(), made_at: at, bytes, note, file })
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn with(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What is noted beside a backup.
pub(super) fn note_of(file: &Path) -> Option<Note> {
    let mut text = String::new();
    File::open(with(file, NOTE)).ok()?.take(NOTE_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// A file that is deleted unless it is put in its place.
pub(super) struct Unfinished {
    path: PathBuf,
    place: PathBuf,
}

impl Unfinished {
    /// Begins the file that belongs to `place`.
    pub(super) fn begin(place: PathBuf) -> Result<(Self, File), BackupError> {
        if place.exists() {
            return Err(BackupError::Exists(place));
        }
        let path = with(&place, UNFINISHED);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(BackupError::file(&path))?;
        Ok((Self { path, place }, file))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place, with a note beside it.
    pub(super) fn finish(self, note: &Note) -> Result<PathBuf, BackupError> {
        let noted = with(&self.place, NOTE);
        let write = || {
            write_new(&noted, &serde_json::to_vec_pretty(note)?)?;
            fs::rename(&self.path, &self.place)?;
            self.place.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
        };
        match write() {
            Ok(()) => Ok(self.place.clone()),
            Err(error) => {
                fs::remove_file(&noted).ok();
                Err(BackupError::File { path: self.place.clone(), error })
            }
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // In its place already, it is not there any more.
        fs::remove_file(&self.path).ok();
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::remove_file(path).ok();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes this the one who makes a backup of a node.
pub(super) fn lock(data_dir: &Path) -> Result<File, BackupError> {
    let path = data_dir.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(BackupError::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::UnderWay),
        Err(TryLockError::Error(error)) => Err(BackupError::File { path, error }),
    }
}

/// Notes for `cairn doctor` why the newest attempt failed, or that it did not.
pub(super) fn note_outcome(data_dir: &Path, failed: Option<&BackupError>, now: Timestamp) {
    let path = data_dir.join(FAILURE);
    let noted = match failed {
        None => fs::remove_file(&path),
        // Another one is under way, and will say for itself what became of it.
        // Or it was a slip on the command line.
        Some(BackupError::UnderWay | BackupError::Exists(_) | BackupError::NoRecipient) => return,
        Some(error) => write_new(&path, format!("{now:.0}: {error}\n").as_bytes()),
    };
    if let Err(error) = noted
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "it could not be noted what became of a backup");
    }
}

/// Why the newest attempt to back up the node with this data directory failed, if it did.
#[must_use]
pub fn failure(data_dir: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(data_dir.join(FAILURE)).ok()?.take(NOTE_BYTES).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned())
}
