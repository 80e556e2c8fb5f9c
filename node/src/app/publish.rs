//! A release: what is at home becomes a record in our log, for an audience and nobody else.

use std::collections::BTreeSet;

use cairn_proto::{ids::RecordId, log::Leaf, pb::exchange as pb};
use jiff::{Timestamp, civil::Date};
use prost::Message as _;

use super::{
    App, AppError,
    actor::Operator,
    experiments::{AtHome, Listed},
};
use crate::{
    domain::{
        consent::{self, Consent},
        date,
        experiment::Summary,
        peer::Peering,
        policy::{Card, InvalidPolicy, Policy, Purpose, Withheld},
        record::{Body, ConsentState, ConsentStatement, Disclosure, Record, Reference},
        release,
        text::Line,
    },
    entropy,
    store::{ReleaseRow, StoreError, Tx},
};

/// What to release.
#[derive(Clone, Debug)]
pub enum What {
    /// An experiment at home, by its id.
    Experiment(String),
    /// Our profile.
    Profile,
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
    /// Who receives it today.
    pub recipients: Vec<Peering>,
    /// Who does not, and why.
    pub withheld: Vec<(Peering, Withheld)>,
}

/// What is about to leave, before it has a place in the log.
struct Draft {
    body: Body,
    policy: Policy,
    consent: ConsentState,
    /// The exact consent records, as JSON.
    consent_records: String,
    disclosure: Option<Disclosure>,
    references: Vec<Reference>,
    experiment: Option<(String, u64)>,
}

impl App {
    /// Releases, or with `dry_run` shows what would leave and to whom.
    ///
    /// # Errors
    /// [`AppError`] saying what stands in the way; nothing has left then.
    pub async fn publish(&self, _: &Operator, wish: Wish) -> Result<Release, AppError> {
        let mut tx = if wish.dry_run { self.store.read().await? } else { self.store.write().await? };
        if !wish.dry_run {
            self.refuse_while_paused(&mut tx).await?;
        }
        let now = self.clock.now();
        let draft = self.draft(&mut tx, &wish, now).await?;
        let peers = self.all_peerings(&mut tx).await?;
        let log = match wish.dry_run {
            true => tx.log(&self.keys.node_id()).await?,
            false => Some(tx.log_for_update(&self.keys.node_id()).await?),
        };
        let index = log.as_ref().map_or(0, |log| log.frontier.size());
        let consent_salt = entropy::bytes()?;
        let record = self.compose(&draft, index, consent_salt, now);
        let message = pb::Record::from(&record);
        let payload = message.encode_to_vec();
        let bytes = payload.len();
        let done = !wish.dry_run;
        if let Some(log) = log.filter(|_| done) {
            self.append(&mut tx, log, &record, Leaf::record).await?;
            tx.add_release(&release_row(&draft, &wish, index, consent_salt, now)).await?;
            tx.commit().await?;
            self.signals.head_moved();
            self.signals.records_changed();
        }
        let (recipients, withheld) = release::reach(&draft.policy, &peers, now);
        let recipients = recipients.into_iter().cloned().collect();
        let withheld = withheld.into_iter().map(|(peer, why)| (peer.clone(), why)).collect();
        Ok(Release { done, record, message, bytes, recipients, withheld })
    }

    async fn draft(&self, tx: &mut Tx, wish: &Wish, now: Timestamp) -> Result<Draft, AppError> {
        let policy = self.policy(tx, wish).await?;
        match &wish.what {
            What::Profile => self.draft_profile(tx, policy, now).await,
            What::Experiment(id) => self.draft_experiment(tx, id, policy, wish, now).await,
        }
    }

    async fn policy(&self, tx: &mut Tx, wish: &Wish) -> Result<Policy, AppError> {
        let mut named = BTreeSet::new();
        for name in &wish.to {
            named.insert(self.peer_called(tx, name).await?.node);
        }
        if wish.card != Card::NamedPeers && !named.is_empty() {
            return Err(AppError::Argument(format!(
                "the card \"{}\" is not for named peers; use --card \"named peers\" or leave out --to",
                wish.card.name()
            )));
        }
        let mut policy = wish.card.policy(named.into())?;
        if let Some(purposes) = &wish.purposes {
            if purposes.is_empty() {
                return Err(InvalidPolicy::NoPurpose.into());
            }
            policy.purposes.clone_from(purposes);
        }
        policy.relay = wish.relay.unwrap_or(policy.relay);
        policy.back_fill = wish.back_fill.unwrap_or(policy.back_fill);
        policy.expires_at = wish.until.map(date::end_of);
        Ok(policy)
    }

    async fn draft_profile(&self, tx: &mut Tx, policy: Policy, now: Timestamp) -> Result<Draft, AppError> {
        if policy.expired(now) {
            return Err(AppError::Release(vec![release::Obstacle::AlreadyExpired]));
        }
        let place = self.place_document(tx).await?.ok_or(AppError::Unnamed)?;
        Ok(Draft {
            body: Body::Profile(place.profile()?),
            policy,
            consent: ConsentState::NotNeeded,
            consent_records: r#"{"not_needed":"the place speaks for itself, with roles and no persons"}"#
                .into(),
            disclosure: None,
            references: Vec::new(),
            experiment: None,
        })
    }

    async fn draft_experiment(
        &self,
        tx: &mut Tx,
        id: &str,
        mut policy: Policy,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<Draft, AppError> {
        let AtHome { listed: Listed { experiment, row, .. }, summary, consent } =
            self.at_home(tx, id).await?;
        policy.expires_at = policy.expires_at.or_else(|| consent.ends_at());
        policy.licence = summary.as_ref().map(licences).unwrap_or_default();
        let authorised =
            release::authorise(summary.as_ref(), &consent, &policy, now).map_err(AppError::Release)?;
        let (state, records) = match &consent {
            Consent::Given(records) => (ConsentState::Given, serde_json::to_string(records)),
            Consent::NotNeeded(reason) => (ConsentState::NotNeeded, serde_json::to_string(reason)),
        };
        let mut references: Vec<_> =
            experiment.starting_points().into_iter().map(Reference::DerivedFrom).collect();
        references.extend(self.revision_of(tx, &row.id, row.version, &policy, wish).await?);
        Ok(Draft {
            body: Body::Summary(Box::new(authorised.clone())),
            policy,
            consent: state,
            consent_records: records.map_err(StoreError::corrupt)?,
            disclosure: experiment.protection(),
            references,
            experiment: Some((row.id, row.version)),
        })
    }

    /// The record that this release replaces. Releasing the very same again is refused.
    async fn revision_of(
        &self,
        tx: &mut Tx,
        id: &str,
        version: u64,
        policy: &Policy,
        wish: &Wish,
    ) -> Result<Option<Reference>, AppError> {
        let own = self.keys.node_id();
        let Some(log) = tx.log(&own).await? else {
            return Ok(None);
        };
        let mut replaced = None;
        for row in tx.releases().await?.into_iter().filter(|r| r.experiment_id.as_deref() == Some(id)) {
            let record = RecordId { author: own, index: row.index };
            if row.version == version && row.card == wish.card.name() {
                let opening = tx.openings(log.id, row.index, row.index + 1, 1).await?.into_iter().next();
                let same = opening.map(|o| self.read_record(self.keys.identity(), &o)).transpose()?;
                if same.is_some_and(|(record, _)| record.policy.audience == policy.audience) {
                    return Err(AppError::Released(record.to_string()));
                }
            } else if row.version < version {
                replaced = Some(Reference::RevisionOf(record));
            }
        }
        Ok(replaced)
    }

    fn compose(&self, draft: &Draft, index: u64, salt: [u8; 32], now: Timestamp) -> Record {
        let commitment = consent::commitment(&salt, draft.consent_records.as_bytes());
        Record {
            author: self.keys.node_id(),
            index,
            identity_seq: self.keys.identity().seq(),
            created_at: now,
            policy: draft.policy.clone(),
            consent: ConsentStatement { state: draft.consent, commitment },
            disclosure: draft.disclosure.clone(),
            references: draft.references.clone(),
            body: draft.body.clone(),
        }
    }
}

fn licences(summary: &Summary) -> String {
    let licences: BTreeSet<_> =
        summary.sources.iter().filter_map(|s| s.licence.as_ref()).map(Line::as_str).collect();
    licences.into_iter().collect::<Vec<_>>().join("; ")
}

fn release_row(draft: &Draft, wish: &Wish, index: u64, salt: [u8; 32], at: Timestamp) -> ReleaseRow {
    let (experiment_id, version) = draft.experiment.clone().unzip();
    ReleaseRow {
        index,
        experiment_id,
        version: version.unwrap_or(0),
        card: wish.card.name().to_owned(),
        authorised_by: wish.authorised_by.to_string(),
        consent: draft.consent_records.clone(),
        consent_salt: salt,
        at,
        overrides: "[]".to_owned(),
        approved_by: String::new(),
    }
}
