//! Exhibits: what is put on the table so that people talk about it (R087, source 3189-3195, 3308-3328).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, Ref, To, Wrong, consent::Consent, cycle::Cycle, titled};
use crate::domain::{
    date::PartialDate,
    text::{Line, Prose},
};

/// Something to look at together, with the question it is to provoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// Its id here. Left out, it is made from the day; an id holds nobody's words.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// What it shows, in words; of a picture, what is to be seen.
    pub shows: Prose,
    /// The question it is to provoke.
    pub question: Option<Prose>,
    /// What it was made from, as KIND/ID.
    #[serde(default)]
    pub from: Vec<Ref>,
    /// Where it comes from, if from elsewhere.
    pub source: Option<Line>,
    /// When it was made.
    pub on: Option<PartialDate>,
    /// The consents it rests on.
    #[serde(default)]
    pub consent: Vec<To<Consent>>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Exhibit {
    const KIND: Kind = Kind::Exhibit;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new().past("on", self.on, today).wrong()
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
