//! Reviews of how a cycle is governed: who took part, who did not, why, and what next (R170, R174-R181, N26).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dates, Id, Kind, Learning, To, Wrong, cycle::Cycle, prompt::Prompt, titled};
use crate::domain::{
    date::{Day, PartialDate},
    text::{Line, Prose},
};

/// A question and what was said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The prompt it answers, if it is one of those kept here.
    pub prompt: Option<To<Prompt>>,
    /// The question, if it is an own one.
    pub question: Option<Prose>,
    /// What was said.
    pub answer: Prose,
}

/// A review of how a cycle is governed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// The cycle it is about.
    pub cycle: To<Cycle>,
    /// When.
    pub on: Option<PartialDate>,
    /// Who took part in the cycle, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub took_part: Vec<Line>,
    /// Who did not, by role; "nobody we know of" is an answer.
    #[schemars(extend("x-facet" = "role"))]
    pub did_not_take_part: Vec<Line>,
    /// Why that is so.
    pub why: Prose,
    /// What happens next about it.
    pub what_next: Prose,
    /// Voices you went looking for.
    pub voices_sought: Option<Prose>,
    /// Questions and answers.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// What you think of the boundary by now.
    pub boundary: Option<Prose>,
    /// To whom account is given, and how.
    pub account_given: Option<Prose>,
    /// When the next review is.
    pub next_review_on: Option<Day>,
}

impl Learning for Review {
    const KIND: Kind = Kind::Review;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut wrong = Dates::new()
            .past("on", self.on, today)
            .order(("on", self.on), ("next_review_on", self.next_review_on.map(Into::into)))
            .wrong();
        for (answer, n) in self.answers.iter().zip(0..) {
            if answer.prompt.is_none() && answer.question.is_none() {
                let what = "needs `prompt` or `question`: what does it answer?";
                wrong.push(Wrong::new(format!("answers[{n}]"), what));
            }
        }
        for (field, list) in [("took_part", &self.took_part), ("did_not_take_part", &self.did_not_take_part)]
        {
            if list.is_empty() {
                wrong.push(Wrong::new(field, "is empty; \"nobody we know of\" is an answer"));
            }
        }
        wrong
    }

    fn private(&self) -> bool {
        false
    }
}
