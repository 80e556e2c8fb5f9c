//! From what use cases give to admin replies.

use cairn_proto::{
    ids::{NodeId, RecordId},
    pb::{admin as pb, exchange},
};

use super::preflight;
use crate::{
    app::{
        audit::hex,
        doctor::{Finding, State},
        experiments::Listed,
        explain::Explained,
        keys,
        publish::Release,
        records::{Examined, Shown},
        status::Following,
        witness::Witness,
    },
    domain::{
        consent::Consent,
        peer::{Peering, Side, Standing},
        restriction::Restriction,
        succession::Succeeded,
    },
    wire::{
        self,
        contract::{degree_to_pb, standing_to_pb},
        policy::purposes_to_pb,
    },
};

/// A peering.
#[must_use]
pub fn peer(peering: &Peering) -> pb::Peer {
    pb::Peer {
        name: peering.name.clone(),
        node_id: peering.node.to_string(),
        words: peering.node.words(),
        endpoint: peering.endpoint.clone(),
        standing: peering.degree().map_or(standing_to_pb(peering.standing), degree_to_pb).into(),
        standing_words: peering.words(),
        since: Some(wire::timestamp(peering.since)),
        waits_for_us: peering.standing == Standing::Proposed(Side::Them) || peering.recovered,
        purposes: purposes_to_pb(&peering.terms.purposes),
        relay: peering.terms.relay,
        review_on: peering.terms.review_on.map(|day| day.to_string()).unwrap_or_default(),
        last_contact: peering.last_contact.map(wire::timestamp),
        last_error: peering.last_error.clone(),
        software: peering.software.clone(),
        reason: peering.reason.clone(),
        by_us: peering.by_us.as_ref().map(restriction),
        by_them: peering.by_them.as_ref().map(restriction),
        daily_bytes: peering.allowance(0).allowed,
        bytes_today: 0,
        known_to: Vec::new(),
        succeeded: peering.succeeded.as_ref().map(Succeeded::in_full).unwrap_or_default(),
    }
}

fn restriction(restriction: &Restriction) -> pb::Restriction {
    let Restriction { degree, reason, review_on, since } = restriction;
    pb::Restriction {
        standing: degree_to_pb(*degree).into(),
        reason: reason.clone(),
        review_on: review_on.map(|day| day.to_string()).unwrap_or_default(),
        since: Some(wire::timestamp(*since)),
    }
}

/// An experiment at home, in a line.
#[must_use]
pub fn experiment(own: &NodeId, listed: &Listed) -> pb::ExperimentEntry {
    let record = |index| RecordId { author: *own, index }.to_string();
    pb::ExperimentEntry {
        id: listed.row.id.clone(),
        title: listed.experiment.title.to_string(),
        state: listed.experiment.state.words().to_owned(),
        scale: listed.experiment.scale.to_string(),
        version: u32::try_from(listed.row.version).unwrap_or(u32::MAX),
        updated_at: Some(wire::timestamp(listed.row.at)),
        record_ids: listed.releases.iter().map(|release| record(release.index)).collect(),
    }
}

/// What consent covers, a line each.
#[must_use]
pub fn consents(consent: &Consent, now: jiff::Timestamp) -> Vec<String> {
    match consent {
        Consent::Given(records) => records.iter().map(|record| record.words(now)).collect(),
        Consent::NotNeeded(reason) => vec![format!("not needed: {reason}")],
    }
}

/// What was released, or would be.
#[must_use]
pub fn release(release: Release) -> pb::PublishResponse {
    let page = preflight::page(&release.page);
    pb::PublishResponse {
        record_id: if release.done { release.record.id().to_string() } else { String::new() },
        card_words: page.card_words.clone(),
        recipients: page.recipients.clone(),
        withheld: page.withheld.clone(),
        payload_bytes: u32::try_from(release.bytes).unwrap_or(u32::MAX),
        record: Some(release.message),
        preflight: Some(page),
        waits_as: release.waits_as.unwrap_or_default(),
    }
}

/// A record, in a line.
#[must_use]
pub fn entry(shown: &Shown) -> pb::RecordEntry {
    let record = &shown.record;
    pb::RecordEntry {
        record_id: record.id().to_string(),
        author: record.author.to_string(),
        author_name: shown.author_name.clone(),
        kind: record.body.kind().to_owned(),
        title: record.body.title().into_owned(),
        audience: record.policy.audience.to_string(),
        created_at: Some(wire::timestamp(record.created_at)),
        held_since: Some(wire::timestamp(shown.held_since)),
        expires_at: record.policy.expires_at.map(wire::timestamp),
        source_gone: !shown.sources_gone.is_empty(),
        via: shown.via.clone(),
    }
}

/// One record.
#[must_use]
pub fn examined(examined: Examined) -> pb::GetRecordResponse {
    let disclosures = examined.disclosures.into_iter().map(|(name, row)| pb::Disclosure {
        name,
        node_id: row.recipient.to_string(),
        at: Some(wire::timestamp(row.at)),
        title_only: row.title_only,
    });
    let disclosures = disclosures.collect();
    let sources_gone = examined.shown.sources_gone.clone();
    pb::GetRecordResponse {
        entry: Some(entry(&examined.shown)),
        record: Some(examined.shown.message),
        checked: examined.checked,
        disclosures,
        sources_gone,
    }
}

/// How far we have followed a peer.
#[must_use]
pub fn following(following: &Following) -> pb::SyncEntry {
    pb::SyncEntry {
        name: following.name.clone(),
        node_id: following.node.to_string(),
        state: following.state.clone(),
        leaves: following.leaves,
        settled_to: following.settled_to,
        held: following.held,
        not_held: following.settled_to.saturating_sub(following.held),
        last_contact: following.last_contact.map(wire::timestamp),
        last_error: following.last_error.clone(),
        via: following.via.clone(),
        cosigned_by: following.witnesses.by.iter().map(cosignature).collect(),
        witnessed: following.witnesses.words.clone(),
    }
}

/// A witness's signature of a head.
#[must_use]
pub fn cosignature(witness: &Witness) -> pb::CosignatureEntry {
    pb::CosignatureEntry {
        name: witness.name.clone(),
        node_id: witness.cosigned.witness.to_string(),
        size: witness.cosigned.size,
        at: Some(wire::timestamp(witness.cosigned.at)),
    }
}

/// Why a peer was given a record, or was not.
#[must_use]
pub fn explanation(explained: Explained) -> pb::Explanation {
    let Explained { record, title, words } = explained;
    pb::Explanation { record_id: record.to_string(), title, words }
}

/// The keys in force.
#[must_use]
pub fn keys(shown: &keys::Shown) -> pb::KeySet {
    pb::KeySet {
        node_id: shown.node.to_string(),
        words: shown.words.clone(),
        signing_key: hex(&shown.signing_key),
        from: shown.from,
        changes: shown.changes,
        next_key_hash: hex(&shown.next_key_hash),
        recovery_keys: u32::try_from(shown.recovery.0).unwrap_or(u32::MAX),
        recovery_threshold: shown.recovery.1,
        recovery_key_here: shown.recovery_here,
    }
}

/// A finding.
#[must_use]
pub fn finding(finding: Finding) -> pb::Finding {
    let Finding { check, state, found, mend } = finding;
    let state = match state {
        State::Well => pb::FindingState::Well,
        State::Look => pb::FindingState::Look,
        State::Mend => pb::FindingState::Mend,
    };
    pb::Finding { check: check.to_owned(), state: state.into(), found, mend }
}

/// The profile at home; all fields empty until the place has a name.
#[must_use]
pub fn profile(profile: Option<&crate::domain::place::Profile>) -> exchange::Profile {
    profile.map(Into::into).unwrap_or_default()
}
