//! A document without its references to certain others: what a file says when those stay at home.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Id, Kind, Ref,
    shape::{Form, Part, Shape, pruned},
};

/// A document without references to what is in `gone`.
#[must_use]
pub fn without(kind: Kind, value: &Value, gone: &BTreeSet<Ref>) -> Value {
    pruned(parts_without(&Shape::of(kind).parts, value, gone))
}

fn parts_without(parts: &[Part], value: &Value, gone: &BTreeSet<Ref>) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let kept = object.iter().map(|(name, value)| {
        let form = parts.iter().find(|part| &part.name == name).map(|part| &part.form);
        (name.clone(), form.map_or_else(|| value.clone(), |form| form_without(form, value, gone)))
    });
    Value::Object(kept.collect())
}

fn form_without(form: &Form, value: &Value, gone: &BTreeSet<Ref>) -> Value {
    let is_gone = |kind: Option<Kind>, text: &str| {
        let to = match kind {
            Some(kind) => Id::new(text).ok().map(|id| Ref { kind, id }),
            None => text.parse().ok(),
        };
        to.is_some_and(|to| gone.contains(&to))
    };
    match (form, value) {
        (Form::List(item), Value::Array(items)) => {
            let items = items.iter().map(|value| (value, form_without(item, value, gone)));
            // A group that loses what it refers to would say something else without it.
            let kept = items.filter(|(before, after)| !before.is_object() || *before == after);
            Value::Array(kept.map(|(_, after)| after).collect())
        }
        (Form::Group(parts), value) => parts_without(parts, value, gone),
        (Form::Ref(kind), Value::String(text)) if is_gone(*kind, text) => Value::Null,
        (Form::RefOrGroup(kind, _), Value::String(text)) if is_gone(Some(*kind), text) => Value::Null,
        (_, value) => value.clone(),
    }
}
