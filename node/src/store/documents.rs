//! Documents of any kind, kept at home in every version.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    derived::Indexed,
    int, micros, time, uint,
};

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// What it is, such as "experiment".
    pub kind: String,
    /// Its local id, unique in its kind.
    pub id: String,
    /// The version, from 1.
    pub version: u64,
    /// The JSON document; empty when it was erased.
    pub document: String,
    /// When this version was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
}

/// That there is a version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The version.
    pub version: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
    /// Whether its words were erased.
    pub erased: bool,
}

/// What is known of a document before it is changed.
struct Head {
    num: i64,
    version: i64,
    indexed: i64,
}

type Row = (String, String, i64, String, i64, String);

pub(super) fn document((kind, id, version, document, at, by): Row) -> Result<DocumentRow, StoreError> {
    Ok(DocumentRow { kind, id, version: uint(version)?, document, at: time(at)?, by })
}

impl Tx {
    /// The newest version of a document.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn document(&mut self, kind: &str, id: &str) -> Result<Option<DocumentRow>, StoreError> {
        let sql = "SELECT kind, id, version, document, at, by_whom FROM document_versions \
                   WHERE kind = $1 AND id = $2 ORDER BY version DESC LIMIT 1";
        fetch!(fetch_optional, Row, self, sql, kind, id)?.map(document).transpose()
    }

    /// One version of a document.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn document_version(
        &mut self,
        kind: &str,
        id: &str,
        version: u64,
    ) -> Result<Option<DocumentRow>, StoreError> {
        let Ok(version) = i64::try_from(version) else { return Ok(None) };
        let sql = "SELECT kind, id, version, document, at, by_whom FROM document_versions \
                   WHERE kind = $1 AND id = $2 AND version = $3";
        fetch!(fetch_optional, Row, self, sql, kind, id, version)?.map(document).transpose()
    }

    /// Which versions of a document there are, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn document_history(&mut self, kind: &str, id: &str) -> Result<Vec<VersionRow>, StoreError> {
        let sql = "SELECT version, at, by_whom, CASE document WHEN '' THEN 1 ELSE 0 END \
                   FROM document_versions WHERE kind = $1 AND id = $2 ORDER BY version";
        let rows = fetch!(fetch_all, (i64, i64, String, i32), self, sql, kind, id)?;
        let row = |(version, at, by, erased): (i64, i64, String, i32)| {
            Ok(VersionRow { version: uint(version)?, at: time(at)?, by, erased: erased == 1 })
        };
        rows.into_iter().map(row).collect()
    }

    /// Adds a version of a document. What is derived is kept of the newest version only.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the version exists, [`StoreError::Erased`] when the document
    /// was erased.
    pub async fn add_document_version(
        &mut self,
        row: &DocumentRow,
        indexed: &Indexed<'_>,
    ) -> Result<(), StoreError> {
        let num = self.next_number().await?;
        let (erased, head) = self.head_for_update(&row.kind, &row.id).await?;
        if erased {
            return Err(StoreError::Erased { kind: row.kind.clone(), id: row.id.clone() });
        }
        let version = int(row.version)?;
        execute!(
            self,
            "INSERT INTO document_versions (kind, id, version, document, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &row.kind[..],
            &row.id[..],
            version,
            &row.document[..],
            micros(row.at),
            &row.by[..]
        )?;
        match head {
            Some(head) if head.version > version => return Ok(()),
            Some(head) => self.remove_derived(&row.kind, &row.id, head.num).await?,
            None => {}
        }
        self.save_head(num, row, indexed).await?;
        self.add_derived(num, &row.kind, &row.id, indexed).await
    }

    /// Derives again what a document is found by, unless it was erased or is up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reindex_document(
        &mut self,
        kind: &str,
        id: &str,
        indexed: &Indexed<'_>,
    ) -> Result<(), StoreError> {
        self.next_number().await?;
        let format = int(indexed.format)?;
        let (erased, head) = self.head_for_update(kind, id).await?;
        let Some(head) = head.filter(|head| !erased && head.indexed < format) else { return Ok(()) };
        self.remove_derived(kind, id, head.num).await?;
        let sql = "UPDATE documents SET title = $1, cycle = $2, indexed = $3 WHERE num = $4";
        execute!(self, sql, indexed.title, indexed.cycle, format, head.num)?;
        self.add_derived(head.num, kind, id, indexed).await
    }

    /// Newest versions that were indexed in an older format than `format`, or not at all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unindexed_documents(
        &mut self,
        format: u64,
        limit: u64,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let sql = "SELECT v.kind, v.id, v.version, v.document, v.at, v.by_whom FROM documents d \
                   JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.version \
                   WHERE d.indexed < $1 AND d.erased = 0 LIMIT $2";
        let rows = fetch!(fetch_all, Row, self, sql, int(format)?, int(limit)?)?;
        rows.into_iter().map(document).collect()
    }

    /// Waits until no other transaction changes documents or drafts, and keeps all others waiting until this one ends: what
    /// is read from here on is the newest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lock_documents(&mut self) -> Result<(), StoreError> {
        execute!(self, "UPDATE saves SET last = last WHERE one = 1")?;
        Ok(())
    }

    /// The next number, which nobody else has or will have. From here to the end of the
    /// transaction no other changes documents or drafts.
    pub(super) async fn next_number(&mut self) -> Result<i64, StoreError> {
        let sql = "UPDATE saves SET last = last + 1 WHERE one = 1 RETURNING last";
        Ok(fetch!(fetch_one, (i64,), self, sql)?.0)
    }

    /// Whether a document was erased, and its newest version. Comes after [`Tx::next_number`].
    async fn head_for_update(&mut self, kind: &str, id: &str) -> Result<(bool, Option<Head>), StoreError> {
        let sql = "SELECT num, version, indexed FROM documents WHERE kind = $1 AND id = $2";
        let head = fetch!(fetch_optional, (i64, i64, i64), self, sql, kind, id)?;
        let head = head.map(|(num, version, indexed)| Head { num, version, indexed });
        Ok((self.erasure(kind, id).await?.is_some(), head))
    }

    async fn save_head(
        &mut self,
        num: i64,
        row: &DocumentRow,
        indexed: &Indexed<'_>,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO documents (kind, id, num, version, title, cycle, at, by_whom, erased, indexed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) ON CONFLICT (kind, id) DO UPDATE SET \
             num = excluded.num, version = excluded.version, title = excluded.title, cycle = excluded.cycle, \
             at = excluded.at, by_whom = excluded.by_whom, indexed = excluded.indexed",
            &row.kind[..],
            &row.id[..],
            num,
            int(row.version)?,
            indexed.title,
            indexed.cycle,
            micros(row.at),
            &row.by[..],
            int(indexed.format)?
        )?;
        Ok(())
    }
}
