//! Maps of factors: how somebody sees what leads to what (R010, R045, R046). Several maps of one system
//! may stand side by side; none of them is the truth (N24).

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, To, Wrong, system::System, titled, words::words};
use crate::domain::{
    date::PartialDate,
    place::LocalScale,
    text::{Line, Prose},
};

words! {
    /// The sign of a causal link, in words: more of the one leads to more, or to less, of the other.
    Effect {
        More = "more",
        Less = "less",
    }
}

/// Something that can become more or less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its name, so that "more" and "less" of it make sense.
    #[schemars(extend("x-facet" = "factor"))]
    pub name: Line,
    /// What is meant by it.
    pub about: Option<Prose>,
    /// The scale it comes from.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: Option<LocalScale>,
    /// The actors it has to do with.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub actors: Vec<Line>,
}

/// What leads to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The factor that comes first, by name.
    pub from: Line,
    /// The factor it acts on, by name.
    pub to: Line,
    /// more: more of the first leads to more of the second; less: to less.
    pub effect: Effect,
    /// How sure those who drew it are, in words.
    pub how_sure: Option<Line>,
    /// The scale at which the link arises.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: Option<LocalScale>,
    /// Why they think so.
    pub why: Option<Prose>,
    /// How long it takes, in words.
    pub delay: Option<Line>,
}

/// A map of factors as somebody sees a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What the map shows.
    pub title: Line,
    /// The system it is a map of.
    pub system: To<System>,
    /// Who sees it so, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub seen_by: Line,
    /// When it was drawn.
    pub on: Option<PartialDate>,
    /// The map in words, for those who cannot see it and those who would rather read.
    pub in_words: Option<Prose>,
    /// The factors.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// What leads to what.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What those who drew it doubt.
    pub doubts: Option<Prose>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Map {
    const KIND: Kind = Kind::Map;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut wrong = Dates::new().past("on", self.on, today).wrong();
        let mut names = BTreeSet::new();
        for (factor, n) in self.factors.iter().zip(0..) {
            if !names.insert(&factor.name) {
                let field = format!("factors[{n}].name");
                wrong.push(Wrong::new(field, format!("\"{}\" stands there twice", factor.name)));
            }
        }
        for (link, n) in self.links.iter().zip(0..) {
            for (end, name) in [("from", &link.from), ("to", &link.to)] {
                if !names.contains(name) {
                    let what =
                        format!("\"{name}\" is none of the factors; add it to them, or check its spelling");
                    wrong.push(Wrong::new(format!("links[{n}].{end}"), what));
                }
            }
        }
        wrong
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        let unlinked: Vec<_> = self
            .factors
            .iter()
            .filter(|factor| !self.links.iter().any(|l| l.from == factor.name || l.to == factor.name))
            .map(|factor| format!("\"{}\"", factor.name))
            .collect();
        if unlinked.is_empty() || self.links.is_empty() {
            return Vec::new();
        }
        vec![format!("No link leads to or from {}.", unlinked.join(", "))]
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
