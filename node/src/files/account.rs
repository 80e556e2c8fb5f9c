//! A document laid out for reading: headings, facts, text and lists, in the order of its parts. The command line, the
//! printed account and Markdown all show the same.

use serde_json::{Map, Value};

use crate::domain::learning::{
    Id, Kind, Ref,
    shape::{Form, Part, Shape, heading},
};

/// A part laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its heading; empty for what stands directly under the title and for items of a list.
    pub heading: String,
    /// Short facts: a label and a text.
    pub facts: Vec<(String, String)>,
    /// Text, possibly of several paragraphs.
    pub text: String,
    /// A list of texts.
    pub items: Vec<String>,
    /// Blocks within it.
    pub blocks: Vec<Block>,
}

/// Lays a document out. `title_of` gives the title of a document that is referred to, if it is known.
#[must_use]
pub fn account(kind: Kind, value: &Value, title_of: &dyn Fn(&Ref) -> Option<String>) -> Vec<Block> {
    let empty = Map::new();
    let object = value.as_object().unwrap_or(&empty);
    let own = ["id", "title", "sensitive"];
    let parts: Vec<_> =
        Shape::of(kind).parts.iter().filter(|part| !own.contains(&part.name.as_str())).collect();
    let mut facts = Block::default();
    let mut blocks = Vec::new();
    for part in parts {
        if let Some(value) = object.get(&part.name) {
            match laid_out(part, value, title_of) {
                Laid::Fact(text) => facts.facts.push((part.heading(), text)),
                Laid::Block(block) => blocks.push(block),
            }
        }
    }
    if !facts.facts.is_empty() {
        blocks.insert(0, facts);
    }
    blocks
}

enum Laid {
    Fact(String),
    Block(Block),
}

fn laid_out(part: &Part, value: &Value, title_of: &dyn Fn(&Ref) -> Option<String>) -> Laid {
    let heading = heading(&part.name);
    match (&part.form, value) {
        (Form::Prose, Value::String(text)) => {
            Laid::Block(Block { heading, text: text.clone(), ..Block::default() })
        }
        (Form::Group(parts), Value::Object(object)) => {
            Laid::Block(Block { heading, ..group(parts, object, title_of) })
        }
        (Form::List(item), Value::Array(values)) => list(heading, item, values, title_of),
        (form, value) => Laid::Fact(short(form, value, title_of)),
    }
}

fn list(heading: String, item: &Form, values: &[Value], title_of: &dyn Fn(&Ref) -> Option<String>) -> Laid {
    match item {
        Form::Group(parts) => {
            let objects = values.iter().filter_map(Value::as_object);
            let blocks = objects.map(|object| group(parts, object, title_of)).collect();
            Laid::Block(Block { heading, blocks, ..Block::default() })
        }
        Form::Line | Form::Word(_) | Form::Date if values.iter().all(is_brief) => {
            let texts: Vec<_> = values.iter().map(|value| short(item, value, title_of)).collect();
            Laid::Fact(texts.join("; "))
        }
        _ => {
            let items = values.iter().map(|value| short(item, value, title_of)).collect();
            Laid::Block(Block { heading, items, ..Block::default() })
        }
    }
}

/// Whether a line is short enough to stand beside others.
fn is_brief(value: &Value) -> bool {
    const BRIEF: usize = 40;
    value.as_str().is_some_and(|text| text.chars().count() <= BRIEF)
}

fn group(parts: &[Part], object: &Map<String, Value>, title_of: &dyn Fn(&Ref) -> Option<String>) -> Block {
    let mut block = Block::default();
    for part in parts {
        let Some(value) = object.get(&part.name) else { continue };
        let text = match (&part.form, value) {
            (Form::List(item), Value::Array(values)) => {
                let texts: Vec<_> = values.iter().map(|value| short(item, value, title_of)).collect();
                texts.join("; ")
            }
            (form, value) => short(form, value, title_of),
        };
        block.facts.push((part.heading(), text));
    }
    block
}

fn short(form: &Form, value: &Value, title_of: &dyn Fn(&Ref) -> Option<String>) -> String {
    let text = value.as_str().unwrap_or_default();
    let to = match form {
        Form::Ref(Some(kind)) | Form::RefOrGroup(kind, _) => {
            Id::new(text).ok().map(|id| Ref { kind: *kind, id })
        }
        Form::Ref(None) => text.parse().ok(),
        _ => None,
    };
    match to {
        Some(to) => title_of(&to).map_or_else(|| to.to_string(), |title| format!("{title} ({to})")),
        None => text.to_owned(),
    }
}
