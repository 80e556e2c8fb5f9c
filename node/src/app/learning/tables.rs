//! Tables of documents, and maps from and to other programs. What is private stays out of a table unless it is asked
//! for; so does what is about something private: a session of a cycle that is marked as sensitive, the factors of one
//! person's life.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    App, AppError, Kept, Operator, Ref, parse,
    privacy::Privacy,
    reference_of,
    save::{How, Saved},
    unknown,
};
use crate::{
    domain::learning::{
        Document, Id, Kind,
        shape::{self, Shape},
    },
    files::{
        DOCUMENT_BYTES, InvalidFile, document,
        kumu::{self, Drawn},
        table::{Rows, xlsx::About},
    },
    store::{StoreError, Tx},
};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A table that is asked for.
#[derive(Clone, Debug, Default)]
pub struct TableWish {
    /// What stands in its rows: a kind, or "factors", "links", "actors", "conditions".
    pub rows: String,
    /// Only of this cycle.
    pub cycle: Option<Id>,
    /// Also what is private.
    pub private: bool,
}

/// A table as a file.
#[derive(Clone, Debug)]
pub struct TableFile {
    /// The file.
    pub content: Vec<u8>,
    /// A name for it.
    pub file_name: String,
    /// How many rows are in it.
    pub rows: usize,
    /// How many documents were left out because they are private; of factors and links: how many maps, of actors and
    /// conditions: how many systems.
    pub left_out: usize,
}

/// A map that is to be read in.
#[derive(Clone, Debug, Default)]
pub struct MapWish {
    /// JSON as Kumu writes it.
    pub content: Vec<u8>,
    /// What it is called in errors.
    pub file: String,
    /// The map's id. If there is such a map, this becomes its next version.
    pub id: Option<Id>,
    /// The system it is a map of; empty: as before.
    pub system: String,
    /// Who sees it so; empty: as before.
    pub seen_by: String,
    /// What it shows; empty: as before.
    pub title: String,
}

impl App {
    /// A table as a file.
    ///
    /// # Errors
    /// [`AppError::Argument`] for rows that are none or more than a workbook holds, [`AppError::Unknown`] for the cycle.
    pub async fn export_table(
        &self,
        _: &Operator,
        wish: &TableWish,
        format: TableFormat,
    ) -> Result<TableFile, AppError> {
        let rows = Rows::from_word(&wish.rows).ok_or_else(|| no_rows(&wish.rows))?;
        let mut tx = self.store.read().await?;
        let mut documents = kept_of_kind(&mut tx, rows.kind()).await?;
        if let Some(cycle) = &wish.cycle {
            let of = self.belonging(&mut tx, cycle).await?;
            documents.retain(|kept| reference_of(kept).is_some_and(|own| of.contains(&own)));
        }
        let (mut shown, mut left_out, mut privacy) = (Vec::new(), 0, Privacy::default());
        for kept in documents {
            if !wish.private && privacy.of(&mut tx, &kept).await? {
                left_out += 1;
            } else {
                shown.push(kept);
            }
        }
        let table = rows.table(shown.iter().map(|kept| &kept.value));
        let place = self.place_document(&mut tx).await?.map(|place| place.name);
        let (content, extension) = match format {
            TableFormat::Csv => (table.to_csv().map_err(StoreError::corrupt)?, "csv"),
            TableFormat::Xlsx => {
                let about = About { place: place.as_deref(), on: self.today() };
                (table.to_xlsx(about).map_err(|error| AppError::Argument(error.to_string()))?, "xlsx")
            }
        };
        let of = wish.cycle.as_ref().map(|cycle| format!("{cycle}-")).unwrap_or_default();
        let file_name = format!("{of}{}.{extension}", rows.word());
        Ok(TableFile { content, file_name, rows: table.rows.len(), left_out })
    }

    /// What belongs to a cycle: its documents; what those refer to that belongs to no cycle of its own, such as a
    /// system or a consent; the maps of those systems; and the stewards of the cycle and of its systems.
    async fn belonging(&self, tx: &mut Tx, cycle: &Id) -> Result<BTreeSet<Ref>, AppError> {
        let own = Ref { kind: Kind::Cycle, id: cycle.clone() };
        self.entry_of(tx, &own).await?;
        let mut found = BTreeSet::new();
        for row in tx.documents_of_cycle(cycle.as_str()).await? {
            if row.document.is_empty() {
                continue;
            }
            let kept = parse(row)?;
            found.extend(reference_of(&kept));
            let references = shape::traits(kept.document.kind(), &kept.value).references.into_iter();
            found.extend(references.map(|reference| reference.to).filter(|to| !has_a_cycle(to.kind)));
        }
        let systems = found.iter().filter(|of| of.kind == Kind::System).cloned();
        for about in systems.chain([own]).collect::<Vec<_>>() {
            for link in tx.links_to(about.kind.word(), about.id.as_str()).await? {
                let kind =
                    Kind::from_word(&link.from_kind).filter(|kind| matches!(kind, Kind::Map | Kind::Steward));
                found.extend(kind.zip(Id::new(&link.from_id).ok()).map(|(kind, id)| Ref { kind, id }));
            }
        }
        Ok(found)
    }

    /// A map for Kumu, and a name for the file.
    ///
    /// # Errors
    /// [`AppError::Unknown`], [`AppError::Erased`].
    pub async fn export_map(&self, _: &Operator, id: &Id) -> Result<(Vec<u8>, String), AppError> {
        let of = Ref { kind: Kind::Map, id: id.clone() };
        let mut tx = self.store.read().await?;
        match self.kept(&mut tx, &of).await?.document {
            Document::Map(map) => Ok((kumu::write(&map), format!("{id}.kumu.json"))),
            _ => Err(unknown(&of)),
        }
    }

    /// Reads in a map from Kumu: as a new map, or as the next version of one, of which everything stays that Kumu does
    /// not know. The second part of what is given back are remarks.
    ///
    /// # Errors
    /// [`AppError::File`] naming the element, [`AppError::Argument`] when a new map lacks title, system or by whom it is
    /// seen so, [`AppError::Erased`]; nothing was changed then.
    pub async fn import_map(&self, who: &Operator, wish: MapWish) -> Result<(Saved, Vec<String>), AppError> {
        let named = |error| AppError::file(&wish.file, error);
        let Drawn { factors, links, mut remarks } = kumu::read(&wish.content).map_err(named)?;
        let mut tx = self.saving().await?;
        let before = self.map_before(&mut tx, wish.id.as_ref()).await?;
        let new = before.is_none();
        let had_words = before.as_ref().is_some_and(|before| before.get("in_words").is_some());
        let mut parts = completed(before, &wish)?;
        for (name, drawn) in
            [("factors", serde_json::to_value(factors)), ("links", serde_json::to_value(links))]
        {
            parts.insert(name.to_owned(), drawn.map_err(StoreError::corrupt)?);
        }
        let written = document::of_value(Kind::Map, Value::Object(parts)).map_err(named)?;
        let bytes = document::to_json(&written.document).map_err(StoreError::corrupt)?.to_string().len();
        if bytes > DOCUMENT_BYTES {
            // Otherwise nobody could change it as a file afterwards.
            return Err(named(InvalidFile::TooLarge { bytes, limit: DOCUMENT_BYTES }));
        }
        let of_document = written.document.remarks(self.today());
        let outcome = self.keep(&mut tx, who, written, How::of(&wish.file)).await?;
        let entry = self.entry_of(&mut tx, &outcome.of).await?;
        tx.commit().await?;
        self.signals.documents_changed();
        if !new && had_words && !outcome.unchanged {
            remarks.push("What the map says in words is as it was; check that it still fits.".to_owned());
        }
        remarks.extend(of_document.iter().cloned());
        let (created, unchanged) = (outcome.created, outcome.unchanged);
        Ok((Saved { entry, created, unchanged, remarks: of_document, consents: Vec::new() }, remarks))
    }

    /// The parts of the map that is here already.
    async fn map_before(&self, tx: &mut Tx, id: Option<&Id>) -> Result<Option<Parts>, AppError> {
        let Some(id) = id else { return Ok(None) };
        if tx.head(Kind::Map.word(), id.as_str()).await?.is_none() {
            return Ok(None);
        }
        match self.kept(tx, &Ref { kind: Kind::Map, id: id.clone() }).await?.value {
            Value::Object(parts) => Ok(Some(parts)),
            _ => Ok(None),
        }
    }
}

type Parts = serde_json::Map<String, Value>;

fn no_rows(word: &str) -> AppError {
    let word: String = word.chars().take(40).collect();
    AppError::Argument(format!("\"{word}\" is nothing that stands in a table; there are: {}", Rows::words()))
}

/// The map before, with what the wish says.
fn completed(before: Option<Parts>, wish: &MapWish) -> Result<Parts, AppError> {
    let mut parts = before.unwrap_or_default();
    let said = [("title", &wish.title), ("system", &wish.system), ("seen_by", &wish.seen_by)];
    for (name, text) in said.iter().filter(|(_, text)| !text.trim().is_empty()) {
        parts.insert((*name).to_owned(), Value::String(text.trim().to_owned()));
    }
    if let Some(id) = &wish.id {
        parts.insert("id".to_owned(), Value::String(id.to_string()));
    }
    let missing: Vec<_> =
        said.iter().map(|(name, _)| *name).filter(|name| !parts.contains_key(*name)).collect();
    if missing.is_empty() {
        return Ok(parts);
    }
    Err(AppError::Argument(format!(
        "a new map needs a title (what it shows), the id of its system, and who sees it so, by role; not given: {}",
        missing.join(", ")
    )))
}

async fn kept_of_kind(tx: &mut Tx, kind: Kind) -> Result<Vec<Kept>, AppError> {
    tx.documents_of_kind(kind.word()).await?.into_iter().map(parse).collect()
}

/// Whether documents of a kind say which cycle they belong to.
fn has_a_cycle(kind: Kind) -> bool {
    kind == Kind::Cycle || Shape::of(kind).part("cycle").is_some()
}

#[cfg(test)]
mod tests;
