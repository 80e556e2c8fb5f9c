//! Experiments as they are kept at home: designed, declared, run, and ended in one of several ways of which none is
//! good or bad (R060-R076, N13, N17, N18).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Dates, Id, Kind, Learning, Ref, To, Wrong, consent::Consent, cycle::Cycle, shape::Flag, titled,
    words::reads_as_words,
};
use crate::domain::{
    date::{Day, PartialDate},
    experiment::{self, Declaration, Figure, Source, State, Summary},
    place::LocalScale,
    preflight::parts,
    record::Disclosure,
    text::{InvalidText, Line, Prose, bounded},
};

reads_as_words!(State);

/// A headwind or a tailwind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Force {
    /// What it is.
    pub what: Prose,
    /// The scale it comes from.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: LocalScale,
}

/// The room an experiment was given (R067).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Who gave permission, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub given_by: Option<Line>,
    /// How far it goes.
    pub limits: Option<Prose>,
    /// What must not be risked.
    pub must_not_be_risked: Option<Prose>,
    /// Who protects it from business as usual, by role.
    #[schemars(extend("x-facet" = "role"))]
    pub protected_by: Option<Line>,
}

/// How it looked from one side (R073).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Perspective {
    /// Whose side: learners and families, staff, the municipality, or an own word.
    #[schemars(extend("x-facet" = "role"))]
    pub of: Line,
    /// What was seen from there.
    pub seen: Prose,
}

/// The record of another place that it started from (R130).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartingPoint {
    /// The record, as cairn1.../INDEX.
    pub record: RecordLine,
    /// What you changed.
    pub what_changed: Prose,
    /// Why.
    pub why_changed: Prose,
    /// How your context differs.
    pub context_difference: Prose,
}

/// The id of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine(pub cairn_proto::ids::RecordId);

impl Serialize for RecordLine {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecordLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.trim().parse().map(Self).map_err(|_| {
            let found: String = text.chars().take(80).collect();
            serde::de::Error::custom(format!(
                "is \"{found}\", which is no record id; it looks like cairn1.../7"
            ))
        })
    }
}

impl JsonSchema for RecordLine {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RecordId".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-form": "line" })
    }
}

/// What was done to protect people before a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// In words.
    pub statement: Prose,
    /// The small-number rule set, if any.
    pub rule_set: Option<Line>,
    /// Who checked, by role.
    pub checked_by: Option<Line>,
    /// When.
    pub checked_on: Option<Day>,
}

/// A consent the summary rests on: only the id of one that is kept here, or the whole of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RestsOn {
    /// The id of a consent kept here.
    Kept(To<Consent>),
    /// The whole of it, written into the same file. It is kept as a consent of its own when the file is read in.
    Whole(Box<Consent>),
}

/// A consent that covers some parts of a summary only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartRestsOn {
    /// The parts: noticed, figures and so on.
    pub parts: Vec<Line>,
    /// The consent they rest on; its id.
    pub consent: To<Consent>,
}

/// An experiment: curious, small first, with a beginning and an end, and not knowing what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Its id here. Left out, it is made from the title.
    pub id: Option<Id>,
    /// What you call it.
    pub title: Line,
    /// Whose experiment it is, in words.
    pub whose: Option<Line>,
    /// The cycle it belongs to.
    pub cycle: Option<To<Cycle>>,
    /// experiment, exploration, prototype, test of change, or an own word.
    pub kind: Line,
    /// designing, running, paused, ended as planned, ended early or became practice. None is good or bad.
    #[schemars(extend("x-facet" = "state"))]
    pub state: State,
    /// life, organisation, place, country, or an own word. What is of one person's life stays at home.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: LocalScale,
    /// Themes.
    #[serde(default)]
    #[schemars(extend("x-facet" = "theme"))]
    pub themes: Vec<Line>,
    /// Management practices it is about: caseloads, commissioning, roles, governance and so on.
    #[serde(default)]
    #[schemars(extend("x-facet" = "practice"))]
    pub practice_areas: Vec<Line>,
    /// How far it reaches: between people, team, organisation, system, money, rule.
    pub reach: Option<Line>,
    /// The idea.
    pub idea: Option<Prose>,
    /// The open questions it asks ("Can we ...?").
    #[serde(default)]
    pub questions: Vec<Prose>,
    /// The broader goal it serves.
    pub why: Option<Prose>,
    /// What you do not know.
    pub unknowns: Option<Prose>,
    /// How small it is, and for whom.
    pub how_small: Option<Prose>,
    /// How it was done before.
    pub before: Option<Prose>,
    /// Who gave permission, and what must not be risked.
    pub permission: Option<Permission>,
    /// How you will tell what came of it.
    pub how_we_will_tell: Option<Prose>,
    /// Who designed it together, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub designed_by: Vec<Line>,
    /// What needs care: what people may have to say or bear.
    pub care: Option<Prose>,
    /// How often you stop to reflect, in words.
    pub reflect_every: Option<Line>,
    /// "in retrospect", or the day on which it was declared before it began (see `cairn experiment declare`).
    pub declared: Option<Declaration>,
    /// When it began or is to begin.
    pub began: Option<PartialDate>,
    /// When it ended or is to end.
    pub ended: Option<PartialDate>,
    /// Where and under which conditions.
    pub context: Option<Prose>,
    /// What was tried.
    pub tried: Option<Prose>,
    /// What was noticed.
    pub noticed: Option<Prose>,
    /// Numbers, each with its question, context, interpretation and caveat.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// How it looked from several sides.
    #[serde(default)]
    pub perspectives: Vec<Perspective>,
    /// What surprised.
    pub surprised: Option<Prose>,
    /// What went wrong.
    pub went_wrong: Option<Prose>,
    /// What you think you learnt.
    pub learnt: Option<Prose>,
    /// How sure you are.
    pub how_sure: Option<Prose>,
    /// What hindered, and the scale it comes from.
    #[serde(default)]
    pub headwinds: Vec<Force>,
    /// What helped, and the scale it comes from.
    #[serde(default)]
    pub tailwinds: Vec<Force>,
    /// The principle that may travel.
    pub principle: Option<Prose>,
    /// Why it may not travel.
    pub may_not_travel: Option<Prose>,
    /// Compromises made.
    pub compromises: Option<Prose>,
    /// Whose voices are in it, by role.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub voices_in: Vec<Line>,
    /// Whose voices are missing.
    #[serde(default)]
    #[schemars(extend("x-facet" = "role"))]
    pub voices_missing: Vec<Line>,
    /// As of when this is true.
    pub as_of: Option<PartialDate>,
    /// What it grew out of here, as KIND/ID.
    #[serde(default)]
    pub from: Vec<Ref>,
    /// Records of other places that it started from.
    #[serde(default)]
    pub derived_from: Vec<StartingPoint>,
    /// Published sources.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What was done to protect people before a release.
    pub disclosure: Option<Protection>,
    /// The consents a summary rests on.
    #[serde(default)]
    pub consent: Vec<RestsOn>,
    /// Consents that cover some parts only. What such a consent does not cover leaves without those parts.
    #[serde(default)]
    pub rests_on: Vec<PartRestsOn>,
    /// Instead of `consent`: why nobody's consent is needed.
    pub consent_not_needed: Option<Prose>,
    /// yes: stays out of accounts and exports unless asked for.
    pub sensitive: Option<Flag>,
}

impl Learning for Experiment {
    const KIND: Kind = Kind::Experiment;
    titled!();

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut dates = Dates::new()
            .any("began", self.began)
            .any("ended", self.ended)
            .past("as_of", self.as_of, today)
            .order(("began", self.began), ("ended", self.ended));
        if let Some(Declaration::Before(day)) = self.declared {
            dates = dates.past("declared", Some(PartialDate::Day(day)), today);
        }
        if matches!(self.state, State::EndedAsPlanned | State::EndedEarly) {
            dates = dates.past("ended", self.ended, today);
        }
        let mut wrong = dates.wrong();
        for (field, forces) in [("headwinds", &self.headwinds), ("tailwinds", &self.tailwinds)] {
            for (_, n) in forces.iter().zip(0..).filter(|(force, _)| force.scale == LocalScale::Life) {
                let what = "is the scale of one person's life; a force comes from a larger scale";
                wrong.push(Wrong::new(format!("{field}[{n}].scale"), what));
            }
        }
        wrong.extend(self.rests_on.iter().zip(0..).flat_map(|(rests_on, n)| wrong_parts(rests_on, n)));
        wrong
    }

    fn remarks(&self, today: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut nudge = |applies: bool, text: &str| {
            if applies {
                remarks.push(text.to_owned());
            }
        };
        let design = matches!(self.state, State::Designing | State::Running);
        nudge(
            self.unknowns.is_none(),
            "It does not say what was not known. An experiment starts from not knowing.",
        );
        nudge(
            self.why.is_none(),
            "It names no broader goal. An experiment serves something larger than itself.",
        );
        nudge(
            design && self.ended.is_none(),
            "It has no end. An experiment has a beginning and an end; what goes on for ever is a way of working.",
        );
        nudge(
            design && self.how_small.is_none(),
            "It does not say how small it is and for whom. An experiment does not change everything for everyone at once.",
        );
        nudge(
            design && self.how_we_will_tell.is_none(),
            "It does not say how you will tell what came of it.",
        );
        nudge(
            design && self.permission.is_none(),
            "It does not say who gave permission and what must not be risked.",
        );
        let begun = self.began.is_some_and(|began| began.first_day() <= today);
        nudge(
            self.declared.is_none() && begun,
            "It has begun and was not declared before. A summary will say that it is described in retrospect.",
        );
        let over = matches!(self.state, State::EndedAsPlanned | State::EndedEarly | State::BecamePractice);
        nudge(
            over && self.surprised.is_none() && self.went_wrong.is_none(),
            "It has ended, and nothing surprised or went wrong. Is that so? What did not work is worth as much to others.",
        );
        if let (Some(Declaration::Before(day)), Some(began)) = (self.declared, self.began) {
            nudge(
                began.first_day() < day,
                "It began before it was declared; readers may take it as described in retrospect.",
            );
        }
        nudge(
            self.state == State::Running && self.ended.is_some_and(|end| end.last_day() < today),
            "It is running, and its end lies behind. Did it end?",
        );
        let texts = [&self.idea, &self.why, &self.how_we_will_tell, &self.tried];
        nudge(
            super::speaks_of_targets(texts.into_iter().flatten().map(Prose::as_str)),
            "It speaks of targets. A measure that serves learning stops doing so once it is a target (Goodhart).",
        );
        remarks
    }

    fn private(&self) -> bool {
        self.scale == LocalScale::Life || self.sensitive.is_some_and(|flag| flag.0)
    }
}

impl Experiment {
    /// What may travel of it, if `declared` is how it was declared; none for one person's life, of which nothing
    /// travels in any form (R036).
    ///
    /// # Errors
    /// [`InvalidText`] when a list is longer than a record can hold.
    pub fn summary(&self, declared: Declaration) -> Result<Option<Summary>, InvalidText> {
        let LocalScale::Shared(scale) = &self.scale else {
            return Ok(None);
        };
        Ok(Some(Summary {
            title: self.title.clone(),
            whose: self.whose.clone(),
            kind: self.kind.clone(),
            state: self.state,
            scale: scale.clone(),
            themes: bounded("themes", &self.themes)?.to_vec(),
            practice_areas: bounded("practice_areas", &self.practice_areas)?.to_vec(),
            questions: bounded("questions", &self.questions)?.to_vec(),
            tried: self.tried.clone().or_else(|| self.idea.clone()),
            why: self.why.clone(),
            context: self.context.clone(),
            unknowns: self.unknowns.clone(),
            noticed: self.noticed.clone(),
            figures: bounded("figures", &self.figures)?.to_vec(),
            surprised: self.surprised.clone(),
            went_wrong: self.went_wrong.clone(),
            learnt: self.learnt.clone(),
            how_sure: self.how_sure.clone(),
            headwinds: forces("headwinds", &self.headwinds)?,
            tailwinds: forces("tailwinds", &self.tailwinds)?,
            principle: self.principle.clone(),
            may_not_travel: self.may_not_travel.clone(),
            compromises: self.compromises.clone(),
            voices_in: bounded("voices_in", &self.voices_in)?.to_vec(),
            voices_missing: bounded("voices_missing", &self.voices_missing)?.to_vec(),
            declaration: declared,
            began: self.began,
            ended: self.ended,
            as_of: self.as_of,
            sources: bounded("sources", &self.sources)?.to_vec(),
        }))
    }

    /// The statement about protection that travels with a record.
    #[must_use]
    pub fn protection(&self) -> Option<Disclosure> {
        let Protection { statement, rule_set, checked_by, checked_on } = self.disclosure.clone()?;
        Some(Disclosure { statement, rule_set, checked_by, checked_on: checked_on.map(|day| day.0) })
    }

    /// The records it started from.
    #[must_use]
    pub fn starting_points(&self) -> Vec<experiment::StartingPoint> {
        let starts = self.derived_from.iter().cloned();
        starts
            .map(|StartingPoint { record, what_changed, why_changed, context_difference }| {
                experiment::StartingPoint { record: record.0, what_changed, why_changed, context_difference }
            })
            .collect()
    }
}

/// Names that are no parts a summary can do without.
fn wrong_parts(rests_on: &PartRestsOn, n: usize) -> Vec<Wrong> {
    if rests_on.parts.is_empty() {
        return vec![Wrong::new(
            format!("rests_on[{n}].parts"),
            "names no part; name those that rest on the consent",
        )];
    }
    let unknown = rests_on.parts.iter().zip(0..).filter(|(part, _)| !parts::PARTS.contains(&part.as_str()));
    let wrong = |(part, at): (&Line, usize)| {
        let what = format!(
            "is \"{part}\", which is no part that a summary can do without; choose from {}",
            parts::PARTS.join(", ")
        );
        Wrong::new(format!("rests_on[{n}].parts[{at}]"), what)
    };
    unknown.map(wrong).collect()
}

fn forces(field: &'static str, forces: &[Force]) -> Result<Vec<experiment::Force>, InvalidText> {
    let shared = |force: &Force| match &force.scale {
        LocalScale::Shared(scale) => {
            Some(experiment::Force { what: force.what.clone(), scale: scale.clone() })
        }
        LocalScale::Life => None,
    };
    Ok(bounded(field, forces)?.iter().filter_map(shared).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn today() -> Date {
        jiff::civil::date(2026, 11, 23)
    }

    fn experiment(change: serde_json::Value) -> Experiment {
        let mut whole = json!({
            "title": "Offers without stages", "kind": "experiment", "state": "designing", "scale": "place",
            "idea": "Offer a home first.", "why": "People live as they wish.", "unknowns": "Whether tenancies hold.",
            "how_small": "Two workers, ten people.", "how_we_will_tell": "We ask the ten.",
            "permission": { "given_by": "leadership team", "must_not_be_risked": "anybody's home" },
            "began": "2027-01", "ended": "2027-06",
        });
        for (name, value) in change.as_object().unwrap() {
            whole[name] = value.clone();
        }
        serde_json::from_value(super::super::shape::pruned(whole)).unwrap()
    }

    #[test]
    fn a_whole_design_draws_no_remark() {
        assert_eq!(experiment(json!({})).remarks(today()), Vec::<String>::new());
    }

    #[test]
    fn what_an_experiment_is_not_draws_a_remark_and_stops_nobody() {
        let slips = [
            (json!({ "unknowns": "" }), "what was not known"),
            (json!({ "why": "" }), "no broader goal"),
            (json!({ "ended": "" }), "It has no end"),
            (json!({ "how_small": "" }), "how small it is"),
            (json!({ "how_we_will_tell": "" }), "how you will tell"),
            (json!({ "permission": {} }), "who gave permission"),
            (json!({ "began": "2026-01" }), "not declared before"),
            (json!({ "began": "2026-01", "declared": "2026-06-01" }), "began before it was declared"),
            (
                json!({ "state": "ended early", "began": "2020", "ended": "2021" }),
                "What did not work is worth as much",
            ),
            (json!({ "state": "running", "began": "2020", "ended": "2021" }), "Did it end?"),
            (json!({ "how_we_will_tell": "Against the KPIs." }), "Goodhart"),
        ];
        for (slip, words) in slips {
            let experiment = experiment(slip.clone());
            let remarks = experiment.remarks(today());
            assert!(remarks.iter().any(|remark| remark.contains(words)), "{slip}: {remarks:?}");
            assert_eq!(experiment.wrong(today()), [], "{slip}");
        }
    }

    #[test]
    fn no_state_draws_more_remarks_than_another_that_is_over() {
        let told = |state: &str| {
            let over =
                json!({ "state": state, "began": "2020", "ended": "2021", "declared": "in retrospect" });
            experiment(over).remarks(today())
        };
        assert_eq!(told("ended early"), told("ended as planned"));
        assert_eq!(told("ended early"), told("became practice"));
    }

    #[test]
    fn only_parts_a_summary_can_do_without_rest_on_a_consent_of_their_own() {
        let of = |parts| experiment(json!({ "rests_on": [{ "parts": parts, "consent": "teller-1" }] }));
        assert_eq!(of(json!(["noticed", "figures"])).wrong(today()), []);
        let wrong = of(json!(["noticed", "title"])).wrong(today());
        assert_eq!(wrong[0].field, "rests_on[0].parts[1]");
        assert!(wrong[0].what.contains("\"title\"") && wrong[0].what.contains("choose from"), "{wrong:?}");
    }

    #[test]
    fn a_life_makes_no_summary() {
        assert!(
            experiment(json!({ "scale": "place" })).summary(Declaration::InRetrospect).unwrap().is_some()
        );
        for scale in ["life", "Person", "a life"] {
            let life = experiment(json!({ "scale": scale }));
            assert!(life.private());
            assert_eq!(life.summary(Declaration::InRetrospect).unwrap(), None, "{scale}");
        }
    }
}
