//! What happens to a consent: given, refused, withdrawn, renewed, expired. When it ends, the words that rest on it
//! are erased at home; what is out is named, for its withdrawal is a separate step (P17, R093).

use cairn_proto::ids::RecordId;
use jiff::Timestamp;

use super::{App, AppError, Entry, Kept, Operator, parse, save::How};
use crate::{
    domain::{
        date::{self, Day, PartialDate, end_of},
        learning::{
            Document, Id, Kind, Ref, Wrong,
            consent::{Consent, Event, EventKind},
            shape,
        },
        text::{Line, Prose},
    },
    files::document::Written,
    store::{ReleaseRow, StoreError, Tx},
};

/// Kinds that hold somebody's words and go when the consent for them ends. An experiment is the place's own account; it
/// stays, and cannot be released any more.
const WORDS: [Kind; 3] = [Kind::Observation, Kind::Entry, Kind::Exhibit];

/// Who records that time has passed.
const THE_NODE: &str = "this node";

/// An event that is to be recorded.
#[derive(Clone, Debug, Default)]
pub struct EventWish {
    /// The word for it.
    pub event: String,
    /// When; empty: today.
    pub on: String,
    /// How.
    pub how: String,
    /// Who wrote it down.
    pub recorded_by: String,
    /// The new last day.
    pub until: String,
    /// In more words.
    pub note: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The consent.
    pub entry: Entry,
    /// Where it stands now, in words.
    pub standing: String,
    /// Documents whose words were erased, or would be.
    pub erased: Vec<Entry>,
    /// Records that are out and rest on it.
    pub released: Vec<String>,
    /// Whether it was done.
    pub done: bool,
}

impl App {
    /// Records what happened to a consent.
    ///
    /// # Errors
    /// [`AppError::Unknown`], or an event that makes no sense.
    pub async fn consent_event(
        &self,
        who: &Operator,
        id: &Id,
        wish: &EventWish,
        dry_run: bool,
    ) -> Result<Recorded, AppError> {
        let mut tx = self.saving().await?;
        let of = Ref { kind: Kind::Consent, id: id.clone() };
        let mut consent = self.consent(&mut tx, &of).await?;
        consent.events.push(event(wish, self.today())?);
        let standing = consent.words(self.clock.now());
        let ended = consent.ended(self.clock.now());
        let written = Written::plain(Document::Consent(Box::new(consent)));
        self.keep(&mut tx, who, written, How { may_erase: true, ..How::default() }).await?;
        let resting = if ended { self.resting_on(&mut tx, &of).await? } else { Vec::new() };
        let reason = format!("the consent \"{id}\" it rested on has ended ({})", wish.event.trim());
        let mut erased = Vec::new();
        for of in &resting {
            erased.push(self.entry_of(&mut tx, of).await?);
            self.erase(&mut tx, of, who.by(), &reason).await?;
        }
        if ended {
            self.remove_drafts_resting_on(&mut tx, id).await?;
        }
        let released = if ended { self.released_on(&mut tx, &of).await? } else { Vec::new() };
        let entry = self.entry_of(&mut tx, &of).await?;
        if !dry_run {
            // Without the commit, the transaction leaves no trace: that is the dry run.
            tx.commit().await?;
            self.signals.documents_erased();
        }
        Ok(Recorded { entry, standing, erased, released, done: !dry_run })
    }

    /// A document with somebody's words cannot rest on a consent that has ended.
    pub(super) async fn consent_ended(
        &self,
        tx: &mut Tx,
        document: &Document,
    ) -> Result<Vec<Wrong>, AppError> {
        let mut wrong = Vec::new();
        if !WORDS.contains(&document.kind()) {
            return Ok(wrong);
        }
        let value = document.to_value().map_err(StoreError::corrupt)?;
        for reference in shape::traits(document.kind(), &shape::pruned(value)).references {
            if reference.to.kind != Kind::Consent
                || tx.head("consent", reference.to.id.as_str()).await?.is_none()
            {
                continue;
            }
            let consent = self.consent(tx, &reference.to).await?;
            if consent.ended(self.clock.now()) {
                let what = format!("rests on a consent that has ended: {}", consent.words(self.clock.now()));
                wrong.push(Wrong::new(reference.field, what));
            }
        }
        Ok(wrong)
    }

    /// A slip in a date must not erase what somebody said: a consent ends, and holds again, by its own command only.
    pub(super) async fn refuse_turns_by_the_way(
        &self,
        tx: &mut Tx,
        document: &Document,
        of: &Ref,
        how: How<'_>,
    ) -> Result<(), AppError> {
        let Document::Consent(consent) = document else { return Ok(()) };
        if !consent.ended(self.clock.now()) {
            return self.refuse_to_revive(tx, consent, of).await;
        }
        if how.may_erase {
            return Ok(());
        }
        // Those that were erased already stay linked and are no loss any more.
        let resting: Vec<_> = self.resting_on(tx, of).await?.iter().map(Ref::to_string).collect();
        if resting.is_empty() {
            return Ok(());
        }
        Err(AppError::Argument(format!(
            "nothing was saved: so the consent \"{}\" would be over, and the words that rest on it would be erased ({}). If \
             that is meant, use `cairn consent withdraw {}`",
            of.id,
            resting.join(", "),
            of.id
        )))
    }

    /// A file does not bring back what somebody took back: a consent that has ended holds again only by an event after
    /// all those before.
    async fn refuse_to_revive(&self, tx: &mut Tx, consent: &Consent, of: &Ref) -> Result<(), AppError> {
        let now = self.clock.now();
        let before = match tx.head(of.kind.word(), of.id.as_str()).await? {
            Some(_) => self.consent(tx, of).await?,
            None => return Ok(()),
        };
        if !before.ended(now) || consent.events.starts_with(&before.events) {
            return Ok(());
        }
        Err(AppError::Argument(format!(
            "nothing was saved: the consent \"{}\" has ended ({}), and so it would hold again. If it was given again, say so \
             with `cairn consent give {}` or, with a new last day, `cairn consent renew {}`",
            of.id,
            before.words(now),
            of.id,
            of.id
        )))
    }

    async fn consent(&self, tx: &mut Tx, of: &Ref) -> Result<Consent, AppError> {
        match self.kept(tx, of).await? {
            Kept { document: Document::Consent(consent), .. } => Ok(consent.with_events()),
            kept => Err(StoreError::corrupt(format!("{of} is a {}", kept.document.kind().word())).into()),
        }
    }

    /// Documents that hold the words of this consent.
    async fn resting_on(&self, tx: &mut Tx, of: &Ref) -> Result<Vec<Ref>, AppError> {
        let links = tx.links_to(of.kind.word(), of.id.as_str()).await?;
        let resting = links.iter().filter(|link| link.relation == "consent").filter_map(|link| {
            let kind = Kind::from_word(&link.from_kind).filter(|kind| WORDS.contains(kind))?;
            Some(Ref { kind, id: Id::new(&link.from_id).ok()? })
        });
        Ok(resting.collect())
    }

    /// Drafts of documents with somebody's words that name this consent: they could not be read, so the name decides.
    async fn remove_drafts_resting_on(&self, tx: &mut Tx, id: &Id) -> Result<(), AppError> {
        for draft in tx.drafts().await? {
            let holds_words = Kind::from_word(&draft.kind).is_some_and(|kind| WORDS.contains(&kind));
            let mut words = draft.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
            if holds_words && words.any(|word| word == id.as_str()) {
                tx.remove_draft(draft.id).await?;
            }
        }
        Ok(())
    }

    /// Records that are out and rest on this consent: by what was kept with their release, or by what their experiments
    /// say now.
    async fn released_on(&self, tx: &mut Tx, of: &Ref) -> Result<Vec<String>, AppError> {
        let links = tx.links_to(of.kind.word(), of.id.as_str()).await?;
        let author = self.keys.node_id();
        let mut out = Vec::new();
        for release in tx.releases().await? {
            let from = release.experiment_id.as_deref();
            let linked =
                links.iter().any(|l| l.from_kind == Kind::Experiment.word() && Some(&*l.from_id) == from);
            if (linked || rested_on(&release, of.id.as_str())) && !tx.is_gone(&author, release.index).await? {
                out.push(RecordId { author, index: release.index }.to_string());
            }
        }
        Ok(out)
    }

    /// Records that consents whose last day is over have expired, and erases what rested on them; gives how many
    /// documents went.
    ///
    /// # Errors
    /// The first failure, after all others were dealt with: one consent does not hold up another.
    pub async fn expire_consents(&self) -> Result<u64, AppError> {
        let now = self.clock.now();
        let over = |consent: &Consent| consent.last_day().is_some_and(|day| end_of(day) <= now);
        let ending = self.ending(&mut self.store.read().await?).await?;
        let (mut gone, mut failed) = (0, None);
        for (of, _) in ending.into_iter().filter(|(_, consent)| over(consent)) {
            match self.expire(&of, over).await {
                Ok(erased) => gone += erased,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if gone > 0 {
            self.signals.documents_erased();
        }
        failed.map_or(Ok(gone), Err)
    }

    async fn expire(&self, of: &Ref, over: impl Fn(&Consent) -> bool) -> Result<u64, AppError> {
        let mut tx = self.saving().await?;
        let mut consent = self.consent(&mut tx, of).await?;
        // It may have been renewed since it was looked at.
        if !over(&consent) {
            return Ok(0);
        }
        let before = consent.events.last().map(|event| event.on.first_day());
        let on = PartialDate::Day(before.unwrap_or_default().max(self.today()));
        let recorded_by = Line::optional("recorded_by", THE_NODE)?;
        consent.events.push(Event {
            event: EventKind::Expired,
            on,
            how: None,
            recorded_by,
            until: None,
            note: None,
        });
        let written = Written::plain(Document::Consent(Box::new(consent)));
        let how = How { may_erase: true, ..How::default() };
        self.keep(&mut tx, &Operator::node(THE_NODE), written, how).await?;
        let mut erased = 0;
        for resting in self.resting_on(&mut tx, of).await? {
            let reason = format!("the consent \"{}\" it rested on has expired", of.id);
            self.erase(&mut tx, &resting, THE_NODE, &reason).await?;
            erased += 1;
        }
        self.remove_drafts_resting_on(&mut tx, &of.id).await?;
        tx.commit().await?;
        Ok(erased)
    }

    /// When the next consent ends by itself, if any does.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn next_consent_end(&self) -> Result<Option<Timestamp>, AppError> {
        let mut tx = self.store.read().await?;
        let ending = self.ending(&mut tx).await?;
        Ok(ending.iter().filter_map(|(_, consent)| consent.last_day()).map(end_of).min())
    }

    /// Consents that have a last day and were neither refused, withdrawn nor recorded as expired.
    async fn ending(&self, tx: &mut Tx) -> Result<Vec<(Ref, Consent)>, AppError> {
        let mut ending = Vec::new();
        for row in tx.documents_of_kind(Kind::Consent.word()).await? {
            let kept = parse(row)?;
            let Document::Consent(consent) = kept.document else { continue };
            let consent = consent.with_events();
            let last = consent.events.last().map(|event| event.event);
            let open = matches!(last, Some(EventKind::Given | EventKind::Renewed));
            if let Some(id) = consent.id.clone().filter(|_| open && consent.last_day().is_some()) {
                ending.push((Ref { kind: Kind::Consent, id }, consent));
            }
        }
        Ok(ending)
    }
}

/// Whether a release was made with this consent.
fn rested_on(release: &ReleaseRow, id: &str) -> bool {
    let consents: Vec<serde_json::Value> = serde_json::from_str(&release.consent).unwrap_or_default();
    consents.iter().any(|consent| consent.get("id").and_then(serde_json::Value::as_str) == Some(id))
}

fn event(wish: &EventWish, today: jiff::civil::Date) -> Result<Event, AppError> {
    let event: EventKind = serde_json::from_value(wish.event.trim().into())
        .map_err(|error| AppError::Argument(format!("the event {error}")))?;
    let on = match wish.on.trim() {
        "" => PartialDate::Day(today),
        on => on.parse()?,
    };
    let until = match wish.until.trim() {
        "" => None,
        until => Some(Day(date::day(until)?)),
    };
    Ok(Event {
        event,
        on,
        how: Prose::optional("how", &wish.how)?,
        recorded_by: Line::optional("recorded_by", &wish.recorded_by)?,
        until,
        note: Prose::optional("note", &wish.note)?,
    })
}
