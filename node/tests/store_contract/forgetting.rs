//! A purge on SQLite: after it, no file of the database holds what was purged.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cairn_node::store::OpeningRow;
use sqlx::{Connection as _, SqliteConnection};

use crate::{
    databases::{Db, Sqlite},
    samples::{at, held, hold, new_log, opening},
};

/// Begins every line of what will be purged.
const PURGED: &str = "PURGED";
/// Begins every line of what stays.
const KEPT: &str = "KEPT";

/// An opening that says so in its salt and on each line of its envelope.
fn marked(index: u64, mark: &str, bytes: usize) -> OpeningRow {
    let mut salt = [b'.'; 32];
    let text = format!("{mark}-salt-{index}");
    salt[..text.len()].copy_from_slice(text.as_bytes());
    let line = format!("{mark}-line-of-{index:08}-");
    let envelope = line.repeat(bytes / line.len() + 1).into_bytes();
    OpeningRow { salt, envelope, expires_at: mark.starts_with(PURGED).then(|| at(5)), ..opening(index) }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The files of a database that hold `needle`.
pub(crate) fn holding(dir: &Path, needle: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    };
    files(dir).into_iter().filter(holds).collect()
}

fn assert_forgotten(dir: &Path) {
    assert_eq!(holding(dir, PURGED), <[PathBuf; 0]>::default());
    assert_ne!(holding(dir, KEPT), <[PathBuf; 0]>::default());
}

async fn purge(db: &Db, log: i64, indices: impl IntoIterator<Item = u64>) {
    let mut tx = db.write().await;
    for index in indices {
        tx.purge(log, index, at(9)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// One record that was withdrawn, from the log's side file and from the database file.
#[tokio::test]
async fn a_purged_record_is_in_no_file() {
    for bytes in [10, 2_000, 200_000] {
        for checkpointed in [false, true] {
            let files = Sqlite::new();
            let db = files.open().await;
            let log = new_log(&db, 1).await;
            hold(&db, log, &[marked(1, KEPT, bytes), marked(2, PURGED, bytes), marked(3, KEPT, bytes)]).await;
            if checkpointed {
                db.store.forget().await.unwrap();
            }
            assert_ne!(holding(files.dir(), PURGED), <[PathBuf; 0]>::default());
            purge(&db, log, [2]).await;
            db.store.forget().await.unwrap();
            assert_forgotten(files.dir());
            db.store.close().await;
            assert_forgotten(files.dir());
        }
    }
}

/// What expires goes in the same way.
#[tokio::test]
async fn an_expired_record_is_in_no_file() {
    let files = Sqlite::new();
    let db = files.open().await;
    let log = new_log(&db, 1).await;
    hold(&db, log, &[marked(1, KEPT, 2_000), marked(2, PURGED, 2_000)]).await;
    let mut tx = db.write().await;
    assert_eq!(tx.purge_expired(at(5)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    db.store.forget().await.unwrap();
    assert_forgotten(files.dir());
    db.store.close().await;
}

/// Where many records come and go, the database moves rows from page to page: of those rows, too,
/// no copy stays behind.
#[tokio::test]
async fn no_copy_stays_where_rows_have_moved() {
    const ROUNDS: u64 = 10;
    const ROWS: u64 = 600;
    let files = Sqlite::new();
    let db = files.open().await;
    let log = new_log(&db, 1).await;
    // Every third stays; the others go in rounds, from all over the file, each round those of one size,
    // so that pages of neighbours are emptied unevenly and SQLite has reason to move rows.
    let mark = |index: u64| match index % 3 {
        0 => KEPT.to_owned(),
        _ => format!("{PURGED}{}", index * 7 % ROUNDS),
    };
    let size = |index: u64| [40, 700, 2_000, 5_000, 900][usize::try_from(index % 5).unwrap()];
    let rows = |from: u64, to: u64| -> Vec<OpeningRow> {
        (from..to).map(|index| marked(index, &mark(index), size(index))).collect()
    };
    hold(&db, log, &rows(0, ROWS)).await;
    for round in 0..ROUNDS {
        let mark_now = format!("{PURGED}{round}");
        assert_ne!(holding(files.dir(), &mark_now), <[PathBuf; 0]>::default());
        purge(&db, log, (0..ROWS).filter(|index| mark(*index) == mark_now)).await;
        db.store.forget().await.unwrap();
        assert_eq!(holding(files.dir(), &mark_now), <[PathBuf; 0]>::default(), "{mark_now}");
        let new = 1_000 + 20 * round;
        let kept: Vec<_> = (new..new + 20).map(|index| marked(index, KEPT, size(index))).collect();
        hold(&db, log, &kept).await;
    }
    assert_forgotten(files.dir());
    assert_eq!(held(&db, log).await.len(), 200 + 200);
    db.store.close().await;
}

/// A lone purge among many records does not cost a copy of the whole file, which would have no free
/// pages.
#[tokio::test]
async fn a_purge_that_moves_nothing_leaves_the_file_as_it_is() {
    let files = Sqlite::new();
    let db = files.open().await;
    let log = new_log(&db, 1).await;
    let gone = [7, 60, 61, 150, 199];
    let mark = |index| if gone.contains(&index) { PURGED } else { KEPT };
    let size = |index| if index == 150 { 200_000 } else { 1_500 };
    let rows: Vec<_> = (0..300).map(|index| marked(index, mark(index), size(index))).collect();
    hold(&db, log, &rows).await;
    purge(&db, log, gone).await;
    db.store.forget().await.unwrap();
    assert_forgotten(files.dir());
    let mut raw = SqliteConnection::connect(&files.url()).await.unwrap();
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut raw).await.unwrap();
    assert!(free > 10, "{free} pages free");
    raw.close().await.unwrap();
    db.store.close().await;
}

/// A reader that still sees the record keeps it in the write-ahead log: then nobody says "gone".
#[tokio::test]
async fn a_reader_delays_it_or_it_fails() {
    let files = Sqlite::new();
    let db = files.open().await;
    let log = new_log(&db, 1).await;
    hold(&db, log, &[marked(1, KEPT, 2_000), marked(2, PURGED, 2_000)]).await;
    let mut reader = db.read().await;
    assert_eq!(reader.held_count(log).await.unwrap(), 2);
    purge(&db, log, [2]).await;
    assert!(db.store.forget().await.is_err(), "{:?}", holding(files.dir(), PURGED));
    drop(reader);
    db.store.forget().await.unwrap();
    assert_forgotten(files.dir());
    db.store.close().await;
}

/// The power may go between a purge and what follows it: the next start makes up for it.
#[tokio::test]
async fn after_a_crash_the_next_start_forgets() {
    let (crashed, found) = (Sqlite::new(), Sqlite::new());
    let db = crashed.open().await;
    let log = new_log(&db, 1).await;
    hold(&db, log, &[marked(1, KEPT, 2_000), marked(2, PURGED, 2_000)]).await;
    purge(&db, log, [2]).await;
    for path in files(crashed.dir()) {
        fs::copy(&path, found.dir().join(path.file_name().unwrap())).unwrap();
    }
    assert_ne!(holding(found.dir(), PURGED), <[PathBuf; 0]>::default());
    let again = found.open().await;
    assert_forgotten(found.dir());
    again.store.close().await;
    db.store.close().await;
}
