//! Listing and finding documents: newest first, by kind, cycle, facets and words.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{Index, fetch, select},
    derived::{key, properties},
    documents::{DocumentRow, document},
    time, uint,
};

/// A document as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// Its place among all: a greater number was saved later. New with every version.
    pub num: u64,
    /// What it is.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The newest version.
    pub version: u64,
    /// Its title; empty when it was erased.
    pub title: String,
    /// The cycle it belongs to.
    pub cycle: Option<String>,
    /// When the newest version was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: String,
    /// Whether it was erased.
    pub erased: bool,
    /// The newest version's JSON document; empty when it was erased.
    pub document: String,
}

/// Which documents are meant: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this cycle.
    pub cycle: Option<String>,
    /// With these values of these facets.
    pub facets: Vec<(String, String)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    num: i64,
    kind: String,
    id: String,
    version: i64,
    title: String,
    cycle: Option<String>,
    at: i64,
    by_whom: String,
    erased: i64,
    document: String,
}

impl TryFrom<Row> for HeadRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            num: uint(row.num)?,
            kind: row.kind,
            id: row.id,
            version: uint(row.version)?,
            title: row.title,
            cycle: row.cycle,
            at: time(row.at)?,
            by: row.by_whom,
            erased: row.erased != 0,
            document: row.document,
        })
    }
}

/// The document comes along: whoever lists documents says something of each that only it knows.
macro_rules! heads {
    () => {
        "SELECT d.num, d.kind, d.id, d.version, d.title, d.cycle, d.at, d.by_whom, d.erased, \
         (SELECT v.document FROM document_versions v \
          WHERE v.kind = d.kind AND v.id = d.id AND v.version = d.version) AS document FROM "
    };
}

/// The different values whose rows have `$1` in the column, one step through the index a value.
macro_rules! values_by {
    ($column:literal) => {
        concat!(
            "WITH RECURSIVE v (k) AS (SELECT MIN(value_key) FROM facets WHERE ",
            $column,
            " = $1 UNION ALL ",
            "SELECT (SELECT MIN(f.value_key) FROM facets f WHERE f.",
            $column,
            " = $1 AND f.value_key > v.k) ",
            "FROM v WHERE v.k IS NOT NULL) ",
            "SELECT (SELECT f.value FROM facets f WHERE f.",
            $column,
            " = $1 AND f.value_key = v.k LIMIT 1) ",
            "FROM v WHERE v.k IS NOT NULL"
        )
    };
}

/// Whether there is anything to look for.
pub(super) fn has_words(words: &[String]) -> bool {
    words.iter().any(|word| word.contains(char::is_alphanumeric))
}

/// A number for the database, which has none above 2^63.
pub(super) fn bounded(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Tx {
    /// Documents that have all words, or words that begin so, newest first. Words are in lower case
    /// and without accents; whatever in them is not alphanumeric separates words. Without any,
    /// the filter alone decides. What was erased is not found. Goes on below the `num` of the last one seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &mut self,
        words: &[String],
        filter: &Filter,
        below: Option<u64>,
        limit: u64,
    ) -> Result<Vec<HeadRow>, StoreError> {
        let (kind, cycle) = (filter.kind.as_deref(), filter.cycle.as_deref());
        let asked: Vec<i64> = properties(kind, cycle, &filter.facets).collect();
        // By kind or cycle alone the table is in order already.
        let by_text = !filter.facets.is_empty() || has_words(words);
        let text = by_text.then(|| self.conn.text_query(words, &asked, None)).flatten();
        let (before, after) = self.conn.text_matches(Index::Documents);
        let rows = select!(self, Row, |query| {
            query.push(heads!());
            // What was erased is not in the index, and all else that is asked for is.
            let num = if let Some(text) = &text {
                query.push("(SELECT t.rowid AS num FROM text_index t WHERE ");
                query.push(before).push_bind(&text[..]).push(after);
                "t.rowid"
            } else {
                query.push("documents d WHERE d.erased = 0");
                kind.map(|kind| query.push(" AND d.kind = ").push_bind(kind));
                cycle.map(|cycle| query.push(" AND d.cycle = ").push_bind(cycle));
                "d.num"
            };
            below.map(|below| query.push(format_args!(" AND {num} < ")).push_bind(bounded(below)));
            query.push(format_args!(" ORDER BY {num} DESC LIMIT ")).push_bind(bounded(limit));
            if text.is_some() {
                // Not simply JOIN: SQLite might begin with all documents.
                query.push(") found CROSS JOIN documents d WHERE d.num = found.num ORDER BY d.num DESC");
            }
        })?;
        rows.into_iter().map(HeadRow::try_from).collect()
    }

    /// A document as it is listed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn head(&mut self, kind: &str, id: &str) -> Result<Option<HeadRow>, StoreError> {
        let sql = concat!(heads!(), "documents d WHERE d.kind = $1 AND d.id = $2");
        fetch!(fetch_optional, Row, self, sql, kind, id)?.map(HeadRow::try_from).transpose()
    }

    /// How many documents of a kind there are, without erased ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_documents(&mut self, kind: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM documents WHERE kind = $1 AND erased = 0";
        uint(fetch!(fetch_one, (i64,), self, sql, kind)?.0)
    }

    /// The different values of a facet, of all documents or of a kind, in the order of their bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn facet_values(&mut self, facet: &str, kind: Option<&str>) -> Result<Vec<String>, StoreError> {
        let rows = match kind {
            None => fetch!(fetch_all, (String,), self, values_by!("facet_key"), key(&["facet", facet])),
            Some(kind) => {
                fetch!(fetch_all, (String,), self, values_by!("kind_key"), key(&["kind", kind, facet]))
            }
        };
        let mut values: Vec<String> = rows?.into_iter().map(|(value,)| value).collect();
        values.sort_unstable();
        Ok(values)
    }

    /// The newest version of every document of a kind that was not erased, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn documents_of_kind(&mut self, kind: &str) -> Result<Vec<DocumentRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (String, String, i64, String, i64, String),
            self,
            "SELECT v.kind, v.id, v.version, v.document, v.at, v.by_whom FROM documents d \
             JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.version \
             WHERE d.kind = $1 AND d.erased = 0 ORDER BY d.num",
            kind
        )?;
        rows.into_iter().map(document).collect()
    }

    /// The newest version of every document of a cycle, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn documents_of_cycle(&mut self, cycle: &str) -> Result<Vec<DocumentRow>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (String, String, i64, String, i64, String),
            self,
            "SELECT v.kind, v.id, v.version, v.document, v.at, v.by_whom FROM documents d \
             JOIN document_versions v ON v.kind = d.kind AND v.id = d.id AND v.version = d.version \
             WHERE d.cycle = $1 ORDER BY d.num",
            cycle
        )?;
        rows.into_iter().map(document).collect()
    }
}
