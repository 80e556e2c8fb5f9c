//! From what the people of this place ask about their learning to what use cases take.

use cairn_proto::pb::admin as pb;
use jiff::Timestamp;
use tonic::Status;

pub use crate::app::learning::{kind_called as kind, reference};
use crate::{
    app::{
        AppError,
        learning::{
            drafts::Draft,
            export::Format,
            find::Search,
            save::Wish,
            tables::{MapWish, TableFormat, TableWish},
        },
    },
    domain::learning::{Id, Kind},
};

fn kind_or_any(word: &str) -> Result<Option<Kind>, AppError> {
    if word.trim().is_empty() { Ok(None) } else { kind(word).map(Some) }
}

fn id_or_none(text: &str) -> Result<Option<Id>, AppError> {
    let id = |text| Id::new(text).map_err(|error| AppError::Argument(error.to_string()));
    if text.trim().is_empty() { Ok(None) } else { id(text).map(Some) }
}

/// What is to be taken in.
///
/// # Errors
/// [`AppError::Argument`] for a kind or id that is none.
pub fn save(request: pb::SaveDocumentRequest) -> Result<Wish, AppError> {
    let pb::SaveDocumentRequest { kind, content, file_name, based_on, change_id, only_new } = request;
    Ok(Wish {
        kind: kind_or_any(&kind)?,
        content,
        file: file_name,
        based_on: (based_on > 0).then_some(based_on),
        change: id_or_none(&change_id)?,
        only_new,
    })
}

/// A search.
///
/// # Errors
/// [`AppError::Argument`] for a kind, id or cursor that is none.
pub fn search(request: pb::ListDocumentsRequest) -> Result<Search, AppError> {
    let pb::ListDocumentsRequest { kind, cycle, words, traits, limit, cursor, excerpts } = request;
    let after = match cursor.trim() {
        "" => None,
        cursor => Some(cursor.parse().map_err(|_| {
            AppError::Argument("the cursor is none that this node gave; begin at the first page".into())
        })?),
    };
    Ok(Search {
        kind: kind_or_any(&kind)?,
        cycle: id_or_none(&cycle)?,
        words,
        traits: traits.into_iter().map(|pb::Trait { name, value }| (name, value)).collect(),
        limit,
        after,
        excerpts,
    })
}

/// A text that is to be kept.
#[must_use]
pub fn draft(draft: pb::Draft, now: Timestamp) -> Draft {
    let pb::Draft { id, kind, document_id, based_on, text, problem, at: _, by } = draft;
    Draft { id, kind, document_id, base_version: based_on, text, problem, at: now, by }
}

/// How a cycle is to be written.
///
/// # Errors
/// Invalid argument when it does not say.
pub fn format(format: pb::CycleFormat) -> Result<Format, Status> {
    match format {
        pb::CycleFormat::Json => Ok(Format::Json),
        pb::CycleFormat::Markdown => Ok(Format::Markdown),
        pb::CycleFormat::Html => Ok(Format::Html),
        pb::CycleFormat::Unspecified => {
            Err(Status::invalid_argument("Say how the cycle is to be written: json, markdown or html."))
        }
    }
}

/// A table and how it is to be written.
///
/// # Errors
/// Invalid argument when it does not say.
pub fn table(request: pb::ExportTableRequest) -> Result<(TableWish, TableFormat), Status> {
    let format = match request.format() {
        pb::TableFormat::Csv => TableFormat::Csv,
        pb::TableFormat::Xlsx => TableFormat::Xlsx,
        pb::TableFormat::Unspecified => {
            return Err(Status::invalid_argument("Say how the table is to be written: csv or xlsx."));
        }
    };
    let pb::ExportTableRequest { rows, cycle, format: _, private } = request;
    let cycle = id_or_none(&cycle).map_err(|error| crate::admin::status::status(&error))?;
    Ok((TableWish { rows, cycle, private }, format))
}

/// A map that is to be read in.
///
/// # Errors
/// [`AppError::Argument`] for an id that is none.
pub fn map(request: pb::ImportMapRequest) -> Result<MapWish, AppError> {
    let pb::ImportMapRequest { content, file_name, id, system, seen_by, title } = request;
    Ok(MapWish { content, file: file_name, id: id_or_none(&id)?, system, seen_by, title })
}
