//! A whole cycle in one file: several documents, each as it would stand in a file of its own.

use serde_json::{Value, json};

use super::{document, markdown};
use crate::domain::learning::{Document, Id};

/// As JSON, after the schema.
///
/// # Errors
/// Never for documents of ours; the writer's own words otherwise.
pub fn to_json<'a>(
    title: &str,
    cycle: &Id,
    documents: impl Iterator<Item = &'a Document>,
) -> Result<String, String> {
    let documents: Vec<Value> =
        documents.map(document::to_json).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let bundle = json!({ "cairn": "bundle/1", "title": title, "cycle": cycle, "documents": documents });
    serde_json::to_string_pretty(&bundle).map(|text| text + "\n").map_err(|error| error.to_string())
}

/// As Markdown with front matter, one document after the other.
///
/// # Errors
/// Never for documents of ours; the writer's own words otherwise.
pub fn to_markdown<'a>(
    title: &str,
    cycle: &Id,
    documents: impl Iterator<Item = &'a Document>,
) -> Result<String, String> {
    let header = super::yaml::write(&json!({ "cairn": "bundle/1", "title": title, "cycle": cycle }))?;
    let mut text = format!("---\n{header}---\n");
    for document in documents {
        let value = document::to_json(document).map_err(|error| error.to_string())?;
        text.push('\n');
        text.push_str(&markdown::write(document.kind(), &[], &value, false)?);
    }
    Ok(text)
}
