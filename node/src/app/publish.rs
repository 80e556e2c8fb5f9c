//! A release: what is at home becomes a record in our log, for an audience and nobody else.

use std::collections::BTreeSet;

use cairn_proto::{ids::RecordId, pb::exchange as pb};
use jiff::civil::Date;

use super::{
    App, AppError,
    actor::Operator,
    append::{Composed, Draft},
    preflight::{Page, Prepared, Saying},
};
use crate::{
    domain::{
        audit::Event,
        policy::{Card, Purpose},
        preflight::{Finding, Override},
        record::Record,
        text::Line,
    },
    store::{ReleaseRow, StoreError, Tx},
};

/// What to release.
#[derive(Clone, Debug)]
pub enum What {
    /// An experiment at home, by its id.
    Experiment(String),
    /// Our profile.
    Profile,
    /// Something about a record.
    Said(Box<Saying>),
}

/// A wish to release.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What.
    pub what: What,
    /// Under which card.
    pub card: Card,
    /// For named peers: their names.
    pub to: Vec<String>,
    /// For a group: its id.
    pub group: Option<String>,
    /// Purposes other than the card's.
    pub purposes: Option<BTreeSet<Purpose>>,
    /// Relay other than the card's.
    pub relay: Option<bool>,
    /// Back-fill other than the card's.
    pub back_fill: Option<bool>,
    /// Last day.
    pub until: Option<Date>,
    /// The role that authorises it.
    pub authorised_by: Line,
    /// What pre-flight found and leaves all the same.
    pub overrides: Vec<Override>,
    /// Only look.
    pub dry_run: bool,
}

/// What was released, or would be.
#[derive(Clone, Debug)]
pub struct Release {
    /// Whether it happened.
    pub done: bool,
    /// The record.
    pub record: Record,
    /// The record as signed.
    pub message: pb::Record,
    /// Size of the signed bytes.
    pub bytes: usize,
    /// The pre-flight, as it stood.
    pub page: Page,
    /// Number of the release that waits for a second person.
    pub waits_as: Option<u64>,
}

impl Release {
    fn of(composed: Composed, page: Page, done: bool, waits_as: Option<u64>) -> Self {
        let Composed { record, message, bytes, .. } = composed;
        Self { done, record, message, bytes, page, waits_as }
    }
}

impl App {
    /// Releases, or with `dry_run` shows what would leave and to whom. What needs a second person waits for one.
    ///
    /// # Errors
    /// [`AppError`] saying what stands in the way; nothing has left then.
    pub async fn publish(&self, who: &Operator, wish: Wish) -> Result<Release, AppError> {
        let mut tx = if wish.dry_run { self.store.read().await? } else { self.write_signed().await? };
        if !wish.dry_run {
            // Whoever else releases now waits for this lock, and finds in pre-flight what has left.
            tx.log_for_update(&self.keys.node_id()).await?;
            self.refuse_while_paused(&mut tx).await?;
        }
        self.refuse_succeeded(&mut tx, None).await?;
        let prepared = self.prepare(&mut tx, &wish).await?;
        let draft = cleared(&prepared)?;
        let waits = prepared.page.second_person.is_some();
        if wish.dry_run || waits {
            let next = tx.log(&self.keys.node_id()).await?.map_or(0, |log| log.frontier.size());
            let composed = self.compose(&self.keys.in_force(), draft, next)?;
            let waits_as = match waits && !wish.dry_run {
                true => Some(self.ask_second_person(tx, who, &wish, &prepared).await?),
                false => None,
            };
            return Ok(Release::of(composed, prepared.page, false, waits_as));
        }
        let composed = self.release(&mut tx, who, &wish, &prepared, "").await?;
        tx.commit().await?;
        self.released();
        Ok(Release::of(composed, prepared.page, true, None))
    }

    /// Appends what pre-flight cleared, and writes down on whose decision. The caller commits.
    pub(crate) async fn release(
        &self,
        tx: &mut Tx,
        who: &Operator,
        wish: &Wish,
        prepared: &Prepared,
        approved_by: &str,
    ) -> Result<Composed, AppError> {
        let draft = cleared(prepared)?;
        let composed = self.append_draft(tx, draft).await?;
        let record = composed.record.id();
        tx.add_release(&release_row(prepared, draft, wish, &composed, approved_by)?).await?;
        self.note_references(tx, &draft.references).await?;
        for Finding { key, overridden, .. } in &prepared.page.findings {
            if let Some(reason) = overridden {
                let words = format!("released all the same: {key}, because: {reason}");
                self.audit(tx, who.by(), Event::Override, Some(record), words).await?;
            }
        }
        let words = release_words(prepared, wish, approved_by);
        self.audit(tx, who.by(), Event::Release, Some(record), words).await?;
        Ok(composed)
    }

    /// Rings the bells after a release was committed.
    pub(crate) fn released(&self) {
        self.signals.head_moved();
        self.signals.records_changed();
    }

    /// What a release that was approved answers.
    pub(crate) fn release_of(&self, composed: Composed, page: Page) -> Release {
        Release::of(composed, page, true, None)
    }

    /// One of our own records, by its index.
    pub(crate) fn own_record(&self, index: u64) -> RecordId {
        RecordId { author: self.keys.node_id(), index }
    }
}

/// What would leave, if nothing stands in the way.
pub(crate) fn cleared(prepared: &Prepared) -> Result<&Draft, AppError> {
    let Page { obstacles, findings, .. } = &prepared.page;
    let stopping: Vec<_> = findings.iter().filter(|finding| finding.stops()).cloned().collect();
    if !stopping.is_empty() {
        return Err(AppError::Preflight { obstacles: obstacles.clone(), findings: stopping });
    }
    prepared
        .draft
        .as_ref()
        .filter(|_| obstacles.is_empty())
        .ok_or_else(|| AppError::Release(obstacles.clone()))
}

fn release_words(prepared: &Prepared, wish: &Wish, approved_by: &str) -> String {
    let Page { policy, .. } = &prepared.page;
    let second = if approved_by.is_empty() { String::new() } else { format!(", approved by {approved_by}") };
    format!(
        "released under the card \"{}\" for {}, authorised by {}{second}",
        wish.card.name(),
        policy.audience,
        wish.authorised_by
    )
}

fn release_row(
    prepared: &Prepared,
    draft: &Draft,
    wish: &Wish,
    composed: &Composed,
    approved_by: &str,
) -> Result<ReleaseRow, AppError> {
    let (experiment_id, version) = prepared.experiment.clone().unzip();
    Ok(ReleaseRow {
        index: composed.record.index,
        experiment_id,
        version: version.unwrap_or(0),
        card: wish.card.name().to_owned(),
        authorised_by: wish.authorised_by.to_string(),
        consent: draft.consent_records.clone(),
        consent_salt: composed.consent_salt,
        at: composed.record.created_at,
        overrides: serde_json::to_string(&wish.overrides).map_err(StoreError::corrupt)?,
        approved_by: approved_by.to_owned(),
    })
}
