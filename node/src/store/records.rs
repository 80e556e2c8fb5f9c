//! Records held, tombstones, and what each release rests on.

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int, micros, time, uint,
};

/// What turns a leaf back into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningRow {
    /// Index of the leaf.
    pub index: u64,
    /// The commitment's salt.
    pub salt: [u8; 32],
    /// The exact bytes of the envelope.
    pub envelope: Vec<u8>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it came to be held here.
    pub held_since: Timestamp,
}

/// A record held, with where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Its author.
    pub origin: NodeId,
    /// Number of its log here.
    pub log_id: i64,
    /// The opening.
    pub opening: OpeningRow,
}

/// What a release rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Index in our log.
    pub index: u64,
    /// The experiment, unless it is the profile.
    pub experiment_id: Option<String>,
    /// Its version.
    pub version: u64,
    /// The policy card.
    pub card: String,
    /// The role that authorised it.
    pub authorised_by: String,
    /// The exact consent records, as a JSON document.
    pub consent: String,
    /// The salt of the consent commitment.
    pub consent_salt: [u8; 32],
    /// When.
    pub at: Timestamp,
    /// What pre-flight found and was released all the same, with reasons, as a JSON document.
    pub overrides: String,
    /// The second person's role; empty: none was needed.
    pub approved_by: String,
}

pub(super) type Opening = (i64, Vec<u8>, Vec<u8>, Option<i64>, i64);
pub(super) type Held = (Vec<u8>, i64, i64, Vec<u8>, Vec<u8>, Option<i64>, i64);
type Release = (i64, Option<String>, i64, String, String, String, Vec<u8>, i64, String, String);

pub(super) fn opening(
    (idx, salt, envelope, expires_at, held_since): Opening,
) -> Result<OpeningRow, StoreError> {
    Ok(OpeningRow {
        index: uint(idx)?,
        salt: array("salt", &salt)?,
        envelope,
        expires_at: expires_at.map(time).transpose()?,
        held_since: time(held_since)?,
    })
}

pub(super) fn held(
    (origin, log_id, idx, salt, envelope, expires_at, since): Held,
) -> Result<HeldRow, StoreError> {
    let origin = NodeId::from_bytes(array("log origin", &origin)?);
    Ok(HeldRow { origin, log_id, opening: opening((idx, salt, envelope, expires_at, since))? })
}

fn release(row: Release) -> Result<ReleaseRow, StoreError> {
    let (idx, experiment_id, version, card, authorised_by, consent, salt, at, overrides, approved_by) = row;
    Ok(ReleaseRow {
        index: uint(idx)?,
        experiment_id,
        version: uint(version)?,
        card,
        authorised_by,
        consent,
        consent_salt: array("consent salt", &salt)?,
        at: time(at)?,
        overrides,
        approved_by,
    })
}

impl Tx {
    /// Keeps openings, and notes that they are to be indexed. Ones that are held already, or have a tombstone, are left alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_openings(&mut self, log_id: i64, openings: &[OpeningRow]) -> Result<(), StoreError> {
        let indices = || openings.iter().map(|row| row.index);
        let (Some(first), Some(last)) = (indices().min(), indices().max()) else {
            return Ok(());
        };
        let buried = self.tombstones(log_id, first, last.saturating_add(1)).await?;
        let rows = openings.iter().filter(|row| !buried.contains(&row.index));
        let rows = rows.map(|row| Ok((int(row.index)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        insert_many!(
            self,
            "INSERT INTO records (log_id, idx, salt, envelope, expires_at, held_since) ",
            &rows,
            |row| [
                log_id,
                row.0,
                &row.1.salt[..],
                &row.1.envelope[..],
                row.1.expires_at.map(micros),
                micros(row.1.held_since)
            ],
            " ON CONFLICT DO NOTHING"
        )?;
        self.note_unindexed(log_id, int(first)?, int(last)?).await
    }

    /// The openings from index `from` on, below `to`, in index order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn openings(
        &mut self,
        log_id: i64,
        from: u64,
        to: u64,
        limit: u32,
    ) -> Result<Vec<OpeningRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            Opening,
            self,
            "SELECT idx, salt, envelope, expires_at, held_since FROM records \
             WHERE log_id = $1 AND idx >= $2 AND idx < $3 ORDER BY idx LIMIT $4",
            log_id,
            int(from)?,
            int(to)?,
            i64::from(limit)
        )?;
        rows.into_iter().map(opening).collect()
    }

    /// Records newest first, below the cursor (held since, log, index), of one log, of all but
    /// one, or of all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest(
        &mut self,
        only: Option<i64>,
        but: Option<i64>,
        below: (Timestamp, i64, u64),
        limit: u32,
    ) -> Result<Vec<HeldRow>, StoreError> {
        let (since, log_id, index) = (micros(below.0), below.1, int(below.2)?);
        let rows = fetch!(
            fetch_all,
            Held,
            self,
            "SELECT l.origin, r.log_id, r.idx, r.salt, r.envelope, r.expires_at, r.held_since \
             FROM records r JOIN logs l ON l.id = r.log_id \
             WHERE ($1 = 0 OR r.log_id = $1) AND r.log_id <> $2 AND (r.held_since < $3 OR (r.held_since = $3 \
             AND (r.log_id < $4 OR (r.log_id = $4 AND r.idx < $5)))) \
             ORDER BY r.held_since DESC, r.log_id DESC, r.idx DESC LIMIT $6",
            only.unwrap_or(0),
            but.unwrap_or(0),
            since,
            log_id,
            index,
            i64::from(limit)
        )?;
        rows.into_iter().map(held).collect()
    }

    /// How many records of a log are held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held_count(&mut self, log_id: i64) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM records WHERE log_id = $1";
        uint(fetch!(fetch_one, (i64,), self, sql, log_id)?.0)
    }

    /// Purges a record for good: the opening goes with all that was derived from it, a tombstone comes and stays. One under
    /// a legal hold is kept back, where nothing shows or serves it. Gives whether it was held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge(&mut self, log_id: i64, index: u64, at: Timestamp) -> Result<bool, StoreError> {
        let idx = int(index)?;
        if self.conn.locks_rows() {
            // A hold that is just being made or ended waits for us, or we for it.
            execute!(self, "SELECT id FROM logs WHERE id = $1 FOR UPDATE", log_id)?;
        }
        execute!(
            self,
            "INSERT INTO kept_back (log_id, idx, salt, envelope) SELECT r.log_id, r.idx, r.salt, r.envelope \
             FROM records r JOIN holds h ON h.log_id = r.log_id AND h.idx = r.idx \
             WHERE r.log_id = $1 AND r.idx = $2 ON CONFLICT DO NOTHING",
            log_id,
            idx
        )?;
        let held = execute!(self, "DELETE FROM records WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        self.remove_words(log_id, idx).await?;
        self.remove_record_links(log_id, idx).await?;
        execute!(self, "DELETE FROM passable WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        execute!(self, "DELETE FROM uses WHERE log_id = $1 AND idx = $2", log_id, idx)?;
        execute!(
            self,
            "INSERT INTO tombstones (log_id, idx, at, held) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            log_id,
            idx,
            micros(at),
            i64::from(held > 0)
        )?;
        Ok(held > 0)
    }

    /// Indices in `[from, to)` that have a tombstone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tombstones(&mut self, log_id: i64, from: u64, to: u64) -> Result<Vec<u64>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (i64,),
            self,
            "SELECT idx FROM tombstones WHERE log_id = $1 AND idx >= $2 AND idx < $3 ORDER BY idx",
            log_id,
            int(from)?,
            int(to)?
        )?;
        rows.into_iter().map(|(idx,)| uint(idx)).collect()
    }

    /// Whether a record has a tombstone and had been held before it went.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn was_held(&mut self, log_id: i64, index: u64) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM tombstones WHERE log_id = $1 AND idx = $2 AND held <> 0";
        Ok(fetch!(fetch_one, (i64,), self, sql, log_id, int(index)?)?.0 > 0)
    }

    /// Whether a record has a tombstone: it was withdrawn or has expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_gone(&mut self, origin: &NodeId, index: u64) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM tombstones t JOIN logs l ON l.id = t.log_id WHERE l.origin = $1 AND t.idx = $2";
        Ok(fetch!(fetch_one, (i64,), self, sql, &origin.as_bytes()[..], int(index)?)?.0 > 0)
    }

    /// Purges whatever has expired at `now`; gives how many. A legal hold is against a withdrawal only, and goes too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge_expired(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let at = micros(now);
        execute!(
            self,
            "INSERT INTO tombstones (log_id, idx, at) SELECT log_id, idx, $1 FROM records \
             WHERE expires_at <= $1 ON CONFLICT DO NOTHING",
            at
        )?;
        self.remove_expired_words(at).await?;
        self.remove_expired_links(at).await?;
        execute!(
            self,
            "DELETE FROM passable WHERE (log_id, idx) IN (SELECT log_id, idx FROM records WHERE expires_at <= $1)",
            at
        )?;
        execute!(
            self,
            "DELETE FROM uses WHERE (log_id, idx) IN (SELECT log_id, idx FROM records WHERE expires_at <= $1)",
            at
        )?;
        execute!(
            self,
            "DELETE FROM holds WHERE (log_id, idx) IN (SELECT log_id, idx FROM records WHERE expires_at <= $1)",
            at
        )?;
        // On PostgreSQL a record may have come since: it waits for the next time.
        execute!(
            self,
            "DELETE FROM records WHERE expires_at <= $1 AND EXISTS \
             (SELECT 1 FROM tombstones t WHERE t.log_id = records.log_id AND t.idx = records.idx)",
            at
        )
    }

    /// The moment the next record expires.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_expiry(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(expires_at) FROM records";
        fetch!(fetch_one, (Option<i64>,), self, sql)?.0.map(time).transpose()
    }

    /// Keeps what a release rests on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_release(&mut self, row: &ReleaseRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO releases (idx, experiment_id, version, card, authorised_by, consent, consent_salt, at, \
             overrides, approved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            int(row.index)?,
            row.experiment_id.as_deref(),
            int(row.version)?,
            &row.card[..],
            &row.authorised_by[..],
            &row.consent[..],
            &row.consent_salt[..],
            micros(row.at),
            &row.overrides[..],
            &row.approved_by[..]
        )?;
        Ok(())
    }

    /// Openings of our log that were released under a card and are still out, newest first, below an index, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn out_under(
        &mut self,
        log_id: i64,
        card: &str,
        below: u64,
        limit: u32,
    ) -> Result<Vec<OpeningRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            Opening,
            self,
            "SELECT r.idx, r.salt, r.envelope, r.expires_at, r.held_since FROM releases s \
             JOIN records r ON r.log_id = $1 AND r.idx = s.idx \
             WHERE s.card = $2 AND s.idx < $3 ORDER BY s.idx DESC LIMIT $4",
            log_id,
            card,
            int(below)?,
            i64::from(limit)
        )?;
        rows.into_iter().map(opening).collect()
    }

    /// All releases, by index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn releases(&mut self) -> Result<Vec<ReleaseRow>, StoreError> {
        let sql = "SELECT idx, experiment_id, version, card, authorised_by, consent, consent_salt, at, overrides, \
                   approved_by FROM releases ORDER BY idx";
        fetch!(fetch_all, Release, self, sql)?.into_iter().map(release).collect()
    }
}
