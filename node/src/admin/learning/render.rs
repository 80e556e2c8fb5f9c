//! From what use cases give about learning to admin replies.

use cairn_proto::pb::admin as pb;

use crate::{
    app::learning::{
        Entry,
        drafts::Draft,
        find::Found,
        read::{Shown, Tie, Version},
        trace::Step,
    },
    files::account::Block,
    wire,
};

/// A count; no file holds more than fit.
#[must_use]
pub fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A document, in a line.
#[must_use]
pub fn entry(entry: &Entry) -> pb::DocumentEntry {
    pb::DocumentEntry {
        kind: entry.of.kind.word().to_owned(),
        id: entry.of.id.to_string(),
        title: entry.title.clone(),
        version: entry.version,
        changed_at: Some(wire::timestamp(entry.at)),
        changed_by: entry.by.clone(),
        cycle: entry.cycle.clone().unwrap_or_default(),
        state: entry.state.clone(),
        scale: entry.scale.clone(),
        erased: entry.erased,
    }
}

/// A document in full.
#[must_use]
pub fn shown(shown: Shown) -> pb::GetDocumentResponse {
    pb::GetDocumentResponse {
        document: Some(entry(&shown.entry)),
        blocks: shown.blocks.into_iter().map(block).collect(),
        json: shown.json,
        file: shown.file,
        refers_to: shown.refers_to.iter().map(tie).collect(),
        referred_to_by: shown.referred_to_by.iter().map(tie).collect(),
        remarks: shown.remarks,
        declarations: shown.declarations,
        iteration: shown.iteration,
        erasure: shown.erasure.unwrap_or_default(),
    }
}

fn block(laid_out: Block) -> pb::Block {
    let Block { heading, facts, text, items, blocks } = laid_out;
    pb::Block {
        heading,
        facts: facts.into_iter().map(|(label, text)| pb::Fact { label, text }).collect(),
        text,
        items,
        blocks: blocks.into_iter().map(block).collect(),
    }
}

fn tie(tie: &Tie) -> pb::DocumentLink {
    pb::DocumentLink { relation: tie.relation.clone(), document: Some(entry(&tie.entry)) }
}

/// What was found.
#[must_use]
pub fn found(found: Found) -> pb::ListDocumentsResponse {
    pb::ListDocumentsResponse {
        documents: found.entries.iter().map(entry).collect(),
        excerpts: found.excerpts,
        next_cursor: found.next.map(|next| next.to_string()).unwrap_or_default(),
    }
}

/// A version.
#[must_use]
pub fn version(version: &Version) -> pb::DocumentVersion {
    pb::DocumentVersion {
        version: version.row.version,
        at: Some(wire::timestamp(version.row.at)),
        by: version.row.by.clone(),
        changed: version.changed.clone(),
    }
}

/// A step of a trace.
#[must_use]
pub fn step(step: &Step) -> pb::TraceStep {
    pb::TraceStep {
        distance: step.distance,
        document: Some(entry(&step.entry)),
        relation: step.relation.clone(),
        next: step.next.to_string(),
    }
}

/// A kept text.
#[must_use]
pub fn draft(draft: Draft) -> pb::Draft {
    let Draft { id, kind, document_id, base_version, text, problem, at, by } = draft;
    pb::Draft {
        id,
        kind,
        document_id,
        based_on: base_version,
        text,
        problem,
        at: Some(wire::timestamp(at)),
        by,
    }
}
