//! Observations: a story with its teller's consent, a number with what makes it meaningful, something heard, a sign
//! (R047, R072, R073, R080, R091, R093, N08, N12, P17, P18). There is no place for a target (N03).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Dates, Id, Kind, Learning, To, Wrong, beginning, consent::Consent, cycle::Cycle, experiment::Experiment,
    speaks_of_targets, words::words,
};
use crate::domain::{
    date::PartialDate,
    experiment::Figure,
    text::{Line, Prose},
};

words! {
    /// What was observed.
    ObservationKind {
        Story = "story",
        Number = "number",
        Listening = "listening",
        Sign = "sign",
        Note = "note",
    }
}

words! {
    /// Whose words a story is in.
    Wording {
        Verbatim = "verbatim",
        Adapted = "adapted",
        Retold = "retold",
    }
}

/// Something that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Its id here. Left out, it is made from the day; an id holds nobody's words.
    pub id: Option<Id>,
    /// A short title, if it helps.
    pub title: Option<Line>,
    /// story, number, listening, sign or note.
    pub kind: ObservationKind,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// The experiments it tells something about.
    #[serde(default)]
    pub experiments: Vec<To<Experiment>>,
    /// When it was noticed.
    pub on: Option<PartialDate>,
    /// What was noticed or told.
    pub text: Option<Prose>,
    /// Who told or noticed it, by role. No names of people.
    #[schemars(extend("x-facet" = "role"))]
    pub told_by: Option<Line>,
    /// For a story: verbatim (the teller's words), adapted, or retold.
    pub wording: Option<Wording>,
    /// Whom and what it does not speak for.
    pub does_not_speak_for: Option<Prose>,
    /// A number, with the question it informs, its context, what you think it means and what it does not show.
    pub number: Option<Figure>,
    /// What it might mean.
    pub might_mean: Option<Prose>,
    /// From whose side it is seen: learners and families, staff, the municipality, or an own word.
    pub perspective: Option<Line>,
    /// Factors it has to do with.
    #[serde(default)]
    #[schemars(extend("x-facet" = "factor"))]
    pub factors: Vec<Line>,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// The consents it rests on. A story needs one, or the reason why none is needed.
    #[serde(default)]
    pub consent: Vec<To<Consent>>,
    /// Why nobody's consent is needed.
    pub consent_not_needed: Option<Prose>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<super::shape::Flag>,
}

impl Learning for Observation {
    const KIND: Kind = Kind::Observation;

    fn id(&self) -> Option<&Id> {
        self.id.as_ref()
    }

    fn set_id(&mut self, id: Id) {
        self.id = Some(id);
    }

    fn title(&self) -> String {
        let question = self.number.as_ref().map(|number| beginning(number.question.as_str()));
        let text = self.text.as_ref().map(|text| beginning(text.as_str()));
        let title = self.title.as_ref().map(ToString::to_string);
        title.or(text).or(question).unwrap_or_else(|| self.kind.words().to_owned())
    }

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut wrong = Dates::new().past("on", self.on, today).wrong();
        let has_number = self.number.is_some();
        if self.kind == ObservationKind::Number && !has_number {
            let what = "is missing; a number needs its value, question, context, interpretation and caveat";
            wrong.push(Wrong::new("number", what));
        }
        if self.kind != ObservationKind::Number && self.text.is_none() {
            wrong.push(Wrong::new("text", "is missing; say what was noticed or told"));
        }
        let unconsented = self.consent.is_empty() && self.consent_not_needed.is_none();
        if self.kind == ObservationKind::Story && unconsented {
            let what = "is missing; a story belongs to its teller: record their consent first (`cairn consent new`) and \
                        name it here, or say in `consent_not_needed` why none is needed";
            wrong.push(Wrong::new("consent", what));
        }
        wrong
    }

    fn remarks(&self, _: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.kind == ObservationKind::Story && self.does_not_speak_for.is_none() {
            remarks.push("One story is not everybody's. Whom does it not speak for?".to_owned());
        }
        let number = self.number.iter().flat_map(|n| [n.question.as_str(), n.interpretation.as_str()]);
        if speaks_of_targets(self.text.iter().map(Prose::as_str).chain(number)) {
            remarks.push(
                "It speaks of targets. A measure that serves learning stops doing so once it is a target (Goodhart)."
                    .to_owned(),
            );
        }
        remarks
    }

    fn private(&self) -> bool {
        self.sensitive.is_some_and(|flag| flag.0)
    }
}
