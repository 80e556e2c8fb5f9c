//! Systems of interest: a part of the world, chosen for a purpose (R022, R032-R035, R041, R044, R050, N24).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, Wrong, titled, words::words};
use crate::domain::{
    date::{Day, PartialDate},
    experiment::Source,
    place::LocalScale,
    text::{Line, Prose},
};

words! {
    /// How far a purpose is agreed (R022).
    PurposeStage {
        DeFacto = "de facto",
        Shared = "shared",
    }
}

words! {
    /// What a condition does to the learning at a smaller scale (R041).
    ConditionKind {
        Enabler = "enabler",
        Constraint = "constraint",
    }
}

/// A purpose at one time. Earlier ones stay in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// What it is for.
    pub statement: Prose,
    /// "de facto": a first statement that draws the line; "shared": the actors agreed on it.
    pub stage: PurposeStage,
    /// In whose words.
    pub in_whose_words: Option<Line>,
    /// Who agreed, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub agreed_by: Vec<Line>,
    /// Since when.
    pub on: Option<PartialDate>,
}

/// Where the line was drawn at one time. Earlier ones stay in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boundary {
    /// Who drew the line, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub drawn_by: Line,
    /// On what basis.
    pub basis: Prose,
    /// Who and what is inside.
    #[serde(default)]
    pub inside: Vec<Line>,
    /// Who and what is outside.
    #[serde(default)]
    pub outside: Vec<Line>,
    /// When it was drawn.
    pub on: Option<PartialDate>,
    /// When it is to be looked at again.
    pub review_on: Option<Day>,
    /// What you think of it by now.
    pub reflection: Option<Prose>,
}

/// Somebody in the system, by role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who, by role or the name of the organisation. No names of people.
    #[schemars(extend("x-facet" = "role"))]
    pub name: Line,
    /// Group, organisation, profession, or an own word.
    pub what: Option<Line>,
    /// What they bring.
    pub contribution: Option<Prose>,
    /// How they relate to others.
    pub relations: Option<Prose>,
}

/// What a scale sets for the learning at a smaller one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What it is.
    pub what: Prose,
    /// enabler or constraint.
    pub kind: ConditionKind,
    /// The scale that sets it.
    #[schemars(extend("x-facet" = "scale"))]
    pub set_at: LocalScale,
    /// The body that sets it.
    pub set_by: Option<Line>,
    /// What it does to the work.
    pub effect: Option<Prose>,
    /// How you know.
    pub how_we_know: Option<Prose>,
    /// Where it stands, in words.
    pub now: Option<Prose>,
}

/// What is known already, and may be stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    /// What is known.
    pub what: Prose,
    /// From where.
    pub source: Option<Line>,
    /// As of when.
    pub as_of: Option<PartialDate>,
    /// What makes it doubtful.
    pub doubt: Option<Prose>,
}

/// A system of interest: a map, not the territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// life, organisation, place, country, or an own word. What is of one person's life stays at home.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: LocalScale,
    /// What it is about.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// Where, in words.
    pub geography: Option<Prose>,
    /// The purposes it was drawn for, oldest first.
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// The lines that were drawn around it, oldest first.
    #[serde(default)]
    pub boundaries: Vec<Boundary>,
    /// The people whom the purpose is for: always part of the system, at least one entry.
    // A field of its own, so that no list of actors can do without them (R034).
    pub people_served: Vec<Actor>,
    /// The other actors.
    #[serde(default)]
    pub actors: Vec<Actor>,
    /// Actors who are missing.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub missing_actors: Vec<Line>,
    /// What other scales set: what enables and what constrains.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// What is known already.
    #[serde(default)]
    pub known_already: Vec<Knowledge>,
    /// How the actors got on before.
    pub history: Option<Prose>,
    /// Whose voice carries and whose does not.
    pub power: Option<Prose>,
    /// Systems beside it that share some of its ground.
    #[serde(default)]
    pub beside: Vec<Line>,
    /// Published sources.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for System {
    const KIND: Kind = Kind::System;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut dates = Dates::new();
        for (purpose, n) in self.purposes.iter().zip(0..) {
            dates = dates.past(&format!("purposes[{n}].on"), purpose.on, today);
        }
        for (boundary, n) in self.boundaries.iter().zip(0..) {
            dates = dates.past(&format!("boundaries[{n}].on"), boundary.on, today);
            dates = dates.any(&format!("boundaries[{n}].review_on"), boundary.review_on.map(Into::into));
        }
        for (known, n) in self.known_already.iter().zip(0..) {
            dates = dates.past(&format!("known_already[{n}].as_of"), known.as_of, today);
        }
        let mut wrong = dates.wrong();
        if self.people_served.is_empty() {
            wrong.push(Wrong::new(
                "people_served",
                "is empty; the people whom the purpose is for are always part of the system, so name them by role",
            ));
        }
        wrong
    }

    fn remarks(&self, today: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.boundaries.is_empty() {
            remarks.push("No boundary is drawn yet. Who draws the line, and on what basis?".to_owned());
        }
        let last = self.boundaries.last().and_then(|boundary| boundary.review_on);
        if let Some(due) = last.filter(|due| due.0 < today) {
            remarks.push(format!("The boundary was to be looked at again on {}.", due.0));
        }
        remarks
    }

    fn private(&self) -> bool {
        self.scale == LocalScale::Life || self.sensitive.is_some_and(|flag| flag.0)
    }
}
