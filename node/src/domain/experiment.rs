//! Experiments: what a place tries, and the summary of it that may travel.

use std::fmt;

use cairn_proto::ids::RecordId;
use jiff::civil::Date;

use super::{
    consent::Consent,
    date::PartialDate,
    place::{LocalScale, Scale},
    record::Disclosure,
    text::{Line, Prose},
};

/// Longest local id of an experiment, in characters.
const ID_CHARS: usize = 64;

/// Not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id; use 1 to 64 lower-case letters, digits and hyphens, beginning with a letter")]
pub struct InvalidId(String);

/// The local id of an experiment, for example "plymouth-alliance".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExperimentId(String);

impl ExperimentId {
    /// Checks an id.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        if starts && text.len() <= ID_CHARS && text.chars().all(letters) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidId(text.chars().take(ID_CHARS).collect()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// A number with everything that makes it meaningful (N08).
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub tried: Prose,
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

impl Summary {
    /// What a reader needs before it may leave (R004, R007, R008, R068): the names of the parts
    /// that are missing, in the words of the file.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let prose = [
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

    /// Gentle remarks after the list of what an experiment isn't (R061): nudges, never gates.
    #[must_use]
    pub fn remarks(&self) -> Vec<&'static str> {
        let mut remarks = Vec::new();
        if self.unknowns.is_none() {
            remarks.push("It does not say what was not known. An experiment starts from not knowing.");
        }
        if let (Declaration::Before(day), Some(began)) = (self.declaration, self.began)
            && began.first_day() < day
        {
            remarks.push("It began before it was declared; readers may take it as described in retrospect.");
        }
        if self.state == State::Running && self.ended.is_some() {
            remarks.push("It is running and has an end date; is it the planned end?");
        }
        remarks
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

/// An experiment as kept at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// Local id.
    pub id: ExperimentId,
    /// Scale at home; one person's life never becomes a summary.
    pub scale: LocalScale,
    /// What a summary would say. `None` for one person's life: there is nothing that could travel.
    pub summary: Option<Summary>,
    /// Title, for lists.
    pub title: Line,
    /// Where it stands.
    pub state: State,
    /// What it rests on.
    pub consent: Consent,
    /// What was done to protect people.
    pub disclosure: Option<Disclosure>,
    /// Records it started from.
    pub derived_from: Vec<StartingPoint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain() {
        assert!(ExperimentId::new("plymouth-alliance-2").is_ok());
        for text in ["", "2nd", "Plymouth", "a b", "../x", &"a".repeat(65)] {
            assert!(ExperimentId::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn states_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(State::from_words(&state.words().replace(' ', "-")), Some(state));
        }
    }
}
