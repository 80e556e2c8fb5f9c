//! Files that people read and write: documents as YAML, JSON or Markdown, whole cycles, tables, maps, and an account
//! that prints well. Bytes to values and back; no decisions, no store.

pub mod account;
pub mod bundle;
pub mod document;
pub mod html;
pub mod kumu;
pub mod markdown;
pub mod odrl;
pub mod published;
pub mod schema;
pub mod table;
pub mod yaml;

use std::fmt;

/// The largest file with one document. A long experiment with every part full fits several times over.
pub const DOCUMENT_BYTES: usize = 256 * 1024;

/// The largest file with a whole cycle or a pack.
pub const BUNDLE_BYTES: usize = 8 * 1024 * 1024;

/// What is wrong at one spot of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The part, for example `readings[2].by`; empty for the file as a whole.
    pub field: String,
    /// What is wrong, going on after the part's name: "is empty; it must say something".
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "`{}` ", self.field)?;
        }
        f.write_str(&self.what)
    }
}

/// Why a file cannot be read. Nothing was kept of it, and the file itself is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFile {
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// Larger than it may be.
    #[error("it is {bytes} bytes long; at most {limit} fit")]
    TooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Not text.
    #[error("it is not text in UTF-8 (from line {0} on); save it as UTF-8")]
    NotUtf8(usize),
    /// One or several spots are wrong.
    #[error("{}", list(.0))]
    Faults(Vec<Fault>),
}

impl InvalidFile {
    pub(crate) fn fault(line: Option<usize>, field: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Faults(vec![Fault { line, field: field.into(), what: what.into() }])
    }
}

fn list(faults: &[Fault]) -> String {
    match faults {
        [one] => one.to_string(),
        several => several.iter().map(|fault| format!("\n  {fault}")).collect(),
    }
}

/// The text of a file: UTF-8, within bounds, with one kind of line end and no byte-order mark.
///
/// # Errors
/// [`InvalidFile`] when it is empty, too large or no text.
pub fn text(bytes: &[u8], limit: usize) -> Result<String, InvalidFile> {
    if bytes.len() > limit {
        return Err(InvalidFile::TooLarge { bytes: bytes.len(), limit });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        InvalidFile::NotUtf8(1 + before.filter(|byte| **byte == b'\n').count())
    })?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if text.trim().is_empty() { Err(InvalidFile::Empty) } else { Ok(text) }
}
