//! Tables of documents, for spreadsheets and statistics programs: one row a document, or one a factor, link, actor or
//! condition. A table is for reading and counting; what is to be read in again goes into a bundle.
//!
//! How a part stands in its cell:
//!
//! * Several lines, words, dates or references: in one line, with "; " between them.
//! * Several texts: a paragraph each, with an empty line between them.
//! * Parts of their own: "Label: text; Label: text". Several of those: a paragraph each.

pub mod csv;
pub mod xlsx;

use serde_json::{Map, Value};

use crate::domain::learning::{
    Kind,
    shape::{Form, Part, Shape, heading},
};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it, for people.
    pub heading: String,
    /// What it is called in files, for programs: unique in its table.
    pub name: String,
}

/// A table. Every row has as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What stands in its rows.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// What can stand in the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Documents of a kind.
    Documents(Kind),
    /// The factors of maps.
    Factors,
    /// What leads to what in maps.
    Links,
    /// Everybody in systems: the people served, the other actors and those who are missing.
    Actors,
    /// What other scales set for systems.
    Conditions,
}

impl Rows {
    /// Rows that are no documents of their own, by the word for them.
    const WITHIN: [(&'static str, Self); 4] = [
        ("factors", Self::Factors),
        ("links", Self::Links),
        ("actors", Self::Actors),
        ("conditions", Self::Conditions),
    ];

    /// Reads a word: a kind, in the singular or the plural, or one of "factors", "links", "actors", "conditions".
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let within = Self::WITHIN.into_iter().find(|(known, _)| *known == word);
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word || kind.plural() == word);
        within.map(|(_, rows)| rows).or(kind.map(Self::Documents))
    }

    /// The words there are, for those who wrote another.
    #[must_use]
    pub fn words() -> String {
        let words = Kind::ALL.iter().map(|kind| kind.plural());
        words.chain(Self::WITHIN.iter().map(|(word, _)| *word)).collect::<Vec<_>>().join(", ")
    }

    /// The word for them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documents(kind) => kind.plural(),
            Self::Factors => "factors",
            Self::Links => "links",
            Self::Actors => "actors",
            Self::Conditions => "conditions",
        }
    }

    /// The kind of the documents they are read off.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Documents(kind) => kind,
            Self::Factors | Self::Links => Kind::Map,
            Self::Actors | Self::Conditions => Kind::System,
        }
    }

    /// The table of these documents, each given by its parts, in their order.
    #[must_use]
    pub fn table<'a>(self, documents: impl IntoIterator<Item = &'a Value>) -> Table {
        let documents = documents.into_iter();
        match self {
            Self::Documents(kind) => of_documents(kind, documents),
            Self::Factors => of_maps("factors", documents),
            Self::Links => of_maps("links", documents),
            Self::Actors => of_actors(documents),
            Self::Conditions => of_conditions(documents),
        }
    }
}

/// One row a document; its parts are the columns. A column stays where nothing stands in it, so that two tables of a
/// kind have the same.
fn of_documents<'a>(kind: Kind, documents: impl Iterator<Item = &'a Value>) -> Table {
    let parts = &Shape::of(kind).parts;
    Table {
        title: heading(kind.plural()),
        columns: parts.iter().map(|part| column(&part.heading(), &part.name)).collect(),
        rows: documents.map(|document| cells(parts, document).collect()).collect(),
    }
}

/// One row a factor or link. A map is somebody's view, so whose it is stands beside every row (N24).
fn of_maps<'a>(part: &str, maps: impl Iterator<Item = &'a Value>) -> Table {
    let own = [("Map", "map", "id"), ("Title of the map", "map_title", "title")];
    let view = [("System", "system", "system"), ("Seen by", "seen_by", "seen_by")];
    let own: Vec<_> = own.into_iter().chain(view).collect();
    within(Kind::Map, &own, &[part], None, maps)
}

fn of_actors<'a>(systems: impl Iterator<Item = &'a Value>) -> Table {
    let lists = ["people_served", "actors", "missing_actors"];
    let mut table = within(Kind::System, &SYSTEM, &lists, Some(("Who they are", "part")), systems);
    table.title = "Actors".to_owned();
    table
}

fn of_conditions<'a>(systems: impl Iterator<Item = &'a Value>) -> Table {
    within(Kind::System, &SYSTEM, &["conditions"], None, systems)
}

/// What stands of the system beside each of its rows.
const SYSTEM: [(&str, &str, &str); 2] =
    [("System", "system", "id"), ("Title of the system", "system_title", "title")];

/// One row an item of these lists, after some parts of the document they stand in and, where there are several lists,
/// which one it is.
fn within<'a>(
    kind: Kind,
    own: &[(&str, &str, &str)],
    lists: &[&str],
    which: Option<(&str, &str)>,
    documents: impl Iterator<Item = &'a Value>,
) -> Table {
    let parts = lists.first().map_or(&[][..], |list| parts_of(kind, list));
    let own_columns = own.iter().map(|(heading, name, _)| column(heading, name));
    let which_column = which.iter().map(|(heading, name)| column(heading, name));
    let columns =
        own_columns.chain(which_column).chain(parts.iter().map(|part| column(&part.heading(), &part.name)));
    let mut table = Table {
        title: heading(lists.first().copied().unwrap_or_default()),
        columns: columns.collect(),
        rows: Vec::new(),
    };
    for document in documents {
        for list in lists {
            let items = document.get(*list).and_then(Value::as_array).into_iter().flatten();
            table.rows.extend(items.map(|item| {
                let own = own.iter().map(|(_, _, part)| flat(&Form::Line, document.get(*part)));
                own.chain(which.map(|_| heading(list))).chain(item_cells(parts, item)).collect()
            }));
        }
    }
    table
}

/// An item that is only a line says what its first part would.
fn item_cells(parts: &[Part], item: &Value) -> Vec<String> {
    match item {
        Value::String(text) => {
            (0..parts.len()).map(|n| if n == 0 { text.clone() } else { String::new() }).collect()
        }
        item => cells(parts, item).collect(),
    }
}

fn parts_of(kind: Kind, list: &str) -> &'static [Part] {
    match Shape::of(kind).part(list).map(|part| &part.form) {
        Some(Form::List(item)) => match item.as_ref() {
            Form::Group(parts) => parts,
            _ => &[],
        },
        _ => &[],
    }
}

fn column(heading: &str, name: &str) -> Column {
    Column { heading: heading.to_owned(), name: name.to_owned() }
}

fn cells<'a>(parts: &'a [Part], value: &'a Value) -> impl Iterator<Item = String> + 'a {
    parts.iter().map(|part| flat(&part.form, value.get(&part.name)))
}

/// A part as the text of a cell.
fn flat(form: &Form, value: Option<&Value>) -> String {
    match (form, value) {
        (_, None | Some(Value::Null)) => String::new(),
        (_, Some(Value::String(text))) => text.clone(),
        (Form::List(item), Some(Value::Array(values))) => {
            let long = values.iter().any(Value::is_object) || matches!(item.as_ref(), Form::Prose);
            let texts: Vec<_> = values.iter().map(|value| flat(item, Some(value))).collect();
            texts.join(if long { "\n\n" } else { "; " })
        }
        (Form::Group(parts) | Form::RefOrGroup(_, parts), Some(Value::Object(object))) => {
            group(parts, object)
        }
        (_, Some(other)) => other.to_string(),
    }
}

fn group(parts: &[Part], object: &Map<String, Value>) -> String {
    let texts = parts.iter().filter_map(|part| {
        let text = flat(&part.form, object.get(&part.name));
        (!text.is_empty()).then(|| format!("{}: {text}", part.heading()))
    });
    texts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
