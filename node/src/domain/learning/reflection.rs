//! Reflections are double: what we learnt, and what it shows about our assumptions, rules and structures
//! (R011, R027, R094, R095, R099, R181).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, Ref, To, Wrong, cycle::Cycle, principles::Principles, titled};
use crate::domain::{
    date::PartialDate,
    text::{Line, Prose},
};

/// What was learnt, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reflection {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// When you reflected.
    pub on: Option<PartialDate>,
    /// What it rests on, as observation/ID, session/ID, experiment/ID and so on.
    #[serde(default)]
    pub from: Vec<Ref>,
    /// First: what you think you learnt.
    pub what_we_learnt: Prose,
    /// Second: what that shows about your assumptions, rules and structures.
    pub what_it_shows: Option<Prose>,
    /// How sure you are, and what would change your mind.
    pub how_sure: Option<Prose>,
    /// What went wrong, what surprised, what is in doubt.
    pub surprises_and_doubts: Option<Prose>,
    /// Whose test it is that you judge by.
    pub whose_test: Option<Prose>,
    /// The principles you held it against.
    #[serde(default)]
    pub principles: Vec<To<Principles>>,
    /// What you will do differently next time round.
    pub redesign: Option<Prose>,
    /// Who reflected, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub by: Vec<Line>,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Reflection {
    const KIND: Kind = Kind::Reflection;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new().past("on", self.on, today).wrong()
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.what_it_shows.is_none() {
            remarks.push(
                "It says what you learnt. What does that show about your assumptions, rules and structures?",
            );
        }
        if self.from.is_empty() {
            remarks.push("It does not say what it rests on. Which observations or sessions led to it?");
        }
        remarks.into_iter().map(str::to_owned).collect()
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
