//! Learning cycles: purpose, understand, co-design, experiment, embed, and again (R020, R021, R029, R040,
//! R050). The stages are a guide: they may run beside each other, be revisited, or be skipped with a reason.

use std::borrow::Cow;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Dates, Id, Kind, Learning, To, Wrong, steward::Steward, system::System, titled, words::words};
use crate::domain::{
    date::PartialDate,
    experiment::Source,
    place::LocalScale,
    text::{Line, Prose},
};

/// A stage: one of the five of the source, or an own word (R270).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage(Line);

impl Stage {
    /// The five stages of the source, in its order (lines 2676-2689).
    pub const BUILT_IN: [&str; 5] = ["purpose", "understand", "co-design", "experiment", "embed"];

    /// The word.
    #[must_use]
    pub fn word(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de> Deserialize<'de> for Stage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let line = Line::deserialize(deserializer)?;
        let word = line.as_str().to_lowercase().replace(' ', "-");
        let known = Self::BUILT_IN.into_iter().find(|known| known.replace(' ', "-") == word);
        known.map_or(Ok(Self(line)), |known| {
            Line::new("stage", known).map(Self).map_err(serde::de::Error::custom)
        })
    }
}

impl JsonSchema for Stage {
    fn schema_name() -> Cow<'static, str> {
        "Stage".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-form": "line", "examples": Self::BUILT_IN })
    }
}

words! {
    /// Where a stage stands. Several may be under way at once.
    StageState {
        UnderWay = "under way",
        Revisited = "revisited",
        Resting = "resting",
        Skipped = "skipped",
    }
}

words! {
    /// Where the other cycle lies. Scale is no rank.
    Direction {
        Above = "above",
        Below = "below",
        Beside = "beside",
    }
}

words! {
    /// Grow what is healthy, break what harms, or both (R054, R277).
    Tactic {
        Nurture = "nurture",
        Disrupt = "disrupt",
        Both = "both",
    }
}

/// What is said of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageNote {
    /// purpose, understand, co-design, experiment, embed, or an own word.
    #[schemars(extend("x-facet" = "stage"))]
    pub stage: Stage,
    /// under way, revisited, resting or skipped.
    pub state: StageState,
    /// Since when.
    pub since: Option<PartialDate>,
    /// Why; needed where it was skipped.
    pub reason: Option<Prose>,
}

/// A tie to another cycle, here or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// above, below or beside.
    pub direction: Direction,
    /// The other cycle, if it is kept here.
    pub cycle: Option<To<Cycle>>,
    /// Whose cycle it is, if it is kept elsewhere.
    pub elsewhere: Option<Line>,
    /// enables, learns from, shares ground with, or an own word.
    pub how: Option<Line>,
    /// In more words.
    pub note: Option<Prose>,
}

/// A learning cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The system it is about.
    pub system: Option<To<System>>,
    /// life, organisation, place, country, or an own word. What is of one person's life stays at home.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: LocalScale,
    /// What it is about.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// What it is for, and for whom.
    pub purpose: Option<Prose>,
    /// What you want to learn, as open questions.
    #[serde(default)]
    pub questions: Vec<Prose>,
    /// Its stewards.
    #[serde(default)]
    pub stewards: Vec<To<Steward>>,
    /// Who takes part, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub taking_part: Vec<Line>,
    /// The cycle before, which this one goes on from.
    pub follows: Option<To<Cycle>>,
    /// Cycles above, below and beside.
    #[serde(default)]
    pub ties: Vec<Tie>,
    /// The stages as far as there is something to say about them. A guide, not a procedure.
    #[serde(default)]
    pub stages: Vec<StageNote>,
    /// nurture, disrupt or both.
    pub tactic: Option<Tactic>,
    /// When it began.
    pub began: Option<PartialDate>,
    /// When it came to rest.
    pub ended: Option<PartialDate>,
    /// What starts next.
    pub what_starts_next: Option<Prose>,
    /// How often you stop to reflect, in words.
    pub reflect_every: Option<Line>,
    /// Published sources.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Cycle {
    const KIND: Kind = Kind::Cycle;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut dates = Dates::new()
            .any("began", self.began)
            .past("ended", self.ended, today)
            .order(("began", self.began), ("ended", self.ended));
        for (stage, n) in self.stages.iter().zip(0..) {
            dates = dates.past(&format!("stages[{n}].since"), stage.since, today);
        }
        let mut wrong = dates.wrong();
        for (stage, n) in self.stages.iter().zip(0..) {
            if stage.state == StageState::Skipped && stage.reason.is_none() {
                let what = "is missing; a stage may be skipped, and whoever comes later will ask why";
                wrong.push(Wrong::new(format!("stages[{n}].reason"), what));
            }
        }
        for (tie, n) in self.ties.iter().zip(0..) {
            if tie.cycle.is_none() == tie.elsewhere.is_none() {
                let what = "needs either `cycle`, for one kept here, or `elsewhere`, for one kept elsewhere";
                wrong.push(Wrong::new(format!("ties[{n}]"), what));
            }
        }
        if self.id.is_some() && self.follows.as_ref().map(To::id) == self.id.as_ref() {
            wrong.push(Wrong::new("follows", "is this very cycle; a cycle goes on from another one"));
        }
        wrong
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.ended.is_some() && self.what_starts_next.is_none() {
            remarks.push("It came to rest. What starts next?".to_owned());
        }
        if self.questions.is_empty() {
            remarks.push("It asks no question yet. What do you want to learn?".to_owned());
        }
        remarks
    }

    fn private(&self) -> bool {
        self.scale == LocalScale::Life || self.sensitive.is_some_and(|flag| flag.0)
    }
}
