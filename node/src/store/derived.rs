//! What is derived from the newest version of a document, to find it by: links, facets and the text index.

use sha2::{Digest as _, Sha256};

use super::{
    StoreError, Tx,
    backend::{Index, entry, execute, fetch, insert_many},
};

/// Rows that one statement inserts; no database takes any number of values.
const ROWS: usize = 1000;

/// That a document refers to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkRow {
    /// Kind of the document that refers.
    pub from_kind: String,
    /// Its id.
    pub from_id: String,
    /// As what it refers.
    pub relation: String,
    /// Kind of what it refers to.
    pub to_kind: String,
    /// Its id.
    pub to_id: String,
}

/// What is derived from a version of a document, to find it by.
#[derive(Clone, Copy, Debug)]
pub struct Indexed<'a> {
    /// How it is listed.
    pub title: &'a str,
    /// The cycle it belongs to.
    pub cycle: Option<&'a str>,
    /// What it refers to; each from this document.
    pub links: &'a [LinkRow],
    /// Theme, factor, stage and the like, with their values.
    pub facets: &'a [(String, String)],
    /// All its words, in lower case and without accents.
    pub text: &'a str,
    /// Which version of the program's derivation this is, from 1.
    pub format: u64,
}

type Link = (String, String, String, String, String);

fn links(rows: Vec<Link>) -> Vec<LinkRow> {
    let link = |(from_kind, from_id, relation, to_kind, to_id)| LinkRow {
        from_kind,
        from_id,
        relation,
        to_kind,
        to_id,
    };
    let mut links: Vec<LinkRow> = rows.into_iter().map(link).collect();
    // Not ORDER BY: PostgreSQL would order by the rules of whatever language it was set up for.
    links.sort_unstable();
    links
}

/// A number for a list of texts: the beginning of a hash of them.
pub(super) fn key(parts: &[&str]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// What stands in the text index for the properties that a [`super::Filter`] may ask for.
pub(super) fn properties<'a>(
    kind: Option<&'a str>,
    cycle: Option<&'a str>,
    facets: &'a [(String, String)],
) -> impl Iterator<Item = i64> + 'a {
    let kind = kind.map(|kind| key(&["kind", kind]));
    let cycle = cycle.map(|cycle| key(&["cycle", cycle]));
    let facets = facets.iter().map(|(facet, value)| key(&["facet", facet, value]));
    kind.into_iter().chain(cycle).chain(facets)
}

impl Tx {
    /// What a document refers to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links_from(&mut self, kind: &str, id: &str) -> Result<Vec<LinkRow>, StoreError> {
        let sql = "SELECT from_kind, from_id, relation, to_kind, to_id FROM links \
                   WHERE from_kind = $1 AND from_id = $2";
        Ok(links(fetch!(fetch_all, Link, self, sql, kind, id)?))
    }

    /// What refers to a document.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links_to(&mut self, kind: &str, id: &str) -> Result<Vec<LinkRow>, StoreError> {
        let sql = "SELECT from_kind, from_id, relation, to_kind, to_id FROM links \
                   WHERE to_kind = $1 AND to_id = $2";
        Ok(links(fetch!(fetch_all, Link, self, sql, kind, id)?))
    }

    /// Derives what a document is found by; there must be nothing of an older version.
    pub(super) async fn add_derived(
        &mut self,
        num: i64,
        kind: &str,
        id: &str,
        indexed: &Indexed<'_>,
    ) -> Result<(), StoreError> {
        for links in indexed.links.chunks(ROWS) {
            insert_many!(
                self,
                "INSERT INTO links (from_kind, from_id, relation, to_kind, to_id) ",
                links,
                |link| [kind, id, &link.relation[..], &link.to_kind[..], &link.to_id[..]],
                " ON CONFLICT DO NOTHING"
            )?;
        }
        for facets in indexed.facets.chunks(ROWS) {
            insert_many!(
                self,
                "INSERT INTO facets (num, value_key, facet_key, kind_key, value) ",
                facets,
                |row| [
                    num,
                    key(&["facet", &row.0, &row.1]),
                    key(&["facet", &row.0]),
                    key(&["kind", kind, &row.0]),
                    &row.1[..]
                ],
                " ON CONFLICT DO NOTHING"
            )?;
        }
        let entry = entry(indexed.text, properties(Some(kind), indexed.cycle, indexed.facets));
        let (before, after) = self.conn.insert_text(Index::Documents);
        insert_many!(self, before, [entry], |entry| [num, entry], after)
    }

    /// Removes all that was derived from a document.
    pub(super) async fn remove_derived(&mut self, kind: &str, id: &str, num: i64) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM links WHERE from_kind = $1 AND from_id = $2", kind, id)?;
        execute!(self, "DELETE FROM facets WHERE num = $1", num)?;
        execute!(self, "DELETE FROM text_index WHERE rowid = $1", num)?;
        Ok(())
    }
}
