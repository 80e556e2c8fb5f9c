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
    output::{
        Page,
        json::{self, Reply},
        learning::document,
    },
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

/// Reads files in as documents of one kind.
pub(super) async fn import(session: &mut Session, noun: &Noun, files: &[PathBuf]) -> Result<Exit, Error> {
    let take_in = async |node: &mut Node, file_name: String, content: Vec<u8>| {
        let kind = noun.kind.to_owned();
        let request = SaveDocumentRequest { kind, content, file_name, ..SaveDocumentRequest::default() };
        answer(node.learning.save_document(request)).await
    };
    each_file(session, files, take_in, document::saved).await
}

/// Reads all files, then has them taken in one after another, so that a file that cannot be read stops everything.
pub(crate) async fn each_file<R: Reply>(
    session: &mut Session,
    files: &[PathBuf],
    take_in: impl AsyncFn(&mut Node, String, Vec<u8>) -> Result<R, Error>,
    show: impl Fn(&R, &mut Page),
) -> Result<Exit, Error> {
    let contents = files.iter().map(|file| Ok((file, input::read_text(file, LARGEST_FILE)?)));
    let contents = contents.collect::<Result<Vec<_>, Error>>()?;
    let mut node = session.node().await?;
    let mut replies = Vec::new();
    for (file, content) in contents {
        let reply = match take_in(&mut node, file_name(file), content).await {
            Err(Error::Node { code, message }) if files.len() > 1 => {
                let (done, all) = (replies.len(), files.len());
                let message = format!("{message} ({}: {done} of {all} files were taken in.)", file.display());
                return Err(Error::Node { code, message });
            }
            other => other?,
        };
        if !session.out.wants_json() {
            session.out.page(|page| show(&reply, page))?;
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

/// What a file is called in errors.
pub(super) fn file_name(file: &Path) -> String {
    if file == Path::new("-") { "the standard input".to_owned() } else { file.display().to_string() }
}
