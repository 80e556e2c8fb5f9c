//! The JSON Schema of everything that stands in files: one definition a kind, and the bundle of a whole cycle. It is
//! read off the types, and published with the contract in `proto`.

use serde_json::{Map, Value, json};

use crate::domain::learning::{Kind, shape::schema_of};

/// The schema of all kinds and of bundles.
#[must_use]
pub fn whole() -> Value {
    let mut definitions: Map<String, Value> =
        Kind::ALL.into_iter().map(|kind| (kind.word().to_owned(), with_header(kind))).collect();
    let document: Vec<_> =
        Kind::ALL.iter().map(|kind| json!({ "$ref": format!("#/$defs/{}", kind.word()) })).collect();
    definitions.insert("document".to_owned(), json!({ "oneOf": document }));
    definitions.insert(
        "bundle".to_owned(),
        json!({
            "description": "Several documents in one file, for instance a whole cycle.",
            "type": "object",
            "properties": {
                "cairn": { "const": "bundle/1" },
                "title": { "type": "string", "description": "What the file holds." },
                "about": { "type": "string", "description": "In more words." },
                "cycle": {
                    "type": "string",
                    "description": "The cycle it is about. Other cycles in the file are only named along.",
                },
                "documents": { "type": "array", "items": { "$ref": "#/$defs/document" } },
            },
            "required": ["cairn", "documents"],
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cairn: learning at home",
        "description": "Documents of a learning cycle as they stand in files. All values are text. `x-form` says what \
                        stands in a part, `x-ref` to which kind a reference leads, `x-facet` what a document can be \
                        found by; programs may ignore all three.",
        "oneOf": [{ "$ref": "#/$defs/document" }, { "$ref": "#/$defs/bundle" }],
        "$defs": definitions,
    })
}

/// The schema of a kind with the parts that every file may begin with.
fn with_header(kind: Kind) -> Value {
    let mut schema = schema_of(kind);
    let Value::Object(object) = &mut schema else { return schema };
    object.shift_remove("$schema");
    object.shift_remove("title");
    if let Some(Value::Object(own)) = object.get("properties") {
        let mut properties = Map::new();
        properties.insert("cairn".to_owned(), json!({ "const": format!("{}/1", kind.word()) }));
        properties.insert(
            "based_on".to_owned(),
            json!({
                "type": "string", "pattern": "^[0-9]+$",
                "description": "The version the file was made from, so that nobody's change is overwritten.",
            }),
        );
        properties.extend(own.clone());
        object.insert("properties".to_owned(), Value::Object(properties));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/schema/cairn/learning/v1/learning.schema.json");

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let now = serde_json::to_string_pretty(&whole()).unwrap() + "\n";
        let published = std::fs::read_to_string(PUBLISHED).unwrap_or_default();
        if published != now {
            let new = std::path::Path::new(PUBLISHED).with_extension("new");
            std::fs::write(&new, now).unwrap();
            panic!(
                "the types have changed: look at {} and let it take the place of the old one",
                new.display()
            );
        }
    }

    #[test]
    fn every_part_says_what_it_is_for() {
        fn look(schema: &Value, path: &str) {
            for (name, part) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let path = format!("{path}.{name}");
                if name != "cairn" {
                    let help = part.get("description").and_then(Value::as_str).unwrap_or_default();
                    assert!(help.ends_with(['.', '?', ')']), "{path}: {help:?}");
                }
                look(part, &path);
                look(part.get("items").unwrap_or(&Value::Null), &path);
            }
        }
        for kind in Kind::ALL {
            look(&with_header(kind), kind.word());
        }
    }
}
