//! A document is taken in: read, checked, linked, kept as a new version. What was there before stays.

use serde_json::Value;

use super::{App, AppError, Entry, Operator, Prepared, kind_called, parse, reference};
use crate::{
    domain::learning::{
        Document, Id, Kind, Ref, To,
        experiment::RestsOn,
        prompt::Prompt,
        shape::{self, Shape},
    },
    files::{
        InvalidFile,
        document::{self, Written},
    },
    store::{DocumentRow, Tx},
};

/// What is to be taken in.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Its kind; none if the content says it.
    pub kind: Option<Kind>,
    /// YAML, JSON, or Markdown with front matter.
    pub content: Vec<u8>,
    /// What the content is called in errors.
    pub file: String,
    /// The version it was made from.
    pub based_on: Option<u64>,
    /// The document of which only the given parts are to be changed.
    pub change: Option<Id>,
    /// Whether it must be new.
    pub only_new: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The document.
    pub entry: Entry,
    /// Whether it is new.
    pub created: bool,
    /// Whether it was here already and is the same.
    pub unchanged: bool,
    /// Gentle remarks.
    pub remarks: Vec<String>,
    /// Consents that stood whole in an experiment and are documents of their own now.
    pub consents: Vec<Entry>,
}

/// How a document is to be kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How<'a> {
    /// The version it was made from, if that is known.
    pub(super) based_on: Option<u64>,
    /// Whether it must be new.
    pub(super) only_new: bool,
    /// Whether a consent may end with it, and words be erased.
    pub(super) may_erase: bool,
    /// Whether what it refers to may come after it; then somebody has to look later.
    pub(super) refers_ahead: bool,
    /// Whether it comes from a pack of prompts, and is not worded here.
    pub(super) from_pack: bool,
    /// What the content is called in errors.
    pub(super) file: &'a str,
}

impl<'a> How<'a> {
    pub(super) fn of(file: &'a str) -> Self {
        Self { file, ..Self::default() }
    }
}

/// What became of one document of a transaction.
pub(super) struct Outcome {
    pub(super) of: Ref,
    pub(super) created: bool,
    pub(super) unchanged: bool,
}

impl App {
    /// Takes in a document.
    ///
    /// # Errors
    /// [`AppError::File`] naming line and part, [`AppError::Conflict`] when it was changed meanwhile; nothing was
    /// changed then.
    pub async fn save_document(&self, who: &Operator, wish: Wish) -> Result<Saved, AppError> {
        let named = |error| AppError::file(&wish.file, error);
        let mut tx = self.saving().await?;
        let (written, based_on) = match &wish.change {
            Some(id) => (self.patched(&mut tx, &wish, id).await?, wish.based_on),
            None => {
                let written = document::read(&wish.content, wish.kind).map_err(named)?;
                let based_on = wish.based_on.or(written.based_on);
                (written, based_on)
            }
        };
        let mut consents = Vec::new();
        for consent in whole_consents(&written) {
            consents.push(self.keep(&mut tx, who, consent, How::of(&wish.file)).await?);
        }
        let remarks = written.document.remarks(self.today());
        let how = How { based_on, only_new: wish.only_new, ..How::of(&wish.file) };
        let outcome = self.keep(&mut tx, who, referring(written), how).await?;
        let entry = self.entry_of(&mut tx, &outcome.of).await?;
        let mut kept = Vec::new();
        for consent in consents.iter().filter(|consent| !consent.unchanged) {
            kept.push(self.entry_of(&mut tx, &consent.of).await?);
        }
        tx.commit().await?;
        self.signals.documents_changed();
        let Outcome { created, unchanged, .. } = outcome;
        Ok(Saved { entry, created, unchanged, remarks, consents: kept })
    }

    /// The document with the given parts in the place of its own.
    async fn patched(&self, tx: &mut Tx, wish: &Wish, id: &Id) -> Result<Written, AppError> {
        let kind =
            wish.kind.ok_or_else(|| AppError::Argument("say which kind of document to change".into()))?;
        let kept = self.kept(tx, &Ref { kind, id: id.clone() }).await?;
        let named = |error| AppError::file(&wish.file, error);
        let changes = document::read_parts(&wish.content).map_err(named)?;
        let mut value = kept.value;
        if let Value::Object(parts) = &mut value {
            for (name, change) in changes {
                if Shape::of(kind).part(&name).is_none() {
                    let what = format!("is no part of {}", kind.one());
                    return Err(named(InvalidFile::fault(None, name, what)));
                }
                if name == "id" && change.as_str() != Some(id.as_str()) {
                    let what = format!("stays {id}: what refers to it would find nothing any more");
                    return Err(named(InvalidFile::fault(None, name, what)));
                }
                parts.insert(name, change);
            }
        }
        document::of_value(kind, value).map_err(named)
    }

    /// Checks a document against what is here and keeps it.
    pub(super) async fn keep(
        &self,
        tx: &mut Tx,
        who: &Operator,
        mut written: Written,
        how: How<'_>,
    ) -> Result<Outcome, AppError> {
        let How { based_on, only_new, from_pack, .. } = how;
        normalise(&mut written.document);
        self.check(tx, &written, how).await?;
        let of = self.identified(tx, &mut written.document).await?;
        self.refuse_turns_by_the_way(tx, &written.document, &of, how).await?;
        let before = tx.document(of.kind.word(), of.id.as_str()).await?;
        if let Some(row) = &before {
            if row.document.is_empty() {
                return Err(self.erased(tx, &of).await?);
            }
            if only_new {
                return Err(AppError::Exists { what: of.to_string() });
            }
        }
        if let (Document::Prompt(prompt), Some(row), false) = (&mut written.document, &before, from_pack) {
            remember_the_pack(prompt, row)?;
        }
        let prepared = Prepared::of(&written.document)?;
        let unchanged = before.as_ref().is_some_and(|row| same(&row.document, &prepared.json));
        if unchanged {
            return Ok(Outcome { of, created: false, unchanged });
        }
        if let (Some(row), Some(based_on)) = (&before, based_on)
            && row.version != based_on
        {
            return Err(self.conflict(tx, row.clone(), based_on, &prepared.json).await?);
        }
        let row = DocumentRow {
            kind: of.kind.word().to_owned(),
            id: of.id.to_string(),
            version: before.as_ref().map_or(0, |row| row.version) + 1,
            document: prepared.json.clone(),
            at: self.clock.now(),
            by: who.by().to_owned(),
        };
        tx.add_document_version(&row, &prepared.indexed()).await?;
        Ok(Outcome { of, created: before.is_none(), unchanged: false })
    }

    /// What cannot be so, all of it at once.
    async fn check(&self, tx: &mut Tx, written: &Written, how: How<'_>) -> Result<(), AppError> {
        let mut wrong = written.document.wrong(self.today());
        if !how.refers_ahead {
            let known = self.referred_to(tx, &written.document).await?;
            let dangling = self.dangling(tx, &written.document, &known).await?;
            wrong.extend(dangling.into_iter().map(|(_, wrong)| wrong));
        }
        wrong.extend(self.consent_ended(tx, &written.document).await?);
        if wrong.is_empty() {
            return Ok(());
        }
        let faults = wrong.into_iter().map(|wrong| written.fault(wrong)).collect();
        Err(AppError::file(how.file, InvalidFile::Faults(faults)))
    }

    /// The document's own id, or one made from its title that is not taken.
    async fn identified(&self, tx: &mut Tx, document: &mut Document) -> Result<Ref, AppError> {
        let kind = document.kind();
        if let Some(id) = document.id() {
            return Ok(Ref { kind, id: id.clone() });
        }
        let base = match kind {
            Kind::Observation | Kind::Entry | Kind::Exhibit | Kind::Consent => {
                Id::from_day(kind, self.today())
            }
            _ => Id::from_title(&document.title(), kind),
        };
        let mut id = base.clone();
        let mut n = 1;
        while tx.document(kind.word(), id.as_str()).await?.is_some() {
            n += 1;
            id = base.numbered(n);
        }
        document.set_id(id.clone());
        Ok(Ref { kind, id })
    }

    /// What was changed meanwhile, and what the text would change.
    async fn conflict(
        &self,
        tx: &mut Tx,
        newest: DocumentRow,
        based_on: u64,
        mine: &str,
    ) -> Result<AppError, AppError> {
        let what = reference(&newest.kind, &newest.id)?;
        let Some(base) = tx.document_version(&newest.kind, &newest.id, based_on).await? else {
            return Ok(AppError::Argument(format!(
                "{what} has no version {based_on}; its newest is {}",
                newest.version
            )));
        };
        let kind = kind_called(&newest.kind)?;
        Ok(AppError::Conflict {
            theirs: changed_parts(kind, &base.document, &newest.document),
            mine: changed_parts(kind, &base.document, mine),
            what: what.to_string(),
            by: newest.by,
            version: newest.version,
            based_on,
        })
    }
}

/// Keeps how the pack words a prompt when a place words it anew.
fn remember_the_pack(prompt: &mut Prompt, before: &DocumentRow) -> Result<(), AppError> {
    let Document::Prompt(before) = parse(before.clone())?.document else { return Ok(()) };
    if prompt.pack.is_some() && prompt.as_in_pack.is_none() && prompt.text != before.text {
        prompt.as_in_pack = Some(before.text);
    }
    if prompt.as_in_pack.as_ref() == Some(&prompt.text) {
        prompt.as_in_pack = None;
    }
    Ok(())
}

/// Experiments refer to their consents; consents have events and no short form.
fn normalise(document: &mut Document) {
    if let Document::Consent(consent) = document {
        **consent = consent.as_ref().clone().with_events();
    }
}

/// The consents that stand whole in an experiment.
pub(super) fn whole_consents(written: &Written) -> Vec<Written> {
    let Document::Experiment(experiment) = &written.document else { return Vec::new() };
    let whole = experiment.consent.iter().filter_map(|rests_on| match rests_on {
        // Without an id, it stays in its experiment: nothing could refer to it.
        RestsOn::Whole(consent) => consent.id.is_some().then(|| consent.as_ref().clone()),
        RestsOn::Kept(_) => None,
    });
    whole.map(|consent| Written::plain(Document::Consent(Box::new(consent)))).collect()
}

/// The experiment with references in the place of whole consents.
pub(super) fn referring(mut written: Written) -> Written {
    if let Document::Experiment(experiment) = &mut written.document {
        for rests_on in &mut experiment.consent {
            if let RestsOn::Whole(consent) = rests_on
                && let Some(id) = &consent.id
            {
                *rests_on = RestsOn::Kept(To::new(id.clone()));
            }
        }
    }
    written
}

fn same(before: &str, after: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    before == after || value(before).is_some_and(|before| Some(before) == value(after))
}

/// The headings of the parts in which two versions differ.
pub(super) fn changed_parts(kind: Kind, before: &str, after: &str) -> Vec<String> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (before, after) = (parse(before), parse(after));
    let parts = Shape::of(kind).parts.iter();
    parts.filter(|part| before.get(&part.name) != after.get(&part.name)).map(shape::Part::heading).collect()
}
