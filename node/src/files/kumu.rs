//! Maps from and to Kumu (kumu.io), a program for drawing systems.
//!
//! Written is what Kumu calls a blueprint, which it takes in by dragging the file onto a map: factors as elements, links
//! as directed connections of type "+" (more leads to more) or "-" (more leads to less). What Kumu has no field for
//! stands in fields of our own: "Actors" and "Scale" of a factor; "How sure", "Scale" and "Delay" of a link. Why a link
//! is drawn is its description. Reading a blueprint that was written here gives the same factors and links.
//!
//! Read are blueprints and exports of whole projects, which hold the same in another form; see [`read()`].

mod attributes;
mod links;
pub mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use read::{Drawn, read};

use crate::domain::learning::map::{Effect, Factor, Link, Map};

/// The type of our elements.
const FACTOR: &str = "factor";

/// Writes a map as a Kumu blueprint.
#[must_use]
pub fn write(map: &Map) -> Vec<u8> {
    let ids = Ids::of(map);
    let elements: Vec<_> = map.factors.iter().map(|factor| element(factor, &ids)).collect();
    let connections: Vec<_> = map.links.iter().map(|link| connection(link, &ids)).collect();
    let file = json!({ "elements": elements, "connections": connections });
    // `{:#}` of a JSON value is its indented form and cannot fail.
    format!("{file:#}\n").into_bytes()
}

/// What factors are called by at the ends of links: their names, unless two differ only in capitals, which Kumu might
/// take for one.
struct Ids<'a> {
    /// The number of each, from 1.
    numbers: BTreeMap<&'a str, usize>,
    needed: bool,
}

impl<'a> Ids<'a> {
    fn of(map: &'a Map) -> Self {
        let numbers: BTreeMap<_, _> =
            map.factors.iter().map(|factor| factor.name.as_str()).zip(1..).collect();
        let different: BTreeSet<_> = numbers.keys().map(|name| name.to_lowercase()).collect();
        Self { needed: different.len() < numbers.len(), numbers }
    }

    /// A factor's id, if factors need one.
    fn own(&self, name: &str) -> Option<String> {
        self.numbers.get(name).filter(|_| self.needed).map(|n| format!("factor {n}"))
    }

    /// What a link calls a factor.
    fn end(&self, name: &str) -> String {
        self.own(name).unwrap_or_else(|| name.to_owned())
    }
}

fn element(factor: &Factor, ids: &Ids<'_>) -> Value {
    let Factor { name, about, scale, actors } = factor;
    said(json!({
        "id": ids.own(name.as_str()),
        "label": name,
        "type": FACTOR,
        "description": about,
        "Scale": scale,
        "Actors": actors,
    }))
}

fn connection(link: &Link, ids: &Ids<'_>) -> Value {
    let Link { from, to, effect, how_sure, scale, why, delay } = link;
    let sign = match effect {
        Effect::More => "+",
        Effect::Less => "-",
    };
    said(json!({
        "from": ids.end(from.as_str()),
        "to": ids.end(to.as_str()),
        "direction": "directed",
        "type": sign,
        // In words as well, so that the picture can be read without knowing the signs.
        "label": effect,
        "description": why,
        "How sure": how_sure,
        "Scale": scale,
        "Delay": delay,
    }))
}

/// Without what says nothing.
fn said(value: Value) -> Value {
    crate::domain::learning::shape::pruned(value)
}

#[cfg(test)]
mod tests;
