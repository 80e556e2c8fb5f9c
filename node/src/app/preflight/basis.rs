//! What a page is made from: the policy that is wished for, what is out already, and the consents that remain.

use std::collections::BTreeSet;

use cairn_proto::ids::RecordId;

use super::Page;
use crate::{
    app::{App, AppError, lookup::looks_like_node, publish::Wish},
    domain::{
        consent::{self, Consent, Coverage},
        date,
        experiment::{Figure, Summary},
        learning::Id,
        policy::{Card, For, InvalidPolicy, Policy},
        record::{Body, ConsentState, Record},
        release::Obstacle,
        text::Line,
    },
    store::{StoreError, Tx},
};

impl App {
    /// The policy that is wished for.
    pub(crate) async fn policy(&self, tx: &mut Tx, wish: &Wish) -> Result<Policy, AppError> {
        let mut peers = BTreeSet::new();
        for name in &wish.to {
            // Somebody who is no peer may be reached through one who passes the record on.
            peers.insert(match looks_like_node(name) {
                Some(node) => node,
                None => self.peer_called(tx, name).await?.node,
            });
        }
        let not_for = |what: &str, option: &str| {
            let card = wish.card.name();
            AppError::Argument(format!(
                "the card \"{card}\" is not for {what}; use another card or leave out {option}"
            ))
        };
        if !wish.card.names_peers() && !peers.is_empty() {
            return Err(not_for("named peers", "--to"));
        }
        let group = match &wish.group {
            Some(_) if wish.card != Card::Group => return Err(not_for("a group", "--group")),
            Some(name) => Some(self.group_called(tx, name).await?),
            None => None,
        };
        let group = group.map(|row| Id::new(&row.id)).transpose().map_err(StoreError::corrupt)?;
        let mut policy = wish.card.policy(For { peers, group })?;
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

    /// The record that a release of this version replaces. Releasing the very same again is an obstacle.
    pub(super) async fn replaced(
        &self,
        tx: &mut Tx,
        id: &str,
        version: u64,
        policy: &Policy,
        wish: &Wish,
        page: &mut Page,
    ) -> Result<Option<RecordId>, AppError> {
        let mut replaced = None;
        for row in tx.releases().await?.into_iter().filter(|row| row.experiment_id.as_deref() == Some(id)) {
            let Some(out) = self.still_out(tx, row.index).await? else { continue };
            let same = row.version == version && row.card == wish.card.name();
            if same && out.policy.audience == policy.audience {
                page.obstacles.push(Obstacle::Released(out.id().to_string()));
            } else if row.version < version {
                replaced = Some(out.id());
            }
        }
        Ok(replaced)
    }

    /// The figures of every summary of ours that is out, whatever experiment it came from and whoever may read it: those
    /// who read two of them can compare. What was withdrawn or has expired is not held here any more and cannot be
    /// compared, though somebody may remember it.
    pub(super) async fn figures_out(&self, tx: &mut Tx) -> Result<Vec<(RecordId, Vec<Figure>)>, AppError> {
        let mut out = Vec::new();
        // A release of an experiment is a summary: nothing else in our log has to be read.
        for row in tx.releases().await?.into_iter().filter(|row| row.experiment_id.is_some()) {
            let Some(record) = self.still_out(tx, row.index).await? else { continue };
            let id = record.id();
            if let Body::Summary(summary) = record.body {
                out.push((id, summary.figures));
            }
        }
        Ok(out)
    }

    /// One of our own records, while it is out.
    async fn still_out(&self, tx: &mut Tx, index: u64) -> Result<Option<Record>, AppError> {
        let Some(log) = tx.log(&self.keys.node_id()).await? else { return Ok(None) };
        let opening = tx.openings(log.id, index, index.saturating_add(1), 1).await?.into_iter().next();
        let read = opening.map(|opening| self.read_record(&self.keys.identity(), &opening)).transpose()?;
        Ok(read.map(|(record, _)| record))
    }
}

/// The consents that remain in a release, as they are kept with it.
pub(super) fn remaining(
    whole: &Consent,
    parts: &[consent::OfParts],
    coverage: &[Coverage],
) -> Result<(ConsentState, String), AppError> {
    let lines = coverage.iter().filter(|line| !line.parts.is_empty());
    let kept = parts.iter().zip(lines).filter(|(_, line)| !line.left_out()).map(|(of, _)| &of.consent);
    let kept: Vec<_> = kept.collect();
    let (state, records) = match whole {
        Consent::Given(records) => {
            (ConsentState::Given, serde_json::to_string(&records.iter().chain(kept).collect::<Vec<_>>()))
        }
        Consent::NotNeeded(reason) if kept.is_empty() => {
            (ConsentState::NotNeeded, serde_json::to_string(reason))
        }
        Consent::NotNeeded(reason) => {
            let records = serde_json::json!({ "not_needed_for_the_rest": reason, "given": kept });
            (ConsentState::Given, serde_json::to_string(&records))
        }
    };
    Ok((state, records.map_err(StoreError::corrupt)?))
}

/// The licences of the published sources it draws on.
pub(super) fn licences(summary: &Summary) -> String {
    let licences: BTreeSet<_> =
        summary.sources.iter().filter_map(|s| s.licence.as_ref()).map(Line::as_str).collect();
    licences.into_iter().collect::<Vec<_>>().join("; ")
}
