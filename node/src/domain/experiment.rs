//! The summary of an experiment: what may travel of it. The experiment itself, as it is kept at home, is in
//! `learning`.

use std::borrow::Cow;

use cairn_proto::ids::RecordId;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    date::{self, PartialDate},
    place::Scale,
    text::{Line, Prose},
};

/// Where an experiment stands. None of them is good or bad (R070, N17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being designed.
    Designing,
    /// Under way.
    Running,
    /// Paused.
    Paused,
    /// Ended as planned.
    EndedAsPlanned,
    /// Ended early.
    EndedEarly,
    /// Became ordinary practice.
    BecamePractice,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Designing,
        Self::Running,
        Self::Paused,
        Self::EndedAsPlanned,
        Self::EndedEarly,
        Self::BecamePractice,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Designing => "designing",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::EndedAsPlanned => "ended as planned",
            Self::EndedEarly => "ended early",
            Self::BecamePractice => "became practice",
        }
    }

    /// Reads a state in words; hyphens may stand for spaces.
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        let text = text.trim().replace('-', " ");
        Self::ALL.into_iter().find(|s| s.words() == text)
    }
}

/// Whether it was declared before it started (R063, N18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// Declared on that day, before it started.
    Before(Date),
    /// Described in retrospect.
    InRetrospect,
}

impl Serialize for Declaration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Before(day) => serializer.collect_str(day),
            Self::InRetrospect => serializer.serialize_str("in retrospect"),
        }
    }
}

impl<'de> Deserialize<'de> for Declaration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().replace('-', " ") == "in retrospect" {
            return Ok(Self::InRetrospect);
        }
        date::day(text.trim()).map(Self::Before).map_err(|error| {
            D::Error::custom(format!("is \"{}\"; write in retrospect, or a day as YYYY-MM-DD", error.0))
        })
    }
}

impl JsonSchema for Declaration {
    fn schema_name() -> Cow<'static, str> {
        "Declaration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-form": "line" })
    }
}

/// A number with everything that makes it meaningful (N08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The number as text, with its unit.
    pub value: Line,
    /// The question it informs.
    pub question: Prose,
    /// The context it was taken in.
    pub context: Prose,
    /// What we think it means.
    pub interpretation: Prose,
    /// What it does not show.
    pub caveat: Prose,
}

/// A headwind or a tailwind, with the scale it comes from (R113).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Force {
    /// What it is.
    pub what: Prose,
    /// The scale it comes from.
    pub scale: Scale,
}

/// A published source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its title.
    pub title: Line,
    /// Where in it.
    pub locator: Option<Line>,
    /// Its licence.
    pub licence: Option<Line>,
    /// Its address.
    pub url: Option<Line>,
}

/// What may travel of an experiment. `None` and empty lists mean: not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// A short title.
    pub title: Line,
    /// Whose experiment, in words.
    pub whose: Option<Line>,
    /// experiment, exploration, prototype, test of change, or an own word.
    pub kind: Line,
    /// Where it stands.
    pub state: State,
    /// The scale it worked at.
    pub scale: Scale,
    /// Themes.
    pub themes: Vec<Line>,
    /// Management practices it was about.
    pub practice_areas: Vec<Line>,
    /// The open questions it asked.
    pub questions: Vec<Prose>,
    /// What was tried.
    pub tried: Option<Prose>,
    /// The broader goal it serves.
    pub why: Option<Prose>,
    /// Where and under which conditions.
    pub context: Option<Prose>,
    /// What was not known at the outset.
    pub unknowns: Option<Prose>,
    /// What was noticed.
    pub noticed: Option<Prose>,
    /// Numbers.
    pub figures: Vec<Figure>,
    /// What surprised.
    pub surprised: Option<Prose>,
    /// What went wrong.
    pub went_wrong: Option<Prose>,
    /// What we think we learnt.
    pub learnt: Option<Prose>,
    /// How sure we are.
    pub how_sure: Option<Prose>,
    /// Forces that hindered.
    pub headwinds: Vec<Force>,
    /// Forces that helped.
    pub tailwinds: Vec<Force>,
    /// The principle that may travel.
    pub principle: Option<Prose>,
    /// Why it may not travel.
    pub may_not_travel: Option<Prose>,
    /// Compromises made.
    pub compromises: Option<Prose>,
    /// Whose voices are in it.
    pub voices_in: Vec<Line>,
    /// Whose voices are missing.
    pub voices_missing: Vec<Line>,
    /// Declared before, or in retrospect.
    pub declaration: Declaration,
    /// When it began.
    pub began: Option<PartialDate>,
    /// When it ended.
    pub ended: Option<PartialDate>,
    /// True as of.
    pub as_of: Option<PartialDate>,
    /// Published sources.
    pub sources: Vec<Source>,
}

/// Parts of a summary that can be taken out: their names in files, whether they say something, and how they are emptied.
macro_rules! parts {
    ($($name:ident: $empty:expr),+ $(,)?) => {
        impl Summary {
            /// The parts that say something and can be taken out, by their names in files. Title, kind, state, scale,
            /// declaration and date always stay; where they are the trouble, the whole has to go.
            #[must_use]
            pub fn parts(&self) -> Vec<&'static str> {
                let mut parts = Vec::new();
                $(if self.$name != $empty { parts.push(stringify!($name)); })+
                parts
            }

            /// The summary without some of its parts.
            ///
            /// # Errors
            /// In words, when one of them is not there.
            pub fn without(&self, parts: &[Line]) -> Result<Self, String> {
                let mut rest = self.clone();
                for part in parts {
                    let there = self.parts();
                    match part.as_str() {
                        name if !there.contains(&name) => {
                            return Err(format!("it has no part \"{name}\"; its parts are {}", there.join(", ")));
                        }
                        $(stringify!($name) => rest.$name = $empty,)+
                        _ => {}
                    }
                }
                Ok(rest)
            }
        }
    };
}

parts! {
    whose: None, themes: vec![], practice_areas: vec![], questions: vec![], tried: None, why: None, context: None,
    unknowns: None, noticed: None, figures: vec![], surprised: None, went_wrong: None, learnt: None, how_sure: None,
    headwinds: vec![], tailwinds: vec![], principle: None, may_not_travel: None, compromises: None, voices_in: vec![],
    voices_missing: vec![], sources: vec![],
}

impl Summary {
    /// What a reader needs before it may leave (R004, R007, R008, R068): the names of the parts
    /// that are missing, in the words of the file.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let prose = [
            ("tried", &self.tried),
            ("why", &self.why),
            ("context", &self.context),
            ("noticed", &self.noticed),
            ("learnt", &self.learnt),
            ("how_sure", &self.how_sure),
            ("may_not_travel", &self.may_not_travel),
        ];
        let mut missing: Vec<_> = prose.iter().filter(|(_, p)| p.is_none()).map(|(name, _)| *name).collect();
        if self.surprised.is_none() && self.went_wrong.is_none() {
            missing.push("surprised or went_wrong");
        }
        if self.voices_in.is_empty() {
            missing.push("voices_in");
        }
        if self.voices_missing.is_empty() {
            missing.push("voices_missing");
        }
        if self.as_of.is_none() {
            missing.push("as_of");
        }
        missing
    }
}

/// How an experiment relates to the record it started from (R130).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartingPoint {
    /// The record it started from.
    pub record: RecordId,
    /// What was changed.
    pub what_changed: Prose,
    /// Why.
    pub why_changed: Prose,
    /// How our context differs.
    pub context_difference: Prose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(State::from_words(&state.words().replace(' ', "-")), Some(state));
        }
    }
}
