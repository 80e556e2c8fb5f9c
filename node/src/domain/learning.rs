//! Learning at home: the documents of a place. Each kind is one type; its file format, its template, its
//! page, its tables, its links and what it is found by all follow from that type (see [`shape`]).
//!
//! None of these types has a form on the wire. What may leave is built from an experiment as a
//! [`crate::domain::experiment::Summary`], and from nothing else.

pub mod change;
pub mod consent;
pub mod cycle;
pub mod entry;
pub mod exhibit;
pub mod experiment;
pub mod map;
pub mod observation;
pub mod principles;
pub mod prompt;
pub mod reference;
pub mod reflection;
pub mod request;
pub mod review;
pub mod session;
pub mod shape;
pub mod steward;
pub mod system;
pub mod without;
pub(crate) mod words;

use std::sync::LazyLock;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use reference::{Id, InvalidId, Ref, To};

use super::date::PartialDate;

/// What does not make sense in a document, although each part can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The path of the part, for example `links[2].from`.
    pub field: String,
    /// What is wrong with it and what to do.
    pub what: String,
}

impl Wrong {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

/// A kind of document.
pub trait Learning: Serialize + DeserializeOwned + JsonSchema {
    /// Which kind.
    const KIND: Kind;

    /// Its id; a document that was never saved may have none.
    fn id(&self) -> Option<&Id>;

    /// Takes an id.
    fn set_id(&mut self, id: Id);

    /// Its title, for lists.
    fn title(&self) -> String;

    /// What cannot be so: dates in the wrong order, parts that point at nothing, a story without consent.
    /// Nothing else is ever refused (N13).
    fn wrong(&self, today: Date) -> Vec<Wrong>;

    /// Gentle remarks: nudges, never gates (N13).
    fn remarks(&self, _today: Date) -> Vec<String> {
        Vec::new()
    }

    /// Whether it stays out of every account and export unless it is asked for: marked as sensitive (R076, P12), or
    /// about one person's life (R036).
    fn private(&self) -> bool;
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident($path:ty) = $word:literal, $plural:literal;)+) => {
        /// The kinds of documents.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$meta])* $name,)+ }

        impl Kind {
            /// All kinds, in the order of a learning cycle.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$name),+];

            /// The word for one of them, as in files and references.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The word for one, with its article: "an entry", "a session".
            #[must_use]
            pub fn one(self) -> String {
                let vowel = self.word().starts_with(['a', 'e', 'i', 'o', 'u']);
                format!("{} {}", if vowel { "an" } else { "a" }, self.word())
            }

            /// The word for several.
            #[must_use]
            pub const fn plural(self) -> &'static str {
                match self { $(Self::$name => $plural),+ }
            }

            /// Reads the word for one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|kind| kind.word() == word)
            }

            /// Its shape, read off its type once.
            pub(crate) fn shape(self) -> &'static shape::Shape {
                match self {
                    $(Self::$name => {
                        static SHAPE: LazyLock<shape::Shape> = LazyLock::new(|| shape::Shape::read(Kind::$name));
                        &SHAPE
                    })+
                }
            }

            /// Its JSON Schema.
            pub(crate) fn schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(Self::$name => <$path>::json_schema(generator)),+ }
            }
        }

        /// A document of any kind. Boxed, because they differ much in size.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Document { $($(#[$meta])* $name(Box<$path>),)+ }

        impl Document {
            /// Reads the parts of a document.
            ///
            /// # Errors
            /// The path of the part and what is wrong with it.
            pub fn from_value(kind: Kind, value: Value) -> Result<Self, Wrong> {
                match kind { $(Kind::$name => read(value).map(|document| Self::$name(Box::new(document)))),+ }
            }

            /// Its parts.
            ///
            /// # Errors
            /// Only if a part cannot be written as JSON, which no type of ours does.
            pub fn to_value(&self) -> Result<Value, serde_json::Error> {
                match self { $(Self::$name(document) => serde_json::to_value(document)),+ }
            }

            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),+ }
            }

            /// Its id, if it has one yet.
            #[must_use]
            pub fn id(&self) -> Option<&Id> {
                match self { $(Self::$name(document) => document.id()),+ }
            }

            /// Takes an id.
            pub fn set_id(&mut self, id: Id) {
                match self { $(Self::$name(document) => document.set_id(id)),+ }
            }

            /// Its title, for lists.
            #[must_use]
            pub fn title(&self) -> String {
                match self { $(Self::$name(document) => document.title()),+ }
            }

            /// What cannot be so; see [`Learning::wrong`].
            #[must_use]
            pub fn wrong(&self, today: Date) -> Vec<Wrong> {
                match self { $(Self::$name(document) => document.wrong(today)),+ }
            }

            /// Gentle remarks; see [`Learning::remarks`].
            #[must_use]
            pub fn remarks(&self, today: Date) -> Vec<String> {
                match self { $(Self::$name(document) => document.remarks(today)),+ }
            }

            /// See [`Learning::private`].
            #[must_use]
            pub fn private(&self) -> bool {
                match self { $(Self::$name(document) => document.private()),+ }
            }
        }
    };
}

kinds! {
    /// Who takes responsibility for a system's health, and who acknowledged them.
    Steward(steward::Steward) = "steward", "stewards";
    /// A system of interest.
    System(system::System) = "system", "systems";
    /// A map of factors, as somebody sees a system.
    Map(map::Map) = "map", "maps";
    /// A learning cycle.
    Cycle(cycle::Cycle) = "cycle", "cycles";
    /// A dated entry in a stage of a cycle.
    Entry(entry::Entry) = "entry", "entries";
    /// An experiment.
    Experiment(experiment::Experiment) = "experiment", "experiments";
    /// An observation: a story, a number with its context, something heard.
    Observation(observation::Observation) = "observation", "observations";
    /// Something put on the table to talk about.
    Exhibit(exhibit::Exhibit) = "exhibit", "exhibits";
    /// A meeting in which people made sense together.
    Session(session::Session) = "session", "sessions";
    /// What was learnt, and what it shows.
    Reflection(reflection::Reflection) = "reflection", "reflections";
    /// What was embedded.
    Change(change::Change) = "change", "changes";
    /// Shared principles, or the draft of a charter.
    Principles(principles::Principles) = "principles", "principles";
    /// A review of how a cycle is governed.
    Review(review::Review) = "review", "reviews";
    /// A request for structural change, in draft.
    Request(request::Request) = "request", "requests";
    /// A contributor's consent.
    Consent(consent::Consent) = "consent", "consents";
    /// A question to think with.
    Prompt(prompt::Prompt) = "prompt", "prompts";
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        Wrong::new(if field == "." { "" } else { &field }, error.into_inner().to_string())
    })
}

/// Years in which public servants may have learnt something: further out, it is a slip of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// Dates that make no sense.
pub(crate) struct Dates(Vec<Wrong>);

impl Dates {
    /// No complaint yet.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// A date that may lie ahead.
    pub(crate) fn any(mut self, field: &str, date: Option<PartialDate>) -> Self {
        if let Some(date) = date.filter(|date| !YEARS.contains(&date.first_day().year())) {
            self.0.push(Wrong::new(field, format!("is {date}; is the year right?")));
        }
        self
    }

    /// A date of something that has happened.
    pub(crate) fn past(mut self, field: &str, date: Option<PartialDate>, today: Date) -> Self {
        // A day's grace: it is tomorrow already east of here.
        let latest = today.tomorrow().unwrap_or(today);
        if let Some(date) = date.filter(|date| date.first_day() > latest) {
            self.0.push(Wrong::new(field, format!("is {date}, which is still to come; today is {today}")));
        }
        self.any(field, date)
    }

    /// Two dates of which the second may not come before the first.
    pub(crate) fn order(
        mut self,
        (first, from): (&str, Option<PartialDate>),
        (second, to): (&str, Option<PartialDate>),
    ) -> Self {
        if let (Some(from), Some(to)) = (from, to)
            && to.last_day() < from.first_day()
        {
            self.0.push(Wrong::new(second, format!("is {to}, which is before `{first}`, {from}")));
        }
        self
    }

    /// The complaints.
    pub(crate) fn wrong(self) -> Vec<Wrong> {
        self.0
    }
}

/// The first words of a text, for lists of what has no title.
pub(crate) fn beginning(text: &str) -> String {
    const WORDS: usize = 12;
    let mut words = text.split_whitespace();
    let first: Vec<_> = words.by_ref().take(WORDS).collect();
    let more = if words.next().is_some() { " ..." } else { "" };
    format!("{}{more}", first.join(" ")).chars().take(120).collect()
}

/// Most documents have an id and a title of their own.
macro_rules! titled {
    () => {
        fn id(&self) -> Option<&crate::domain::learning::Id> {
            self.id.as_ref()
        }

        fn set_id(&mut self, id: crate::domain::learning::Id) {
            self.id = Some(id);
        }

        fn title(&self) -> String {
            self.title.to_string()
        }
    };
}

/// Words of people serving targets, where learning is meant (N03).
pub(crate) fn speaks_of_targets<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    const WORDS: [&str; 6] = ["target", "targets", "kpi", "kpis", "league table", "rag rating"];
    texts.into_iter().any(|text| {
        let folded = super::text::fold(text);
        let padded: String =
            folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect::<String>();
        let words = format!(" {} ", padded.split_whitespace().collect::<Vec<_>>().join(" "));
        WORDS.iter().any(|word| words.contains(&format!(" {word} ")))
    })
}

pub(crate) use titled;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_heard_as_words() {
        for text in ["Our target is ten.", "KPIs!", "a league-table", "RAG rating"] {
            assert!(speaks_of_targets([text]), "{text}");
        }
        for text in ["We targeted nobody.", "dragrating", "We ask the ten.", ""] {
            assert!(!speaks_of_targets([text]), "{text}");
        }
    }

    #[test]
    fn dates_that_make_no_sense_are_said() {
        let today = jiff::civil::date(2026, 11, 23);
        let date = |text: &str| Some(text.parse::<PartialDate>().unwrap());
        let wrong = |dates: Dates| dates.wrong().len();
        assert_eq!(
            wrong(Dates::new().past("on", date("2026-11-24"), today)),
            0,
            "it is tomorrow east of here"
        );
        assert_eq!(wrong(Dates::new().past("on", date("2026-11-25"), today)), 1);
        assert_eq!(wrong(Dates::new().past("on", date("2026"), today)), 0);
        assert_eq!(wrong(Dates::new().any("on", date("0202"))), 1);
        assert_eq!(wrong(Dates::new().order(("a", date("2021-06")), ("b", date("2021")))), 0, "it may be so");
        assert_eq!(wrong(Dates::new().order(("a", date("2021-06")), ("b", date("2021-05")))), 1);
    }

    #[test]
    fn every_kind_has_a_shape_with_help() {
        for kind in Kind::ALL {
            let shape = shape::Shape::of(kind);
            assert_eq!(shape.kind, kind);
            assert!(!shape.help.is_empty() && shape.part("id").is_some(), "{}", kind.word());
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
    }
}
