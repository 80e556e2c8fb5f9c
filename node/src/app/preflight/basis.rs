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
        record::{Body, ConsentState},
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

    /// Figures of this experiment that are out, and the record that a release replaces. Releasing the very same again is
    /// an obstacle.
    pub(super) async fn earlier(
        &self,
        tx: &mut Tx,
        id: &str,
        version: u64,
        policy: &Policy,
        wish: &Wish,
        page: &mut Page,
    ) -> Result<(Vec<(RecordId, Vec<Figure>)>, Option<RecordId>), AppError> {
        let own = self.keys.node_id();
        let (mut earlier, mut replaced) = (Vec::new(), None);
        let Some(log) = tx.log(&own).await?.filter(|_| version > 0) else { return Ok((earlier, replaced)) };
        for row in tx.releases().await?.into_iter().filter(|r| r.experiment_id.as_deref() == Some(id)) {
            let at = RecordId { author: own, index: row.index };
            let opening = tx.openings(log.id, row.index, row.index + 1, 1).await?.into_iter().next();
            let out = opening
                .map(|o| self.read_record(self.keys.identity(), &o))
                .transpose()?
                .map(|(record, _)| record);
            let same = row.version == version && row.card == wish.card.name();
            if same && out.as_ref().is_some_and(|record| record.policy.audience == policy.audience) {
                page.obstacles.push(Obstacle::Released(at.to_string()));
            } else if row.version < version && out.is_some() {
                replaced = Some(at);
            }
            if let Some(Body::Summary(summary)) = out.map(|record| record.body) {
                earlier.push((at, summary.figures));
            }
        }
        Ok((earlier, replaced))
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
