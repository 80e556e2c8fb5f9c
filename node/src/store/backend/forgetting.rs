//! Leaving nothing of a purge in SQLite's files. `secure_delete` overwrites rows where they are
//! deleted, but three kinds of copies stay: words in the text index, which only marks what is deleted,
//! older pages in the write-ahead log until a checkpoint, and rows that SQLite moved to another page
//! before they were deleted (it does not clear what it moves from). The first go when the text index is
//! rewritten, the second with a checkpoint, the third with VACUUM, which is run only if there are any.
//!
//! Deliberately not here: what the file system or the disk keeps of blocks that were given back.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufReader, Read as _},
    path::PathBuf,
};

use sqlx::{SqliteConnection, SqlitePool};

use super::{BUSY, PAGE_BYTES, StoreError, text_index};

/// How long to wait for readers that may still see what was purged, in milliseconds. Every writer
/// waits as long, so it is much shorter than [`BUSY`].
const READERS_MS: u128 = 2_000;
/// Parts of the text indexes that are rewritten before it gives up: many gigabytes, or others write all the time.
const PARTS: u32 = 4_000;
/// First byte of a page that holds rows of a table.
const TABLE_LEAF: u8 = 13;
/// First byte of a page that holds rows of an index, and of one that leads to these.
const INDEX_LEAF: u8 = 10;
const INDEX_INNER: u8 = 2;
/// Bytes of such pages before the two-byte addresses of their rows.
const LEAF_HEADER: usize = 8;
const INNER_HEADER: usize = 12;
/// The space of a page that was never used.
static NOTHING: [u8; PAGE_BYTES as usize] = [0; PAGE_BYTES as usize];
/// As many bytes in a row other than 0 are of a row; SQLite's own bookkeeping leaves single numbers.
const TRACE: usize = 8;

/// Rewrites the text indexes, empties the write-ahead log, and the database file of what rows left behind
/// when they moved.
/// Gives false, and may be repeated, if a reader still sees an older state.
pub(super) async fn forget(writer: &SqlitePool) -> Result<bool, StoreError> {
    // Given back in between, so that who waits to write is let in.
    let mut parts = 0;
    while !text_index::forget_some(&mut *writer.acquire().await?).await? {
        parts += 1;
        if parts > PARTS {
            return Ok(false);
        }
    }
    let mut connection = writer.acquire().await?;
    let file = writer.connect_options().get_filename().to_path_buf();
    wait_at_most(&mut connection, READERS_MS).await?;
    let done = clear(&mut connection, file).await;
    wait_at_most(&mut connection, BUSY.as_millis()).await?;
    done
}

async fn clear(connection: &mut SqliteConnection, file: PathBuf) -> Result<bool, StoreError> {
    if !checkpoint(connection).await? {
        return Ok(false);
    }
    let index_pages = text_index::pages_with_words(connection).await?;
    let search = tokio::task::spawn_blocking(move || has_leftovers(file, &index_pages)).await;
    if !search.map_err(io::Error::other).flatten().map_err(sqlx::Error::Io)? {
        return Ok(true);
    }
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    checkpoint(connection).await
}

async fn wait_at_most(connection: &mut SqliteConnection, millis: u128) -> Result<(), StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA busy_timeout = {millis}"));
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

/// Moves the whole write-ahead log into the database file and empties it. A reader in its way is
/// not an error to SQLite but a 1 in the first column.
async fn checkpoint(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(busy == 0)
}

/// Whether any page has bytes between its rows' addresses and its rows: SQLite clears that space when
/// a row is deleted or moved within the page, so they are copies of rows that moved elsewhere. Of
/// indexes, in which rows often move, only the pages given hold words.
fn has_leftovers(file: PathBuf, index_pages: &HashSet<u32>) -> io::Result<bool> {
    let mut pages = BufReader::with_capacity(64 * PAGE_BYTES as usize, File::open(file)?);
    let mut page = vec![0; PAGE_BYTES as usize];
    // The first page holds the schema behind a header of its own, and nothing else.
    pages.read_exact(&mut page)?;
    for number in 2.. {
        match pages.read_exact(&mut page) {
            Ok(()) => {}
            Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        if gap(&page, index_pages.contains(&number)).is_some_and(has_traces) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The space of a page that no row uses yet (SQLite file format, 1.6).
fn gap(page: &[u8], of_index: bool) -> Option<&[u8]> {
    let number = |at: usize| Some(usize::from(u16::from_be_bytes(*page.get(at..)?.first_chunk()?)));
    let header = match *page.first()? {
        TABLE_LEAF => LEAF_HEADER,
        INDEX_LEAF if of_index => LEAF_HEADER,
        INDEX_INNER if of_index => INNER_HEADER,
        _ => return None,
    };
    let (rows, content) = (number(3)?, number(5)?);
    page.get(header.checked_add(rows.checked_mul(2)?)?..content)
}

/// Whether there is more than zeros and the addresses of deleted rows, which SQLite leaves behind
/// those of the others.
fn has_traces(gap: &[u8]) -> bool {
    // Most gaps were never used, and a comparison of the whole is quick.
    if NOTHING.get(..gap.len()) == Some(gap) {
        return false;
    }
    let address = |pair: &[u8; 2]| (1..PAGE_BYTES).contains(&u32::from(u16::from_be_bytes(*pair)));
    let addresses = gap.as_chunks().0.iter().take_while(|pair| address(pair)).count();
    let rest = gap.get(addresses * 2..).unwrap_or_default();
    rest.split(|byte| *byte == 0).any(|run| run.len() >= TRACE)
}

#[cfg(test)]
mod tests {
    use super::{
        INDEX_INNER, INDEX_LEAF, INNER_HEADER, LEAF_HEADER, PAGE_BYTES, TABLE_LEAF, gap, has_traces,
    };

    /// A page without rows, with a copy of one in its space.
    fn page(kind: u8, header: usize) -> Vec<u8> {
        let mut page = vec![0; PAGE_BYTES as usize];
        page[0] = kind;
        page[5..7].copy_from_slice(&16_000_u16.to_be_bytes());
        page[header + 100..header + 112].copy_from_slice(b"a moved word");
        page
    }

    /// That words move in such an index is rare, so no contract of the store shows it reliably.
    #[test]
    fn what_moved_is_seen_in_tables_and_in_indexes_with_words() {
        for (kind, header) in
            [(TABLE_LEAF, LEAF_HEADER), (INDEX_LEAF, LEAF_HEADER), (INDEX_INNER, INNER_HEADER)]
        {
            let page = page(kind, header);
            assert!(gap(&page, true).is_some_and(has_traces));
            assert_eq!(gap(&page, false).is_some_and(has_traces), kind == TABLE_LEAF);
        }
        assert!(gap(&page(5, INNER_HEADER), true).is_none(), "numbers only");
    }
}
