//! Principles that people share, and drafts of charters (R094, R171, R172). They guide; they are not measured.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, To, Wrong, cycle::Cycle, system::System, titled, words::words};
use crate::domain::{
    date::{Day, PartialDate},
    text::{Line, Prose},
};

words! {
    /// What they are.
    PrinciplesKind {
        Principles = "principles",
        Charter = "charter",
    }
}

words! {
    /// Where they stand.
    PrinciplesState {
        Draft = "draft",
        InUse = "in use",
        SetAside = "set aside",
    }
}

/// One principle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The principle.
    pub statement: Prose,
    /// How people notice that it is lived, and that it is not.
    pub how_we_notice: Option<Prose>,
}

/// Principles that people act by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Principles {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call them.
    pub title: Line,
    /// principles or charter.
    pub kind: PrinciplesKind,
    /// draft, in use or set aside.
    #[schemars(extend("x-facet" = "state"))]
    pub state: PrinciplesState,
    /// The system they are for.
    pub system: Option<To<System>>,
    /// The cycle they came from.
    pub cycle: Option<To<Cycle>>,
    /// The principles.
    #[serde(default)]
    pub statements: Vec<Statement>,
    /// Who agreed, by role or organisation.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub agreed_by: Vec<Line>,
    /// When.
    pub agreed_on: Option<PartialDate>,
    /// Who did not agree, and why.
    pub dissent: Option<Prose>,
    /// When they are to be looked at again.
    pub review_on: Option<Day>,
}

impl Learning for Principles {
    const KIND: Kind = Kind::Principles;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new()
            .past("agreed_on", self.agreed_on, today)
            .any("review_on", self.review_on.map(Into::into))
            .order(("agreed_on", self.agreed_on), ("review_on", self.review_on.map(Into::into)))
            .wrong()
    }

    fn private(&self) -> bool {
        false
    }
}
