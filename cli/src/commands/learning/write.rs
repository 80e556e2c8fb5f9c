//! Writing what the node gives to a file, or to the standard output.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    args::learning::more::OutputArgs,
    commands::{Session, export::write_new},
    error::{Error, Exit},
    output::Page,
};

/// What was written, for programs.
#[derive(Serialize)]
struct Written {
    file: String,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u32>,
}

/// A file from the node.
#[derive(Default)]
pub(super) struct File {
    /// What stands in it.
    pub(super) content: Vec<u8>,
    /// A name for it.
    pub(super) name: String,
    /// How many documents are in it.
    pub(super) documents: Option<u32>,
    /// How many rows are in it.
    pub(super) rows: Option<u32>,
    /// How many were left out.
    pub(super) left_out: Option<u32>,
    /// Whether it is no text.
    pub(super) binary: bool,
}

/// Refuses early what cannot be: a file and a JSON value on the same output.
pub(super) fn check(session: &Session, output: &OutputArgs) -> Result<(), Error> {
    if session.out.wants_json() && is_stdout(output) {
        let text = "With --json the standard output holds one JSON value, so the file cannot go there, too. Name a file \
                    with --output FILE.";
        return Err(Error::Usage(text.to_owned()));
    }
    Ok(())
}

fn is_stdout(output: &OutputArgs) -> bool {
    output.output.as_deref() == Some(Path::new("-"))
}

/// Writes it, and says what is in it.
pub(super) fn write(session: &mut Session, output: OutputArgs, file: File) -> Result<Exit, Error> {
    if is_stdout(&output) {
        let terminal = io::stdout().is_terminal();
        if terminal && file.binary {
            let text =
                "This file is no text and would only confuse your terminal. Name a file with --output FILE.";
            return Err(Error::Usage(text.to_owned()));
        }
        match std::str::from_utf8(&file.content) {
            Ok(text) if terminal => session.out.say(text)?,
            _ => session.out.bytes(&file.content)?,
        }
        if let Some(left) = left_out(&file) {
            session.out.aside(&format!("{left}\n"))?;
        }
        return Ok(Exit::Done);
    }
    let path = output.output.unwrap_or_else(|| plain_name(&file.name));
    if output.force {
        write_over(&path, &file.content)?
    } else {
        write_new(&path, &file.content).map_err(with_names)?
    }
    let written = Written {
        file: path.display().to_string(),
        bytes: file.content.len(),
        documents: file.documents,
        rows: file.rows,
        left_out: file.left_out,
    };
    if session.out.wants_json() {
        session.out.value(&written)?;
    } else {
        session.out.page(|page| told(&written, &file, page))?;
    }
    Ok(Exit::Done)
}

/// What was written, in words.
fn told(written: &Written, file: &File, page: &mut Page) {
    let count =
        |number: Option<u32>, one: &str, many: &str| number.map(|n| crate::output::text::count(n, one, many));
    let what = count(file.documents, "document", "documents").or_else(|| count(file.rows, "row", "rows"));
    let what = what.map_or_else(String::new, |what| format!(", {what}"));
    page.say(&format!("Written to {} ({} bytes{what}). Nothing was sent.", written.file, written.bytes));
    if let Some(left) = left_out(file) {
        page.say(&left);
    }
}

/// What is not in it, in words.
fn left_out(file: &File) -> Option<String> {
    match file.left_out? {
        0 => None,
        1 => Some(
            "One document was left out because it is marked as sensitive, is about one person's life, or rests on one \
             that is. With --private it is in it."
                .to_owned(),
        ),
        number => Some(format!(
            "{number} documents were left out because they are marked as sensitive, are about one person's life, or rest \
             on one that is. With --private they are in it."
        )),
    }
}

/// The option's name here differs from that of `cairn export`.
fn with_names(error: Error) -> Error {
    match error {
        Error::Write { file, source, .. } => {
            let next = match source.kind() {
                io::ErrorKind::AlreadyExists => {
                    "Nothing was written over. Choose another name with --output FILE, or say --force."
                }
                io::ErrorKind::NotFound => {
                    "The directory is not there. Choose another place with --output FILE."
                }
                _ => "Choose another place with --output FILE.",
            };
            Error::Write { file, source, next }
        }
        other => other,
    }
}

/// Writes a file anew, whole or not at all: never half of one.
fn write_over(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source: io::Error| with_names(Error::Write { file: path.to_owned(), source, next: "" });
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
    whole.write_all(bytes).and_then(|()| whole.as_file().sync_all()).map_err(failed)?;
    whole.persist(path).map(drop).map_err(|error| failed(error.error))
}

/// The name alone, whatever directories came before it.
fn plain_name(name: &str) -> PathBuf {
    Path::new(name).file_name().map_or_else(|| PathBuf::from("cairn-export"), PathBuf::from)
}
