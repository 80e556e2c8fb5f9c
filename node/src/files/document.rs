//! One document or several in a file, in any of the formats: YAML, JSON, or Markdown with front matter. The first part
//! says what it is: `cairn: session/1`. A file with several begins with `cairn: bundle/1`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    InvalidFile, markdown, text,
    yaml::{self, Lines, line_of},
};
use crate::domain::learning::{Document, Id, Kind, Wrong, shape::pruned};

/// A document as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The document.
    pub document: Document,
    /// The version it was made from, where the file says so.
    pub based_on: Option<u64>,
    /// Shared by all documents of a file: it may have thousands.
    lines: Arc<Lines>,
    within: String,
}

impl Written {
    /// A document that stands in no file.
    #[must_use]
    pub fn plain(document: Document) -> Self {
        Self { document, based_on: None, lines: Arc::default(), within: String::new() }
    }

    /// The fault that `wrong` is, with its line.
    #[must_use]
    pub fn fault(&self, wrong: Wrong) -> super::Fault {
        locate(&self.lines, &self.within, wrong)
    }
}

/// What a file with several documents holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The cycle it is about; other cycles in it are only named along.
    pub cycle: Option<Id>,
    /// The documents.
    pub documents: Vec<Written>,
}

fn locate(lines: &Lines, within: &str, wrong: Wrong) -> super::Fault {
    let path = match (within, wrong.field.as_str()) {
        ("", field) => field.to_owned(),
        (within, "") => within.to_owned(),
        (within, field) => format!("{within}.{field}"),
    };
    super::Fault { line: line_of(lines, &path), field: wrong.field, what: wrong.what }
}

/// Reads a file that holds one document. Without a `cairn:` line it is taken for `kind`.
///
/// # Errors
/// [`InvalidFile`] with the line and the part.
pub fn read(bytes: &[u8], kind: Option<Kind>) -> Result<Written, InvalidFile> {
    let mut all = read_all(bytes, kind, super::DOCUMENT_BYTES)?.documents;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(InvalidFile::fault(
            None,
            "",
            "it holds several documents; read it in with `cairn cycle import`",
        )),
    }
}

/// The parts that stand in a text, as YAML or JSON; a part that says nothing stays, so that it can be taken away.
///
/// # Errors
/// [`InvalidFile`] with the line.
pub fn read_parts(bytes: &[u8]) -> Result<Map<String, Value>, InvalidFile> {
    match parse(&text(bytes, super::DOCUMENT_BYTES)?)?.0 {
        Value::Object(parts) => Ok(parts),
        _ => Err(InvalidFile::fault(None, "", "this holds no parts; write them as `name: text`")),
    }
}

/// The document of these parts.
///
/// # Errors
/// [`InvalidFile`] naming the part.
pub fn of_value(kind: Kind, value: Value) -> Result<Written, InvalidFile> {
    written(value, Arc::default(), String::new(), Some(kind), 1)
}

/// Reads a file that holds one document or several.
///
/// # Errors
/// [`InvalidFile`] with the line and the part.
pub fn read_bundle(bytes: &[u8]) -> Result<Bundle, InvalidFile> {
    read_all(bytes, None, super::BUNDLE_BYTES)
}

fn read_all(bytes: &[u8], kind: Option<Kind>, limit: usize) -> Result<Bundle, InvalidFile> {
    let text = text(bytes, limit)?;
    if markdown::is_markdown(&text) {
        return read_markdown(&text, kind);
    }
    let (value, lines) = parse(&text)?;
    if is_bundle(&value) {
        return bundle(value, lines.into(), kind);
    }
    Ok(Bundle { cycle: None, documents: vec![written(value, lines.into(), String::new(), kind, 1)?] })
}

fn read_markdown(text: &str, kind: Option<Kind>) -> Result<Bundle, InvalidFile> {
    let mut bundle = Bundle::default();
    let pieces = markdown::pieces(text)?;
    bounded(pieces.len())?;
    for piece in pieces {
        let of = |value: &Value| kind_of(value).or(kind).filter(|_| !is_bundle(value));
        let (value, lines) = markdown::read(&piece, of)?;
        if is_bundle(&value) {
            bundle.cycle = header(&value, &lines)?;
        } else {
            bundle.documents.push(written(value, lines.into(), String::new(), kind, piece.first_line)?);
        }
    }
    Ok(bundle)
}

fn is_bundle(value: &Value) -> bool {
    value.get("cairn").and_then(Value::as_str).is_some_and(|format| format.starts_with("bundle/"))
}

fn parse(text: &str) -> Result<(Value, Lines), InvalidFile> {
    if !text.trim_start().starts_with('{') {
        return yaml::read(text, 1);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        InvalidFile::fault(Some(error.line()), "", format!("this cannot be read as JSON: {error}"))
    })?;
    // For the lines only: what JSON says is what counts.
    let lines = yaml::read(text, 1).map(|(_, lines)| lines).unwrap_or_default();
    Ok((as_text(value), lines))
}

/// Everything that stands in a document is text, also what JSON takes for a number.
fn as_text(value: Value) -> Value {
    match value {
        Value::Bool(flag) => Value::String(if flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(as_text).collect()),
        Value::Object(parts) => {
            Value::Object(parts.into_iter().map(|(name, value)| (name, as_text(value))).collect())
        }
        other => other,
    }
}

fn bundle(mut value: Value, lines: Arc<Lines>, kind: Option<Kind>) -> Result<Bundle, InvalidFile> {
    let documents = match value.get_mut("documents").map(Value::take) {
        Some(Value::Array(documents)) => documents,
        _ => return Err(InvalidFile::fault(None, "documents", "is missing; it is the list of documents")),
    };
    let cycle = header(&value, &lines)?;
    bounded(documents.len())?;
    let each = documents
        .into_iter()
        .zip(0..)
        .map(|(document, n)| written(document, Arc::clone(&lines), format!("documents[{n}]"), kind, 1));
    Ok(Bundle { cycle, documents: each.collect::<Result<_, _>>()? })
}

/// Documents in one file at most: those of a large cycle many times over.
const DOCUMENTS: usize = 5000;

fn bounded(documents: usize) -> Result<(), InvalidFile> {
    if documents <= DOCUMENTS {
        return Ok(());
    }
    let what = format!("are {documents}; at most {DOCUMENTS} fit into one file");
    Err(InvalidFile::fault(None, "documents", what))
}

/// What a bundle says about itself: the cycle it is about, if it is about one.
fn header(value: &Value, lines: &Lines) -> Result<Option<Id>, InvalidFile> {
    let Value::Object(parts) = value else { return Ok(None) };
    version(parts, "bundle", lines)?;
    let known = ["cairn", "title", "about", "cycle", "documents"];
    if let Some(unknown) = parts.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(InvalidFile::fault(lines.get(unknown).copied(), unknown, "is no part of a bundle"));
    }
    let cycle = parts.get("cycle").and_then(Value::as_str).map(Id::new).transpose();
    cycle.map_err(|error| InvalidFile::fault(lines.get("cycle").copied(), "cycle", error.to_string()))
}

fn kind_of(value: &Value) -> Option<Kind> {
    let (word, _) = value.get("cairn")?.as_str()?.split_once('/')?;
    Kind::from_word(word.trim())
}

fn version(parts: &Map<String, Value>, word: &str, lines: &Lines) -> Result<(), InvalidFile> {
    let format = parts.get("cairn").and_then(Value::as_str).unwrap_or_default();
    if format.split_once('/') == Some((word, "1")) {
        return Ok(());
    }
    let what = format!("is \"{format}\", which this version does not know; it reads {word}/1");
    Err(InvalidFile::fault(lines.get("cairn").copied(), "cairn", what))
}

fn written(
    value: Value,
    lines: Arc<Lines>,
    within: String,
    expected: Option<Kind>,
    first_line: usize,
) -> Result<Written, InvalidFile> {
    let kind = kind_of(&value);
    let Value::Object(mut parts) = pruned(value) else {
        let line = line_of(&lines, &within).or(Some(first_line));
        let what = if within.is_empty() {
            "this is no document; write parts as `name: text`"
        } else {
            "is no document"
        };
        return Err(InvalidFile::fault(line, within, what));
    };
    let found = parts.get("cairn").and_then(Value::as_str).map(str::to_owned);
    let kind = match (found, kind, expected) {
        (Some(_), Some(kind), Some(expected)) if kind != expected => {
            let what = format!("says that it is {}, not {}", kind.one(), expected.one());
            return Err(InvalidFile::Faults(vec![locate(&lines, &within, Wrong::new("cairn", what))]));
        }
        (Some(_), Some(kind), _) => kind,
        (None, _, Some(expected)) => expected,
        (found, ..) => {
            let words: Vec<_> = Kind::ALL.iter().map(|kind| format!("{}/1", kind.word())).collect();
            let found = found.map_or("is missing".to_owned(), |found| format!("is \"{found}\""));
            let what = format!("{found}; it says what the document is: {}", words.join(", "));
            return Err(InvalidFile::Faults(vec![locate(&lines, &within, Wrong::new("cairn", what))]));
        }
    };
    if parts.contains_key("cairn") {
        version(&parts, kind.word(), &lines)?;
        parts.remove("cairn");
    }
    let based_on = match parts.remove("based_on") {
        None => None,
        Some(version) => Some(version.as_str().and_then(|v| v.trim().parse().ok()).ok_or_else(|| {
            let what = "is the number of the version that you changed; leave it as it was";
            InvalidFile::Faults(vec![locate(&lines, &within, Wrong::new("based_on", what))])
        })?),
    };
    let document = Document::from_value(kind, Value::Object(parts))
        .map_err(|wrong| InvalidFile::Faults(vec![locate(&lines, &within, explained(kind, wrong))]))?;
    Ok(Written { document, based_on, lines, within })
}

/// The library's words for what is missing or unknown, in ours.
fn explained(kind: Kind, wrong: Wrong) -> Wrong {
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
    let join =
        |field: &str, name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    if wrong.what.starts_with("missing field")
        && let Some(name) = quoted(&wrong.what)
    {
        return Wrong::new(join(&wrong.field, &name), format!("is missing; {} needs it", kind.one()));
    }
    if let Some(rest) = wrong.what.strip_prefix("unknown field")
        && let Some(name) = quoted(rest)
    {
        let expected = rest.split_once("expected ").map_or("", |(_, expected)| expected);
        let field = if wrong.field.ends_with(&name) { wrong.field } else { join(&wrong.field, &name) };
        return Wrong::new(
            field,
            format!("is no part of it; known parts: {}", expected.trim_start_matches("one of ")),
        );
    }
    if wrong.what.starts_with("invalid type: sequence") {
        return Wrong::new(wrong.field, "is a list, but one text is expected");
    }
    if wrong.what.starts_with("invalid type: map") {
        return Wrong::new(
            wrong.field,
            "has parts of its own, but one text is expected; text with a colon in it needs quotes",
        );
    }
    if wrong.what.starts_with("invalid type: string") {
        let what = if wrong.what.contains("sequence") {
            "is one text, but a list is expected: begin each item on its own line with \"- \""
        } else {
            "is one text, but parts are expected, each as `name: text`"
        };
        return Wrong::new(wrong.field, what);
    }
    if wrong.what.contains("did not match any variant") {
        return Wrong::new(
            wrong.field,
            "is neither the id of one that is kept here nor a whole one; check its parts",
        );
    }
    wrong
}

/// A document as JSON, beginning with what it is.
///
/// # Errors
/// Never for documents of ours.
pub fn to_json(document: &Document) -> Result<Value, serde_json::Error> {
    let mut parts = Map::new();
    parts.insert("cairn".to_owned(), Value::String(format!("{}/1", document.kind().word())));
    if let Value::Object(own) = pruned(document.to_value()?) {
        parts.extend(own);
    }
    Ok(Value::Object(parts))
}
