//! Learning at home: documents taken in, looked at, linked, traced, erased. Nothing leaves here.

pub mod consents;
pub mod declare;
pub mod drafts;
pub mod erase;
pub mod export;
pub mod find;
pub mod import;
mod order;
pub(crate) mod privacy;
pub mod prompts;
pub mod read;
mod refer;
pub mod save;
pub mod tables;
pub mod trace;
pub mod upgrade;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{App, AppError, actor::Operator};
use crate::{
    domain::{
        learning::{Document, Id, Kind, Ref, Wrong, shape},
        text::fold,
    },
    files::document,
    store::{DocumentRow, HeadRow, Indexed, LinkRow, StoreError, Tx},
};

/// What the index is made from and how: raised when either changes, so that a node makes it anew.
pub(crate) const INDEX_FORMAT: u64 = 1;

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which document.
    pub of: Ref,
    /// Its title.
    pub title: String,
    /// Its newest version.
    pub version: u64,
    /// When that was made.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The cycle it belongs to.
    pub cycle: Option<String>,
    /// Where it stands, for kinds that say so.
    pub state: String,
    /// Its scale, for kinds that have one.
    pub scale: String,
    /// Whether its words were erased.
    pub erased: bool,
}

/// A document with the version it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) document: Document,
    pub(crate) value: Value,
    pub(crate) row: DocumentRow,
}

/// Reads a stored document.
pub(crate) fn parse(row: DocumentRow) -> Result<Kept, AppError> {
    let kind = Kind::from_word(&row.kind).ok_or_else(|| StoreError::corrupt(format!("kind {}", row.kind)))?;
    let mut value: Value = serde_json::from_str(&row.document).map_err(StoreError::corrupt)?;
    if let Value::Object(parts) = &mut value {
        parts.shift_remove("cairn");
    }
    let value = shape::pruned(value);
    // Only where, not what: what is wrong may quote somebody's words, and this ends in the log.
    let wrong =
        |wrong: Wrong| StoreError::corrupt(format!("{}/{}, part `{}`", row.kind, row.id, wrong.field));
    let document = Document::from_value(kind, value.clone()).map_err(wrong)?;
    Ok(Kept { document, value, row })
}

/// A document as the store keeps it, and what it is found by.
pub(crate) struct Prepared {
    pub(crate) json: String,
    title: String,
    cycle: Option<String>,
    links: Vec<LinkRow>,
    facets: Vec<(String, String)>,
    text: String,
}

impl Prepared {
    pub(crate) fn of(document: &Document) -> Result<Self, AppError> {
        let id = document.id().map(Id::to_string).unwrap_or_default();
        let json = document::to_json(document).map_err(StoreError::corrupt)?;
        let traits = shape::traits(document.kind(), &json);
        let link = |reference: &shape::Reference| LinkRow {
            from_kind: document.kind().word().to_owned(),
            from_id: id.clone(),
            relation: reference.relation.clone(),
            to_kind: reference.to.kind.word().to_owned(),
            to_id: reference.to.id.to_string(),
        };
        let mut links: Vec<_> = traits.references.iter().map(link).collect();
        links.sort();
        links.dedup();
        let cycle = match document.kind() {
            Kind::Cycle => Some(id.clone()),
            _ => json.get("cycle").and_then(Value::as_str).map(str::to_owned),
        };
        Ok(Self {
            json: json.to_string(),
            title: document.title(),
            cycle,
            links,
            facets: traits.facets,
            text: fold(&traits.text),
        })
    }

    fn indexed(&self) -> Indexed<'_> {
        Indexed {
            title: &self.title,
            cycle: self.cycle.as_deref(),
            links: &self.links,
            facets: &self.facets,
            text: &self.text,
            format: INDEX_FORMAT,
        }
    }
}

impl App {
    /// Begins to change documents. Whoever else wants to, waits, so that everyone decides by the newest versions.
    pub(crate) async fn saving(&self) -> Result<Tx, AppError> {
        let mut tx = self.store.write().await?;
        tx.lock_documents().await?;
        Ok(tx)
    }

    /// The newest version of a document, its words included.
    pub(crate) async fn kept(&self, tx: &mut Tx, of: &Ref) -> Result<Kept, AppError> {
        let row = tx.document(of.kind.word(), of.id.as_str()).await?.ok_or_else(|| unknown(of))?;
        if row.document.is_empty() {
            return Err(self.erased(tx, of).await?);
        }
        parse(row)
    }

    async fn erased(&self, tx: &mut Tx, of: &Ref) -> Result<AppError, AppError> {
        let erasure = tx.erasure(of.kind.word(), of.id.as_str()).await?;
        let words = erasure.map_or_else(|| "its words were erased".to_owned(), |row| erase::words(&row));
        Ok(AppError::Erased { what: of.to_string(), words })
    }

    /// The entry of a document that is known to be here.
    pub(crate) async fn entry_of(&self, tx: &mut Tx, of: &Ref) -> Result<Entry, AppError> {
        let head = tx.head(of.kind.word(), of.id.as_str()).await?;
        entry(head.ok_or_else(|| unknown(of))?)
    }

    /// Today, by the node's clock.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.clock.now().to_zoned(TimeZone::UTC).date()
    }
}

/// A document, in a line.
pub(crate) fn entry(head: HeadRow) -> Result<Entry, AppError> {
    let value: Value = match head.erased {
        true => Value::Null,
        false => serde_json::from_str(&head.document).map_err(StoreError::corrupt)?,
    };
    let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = Kind::from_word(&head.kind).ok_or_else(|| StoreError::corrupt(&head.kind))?;
    Ok(Entry {
        of: Ref { kind, id: Id::new(&head.id).map_err(StoreError::corrupt)? },
        state: if part("offered") == "no" { "not offered".to_owned() } else { part("state") },
        scale: part("scale"),
        title: if head.erased { "(words erased)".to_owned() } else { head.title },
        version: head.version,
        at: head.at,
        by: head.by,
        cycle: head.cycle,
        erased: head.erased,
    })
}

/// Which document this is.
pub(crate) fn reference_of(kept: &Kept) -> Option<Ref> {
    Some(Ref { kind: kept.document.kind(), id: kept.document.id()?.clone() })
}

/// Nothing of this kind and id is here.
pub(crate) fn unknown(of: &Ref) -> AppError {
    AppError::Unknown { what: of.kind.word(), id: of.id.to_string(), command: of.kind.word() }
}

/// A reference from words that came in.
///
/// # Errors
/// [`AppError::Argument`] or an id that is none.
pub fn reference(kind: &str, id: &str) -> Result<Ref, AppError> {
    let kind = kind_called(kind)?;
    let id = Id::new(id).map_err(|error| AppError::Argument(error.to_string()))?;
    Ok(Ref { kind, id })
}

/// A kind from a word that came in.
///
/// # Errors
/// [`AppError::Argument`] with the words there are.
pub fn kind_called(word: &str) -> Result<Kind, AppError> {
    Kind::from_word(word.trim()).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        let word: String = word.chars().take(40).collect();
        AppError::Argument(format!("\"{word}\" is no kind of document; there are: {}", known.join(", ")))
    })
}
