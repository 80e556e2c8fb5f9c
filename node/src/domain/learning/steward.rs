//! Stewards: who takes responsibility for a system's health, and by whose leave (R190-R194, P06, N25).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, Ref, Wrong};
use crate::domain::{
    date::{Day, PartialDate},
    text::{Line, Prose},
};

/// Who takes responsibility for a system's health, without power over it. Roles, never names of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Steward {
    /// Its id here. Left out, it is made from the role.
    pub id: Option<Id>,
    /// The role, by the name that is used for it where you are.
    #[schemars(extend("x-facet" = "role"))]
    pub role: Line,
    /// The team or post that holds the role. No names of people.
    pub held_by: Option<Line>,
    /// What the role takes care of.
    pub takes_care_of: Option<Prose>,
    /// The systems and cycles it is there for, as system/ID or cycle/ID.
    #[serde(default)]
    pub steward_of: Vec<Ref>,
    /// Those in the system who acknowledged the role, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub acknowledged_by: Vec<Line>,
    /// How they did so.
    pub how_acknowledged: Option<Prose>,
    /// Since when.
    pub since: Option<PartialDate>,
    /// The last day for which it was acknowledged.
    pub until: Option<Day>,
    /// When it is to be talked about again.
    pub review_on: Option<Day>,
    /// What pays for the time it takes; or that nothing does.
    pub resourced_by: Option<Prose>,
    /// To whom the role gives account.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub accountable_to: Vec<Line>,
    /// When the acknowledgement was taken back or the role ended.
    pub ended: Option<PartialDate>,
    /// Why it ended.
    pub why_ended: Option<Prose>,
}

impl Learning for Steward {
    const KIND: Kind = Kind::Steward;

    fn id(&self) -> Option<&Id> {
        self.id.as_ref()
    }

    fn set_id(&mut self, id: Id) {
        self.id = Some(id);
    }

    fn title(&self) -> String {
        self.role.to_string()
    }

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        Dates::new()
            .past("since", self.since, today)
            .past("ended", self.ended, today)
            .any("review_on", self.review_on.map(Into::into))
            .order(("since", self.since), ("until", self.until.map(Into::into)))
            .order(("since", self.since), ("ended", self.ended))
            .wrong()
    }

    fn remarks(&self, today: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.acknowledged_by.is_empty() {
            remarks.push("Nobody has acknowledged this role yet. A steward's legitimacy comes from those in the system.");
        }
        if self.ended.is_none() && self.until.is_some_and(|until| until.0 < today) {
            remarks.push("The time for which it was acknowledged is over. Is it time to ask again?");
        }
        remarks.into_iter().map(str::to_owned).collect()
    }

    fn private(&self) -> bool {
        false
    }
}
