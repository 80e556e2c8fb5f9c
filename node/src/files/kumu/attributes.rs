//! The attributes of an element or a connection: beside its other fields in a blueprint, in a field of their own in the
//! export of a project. Names are taken alike in capitals and small letters.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    domain::{
        place::LocalScale,
        text::{InvalidText, Line, Prose},
    },
    files::Fault,
};

/// An element or a connection.
pub(super) struct Attributes {
    /// Where it stands, for example `elements[3]`.
    at: String,
    values: BTreeMap<String, Value>,
}

impl Attributes {
    pub(super) fn new(at: String, value: Value) -> Result<Self, Fault> {
        let Value::Object(mut fields) = value else {
            return Err(Fault {
                line: None,
                field: at,
                what: "is no object; write {\"label\": ...}".to_owned(),
            });
        };
        let nested = match fields.remove("attributes") {
            Some(Value::Object(nested)) => nested,
            _ => serde_json::Map::new(),
        };
        let said = fields.into_iter().chain(nested).filter(|(_, value)| !says_nothing(value));
        let values = said.map(|(name, value)| (folded(&name), value)).collect();
        Ok(Self { at, values })
    }

    pub(super) fn fault(&self, name: &str, what: impl Into<String>) -> Fault {
        Fault { line: None, field: format!("{}.{name}", self.at), what: what.into() }
    }

    /// Takes the first of these that says something, and the others away with it if they say the same.
    fn take(&mut self, names: &[&str]) -> Option<(String, Value)> {
        let name = names.iter().find(|name| self.values.contains_key(**name))?;
        let value = self.values.remove(*name)?;
        self.values.retain(|other, other_value| !names.contains(&other.as_str()) || *other_value != value);
        Some(((*name).to_owned(), value))
    }

    /// A text in one line; line breaks, which Kumu allows in labels, become spaces.
    pub(super) fn line(&mut self, names: &[&str]) -> Result<Option<Line>, Fault> {
        let Some((name, value)) = self.take(names) else { return Ok(None) };
        let text = self.plain(&name, &value)?;
        Line::optional("text", &in_one_line(&text)).map_err(|error| self.invalid(&name, &error))
    }

    pub(super) fn prose(&mut self, names: &[&str]) -> Result<Option<Prose>, Fault> {
        let Some((name, value)) = self.take(names) else { return Ok(None) };
        let text = self.plain(&name, &value)?.replace("\r\n", "\n").replace('\r', "\n");
        Prose::optional("text", &text).map_err(|error| self.invalid(&name, &error))
    }

    pub(super) fn lines(&mut self, names: &[&str]) -> Result<Vec<Line>, Fault> {
        let Some((name, value)) = self.take(names) else { return Ok(Vec::new()) };
        let items = match value {
            Value::Array(items) => items,
            single => vec![single],
        };
        let mut lines = Vec::new();
        for item in items.iter().filter(|item| !says_nothing(item)) {
            let text = in_one_line(&self.plain(&name, item)?);
            lines.extend(Line::optional("text", &text).map_err(|error| self.invalid(&name, &error))?);
        }
        Ok(lines)
    }

    pub(super) fn scale(&mut self) -> Result<Option<LocalScale>, Fault> {
        let scale = self.line(&["scale"])?.map(|line| LocalScale::from_words(line.as_str()));
        scale.transpose().map_err(|error| self.invalid("scale", &error))
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&mut self, name: &str) -> bool {
        let value = self.take(&[name]).map(|(_, value)| value);
        value.is_some_and(|value| match value {
            Value::Bool(on) => on,
            Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        })
    }

    /// What nobody took.
    pub(super) fn left(&self) -> impl Iterator<Item = &str> {
        // A switch that is off says nothing.
        self.values.iter().filter(|(_, value)| **value != Value::Bool(false)).map(|(name, _)| name.as_str())
    }

    fn plain(&self, name: &str, value: &Value) -> Result<String, Fault> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(flag) => Ok(if *flag { "yes" } else { "no" }.to_owned()),
            Value::Array(items) => {
                let texts: Result<Vec<_>, _> =
                    items.iter().filter(|item| !item.is_array()).map(|item| self.plain(name, item)).collect();
                Ok(texts?.join(", "))
            }
            Value::Null => Ok(String::new()),
            Value::Object(_) => Err(self.fault(name, "has parts of its own, but a text is expected")),
        }
    }

    fn invalid(&self, name: &str, error: &InvalidText) -> Fault {
        self.fault(name, error.what())
    }
}

/// A name as it is looked for; Kumu's own names begin with an underscore and keep it.
fn folded(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if name.starts_with('_') { name } else { name.replace('_', " ") }
}

fn in_one_line(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) {
        return text.split(['\n', '\r', '\t']).map(str::trim).collect::<Vec<_>>().join(" ");
    }
    text.to_owned()
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
