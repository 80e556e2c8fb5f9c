//! A document is looked at: laid out, as a file, with its links and versions.

use super::{App, AppError, Entry, Kept, Operator, entry, parse, refer::CHAIN, save::changed_parts, unknown};
use crate::{
    domain::learning::{Document, Kind, Ref, shape},
    files::{
        account::{Block, account},
        document, markdown,
    },
    store::{StoreError, Tx, VersionRow},
};

/// Ties that are shown either way; who has more looks through the list of what belongs to a cycle.
const TIES: usize = 500;

/// A tie between two documents.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The part it stands in.
    pub relation: String,
    /// The other document.
    pub entry: Entry,
}

/// A document in full.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its entry.
    pub entry: Entry,
    /// Laid out for reading.
    pub blocks: Vec<Block>,
    /// As JSON.
    pub json: String,
    /// As Markdown, ready to be changed.
    pub file: String,
    /// What it refers to.
    pub refers_to: Vec<Tie>,
    /// What refers to it.
    pub referred_to_by: Vec<Tie>,
    /// Gentle remarks.
    pub remarks: Vec<String>,
    /// For an experiment: its declarations, in words.
    pub declarations: Vec<String>,
    /// For a cycle: which time round it is.
    pub iteration: u32,
    /// If its words were erased: when, by whom and why.
    pub erasure: Option<String>,
}

/// A version of a document.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number, time and author.
    pub row: VersionRow,
    /// The headings of the parts it changed.
    pub changed: Vec<String>,
}

impl App {
    /// One document.
    ///
    /// # Errors
    /// [`AppError::Unknown`].
    pub async fn document(&self, _: &Operator, of: &Ref, version: u64) -> Result<Shown, AppError> {
        let mut tx = self.store.read().await?;
        let mut entry = self.entry_of(&mut tx, of).await?;
        let referred_to_by = self.ties(&mut tx, of, true).await?;
        if entry.erased {
            let erasure = tx.erasure(of.kind.word(), of.id.as_str()).await?;
            return Ok(erased(entry, referred_to_by, erasure.map(|row| super::erase::words(&row))));
        }
        let kept = match version {
            0 => self.kept(&mut tx, of).await?,
            version => {
                let row = tx.document_version(of.kind.word(), of.id.as_str(), version).await?;
                parse(row.ok_or_else(|| AppError::Argument(format!("{of} has no version {version}")))?)?
            }
        };
        (entry.version, entry.at, entry.by) = (kept.row.version, kept.row.at, kept.row.by.clone());
        entry.title = kept.document.title();
        let refers_to = self.ties(&mut tx, of, false).await?;
        let title_of =
            |to: &Ref| refers_to.iter().find(|tie| &tie.entry.of == to).map(|tie| tie.entry.title.clone());
        Ok(Shown {
            blocks: account(of.kind, &kept.value, &title_of),
            json: document::to_json(&kept.document).map_err(StoreError::corrupt)?.to_string(),
            file: self.as_file(&kept)?,
            remarks: kept.document.remarks(self.today()),
            declarations: self.declarations_of(&mut tx, &kept).await?,
            iteration: self.iteration(&mut tx, &kept.document).await?,
            entry,
            refers_to,
            referred_to_by,
            erasure: None,
        })
    }

    fn as_file(&self, kept: &Kept) -> Result<String, AppError> {
        let header = [("based_on", kept.row.version.to_string())];
        let file = markdown::write(kept.document.kind(), &header, &kept.value, true);
        Ok(file.map_err(StoreError::corrupt)?)
    }

    async fn ties(&self, tx: &mut Tx, of: &Ref, incoming: bool) -> Result<Vec<Tie>, AppError> {
        let (kind, id) = (of.kind.word(), of.id.as_str());
        let links = if incoming { tx.links_to(kind, id).await? } else { tx.links_from(kind, id).await? };
        let mut ties = Vec::new();
        for link in links.into_iter().take(TIES) {
            let (kind, id) = match incoming {
                true => (&link.from_kind, &link.from_id),
                false => (&link.to_kind, &link.to_id),
            };
            if let Some(head) = tx.head(kind, id).await? {
                ties.push(Tie { relation: shape::heading(&link.relation), entry: entry(head)? });
            }
        }
        Ok(ties)
    }

    /// Which time round a cycle is, from 1.
    async fn iteration(&self, tx: &mut Tx, document: &Document) -> Result<u32, AppError> {
        let Document::Cycle(cycle) = document else { return Ok(0) };
        let mut before = cycle.follows.clone();
        let mut iteration = 1;
        while let Some(cycle) = before.take().filter(|_| iteration < CHAIN) {
            iteration += 1;
            let row = tx.document(Kind::Cycle.word(), cycle.id().as_str()).await?;
            let Some(row) = row.filter(|row| !row.document.is_empty()) else { break };
            if let Document::Cycle(cycle) = parse(row)?.document {
                before = cycle.follows;
            }
        }
        Ok(iteration)
    }

    /// The versions of a document, oldest first, and the erasure if there was one.
    ///
    /// # Errors
    /// [`AppError::Unknown`].
    pub async fn history(&self, _: &Operator, of: &Ref) -> Result<(Vec<Version>, Option<String>), AppError> {
        let mut tx = self.store.read().await?;
        let (kind, id) = (of.kind.word(), of.id.as_str());
        let rows = tx.document_history(kind, id).await?;
        if rows.is_empty() {
            return Err(unknown(of));
        }
        let mut versions = Vec::new();
        let mut before = String::new();
        for row in rows {
            let document = tx.document_version(kind, id, row.version).await?.map(|row| row.document);
            let document = document.unwrap_or_default();
            let changed = if row.erased { Vec::new() } else { changed_parts(of.kind, &before, &document) };
            versions.push(Version { row, changed });
            before = document;
        }
        let erasure = tx.erasure(kind, id).await?.map(|row| super::erase::words(&row));
        Ok((versions, erasure))
    }

    /// An empty document of a kind as a file, with a word about each part, and what is known already filled in.
    ///
    /// # Errors
    /// [`AppError::Argument`] when what is known is no JSON object.
    pub fn template(&self, _: &Operator, kind: Kind, known: &str) -> Result<String, AppError> {
        let known = match known.trim() {
            "" => serde_json::Map::new(),
            known => document::read_parts(known.as_bytes()).map_err(|error| AppError::file("", error))?,
        };
        if let Some(name) = known.keys().find(|name| shape::Shape::of(kind).part(name).is_none()) {
            return Err(AppError::Argument(format!("`{name}` is no part of {}", kind.one())));
        }
        let file = markdown::write(kind, &[], &serde_json::Value::Object(known), true);
        Ok(file.map_err(StoreError::corrupt)?)
    }
}

fn erased(entry: Entry, referred_to_by: Vec<Tie>, erasure: Option<String>) -> Shown {
    Shown {
        entry,
        blocks: Vec::new(),
        json: String::new(),
        file: String::new(),
        refers_to: Vec::new(),
        referred_to_by,
        remarks: Vec::new(),
        declarations: Vec::new(),
        iteration: 0,
        erasure,
    }
}
