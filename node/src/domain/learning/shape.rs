//! The shape of a kind, read off its type: which parts it has, what stands in them, what they are called and what
//! help says. Templates, pages, tables, links and search all follow from it, so that a new part of a document
//! appears everywhere at once.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map as Object, Value};

use super::{Id, Kind, Ref};

/// yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "yes" } else { "no" })
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.trim().to_lowercase().as_str() {
            "yes" | "true" => Ok(Self(true)),
            "no" | "false" => Ok(Self(false)),
            _ => Err(D::Error::custom("must be yes or no")),
        }
    }
}

impl JsonSchema for Flag {
    fn schema_name() -> Cow<'static, str> {
        "Flag".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["yes", "no"], "x-form": "word" })
    }
}

/// What stands in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The document's own id.
    Id,
    /// A line.
    Line,
    /// Text, possibly of several paragraphs.
    Prose,
    /// A year, month or day.
    Date,
    /// One of these words.
    Word(Vec<String>),
    /// A reference; to this kind, or to any.
    Ref(Option<Kind>),
    /// Several.
    List(Box<Form>),
    /// Parts of its own.
    Group(Vec<Part>),
    /// A reference or, instead of it, a whole document of that kind.
    RefOrGroup(Kind, Vec<Part>),
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in files.
    pub name: String,
    /// What help says about it.
    pub help: String,
    /// Whether a document needs it.
    pub needed: bool,
    /// What it can be found by: theme, factor, stage, state, role, scale, practice.
    pub facet: Option<String>,
    /// What stands in it.
    pub form: Form,
}

impl Part {
    /// Its name as a heading: `what_we_learnt` is "What we learnt".
    #[must_use]
    pub fn heading(&self) -> String {
        heading(&self.name)
    }
}

/// A name as a heading.
#[must_use]
pub fn heading(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The shape of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Which kind.
    pub kind: Kind,
    /// What help says about it.
    pub help: String,
    /// Its parts, in the order in which they are shown.
    pub parts: Vec<Part>,
}

impl Shape {
    /// The shape of `kind`.
    #[must_use]
    pub fn of(kind: Kind) -> &'static Self {
        kind.shape()
    }

    /// Reads the shape of `kind` off its type.
    pub(super) fn read(kind: Kind) -> Self {
        read_shape(kind, &schema_of(kind))
    }

    /// Its part of this name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// The JSON Schema of a kind, with everything it needs written out in place.
#[must_use]
pub fn schema_of(kind: Kind) -> Value {
    let mut generator = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true).into_generator();
    without_null(kind.schema(&mut generator).to_value())
}

/// Absent parts are left out of documents, so that null stands nowhere.
fn without_null(schema: Value) -> Value {
    match schema {
        Value::Object(mut object) => {
            if let Some(Value::Array(types)) = object.get("type")
                && let [kind, Value::String(null)] = types.as_slice()
                && null == "null"
            {
                let kind = kind.clone();
                object.insert("type".to_owned(), kind);
            }
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if object.get("default") == Some(&Value::Null) {
                object.remove("default");
            }
            let options = match object.get("anyOf") {
                Some(Value::Array(options)) => {
                    options.iter().filter(|o| o.get("type") != Some(&"null".into())).cloned().collect()
                }
                _ => Vec::new(),
            };
            if let [Value::Object(only)] = options.as_slice() {
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            Value::Object(object.into_iter().map(|(key, value)| (key, without_null(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_null).collect()),
        other => other,
    }
}

fn read_shape(kind: Kind, schema: &Value) -> Shape {
    Shape { kind, help: text(schema, "description"), parts: read_parts(schema) }
}

fn read_parts(schema: &Value) -> Vec<Part> {
    let needed: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let parts = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    parts
        .map(|(name, schema)| Part {
            name: name.clone(),
            help: text(schema, "description").replace('\n', " "),
            needed: needed.iter().any(|n| n.as_str() == Some(name)),
            facet: schema.get("x-facet").and_then(Value::as_str).map(str::to_owned),
            form: read_form(schema),
        })
        .collect()
}

fn read_form(schema: &Value) -> Form {
    if let Some([Value::Object(reference), whole]) =
        schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && let Some(kind) = reference.get("x-ref").and_then(Value::as_str).and_then(Kind::from_word)
    {
        return Form::RefOrGroup(kind, read_parts(whole));
    }
    match (schema.get("x-form").and_then(Value::as_str), schema.get("type").and_then(Value::as_str)) {
        (Some("id"), _) => Form::Id,
        (Some("prose"), _) => Form::Prose,
        (Some("date" | "day"), _) => Form::Date,
        (Some("word"), _) => Form::Word(strings(schema, "enum")),
        (Some("ref"), _) => Form::Ref(Kind::from_word(&text(schema, "x-ref"))),
        (None, Some("array")) => Form::List(Box::new(schema.get("items").map_or(Form::Line, read_form))),
        (None, Some("object")) => Form::Group(read_parts(schema)),
        _ => Form::Line,
    }
}

fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn strings(schema: &Value, key: &str) -> Vec<String> {
    let list = schema.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A reference found in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Where it stands, for example `ties[1].cycle`.
    pub field: String,
    /// The top-level part it stands in, which says what it is about.
    pub relation: String,
    /// To which document.
    pub to: Ref,
}

/// What a document can be found by, and what it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// References to other documents.
    pub references: Vec<Reference>,
    /// Facets and their values.
    pub facets: Vec<(String, String)>,
    /// All its words.
    pub text: String,
    /// What it tells, without its id, title and words of closed lists: for excerpts.
    pub told: String,
}

/// Reads references, facets and words off a document.
#[must_use]
pub fn traits(kind: Kind, value: &Value) -> Traits {
    let mut traits = Traits::default();
    if let Value::Object(object) = value {
        walk(&Shape::of(kind).parts, object, "", None, &mut traits);
    }
    traits.facets.sort();
    traits.facets.dedup();
    traits
}

fn walk(
    parts: &[Part],
    object: &Object<String, Value>,
    path: &str,
    relation: Option<&str>,
    traits: &mut Traits,
) {
    for part in parts {
        if let Some(value) = object.get(&part.name) {
            let field = if path.is_empty() { part.name.clone() } else { format!("{path}.{}", part.name) };
            let relation = relation.unwrap_or(&part.name);
            walk_form(&part.form, part.facet.as_deref(), value, &field, relation, traits);
        }
    }
}

fn walk_form(
    form: &Form,
    facet: Option<&str>,
    value: &Value,
    field: &str,
    relation: &str,
    traits: &mut Traits,
) {
    match (form, value) {
        (Form::List(item), Value::Array(items)) => {
            for (value, n) in items.iter().zip(0..) {
                walk_form(item, facet, value, &format!("{field}[{n}]"), relation, traits);
            }
        }
        (Form::Group(parts) | Form::RefOrGroup(_, parts), Value::Object(object)) => {
            walk(parts, object, field, Some(relation), traits);
        }
        (Form::Ref(kind), Value::String(text)) => refer(*kind, text, field, relation, traits),
        (Form::RefOrGroup(kind, _), Value::String(text)) => refer(Some(*kind), text, field, relation, traits),
        (_, Value::String(text)) => {
            if let Some(facet) = facet {
                traits.facets.push((facet.to_owned(), crate::domain::text::fold(text)));
            }
            traits.text.push_str(text);
            traits.text.push('\n');
            if matches!(form, Form::Line | Form::Prose) && field != "title" {
                traits.told.push_str(text);
                traits.told.push('\n');
            }
        }
        _ => {}
    }
}

fn refer(kind: Option<Kind>, text: &str, field: &str, relation: &str, traits: &mut Traits) {
    let to = match kind {
        Some(kind) => Id::new(text).ok().map(|id| Ref { kind, id }),
        None => text.parse().ok(),
    };
    if let Some(to) = to {
        traits.references.push(Reference { field: field.to_owned(), relation: relation.to_owned(), to });
    }
}

/// A document without parts that say nothing: null, empty text, empty lists and groups.
#[must_use]
pub fn pruned(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .map(|(key, value)| (key, pruned(value)))
                .filter(|(_, v)| !says_nothing(v))
                .collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(pruned).filter(|item| !says_nothing(item)).collect())
        }
        other => other,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
