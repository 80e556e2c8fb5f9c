//! The parts of every kind of document, as the schema describes them.
//!
//! Flags, inline groups and their help are made from here, so that a part that is new in
//! the schema can be written at once.

use std::sync::LazyLock;

use cairn_proto::pb::LEARNING_SCHEMA;
use serde_json::Value;

/// What stands in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line of text.
    Line,
    /// Text of any length.
    Prose,
    /// One of these words.
    Word(Vec<String>),
    /// A year, month or day.
    Date,
    /// A day.
    Day,
    /// The document's own id.
    Id,
    /// A reference to a document of this kind, or of `any`.
    Ref(String),
    /// Several of the same.
    List(Box<Self>),
    /// Parts within the part.
    Group(Vec<Part>),
    /// A reference, or the whole of it.
    RefOrGroup(String, Vec<Part>),
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its name in files.
    pub(crate) name: String,
    /// Its name on the command line.
    pub(crate) flag: String,
    /// A word about it.
    pub(crate) help: String,
    /// What stands in it.
    pub(crate) form: Form,
    /// Whether nothing can be kept without it.
    pub(crate) needed: bool,
}

/// A kind of document.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The word for it.
    pub(crate) kind: String,
    /// Its parts, in the order of the schema.
    pub(crate) parts: Vec<Part>,
}

impl Shape {
    /// The part of this name.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// All kinds of the schema.
static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| serde_json::from_str(LEARNING_SCHEMA).map(|schema| shapes(&schema)).unwrap_or_default());

/// The parts of no kind, for a word that the schema does not know. A test sees to it that nobody meets it.
static NOTHING: Shape = Shape { kind: String::new(), parts: Vec::new() };

/// The shape of a kind.
pub(crate) fn of(kind: &str) -> &'static Shape {
    all().iter().find(|shape| shape.kind == kind).unwrap_or(&NOTHING)
}

/// All shapes.
pub(crate) fn all() -> &'static [Shape] {
    &SHAPES
}

/// The kinds: definitions that say of themselves what they are, except files with several documents.
fn shapes(schema: &Value) -> Vec<Shape> {
    let definitions = schema.get("$defs").and_then(Value::as_object).into_iter().flatten();
    let kinds = definitions.filter(|(name, definition)| {
        let own = format!("{name}/1");
        *name != "bundle"
            && definition.pointer("/properties/cairn/const").and_then(Value::as_str) == Some(&own)
    });
    kinds.map(|(name, definition)| Shape { kind: name.clone(), parts: parts(definition) }).collect()
}

/// The parts of a kind or group.
fn parts(definition: &Value) -> Vec<Part> {
    let needed: Vec<_> = definition
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let all = definition.get("properties").and_then(Value::as_object).into_iter().flatten();
    let known = all.filter_map(|(name, part)| {
        Some(Part {
            name: name.clone(),
            flag: name.replace('_', "-"),
            help: words(part),
            form: form(part)?,
            needed: needed.contains(&name.as_str()),
        })
    });
    known.collect()
}

/// What stands in a part. The marks of a file, `cairn` and `based_on`, have no form: nobody writes them by hand.
fn form(part: &Value) -> Option<Form> {
    let text = |name: &str| part.get(name).and_then(Value::as_str);
    if let Some(choices) = part.get("anyOf").and_then(Value::as_array) {
        let kind = choices.iter().find_map(|choice| choice.get("x-ref").and_then(Value::as_str))?;
        let whole = choices.iter().find(|choice| choice.get("properties").is_some())?;
        return Some(Form::RefOrGroup(kind.to_owned(), parts(whole)));
    }
    Some(match (text("x-form"), text("type")) {
        (Some("line"), _) => Form::Line,
        (Some("prose"), _) => Form::Prose,
        (Some("word"), _) => Form::Word(choices(part)),
        (Some("date"), _) => Form::Date,
        (Some("day"), _) => Form::Day,
        (Some("id"), _) => Form::Id,
        (Some("ref"), _) => Form::Ref(text("x-ref").unwrap_or("any").to_owned()),
        (None, Some("array")) => Form::List(Box::new(form(part.get("items")?)?)),
        (None, Some("object")) => Form::Group(parts(part)),
        _ => return None,
    })
}

/// The words of a closed list.
fn choices(part: &Value) -> Vec<String> {
    let words = part.get("enum").and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A description, in one line.
fn words(definition: &Value) -> String {
    let text = definition.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Form, all, of};

    #[test]
    fn every_part_of_the_schema_is_understood() {
        assert_eq!(all().len(), 16);
        let schema: serde_json::Value = serde_json::from_str(cairn_proto::pb::LEARNING_SCHEMA).unwrap();
        for shape in all() {
            let parts = schema["$defs"][&shape.kind]["properties"].as_object().unwrap();
            // All but `cairn` and `based_on`.
            assert_eq!(shape.parts.len(), parts.len() - 2, "{}", shape.kind);
            for part in &shape.parts {
                assert!(!part.help.is_empty(), "{} {}", shape.kind, part.name);
            }
        }
    }

    #[test]
    fn forms_are_those_of_the_schema() {
        let form = |kind: &str, name: &str| of(kind).part(name).unwrap().form.clone();
        assert_eq!(form("entry", "text"), Form::Prose);
        assert_eq!(form("entry", "cycle"), Form::Ref("cycle".to_owned()));
        assert_eq!(form("session", "took_part"), Form::List(Box::new(Form::Line)));
        assert_eq!(form("consent", "until"), Form::Day);
        assert!(
            matches!(form("change", "kind"), Form::Word(words) if words.contains(&"dismantled".to_owned()))
        );
        assert!(matches!(form("experiment", "permission"), Form::Group(parts) if parts.len() == 4));
        assert!(
            matches!(form("experiment", "consent"), Form::List(item) if matches!(*item, Form::RefOrGroup(..)))
        );
        assert!(of("change").part("what").unwrap().needed);
    }
}
