//! Making a backup: one moment of the database and the node's files, sealed as they come, rehearsed, and only then put in its place.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    BackupError, Key, Recipient, Rehearsed, Shelf,
    fill::{FILE_BYTES, Measure, Measured, is_file_of_a_node},
    parts::{self, Count, End, Header, Is},
    rehearse, seal, shelf,
};
use crate::{
    config::FILE,
    init::KEYS,
    store::{Row, Store, Table, Tx},
};

/// Parts that wait to be written.
const WAITING: usize = 4;
/// How often files are read again that were changed meanwhile.
const TRIES: u32 = 5;
/// What backups say about the software.
const SOFTWARE: &str = concat!("cairn-node ", env!("CARGO_PKG_VERSION"));

/// A backup that somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The node's.
    pub data_dir: &'a Path,
    /// Where it goes.
    pub directory: &'a Path,
    /// Who can open it.
    pub recipients: &'a [Recipient],
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Where.
    pub file: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// What its rehearsal saw.
    pub rehearsed: Rehearsed,
}

/// Makes a backup of the node with this store, and rehearses it. Why that failed is noted for `cairn doctor`.
///
/// # Errors
/// [`BackupError`]; there is no backup then, and nothing is left of the attempt.
pub async fn make(store: &Store, wish: &Wish<'_>, now: Timestamp) -> Result<Made, BackupError> {
    let made = make_one(store, wish, now).await;
    shelf::note_outcome(wish.data_dir, made.as_ref().err(), now);
    made
}

/// Deletes what a rehearsal that was cut off, as by a power cut, has left in a data directory, unless one is under way.
pub fn clear_up(data_dir: &Path) {
    if let Ok(_lock) = shelf::lock(data_dir) {
        rehearse::remove_scratches(data_dir);
    }
}

async fn make_one(store: &Store, wish: &Wish<'_>, now: Timestamp) -> Result<Made, BackupError> {
    let Wish { data_dir, directory, recipients } = *wish;
    if recipients.is_empty() {
        return Err(BackupError::NoRecipient);
    }
    if !directory.is_dir() {
        return Err(BackupError::NoDirectory(directory.to_owned()));
    }
    let _lock = shelf::lock(data_dir)?;
    rehearse::remove_scratches(data_dir);
    let (mut tx, files) = one_moment(store, data_dir).await?;
    let node =
        tx.self_id().await?.ok_or_else(|| BackupError::NotWhole("the database holds no node".into()))?;
    let schema = tx.schema().await?;
    let shelf = Shelf::of(directory, &node);
    shelf.remove_unfinished();
    let (unfinished, file) = shelf::Unfinished::begin(shelf.place(now))?;
    // Made for this file, to read it back once; nobody keeps it.
    let once = Key::generate();
    let header = Header {
        schema,
        node: node.to_string(),
        made_at: now.as_microsecond(),
        software: SOFTWARE.to_owned(),
    };
    let to: Vec<Recipient> = recipients.iter().cloned().chain([once.recipient()]).collect();
    let measure = write(&mut tx, header, files, (unfinished.path(), file), to).await?;
    // The node can clear its files again as soon as nobody reads that moment any more.
    drop(tx);
    let rehearsed = rehearse::rehearse(unfinished.path(), &[once], data_dir, Some(&measure)).await?;
    let note = shelf::Note {
        node: node.to_string(),
        made_at: now,
        bytes: measure.bytes,
        sha256: rehearse::hex(&measure.sha256),
        rehearsed: true,
        recipients: recipients.iter().map(ToString::to_string).collect(),
        software: SOFTWARE.to_owned(),
    };
    Ok(Made { file: unfinished.finish(&note)?, bytes: measure.bytes, rehearsed })
}

/// One moment of the database, and the files of the same moment: a rotation of keys changes both.
async fn one_moment(store: &Store, data_dir: &Path) -> Result<(Tx, BTreeMap<String, Vec<u8>>), BackupError> {
    for _ in 0..TRIES {
        let before = files(data_dir)?;
        let mut tx = store.read().await?;
        // The first look fixes the moment.
        tx.schema().await?;
        if files(data_dir)? == before {
            return Ok((tx, before));
        }
    }
    Err(BackupError::KeysMoved)
}

/// The configuration and the keys.
fn files(data_dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, BackupError> {
    let mut names = vec![FILE.to_owned()];
    let keys = data_dir.join(KEYS);
    for entry in fs::read_dir(&keys).map_err(BackupError::file(&keys))?.filter_map(Result::ok) {
        names.push(format!("{KEYS}/{}", entry.file_name().to_string_lossy()));
    }
    let mut files = BTreeMap::new();
    for name in names.into_iter().filter(|name| is_file_of_a_node(name)) {
        let path = data_dir.join(&name);
        let mut bytes = Vec::new();
        match File::open(&path).and_then(|file| file.take(FILE_BYTES as u64).read_to_end(&mut bytes)) {
            Ok(_) => drop(files.insert(name, bytes)),
            // Renamed in this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::File { path, error }),
        }
    }
    Ok(files)
}

/// Writes everything, sealed, and gives what was written.
async fn write(
    tx: &mut Tx,
    header: Header,
    files: BTreeMap<String, Vec<u8>>,
    (path, file): (&Path, File),
    recipients: Vec<Recipient>,
) -> Result<Measure, BackupError> {
    let (out, parts) = mpsc::channel(WAITING);
    let writer = tokio::task::spawn_blocking(move || write_sealed(file, &recipients, parts));
    let sent = send_all(tx, header, files, out).await;
    // When the disk is full, that is why nobody took what was sent.
    let written = writer.await?;
    sent?;
    written.map_err(BackupError::file(path))
}

fn write_sealed(file: File, to: &[Recipient], mut parts: mpsc::Receiver<Is>) -> io::Result<Measure> {
    let mut sealed = seal::seal(Measured::new(BufWriter::new(file)), to)?;
    parts::write_magic(&mut sealed)?;
    while let Some(part) = parts.blocking_recv() {
        parts::write_part(&mut sealed, part)?;
    }
    let (buffer, measure) = sealed.finish()?.measure();
    let mut file = buffer.into_inner()?;
    file.flush()?;
    file.sync_all()?;
    Ok(measure)
}

async fn send_all(
    tx: &mut Tx,
    header: Header,
    files: BTreeMap<String, Vec<u8>>,
    out: mpsc::Sender<Is>,
) -> Result<(), BackupError> {
    let mut end = End { tables: Vec::new(), files: u32::try_from(files.len()).unwrap_or(u32::MAX) };
    let mut wanted = out.send(Is::Header(header)).await.is_ok();
    for (name, bytes) in files {
        wanted = wanted && out.send(Is::File(parts::File { name, bytes })).await.is_ok();
    }
    for table in tx.tables().await? {
        if !wanted {
            return Ok(());
        }
        let rows = send_table(tx, &table, &out).await?;
        end.tables.push(Count { table: table.name, rows });
    }
    // Whoever wants no more says why himself.
    out.send(Is::End(end)).await.ok();
    Ok(())
}

/// Sends a table; gives how many rows it has.
async fn send_table(tx: &mut Tx, table: &Table, out: &mpsc::Sender<Is>) -> Result<u64, BackupError> {
    let columns = table.columns.iter().map(|column| column.name.clone()).collect();
    out.send(Is::Table(parts::Table { name: table.name.clone(), columns })).await.ok();
    let (batches, mut coming) = mpsc::channel::<Vec<Row>>(1);
    let copy = async {
        let copied = tx.copy_out(table, &batches).await;
        drop(batches);
        copied
    };
    let pass_on = async {
        let mut count = 0_u64;
        while let Some(rows) = coming.recv().await {
            count = count.saturating_add(rows.len() as u64);
            if out.send(Is::Rows(rows.into())).await.is_err() {
                // Whoever copies sees that nobody takes it any more.
                break;
            }
        }
        drop(coming);
        count
    };
    let (copied, count) = tokio::join!(copy, pass_on);
    copied?;
    Ok(count)
}
