//! Finding records held here by their words. Openings are kept first; they are noted as not indexed in the same transaction, and
//! entered into the index by whoever calls [`Tx::index_records`]. With an opening its words go, in the same transaction.

use std::collections::BTreeMap;

use super::{
    HeldRow, OpeningRow, StoreError, Tx,
    backend::{Index, entry, execute, fetch, insert_many, select},
    derived::key,
    find::{bounded, has_words},
    int,
    records::{Opening, held, opening},
    uint,
};

/// Records are numbered so that a greater number was held later, to the second: the seconds stand above so many bits, and below
/// them is the place within the second.
const WITHIN_A_SECOND: u32 = 30;
/// The last second that can be numbered so. It is in the 23rd century.
const LAST_SECOND: i64 = (1 << 33) - 2;

/// Openings of a log, of which some may not be indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanRow {
    /// The log.
    pub log_id: i64,
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

/// What a record is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsRow {
    index: u64,
    entry: String,
}

impl WordsRow {
    /// The words of a record, in lower case and without accents, as the index takes them.
    #[must_use]
    pub fn new(log_id: i64, index: u64, text: &str) -> Self {
        Self { index, entry: entry(text, [of_log(log_id)].into_iter()) }
    }
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Its place among all: a greater number was held later.
    pub num: u64,
    /// The record.
    pub held: HeldRow,
}

#[derive(sqlx::FromRow)]
struct Found {
    num: i64,
    origin: Vec<u8>,
    log_id: i64,
    idx: i64,
    salt: Vec<u8>,
    envelope: Vec<u8>,
    expires_at: Option<i64>,
    held_since: i64,
}

impl TryFrom<Found> for FoundRow {
    type Error = StoreError;

    fn try_from(row: Found) -> Result<Self, StoreError> {
        let Found { num, origin, log_id, idx, salt, envelope, expires_at, held_since } = row;
        let held = held((origin, log_id, idx, salt, envelope, expires_at, held_since))?;
        Ok(Self { num: uint(num)?, held })
    }
}

/// Openings of the log `$1` from `$2` to `$3` that are not indexed, with when they came to be held.
macro_rules! unindexed {
    ($lock:literal) => {
        concat!(
            "SELECT r.idx, r.held_since FROM records r WHERE r.log_id = $1 AND r.idx >= $2 AND r.idx <= $3 AND NOT EXISTS \
             (SELECT 1 FROM record_index_rows n WHERE n.log_id = r.log_id AND n.idx = r.idx)",
            $lock
        )
    };
}

/// The property of records of a log.
fn of_log(log_id: i64) -> i64 {
    key(&["log", &log_id.to_string()])
}

impl Tx {
    /// Notes that openings came which cannot be found by their words yet. The row is written also where it is there already: so
    /// whoever is indexing them waits until these are committed, or they wait for it and are noted anew.
    pub(super) async fn note_unindexed(
        &mut self,
        log_id: i64,
        first: i64,
        last: i64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO unindexed (log_id, first, last) VALUES ($1, $2, $3) ON CONFLICT (log_id, first) DO UPDATE \
                   SET last = CASE WHEN excluded.last > unindexed.last THEN excluded.last ELSE unindexed.last END";
        execute!(self, sql, log_id, first, last)?;
        Ok(())
    }

    /// Removes the words of a record. Its opening is deleted before: who indexes it has locked the opening, and is done then.
    pub(super) async fn remove_words(&mut self, log_id: i64, idx: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM record_index WHERE rowid = (SELECT num FROM record_index_rows WHERE log_id = $1 AND idx = $2)";
        execute!(self, sql, log_id, idx)?;
        execute!(self, "DELETE FROM record_index_rows WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        Ok(())
    }

    /// Removes the words of all records that have expired and have a tombstone. Comes before their openings go, and locks them.
    pub(super) async fn remove_expired_words(&mut self, at: i64) -> Result<(), StoreError> {
        if self.conn.locks_rows() {
            let sql = "SELECT r.idx FROM records r JOIN tombstones t ON t.log_id = r.log_id AND t.idx = r.idx \
                       WHERE r.expires_at <= $1 FOR UPDATE OF r";
            execute!(self, sql, at)?;
        }
        execute!(
            self,
            "DELETE FROM record_index WHERE rowid IN (SELECT n.num FROM record_index_rows n \
             JOIN records r ON r.log_id = n.log_id AND r.idx = n.idx WHERE r.expires_at <= $1)",
            at
        )?;
        execute!(
            self,
            "DELETE FROM record_index_rows WHERE (log_id, idx) IN \
             (SELECT log_id, idx FROM records WHERE expires_at <= $1)",
            at
        )?;
        Ok(())
    }

    /// Openings of one log that cannot be found by their words yet, at most `limit`, and among which they are; nothing once all can.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unindexed_records(
        &mut self,
        limit: u32,
    ) -> Result<Option<(SpanRow, Vec<OpeningRow>)>, StoreError> {
        let sql = "SELECT log_id, first, last FROM unindexed ORDER BY log_id, first LIMIT 1";
        let Some((log_id, first, last)) = fetch!(fetch_optional, (i64, i64, i64), self, sql)? else {
            return Ok(None);
        };
        let rows = fetch!(
            fetch_all,
            Opening,
            self,
            "SELECT r.idx, r.salt, r.envelope, r.expires_at, r.held_since FROM records r \
             WHERE r.log_id = $1 AND r.idx >= $2 AND r.idx <= $3 AND NOT EXISTS \
             (SELECT 1 FROM record_index_rows n WHERE n.log_id = r.log_id AND n.idx = r.idx) ORDER BY r.idx LIMIT $4",
            log_id,
            first,
            last,
            i64::from(limit)
        )?;
        let openings = rows.into_iter().map(opening).collect::<Result<_, _>>()?;
        Ok(Some((SpanRow { log_id, first: uint(first)?, last: uint(last)? }, openings)))
    }

    /// Enters the words of openings of a span, from its first one that is not indexed on. Those that were purged since they were read, or are indexed, are left out; what
    /// else of the span is not indexed stays noted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn index_records(&mut self, span: &SpanRow, words: &[WordsRow]) -> Result<(), StoreError> {
        let (log_id, first, last) = (span.log_id, int(span.first)?, int(span.last)?);
        execute!(
            self,
            "DELETE FROM unindexed WHERE log_id = $1 AND first = $2 AND last = $3",
            log_id,
            first,
            last
        )?;
        let sql = match self.conn.locks_rows() {
            false => unindexed!(""),
            // A purge waits for us; what is being purged already stays noted until that is done.
            true => unindexed!(" FOR KEY SHARE OF r SKIP LOCKED"),
        };
        let entries: BTreeMap<i64, &str> = words
            .iter()
            .map(|words| Ok((int(words.index)?, &words.entry[..])))
            .collect::<Result<_, StoreError>>()?;
        let upto = entries.last_key_value().map_or(first - 1, |(idx, _)| *idx);
        let mut here = fetch!(fetch_all, (i64, i64), self, sql, log_id, first, upto)?;
        here.sort_unstable_by_key(|(idx, since)| (*since, *idx));
        self.enter_words(
            log_id,
            here.into_iter().filter_map(|(idx, since)| Some((idx, since, *entries.get(&idx)?))),
        )
        .await?;
        let sql = concat!(unindexed!(""), " ORDER BY r.idx LIMIT 1");
        match fetch!(fetch_optional, (i64, i64), self, sql, log_id, first, last)? {
            Some((rest, _)) => self.note_unindexed(log_id, rest, last).await,
            None => Ok(()),
        }
    }

    /// Enters what records are found by, in the order in which they came to be held.
    async fn enter_words(
        &mut self,
        log_id: i64,
        rows: impl Iterator<Item = (i64, i64, &str)>,
    ) -> Result<(), StoreError> {
        let (mut next, mut numbered) = (None::<(i64, i64)>, Vec::new());
        for (idx, since, entry) in rows {
            let begin = begin(since);
            let num = match next {
                Some((of, num)) if of == begin => num,
                _ => self.next_num(begin).await?,
            };
            next = Some((begin, num + 1));
            numbered.push((idx, num, entry));
        }
        if numbered.is_empty() {
            return Ok(());
        }
        let (before, after) = self.conn.insert_text(Index::Records);
        insert_many!(self, before, &numbered, |row| [row.1, row.2], after)?;
        let sql = "INSERT INTO record_index_rows (log_id, idx, num) ";
        insert_many!(self, sql, &numbered, |row| [log_id, row.0, row.1], "")
    }

    /// The first number that nobody has of those that begin there.
    async fn next_num(&mut self, begin: i64) -> Result<i64, StoreError> {
        let sql = "SELECT MAX(num) FROM record_index_rows WHERE num >= $1 AND num < $2";
        let last = fetch!(fetch_one, (Option<i64>,), self, sql, begin, begin + (1 << WITHIN_A_SECOND))?.0;
        Ok(last.map_or(begin, |last| last + 1))
    }

    /// Records that have all words, or words that begin so, newest first, of one log, of all but one, or of all. Words are as
    /// those of [`Tx::find`]; without any nothing is found. Goes on below the `num` of the last one seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_with(
        &mut self,
        words: &[String],
        only: Option<i64>,
        but: Option<i64>,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<FoundRow>, StoreError> {
        if !has_words(words) {
            return Ok(Vec::new());
        }
        let asked: Vec<i64> = only.map(of_log).into_iter().collect();
        let Some(text) = self.conn.text_query(words, &asked, but.map(of_log)) else { return Ok(Vec::new()) };
        let (before, after) = self.conn.text_matches(Index::Records);
        let rows = select!(self, Found, |query| {
            query.push(
                "SELECT found.num, l.origin, r.log_id, r.idx, r.salt, r.envelope, r.expires_at, r.held_since \
                 FROM (SELECT t.rowid AS num FROM record_index t WHERE ",
            );
            query.push(before).push_bind(&text[..]).push(after);
            below.map(|below| query.push(" AND t.rowid < ").push_bind(bounded(below)));
            query.push(" ORDER BY t.rowid DESC LIMIT ").push_bind(i64::from(limit));
            // Not simply JOIN: SQLite might begin with all records.
            query.push(
                ") found CROSS JOIN record_index_rows n CROSS JOIN records r CROSS JOIN logs l \
                 WHERE n.num = found.num AND r.log_id = n.log_id AND r.idx = n.idx AND l.id = r.log_id \
                 ORDER BY found.num DESC",
            );
        })?;
        rows.into_iter().map(FoundRow::try_from).collect()
    }
}

/// The first number of a record that is held since then.
fn begin(held_since: i64) -> i64 {
    let second = held_since.div_euclid(1_000_000).clamp(0, LAST_SECOND);
    second << WITHIN_A_SECOND
}

#[cfg(test)]
mod tests {
    use super::{LAST_SECOND, begin};

    #[test]
    fn every_time_has_a_number_and_later_ones_have_greater() {
        let times = [i64::MIN, 0, 1_000_000, 1_767_225_600_000_000, (LAST_SECOND + 1) * 1_000_000, i64::MAX];
        assert!(times.is_sorted_by_key(|time| begin(*time)) && times.iter().all(|time| begin(*time) >= 0));
        assert!(begin(1_767_225_600_000_000) < begin(1_767_225_601_000_000));
    }
}
