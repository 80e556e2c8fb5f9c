//! Sense-making sessions: data means nothing until people make sense of it together (R084-R086, R090, R178,
//! P17). Readings stand side by side, and disagreement is kept.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Dates, Id, Kind, Learning, To, Wrong, cycle::Cycle, exhibit::Exhibit, experiment::Experiment,
    observation::Observation, titled,
};
use crate::domain::{
    date::{Day, PartialDate},
    text::{Line, Prose},
};

/// How somebody read what was on the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Who reads it so, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub by: Line,
    /// What it means to them.
    pub reading: Prose,
}

/// A meeting in which people made sense together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// sense-making, learning meeting, learning get-together, looking back, or an own word.
    pub kind: Option<Line>,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// When you met.
    pub on: Option<PartialDate>,
    /// What you wanted to understand.
    pub question: Option<Prose>,
    /// The experiments it was about.
    #[serde(default)]
    pub experiments: Vec<To<Experiment>>,
    /// The observations that were on the table.
    #[serde(default)]
    pub observations: Vec<To<Observation>>,
    /// The exhibits that were on the table.
    #[serde(default)]
    pub exhibits: Vec<To<Exhibit>>,
    /// Who took part, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub took_part: Vec<Line>,
    /// Who was missing, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub missing: Vec<Line>,
    /// How it was read, side by side.
    #[serde(default)]
    pub readings: Vec<Reading>,
    /// What people did not agree on. It stays.
    pub disagreement: Option<Prose>,
    /// What people did agree on, if anything.
    pub shared_meaning: Option<Prose>,
    /// Whose voice carried, and whose did not.
    pub whose_voice_carried: Option<Prose>,
    /// With whom you checked back afterwards, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub checked_back_with: Vec<Line>,
    /// What happens next.
    #[serde(default)]
    pub what_next: Vec<Prose>,
    /// When you meet again.
    pub meet_again_on: Option<Day>,
    /// What needed care: what was hard to say, and how it was held.
    pub care: Option<Prose>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Session {
    const KIND: Kind = Kind::Session;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new()
            .any("on", self.on)
            .any("meet_again_on", self.meet_again_on.map(Into::into))
            .order(("on", self.on), ("meet_again_on", self.meet_again_on.map(Into::into)))
            .wrong()
            .into_iter()
            .chain(self.readings_before_meeting(today))
            .collect()
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.readings.len() == 1 {
            remarks.push("There is one reading. Did anybody see it differently?");
        }
        if !self.took_part.is_empty() && self.missing.is_empty() {
            remarks.push("Nobody is named as missing. Who was not in the room?");
        }
        remarks.into_iter().map(str::to_owned).collect()
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}

impl Session {
    /// A meeting may lie ahead, but nobody has read anything at it yet.
    fn readings_before_meeting(&self, today: Date) -> Option<Wrong> {
        let tomorrow = today.tomorrow().unwrap_or(today);
        let on = self.on.filter(|on| on.first_day() > tomorrow && !self.readings.is_empty())?;
        Some(Wrong::new("on", format!("is {on}, which is still to come, but there are readings already")))
    }
}
