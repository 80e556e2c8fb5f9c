//! Requests for structural change, in draft: what was learnt and cannot be changed from here (R161, R162). Sending
//! one is a release and not done here.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Kind, Learning, Ref, To, Wrong, cycle::Cycle, titled, words::words};
use crate::domain::{
    place::LocalScale,
    text::{Line, Prose},
};

words! {
    /// Where a draft stands.
    RequestState {
        Drafting = "drafting",
        Ready = "ready",
        SetAside = "set aside",
    }
}

/// A request to change a rule or structure that lies outside one's own reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The cycle it comes from.
    pub cycle: Option<To<Cycle>>,
    /// drafting, ready or set aside.
    #[schemars(extend("x-facet" = "state"))]
    pub state: RequestState,
    /// To whom: any body, at any scale.
    pub to: Line,
    /// The scale of that body.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: Option<LocalScale>,
    /// What was learnt.
    pub what_we_learnt: Prose,
    /// The rule or structure that stands in the way.
    pub rule_or_structure: Prose,
    /// The change you ask for.
    pub change_sought: Prose,
    /// How urgent it is, in words.
    pub urgency: Option<Prose>,
    /// The learning it comes from, as reflection/ID, change/ID and so on.
    #[serde(default)]
    pub from: Vec<Ref>,
    /// Who asks with you, by organisation.
    #[serde(default)]
    pub together_with: Vec<Line>,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
}

impl Learning for Request {
    const KIND: Kind = Kind::Request;
    titled!();

    fn wrong(&self, _: Date) -> Vec<Wrong> {
        if self.scale == Some(LocalScale::Life) {
            return vec![Wrong::new(
                "scale",
                "is one person's life; a request goes to a body at a larger scale",
            )];
        }
        Vec::new()
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        if self.from.is_empty() {
            return vec![
                "It does not say from which learning it comes. Those who are asked will want to know."
                    .to_owned(),
            ];
        }
        Vec::new()
    }

    fn private(&self) -> bool {
        false
    }
}
