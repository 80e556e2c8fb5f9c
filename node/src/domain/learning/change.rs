//! Changes: what was embedded, and from which learning (R028, R098, R160, R165). Many contribute; nobody owns
//! an outcome (R003, N10).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, Ref, To, Wrong, cycle::Cycle, titled, words::words};
use crate::domain::{
    date::PartialDate,
    text::{Line, Prose},
};

words! {
    /// What became of it.
    ChangeKind {
        Started = "started",
        Altered = "altered",
        Stopped = "stopped",
        Dismantled = "dismantled",
        Repurposed = "repurposed",
    }
}

words! {
    /// What it changes: practice turns into structure where learning lasts (R098).
    ChangeOf {
        Practice = "practice",
        Mindset = "mindset",
        Process = "process",
        Structure = "structure",
    }
}

/// Something that is done differently now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// started, altered, stopped, dismantled or repurposed.
    pub kind: ChangeKind,
    /// What is changed: practice, mindset, process or structure.
    pub of: Option<ChangeOf>,
    /// What is different now.
    pub what: Prose,
    /// How it was before.
    pub before: Option<Prose>,
    /// The learning it comes from, as reflection/ID, session/ID, change/ID and so on.
    #[serde(default)]
    pub from: Vec<Ref>,
    /// Who contributed to it, by role or organisation.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub contributed_by: Vec<Line>,
    /// Since when.
    pub since: Option<PartialDate>,
    /// The last time you looked, and it still held.
    pub still_so_on: Option<PartialDate>,
    /// What had to be given up for it, and compromises at the edges.
    pub compromises: Option<Prose>,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Change {
    const KIND: Kind = Kind::Change;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new()
            .any("since", self.since)
            .past("still_so_on", self.still_so_on, today)
            .order(("since", self.since), ("still_so_on", self.still_so_on))
            .wrong()
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        if self.from.is_empty() {
            return vec!["It does not say from which learning it comes.".to_owned()];
        }
        Vec::new()
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
