//! Filling an empty database from a backup: parts come from a thread that reads and decrypts, and go into one transaction that
//! nobody has committed yet. Every part is looked at before it is taken in, for it comes from outside.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use cairn_proto::ids::NodeId;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{
    BackupError, Key,
    parts::{self, Count, Header, Is},
    seal,
};
use crate::{
    config::FILE,
    init::KEYS,
    store::{Store, Table, Tx},
};

/// Parts that wait to be taken in.
const WAITING: usize = 4;
/// A node has a handful of key files and one configuration.
const FILES: usize = 32;
/// And they are a page of text each.
pub(super) const FILE_BYTES: usize = 64 * 1024;

/// Length and SHA-256 of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) bytes: u64,
    pub(super) sha256: [u8; 32],
}

/// Whatever passes through is measured.
pub(super) struct Measured<T> {
    pub(super) inner: T,
    bytes: u64,
    sha256: Sha256,
}

impl<T> Measured<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, bytes: 0, sha256: Sha256::new() }
    }

    pub(super) fn measure(self) -> (T, Measure) {
        (self.inner, Measure { bytes: self.bytes, sha256: self.sha256.finalize().into() })
    }

    fn pass(&mut self, bytes: Option<&[u8]>) {
        let bytes = bytes.unwrap_or_default();
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.sha256.update(bytes);
    }
}

impl<R: Read> Read for &mut Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.pass(buffer.get(..read));
        Ok(read)
    }
}

impl<W: io::Write> io::Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.pass(bytes.get(..written));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A database filled from a backup, not committed.
pub(super) struct Filled {
    pub(super) store: Store,
    pub(super) tx: Tx,
    pub(super) contents: Contents,
    pub(super) measure: Measure,
}

/// What a backup said of itself, and its files.
pub(super) struct Contents {
    pub(super) node: NodeId,
    pub(super) made_at: Timestamp,
    pub(super) software: String,
    /// Files by their path in the data directory.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) tables: usize,
    pub(super) rows: u64,
}

/// Fills the empty database at `url` from a sealed file.
pub(super) async fn fill(url: &str, file: &Path, keys: &[Key]) -> Result<Filled, BackupError> {
    let (out, mut parts) = mpsc::channel(WAITING);
    let (path, keys) = (file.to_owned(), keys.to_owned());
    let reader = tokio::task::spawn_blocking(move || read(&path, &keys, &out));
    let taken = take_in(url, &mut parts).await;
    drop(parts);
    // What was wrong with the file is why it ended early; what was wrong with its parts, the reader does not know.
    let measure = reader.await??;
    let (store, tx, contents) = taken?;
    Ok(Filled { store, tx, contents, measure })
}

fn read(path: &Path, keys: &[Key], out: &mpsc::Sender<Is>) -> Result<Measure, BackupError> {
    let mut file = Measured::new(File::open(path).map_err(BackupError::file(path))?);
    let sealed = seal::unseal(&mut file, path, keys)?;
    parts::read_parts(sealed, |is| out.blocking_send(is).is_ok()).map_err(|error| error.of(path))?;
    Ok(file.measure().1)
}

fn malformed(what: &str) -> BackupError {
    BackupError::Malformed(what.to_owned())
}

async fn take_in(url: &str, parts: &mut mpsc::Receiver<Is>) -> Result<(Store, Tx, Contents), BackupError> {
    let Some(Is::Header(header)) = parts.recv().await else {
        return Err(malformed("it does not begin with a header"));
    };
    let mut contents = begin(&header)?;
    let store = Store::open_for_copy(url, header.schema).await?;
    let mut tx = store.write().await?;
    if tx.schema().await? != header.schema || tx.self_id().await?.is_some() {
        return Err(BackupError::DatabaseInUse);
    }
    let mut intake = Intake { known: tx.tables().await?, seen: BTreeMap::new(), at: None };
    loop {
        match parts.recv().await.ok_or_else(|| malformed("it ends before its end"))? {
            Is::Header(_) => return Err(malformed("it has two headers")),
            Is::File(file) => add_file(&mut contents, file)?,
            Is::Table(table) => intake.begin(&mut tx, &table).await?,
            Is::Rows(rows) => intake.add(&mut tx, rows).await?,
            Is::End(end) => {
                let files = u32::try_from(contents.files.len()).ok();
                if files != Some(end.files) {
                    return Err(malformed("its end tells of other files than there were"));
                }
                (contents.tables, contents.rows) = intake.end(&end.tables)?;
                return Ok((store, tx, contents));
            }
        }
    }
}

fn begin(header: &Header) -> Result<Contents, BackupError> {
    let node = header.node.parse().map_err(|_| malformed("its header names no node"))?;
    let made_at =
        Timestamp::from_microsecond(header.made_at).map_err(|_| malformed("its header has no time"))?;
    let software: String = header.software.chars().filter(|c| !c.is_control()).take(80).collect();
    Ok(Contents { node, made_at, software, files: BTreeMap::new(), tables: 0, rows: 0 })
}

fn add_file(contents: &mut Contents, file: parts::File) -> Result<(), BackupError> {
    let parts::File { name, bytes } = file;
    if !is_file_of_a_node(&name) || bytes.len() > FILE_BYTES || contents.files.len() >= FILES {
        return Err(malformed("it has a file that no node has"));
    }
    match contents.files.insert(name, bytes) {
        None => Ok(()),
        Some(_) => Err(malformed("it has the same file twice")),
    }
}

/// Whether a path is of a file that a backup takes along: the configuration or a key. So no path leads out of the directory.
pub(super) fn is_file_of_a_node(path: &str) -> bool {
    let key = path.strip_prefix(KEYS).and_then(|path| path.strip_prefix('/')?.strip_suffix(".pem"));
    let plain =
        |name: &str| (1..=40).contains(&name.len()) && name.bytes().all(|c| matches!(c, b'a'..=b'z' | b'-'));
    path == FILE || key.is_some_and(plain)
}

/// Tables on their way in.
struct Intake {
    known: Vec<Table>,
    seen: BTreeMap<String, u64>,
    at: Option<Table>,
}

impl Intake {
    async fn begin(&mut self, tx: &mut Tx, begun: &parts::Table) -> Result<(), BackupError> {
        let parts::Table { name, columns } = begun;
        let fits = |table: &&Table| {
            table.name == *name && table.columns.iter().map(|column| &column.name).eq(columns)
        };
        let table = self.known.iter().find(fits).cloned();
        let table = table.ok_or_else(|| malformed("it has a table that its schema does not have"))?;
        if self.seen.insert(table.name.clone(), 0).is_some() {
            return Err(malformed("it has the same table twice"));
        }
        // A migration may have put a row there.
        tx.clear_table(&table).await?;
        self.at = Some(table);
        Ok(())
    }

    async fn add(&mut self, tx: &mut Tx, rows: parts::Rows) -> Result<(), BackupError> {
        let table = self.at.as_ref().ok_or_else(|| malformed("it has rows of no table"))?;
        let rows: Vec<_> = rows.into();
        tx.copy_in(table, &rows).await?;
        if let Some(count) = self.seen.get_mut(&table.name) {
            *count = count.saturating_add(rows.len() as u64);
        }
        Ok(())
    }

    /// Compares what there was with what there should have been; gives how many tables and rows.
    fn end(&self, told: &[Count]) -> Result<(usize, u64), BackupError> {
        if let Some(table) = self.known.iter().find(|table| !self.seen.contains_key(&table.name)) {
            return Err(BackupError::ForeignTable(table.name.clone()));
        }
        let counted = self.seen.iter().map(|(table, rows)| (table.as_str(), *rows));
        if !counted.eq(told.iter().map(|count| (count.table.as_str(), count.rows))) {
            return Err(malformed("its end tells of other rows than there were"));
        }
        Ok((self.seen.len(), self.seen.values().sum()))
    }
}

#[cfg(test)]
mod tests {
    use super::is_file_of_a_node;

    #[test]
    fn no_path_leads_out_of_a_data_directory() {
        for good in ["cairn.toml", "keys/signing.pem", "keys/after-next-signing.pem"] {
            assert!(is_file_of_a_node(good), "{good}");
        }
        for bad in [
            "",
            "cairn.db",
            "keys/.pem",
            "keys/../signing.pem",
            "/etc/passwd",
            "keys/a/b.pem",
            "keys",
            "../cairn.toml",
        ] {
            assert!(!is_file_of_a_node(bad), "{bad}");
        }
    }
}
