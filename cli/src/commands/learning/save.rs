//! Taking documents in: from parts that were typed, and from files.

use std::path::{Path, PathBuf};

use cairn_proto::pb::admin::{SaveDocumentRequest, SaveDocumentResponse};
use serde_json::{Map, Value};

use crate::{
    args::parts,
    client::{Node, answer},
    commands::{Session, experiment::LARGEST_FILE},
    error::{Error, Exit},
    input,
    noun::Noun,
    output::{json, learning::document},
};

/// A new document of these parts.
pub(super) async fn new(
    node: &mut Node,
    noun: &Noun,
    parts: Map<String, Value>,
) -> Result<SaveDocumentResponse, Error> {
    let request = SaveDocumentRequest {
        kind: noun.kind.to_owned(),
        content: parts::document(noun.kind, parts).into_bytes(),
        only_new: true,
        ..SaveDocumentRequest::default()
    };
    answer(node.learning.save_document(request)).await.map_err(without_line)
}

/// Only these parts of a document changed.
pub(super) async fn change(
    node: &mut Node,
    noun: &Noun,
    id: &str,
    parts: Map<String, Value>,
) -> Result<SaveDocumentResponse, Error> {
    let request = SaveDocumentRequest {
        kind: noun.kind.to_owned(),
        content: Value::Object(parts).to_string().into_bytes(),
        change_id: id.to_owned(),
        ..SaveDocumentRequest::default()
    };
    answer(node.learning.save_document(request)).await.map_err(without_line)
}

/// What was typed as flags has no lines that anybody could look up: it went to the node in one.
fn without_line(error: Error) -> Error {
    match error {
        Error::Node { code, message } => {
            Error::Node { code, message: message.replace("Line 1: ", "").replace("line 1: ", "") }
        }
        other => other,
    }
}

/// Reads all files, then takes them in one after another.
pub(super) async fn import(session: &mut Session, noun: &Noun, files: &[PathBuf]) -> Result<Exit, Error> {
    let read = files.iter().map(|file| Ok((file, input::read_text(file, LARGEST_FILE)?)));
    let read = read.collect::<Result<Vec<_>, Error>>()?;
    let mut node = session.node().await?;
    let mut replies = Vec::new();
    for (file, content) in read {
        let reply = match take_in(&mut node, noun, file, content).await {
            Err(Error::Node { code, message }) if files.len() > 1 => {
                let (done, all) = (replies.len(), files.len());
                let message = format!("{message} ({}: {done} of {all} files were taken in.)", file.display());
                return Err(Error::Node { code, message });
            }
            other => other?,
        };
        if !session.out.wants_json() {
            session.out.page(|page| document::saved(&reply, page))?;
        }
        replies.push(json::canonical(&reply)?);
    }
    if session.out.wants_json() {
        match replies.as_slice() {
            [one] => session.out.value(one)?,
            several => session.out.value(&several)?,
        }
    }
    Ok(Exit::Done)
}

/// Takes in one file.
async fn take_in(
    node: &mut Node,
    noun: &Noun,
    file: &Path,
    content: Vec<u8>,
) -> Result<SaveDocumentResponse, Error> {
    let request = SaveDocumentRequest {
        kind: noun.kind.to_owned(),
        content,
        file_name: file_name(file),
        ..SaveDocumentRequest::default()
    };
    answer(node.learning.save_document(request)).await
}

/// What a file is called in errors.
pub(super) fn file_name(file: &Path) -> String {
    if file == Path::new("-") { "the standard input".to_owned() } else { file.display().to_string() }
}
