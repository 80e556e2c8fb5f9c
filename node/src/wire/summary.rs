//! Experiment summaries.

use cairn_proto::pb::exchange as pb;

use super::{
    InvalidRecord,
    profile::{said, words},
};
use crate::domain::{
    date,
    experiment::{Declaration, Figure, Force, Source, State, Summary},
    text::{InvalidText, Line, Prose, bounded},
};

fn state_to_pb(state: State) -> pb::ExperimentState {
    match state {
        State::Designing => pb::ExperimentState::Designing,
        State::Running => pb::ExperimentState::Running,
        State::Paused => pb::ExperimentState::Paused,
        State::EndedAsPlanned => pb::ExperimentState::EndedAsPlanned,
        State::EndedEarly => pb::ExperimentState::EndedEarly,
        State::BecamePractice => pb::ExperimentState::BecamePractice,
    }
}

fn state_from_pb(value: i32) -> Result<State, InvalidRecord> {
    let found = State::ALL.into_iter().find(|&s| i32::from(state_to_pb(s)) == value);
    found.ok_or(InvalidRecord::Unknown("state"))
}

impl From<&Summary> for pb::ExperimentSummary {
    fn from(s: &Summary) -> Self {
        Self {
            title: s.title.to_string(),
            whose: said(s.whose.as_ref()),
            kind: s.kind.to_string(),
            state: state_to_pb(s.state).into(),
            scale: Some((&s.scale).into()),
            themes: words(&s.themes),
            practice_areas: words(&s.practice_areas),
            questions: words(&s.questions),
            tried: s.tried.as_ref().map(ToString::to_string).unwrap_or_default(),
            why: said(s.why.as_ref()),
            context: said(s.context.as_ref()),
            unknowns: said(s.unknowns.as_ref()),
            noticed: said(s.noticed.as_ref()),
            figures: s.figures.iter().map(Into::into).collect(),
            surprised: said(s.surprised.as_ref()),
            went_wrong: said(s.went_wrong.as_ref()),
            learnt: said(s.learnt.as_ref()),
            how_sure: said(s.how_sure.as_ref()),
            headwinds: s.headwinds.iter().map(Into::into).collect(),
            tailwinds: s.tailwinds.iter().map(Into::into).collect(),
            principle: said(s.principle.as_ref()),
            may_not_travel: said(s.may_not_travel.as_ref()),
            compromises: said(s.compromises.as_ref()),
            voices_in: words(&s.voices_in),
            voices_missing: words(&s.voices_missing),
            declaration: Some(s.declaration.into()),
            began: said(s.began.as_ref()),
            ended: said(s.ended.as_ref()),
            as_of: said(s.as_of.as_ref()),
            sources: s.sources.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<pb::ExperimentSummary> for Summary {
    type Error = InvalidRecord;

    #[rustfmt::skip]
    fn try_from(summary: pb::ExperimentSummary) -> Result<Self, InvalidRecord> {
        // Taken apart by name, so that a new field cannot be forgotten here.
        let pb::ExperimentSummary {
            title, whose, kind, state, scale, themes, practice_areas, questions, tried, why, context,
            unknowns, noticed, figures, surprised, went_wrong, learnt, how_sure, headwinds, tailwinds,
            principle, may_not_travel, compromises, voices_in, voices_missing, declaration, began, ended,
            as_of, sources,
        } = summary;
        Ok(Self {
            title: Line::new("title", &title)?,
            whose: Line::optional("whose", &whose)?,
            kind: Line::new("kind", &kind)?,
            state: state_from_pb(state)?,
            scale: scale.ok_or(InvalidRecord::Missing("scale"))?.try_into()?,
            themes: Line::list("themes", &themes)?,
            practice_areas: Line::list("practice_areas", &practice_areas)?,
            questions: questions_from(&questions)?,
            tried: Some(Prose::new("tried", &tried)?),
            why: Prose::optional("why", &why)?,
            context: Prose::optional("context", &context)?,
            unknowns: Prose::optional("unknowns", &unknowns)?,
            noticed: Prose::optional("noticed", &noticed)?,
            figures: all("figures", figures)?,
            surprised: Prose::optional("surprised", &surprised)?,
            went_wrong: Prose::optional("went_wrong", &went_wrong)?,
            learnt: Prose::optional("learnt", &learnt)?,
            how_sure: Prose::optional("how_sure", &how_sure)?,
            headwinds: all("headwinds", headwinds)?,
            tailwinds: all("tailwinds", tailwinds)?,
            principle: Prose::optional("principle", &principle)?,
            may_not_travel: Prose::optional("may_not_travel", &may_not_travel)?,
            compromises: Prose::optional("compromises", &compromises)?,
            voices_in: Line::list("voices_in", &voices_in)?,
            voices_missing: Line::list("voices_missing", &voices_missing)?,
            declaration: declaration.ok_or(InvalidRecord::Missing("declaration"))?.try_into()?,
            began: optional_date(&began)?,
            ended: optional_date(&ended)?,
            as_of: optional_date(&as_of)?,
            sources: all("sources", sources)?,
        })
    }
}

fn questions_from(questions: &[String]) -> Result<Vec<Prose>, InvalidText> {
    bounded("questions", questions)?.iter().map(|q| Prose::new("questions", q)).collect()
}

fn optional_date(text: &str) -> Result<Option<date::PartialDate>, InvalidRecord> {
    Ok(if text.is_empty() { None } else { Some(text.parse()?) })
}

fn all<P, D: TryFrom<P, Error = InvalidRecord>>(
    field: &'static str,
    items: Vec<P>,
) -> Result<Vec<D>, InvalidRecord> {
    bounded(field, &items)?;
    items.into_iter().map(D::try_from).collect()
}

impl From<&Figure> for pb::Figure {
    fn from(figure: &Figure) -> Self {
        let Figure { value, question, context, interpretation, caveat } = figure;
        Self {
            value: value.to_string(),
            question: question.to_string(),
            context: context.to_string(),
            interpretation: interpretation.to_string(),
            caveat: caveat.to_string(),
        }
    }
}

impl TryFrom<pb::Figure> for Figure {
    type Error = InvalidRecord;

    fn try_from(figure: pb::Figure) -> Result<Self, InvalidRecord> {
        let pb::Figure { value, question, context, interpretation, caveat } = figure;
        Ok(Self {
            value: Line::new("figure value", &value)?,
            question: Prose::new("figure question", &question)?,
            context: Prose::new("figure context", &context)?,
            interpretation: Prose::new("figure interpretation", &interpretation)?,
            caveat: Prose::new("figure caveat", &caveat)?,
        })
    }
}

impl From<&Force> for pb::Force {
    fn from(force: &Force) -> Self {
        Self { what: force.what.to_string(), scale: Some((&force.scale).into()) }
    }
}

impl TryFrom<pb::Force> for Force {
    type Error = InvalidRecord;

    fn try_from(force: pb::Force) -> Result<Self, InvalidRecord> {
        let pb::Force { what, scale } = force;
        let scale = scale.ok_or(InvalidRecord::Missing("scale of a force"))?;
        Ok(Self { what: Prose::new("force", &what)?, scale: scale.try_into()? })
    }
}

impl From<&Source> for pb::Source {
    fn from(source: &Source) -> Self {
        let Source { title, locator, licence, url } = source;
        Self {
            title: title.to_string(),
            locator: said(locator.as_ref()),
            licence: said(licence.as_ref()),
            url: said(url.as_ref()),
        }
    }
}

impl TryFrom<pb::Source> for Source {
    type Error = InvalidRecord;

    fn try_from(source: pb::Source) -> Result<Self, InvalidRecord> {
        let pb::Source { title, locator, licence, url } = source;
        Ok(Self {
            title: Line::new("source title", &title)?,
            locator: Line::optional("source locator", &locator)?,
            licence: Line::optional("source licence", &licence)?,
            url: Line::optional("source url", &url)?,
        })
    }
}

impl From<Declaration> for pb::Declaration {
    fn from(declaration: Declaration) -> Self {
        match declaration {
            Declaration::Before(day) => {
                Self { kind: pb::DeclarationKind::Before.into(), declared_on: day.to_string() }
            }
            Declaration::InRetrospect => {
                Self { kind: pb::DeclarationKind::InRetrospect.into(), declared_on: String::new() }
            }
        }
    }
}

impl TryFrom<pb::Declaration> for Declaration {
    type Error = InvalidRecord;

    fn try_from(declaration: pb::Declaration) -> Result<Self, InvalidRecord> {
        let pb::Declaration { kind, declared_on } = declaration;
        match pb::DeclarationKind::try_from(kind) {
            Ok(pb::DeclarationKind::Before) => Ok(Self::Before(date::day(&declared_on)?)),
            Ok(pb::DeclarationKind::InRetrospect) => Ok(Self::InRetrospect),
            Ok(pb::DeclarationKind::Unspecified) | Err(_) => Err(InvalidRecord::Unknown("declaration")),
        }
    }
}
