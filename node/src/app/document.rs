//! Experiment files: YAML or JSON as people write it, parsed into an [`Experiment`]. The same
//! document, as JSON, is what the store keeps. The format is described in `node/cases/README.md`.

use cairn_proto::ids::RecordId;
use serde::{Deserialize, Serialize};

use crate::domain::{
    consent::{Consent, ConsentRecord, State as ConsentState},
    date,
    experiment::{
        Declaration, Experiment, ExperimentId, Figure, Force, InvalidId, Source, StartingPoint, State,
        Summary,
    },
    place::{LocalScale, Scale},
    policy::{InvalidPolicy, Purpose, Reach},
    record::Disclosure,
    text::{InvalidText, Line, Prose, bounded},
};

/// Largest experiment file: many times a long one.
pub const FILE_BYTES: usize = 256 * 1024;

/// Why a file is not an experiment.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDocument {
    /// Nothing in it.
    #[error("the file is empty; `node/cases` has examples of what an experiment file looks like")]
    Empty,
    /// Too large.
    #[error("the file is {0} bytes long; at most {FILE_BYTES} fit")]
    TooLarge(usize),
    /// Not text.
    #[error("the file is not UTF-8 text (from byte {0} on); save it as UTF-8")]
    NotUtf8(usize),
    /// Not YAML, or with parts that are not known.
    #[error("it cannot be read as an experiment: {0}")]
    Syntax(String),
    /// Of another format or version.
    #[error("`cairn: {0}` is not a format this version knows; it must be `cairn: experiment/1`")]
    Format(String),
    /// Its id is none.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A text is out of bounds.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// A date is none.
    #[error("`{field}`: {error}")]
    Date {
        /// Where.
        field: &'static str,
        /// What is wrong.
        error: date::InvalidDate,
    },
    /// A word that is not on a closed list.
    #[error("`{field}` is \"{found}\"; it must be one of: {allowed}")]
    Word {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A purpose that is none, or prohibited.
    #[error("`purposes`: {0}")]
    Purpose(#[from] InvalidPolicy),
    /// One person's life where it cannot stand.
    #[error("`{0}` is the scale of one person's life; a force comes from a larger scale")]
    Life(&'static str),
    /// A record id that is none.
    #[error("`derived_from`: {0}")]
    Record(#[from] cairn_proto::ids::InvalidRecordId),
}

/// An experiment file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of domain::experiment, by the same names")]
pub struct Document {
    pub cairn: String,
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub whose: String,
    pub kind: String,
    pub state: String,
    pub scale: String,
    #[serde(default)]
    pub themes: Vec<String>,
    #[serde(default)]
    pub practice_areas: Vec<String>,
    #[serde(default)]
    pub questions: Vec<String>,
    pub tried: String,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub context: String,
    #[serde(default)]
    pub unknowns: String,
    #[serde(default)]
    pub noticed: String,
    #[serde(default)]
    pub figures: Vec<FigureDocument>,
    #[serde(default)]
    pub surprised: String,
    #[serde(default)]
    pub went_wrong: String,
    #[serde(default)]
    pub learnt: String,
    #[serde(default)]
    pub how_sure: String,
    #[serde(default)]
    pub headwinds: Vec<ForceDocument>,
    #[serde(default)]
    pub tailwinds: Vec<ForceDocument>,
    #[serde(default)]
    pub principle: String,
    #[serde(default)]
    pub may_not_travel: String,
    #[serde(default)]
    pub compromises: String,
    #[serde(default)]
    pub voices_in: Vec<String>,
    #[serde(default)]
    pub voices_missing: Vec<String>,
    /// "in retrospect", or the day it was declared on, before it started.
    pub declared: String,
    #[serde(default)]
    pub began: String,
    #[serde(default)]
    pub ended: String,
    #[serde(default)]
    pub as_of: String,
    #[serde(default)]
    pub sources: Vec<SourceDocument>,
    #[serde(default)]
    pub derived_from: Vec<StartingPointDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<DisclosureDocument>,
    #[serde(default)]
    pub consent: Vec<ConsentDocument>,
    /// Instead of `consent`: why nobody's consent is needed.
    #[serde(default)]
    pub consent_not_needed: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::experiment::Figure")]
pub struct FigureDocument {
    pub value: String,
    pub question: String,
    pub context: String,
    pub interpretation: String,
    pub caveat: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::experiment::Force")]
pub struct ForceDocument {
    pub what: String,
    pub scale: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::experiment::Source")]
pub struct SourceDocument {
    pub title: String,
    #[serde(default)]
    pub locator: String,
    #[serde(default)]
    pub licence: String,
    #[serde(default)]
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::experiment::StartingPoint")]
pub struct StartingPointDocument {
    pub record: String,
    pub what_changed: String,
    pub why_changed: String,
    pub context_difference: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::record::Disclosure")]
pub struct DisclosureDocument {
    pub statement: String,
    #[serde(default)]
    pub rule_set: String,
    #[serde(default)]
    pub checked_by: String,
    #[serde(default)]
    pub checked_on: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in domain::consent::ConsentRecord")]
pub struct ConsentDocument {
    pub id: String,
    pub whose: String,
    pub covers: String,
    pub audience: String,
    pub purposes: Vec<String>,
    pub how: String,
    pub to_whom: String,
    pub given_on: String,
    #[serde(default)]
    pub until: String,
    /// given (the default), refused or withdrawn.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
}

impl Document {
    /// Parses a file.
    ///
    /// # Errors
    /// [`InvalidDocument`] with the line and column where there are any.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidDocument> {
        if bytes.len() > FILE_BYTES {
            return Err(InvalidDocument::TooLarge(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| InvalidDocument::NotUtf8(e.valid_up_to()))?;
        if text.trim().is_empty() {
            return Err(InvalidDocument::Empty);
        }
        // The line and column say where; the file's text is not repeated into errors and logs.
        let options = serde_saphyr::options! { with_snippet: false };
        let parsed = serde_saphyr::from_str_with_options(text, options);
        parsed.map_err(|error| InvalidDocument::Syntax(error.to_string()))
    }

    /// The experiment it describes.
    ///
    /// # Errors
    /// [`InvalidDocument`] naming the field.
    pub fn experiment(&self) -> Result<Experiment, InvalidDocument> {
        if self.cairn != "experiment/1" {
            return Err(InvalidDocument::Format(self.cairn.chars().take(40).collect()));
        }
        let scale = LocalScale::from_words(&self.scale)?;
        let summary = match &scale {
            LocalScale::Life => None,
            LocalScale::Shared(scale) => Some(self.summary(scale.clone())?),
        };
        let starts = bounded("derived_from", &self.derived_from)?;
        Ok(Experiment {
            id: ExperimentId::new(&self.id)?,
            scale,
            summary,
            title: Line::new("title", &self.title)?,
            state: self.state()?,
            consent: self.consent()?,
            disclosure: self.disclosure.as_ref().map(disclosure).transpose()?,
            derived_from: starts.iter().map(starting_point).collect::<Result<_, _>>()?,
        })
    }

    fn state(&self) -> Result<State, InvalidDocument> {
        State::from_words(&self.state).ok_or_else(|| InvalidDocument::Word {
            field: "state",
            found: self.state.chars().take(60).collect(),
            allowed: "designing, running, paused, ended as planned, ended early, became practice",
        })
    }

    fn summary(&self, scale: Scale) -> Result<Summary, InvalidDocument> {
        let questions = bounded("questions", &self.questions)?;
        Ok(Summary {
            title: Line::new("title", &self.title)?,
            whose: Line::optional("whose", &self.whose)?,
            kind: Line::new("kind", &self.kind)?,
            state: self.state()?,
            scale,
            themes: Line::list("themes", &self.themes)?,
            practice_areas: Line::list("practice_areas", &self.practice_areas)?,
            questions: questions.iter().map(|q| Prose::new("questions", q)).collect::<Result<_, _>>()?,
            tried: Prose::new("tried", &self.tried)?,
            why: Prose::optional("why", &self.why)?,
            context: Prose::optional("context", &self.context)?,
            unknowns: Prose::optional("unknowns", &self.unknowns)?,
            noticed: Prose::optional("noticed", &self.noticed)?,
            figures: bounded("figures", &self.figures)?.iter().map(figure).collect::<Result<_, _>>()?,
            surprised: Prose::optional("surprised", &self.surprised)?,
            went_wrong: Prose::optional("went_wrong", &self.went_wrong)?,
            learnt: Prose::optional("learnt", &self.learnt)?,
            how_sure: Prose::optional("how_sure", &self.how_sure)?,
            headwinds: forces("headwinds", &self.headwinds)?,
            tailwinds: forces("tailwinds", &self.tailwinds)?,
            principle: Prose::optional("principle", &self.principle)?,
            may_not_travel: Prose::optional("may_not_travel", &self.may_not_travel)?,
            compromises: Prose::optional("compromises", &self.compromises)?,
            voices_in: Line::list("voices_in", &self.voices_in)?,
            voices_missing: Line::list("voices_missing", &self.voices_missing)?,
            declaration: self.declaration()?,
            began: partial_date("began", &self.began)?,
            ended: partial_date("ended", &self.ended)?,
            as_of: partial_date("as_of", &self.as_of)?,
            sources: bounded("sources", &self.sources)?.iter().map(source).collect::<Result<_, _>>()?,
        })
    }

    fn declaration(&self) -> Result<Declaration, InvalidDocument> {
        match self.declared.trim().replace('-', " ").as_str() {
            "in retrospect" => Ok(Declaration::InRetrospect),
            _ => Ok(Declaration::Before(full_date("declared", &self.declared)?)),
        }
    }

    fn consent(&self) -> Result<Consent, InvalidDocument> {
        if let Some(reason) = Prose::optional("consent_not_needed", &self.consent_not_needed)?
            && self.consent.is_empty()
        {
            return Ok(Consent::NotNeeded(reason));
        }
        let records = bounded("consent", &self.consent)?.iter().map(consent_record);
        Ok(Consent::Given(records.collect::<Result<_, _>>()?))
    }
}

fn partial_date(field: &'static str, text: &str) -> Result<Option<date::PartialDate>, InvalidDocument> {
    let parse = |text: &str| text.parse().map_err(|error| InvalidDocument::Date { field, error });
    if text.trim().is_empty() { Ok(None) } else { parse(text.trim()).map(Some) }
}

fn full_date(field: &'static str, text: &str) -> Result<jiff::civil::Date, InvalidDocument> {
    date::day(text.trim()).map_err(|error| InvalidDocument::Date { field, error })
}

fn figure(figure: &FigureDocument) -> Result<Figure, InvalidDocument> {
    Ok(Figure {
        value: Line::new("figures: value", &figure.value)?,
        question: Prose::new("figures: question", &figure.question)?,
        context: Prose::new("figures: context", &figure.context)?,
        interpretation: Prose::new("figures: interpretation", &figure.interpretation)?,
        caveat: Prose::new("figures: caveat", &figure.caveat)?,
    })
}

fn forces(field: &'static str, forces: &[ForceDocument]) -> Result<Vec<Force>, InvalidDocument> {
    let force = |force: &ForceDocument| match LocalScale::from_words(&force.scale)? {
        LocalScale::Life => Err(InvalidDocument::Life(field)),
        LocalScale::Shared(scale) => Ok(Force { what: Prose::new(field, &force.what)?, scale }),
    };
    bounded(field, forces)?.iter().map(force).collect()
}

fn source(source: &SourceDocument) -> Result<Source, InvalidDocument> {
    Ok(Source {
        title: Line::new("sources: title", &source.title)?,
        locator: Line::optional("sources: locator", &source.locator)?,
        licence: Line::optional("sources: licence", &source.licence)?,
        url: Line::optional("sources: url", &source.url)?,
    })
}

fn starting_point(start: &StartingPointDocument) -> Result<StartingPoint, InvalidDocument> {
    Ok(StartingPoint {
        record: start.record.trim().parse::<RecordId>()?,
        what_changed: Prose::new("what_changed", &start.what_changed)?,
        why_changed: Prose::new("why_changed", &start.why_changed)?,
        context_difference: Prose::new("context_difference", &start.context_difference)?,
    })
}

fn disclosure(disclosure: &DisclosureDocument) -> Result<Disclosure, InvalidDocument> {
    let day = disclosure.checked_on.trim();
    Ok(Disclosure {
        statement: Prose::new("disclosure: statement", &disclosure.statement)?,
        rule_set: Line::optional("disclosure: rule_set", &disclosure.rule_set)?,
        checked_by: Line::optional("disclosure: checked_by", &disclosure.checked_by)?,
        checked_on: if day.is_empty() { None } else { Some(full_date("disclosure: checked_on", day)?) },
    })
}

fn consent_record(consent: &ConsentDocument) -> Result<ConsentRecord, InvalidDocument> {
    let word = |field, found: &str, allowed| InvalidDocument::Word {
        field,
        found: found.chars().take(60).collect(),
        allowed,
    };
    let reach = Reach::from_words(&consent.audience)
        .ok_or_else(|| word("consent: audience", &consent.audience, "named peers, network, public"))?;
    let state = match consent.state.trim() {
        "" | "given" => ConsentState::Given,
        "refused" => ConsentState::Refused,
        "withdrawn" => ConsentState::Withdrawn,
        other => return Err(word("consent: state", other, "given, refused, withdrawn")),
    };
    let purposes = bounded("consent: purposes", &consent.purposes)?;
    let until = consent.until.trim();
    Ok(ConsentRecord {
        id: Line::new("consent: id", &consent.id)?,
        whose: Prose::new("consent: whose", &consent.whose)?,
        covers: Prose::new("consent: covers", &consent.covers)?,
        reach,
        purposes: purposes.iter().map(|p| Purpose::from_words(p)).collect::<Result<_, _>>()?,
        how: Prose::new("consent: how", &consent.how)?,
        to_whom: Prose::new("consent: to_whom", &consent.to_whom)?,
        on: consent
            .given_on
            .trim()
            .parse()
            .map_err(|error| InvalidDocument::Date { field: "given_on", error })?,
        until: if until.is_empty() { None } else { Some(full_date("consent: until", until)?) },
        state,
    })
}
