//! Entries: dated notes in a stage of a cycle, answering a prompt or none (R023, R025, R030, R089, R097).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Dates, Id, Kind, Learning, Ref, To, Wrong, beginning,
    consent::Consent,
    cycle::{Cycle, Stage},
    prompt::Prompt,
};
use crate::domain::{
    date::PartialDate,
    text::{Line, Prose},
};

/// A dated note in a cycle. Written at the time, it is worth more than a tidy story afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id here. Left out, it is made from the day; an id holds nobody's words.
    pub id: Option<Id>,
    /// The cycle it belongs to.
    pub cycle: To<Cycle>,
    /// The stage it has to do with, if any.
    #[schemars(extend("x-facet" = "stage"))]
    pub stage: Option<Stage>,
    /// When it was written.
    pub on: Option<PartialDate>,
    /// The prompt it answers, if any.
    pub prompt: Option<To<Prompt>>,
    /// What you want to keep.
    pub text: Prose,
    /// Who writes, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub by: Option<Line>,
    /// What it is about, as KIND/ID.
    #[serde(default)]
    pub about: Vec<Ref>,
    /// Where what we do and what we believe in do not fit.
    pub dissonance: Option<Prose>,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// The consents it rests on, where it holds somebody's words.
    #[serde(default)]
    pub consent: Vec<To<Consent>>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Entry {
    const KIND: Kind = Kind::Entry;

    fn id(&self) -> Option<&Id> {
        self.id.as_ref()
    }

    fn set_id(&mut self, id: Id) {
        self.id = Some(id);
    }

    fn title(&self) -> String {
        beginning(self.text.as_str())
    }

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new().past("on", self.on, today).wrong()
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
