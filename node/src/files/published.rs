//! Public records for whoever reads the web: JSON with the names of the schema, and an Atom feed (RFC 4287).

use jiff::Timestamp;
use maud::{PreEscaped, html};
use serde_json::{Value, json};

use crate::domain::{
    experiment::{Declaration, Force, Summary},
    place::Profile,
    policy::Prohibited,
    record::{Body, ConsentState, Record, Reference},
};

/// The namespace of Atom.
const ATOM: &str = "http://www.w3.org/2005/Atom";

/// A record, whole.
#[must_use]
pub fn record(record: &Record) -> Value {
    let policy = &record.policy;
    json!({
        "id": record.id().to_string(),
        "author": record.author.to_string(),
        "index": record.index,
        "kind": record.body.kind(),
        "title": record.body.title(),
        "created_at": record.created_at.to_string(),
        "policy": {
            "audience": policy.audience.to_string(),
            "purposes": policy.purposes.iter().map(|purpose| purpose.words()).collect::<Vec<_>>(),
            "prohibited": Prohibited::ALL.map(Prohibited::words),
            "expires_at": policy.expires_at.map(|at| at.to_string()),
            "licence": policy.licence,
        },
        "consent": match record.consent.state {
            ConsentState::Given => "given",
            ConsentState::NotNeeded => "not needed",
        },
        "disclosure": record.disclosure.as_ref().map(|disclosure| &disclosure.statement),
        "references": record.references.iter().map(reference).collect::<Vec<_>>(),
        "body": body(&record.body),
    })
}

/// What a record says; nothing for one about how records are dealt with, which is never public.
#[must_use]
pub fn body(body: &Body) -> Value {
    match body {
        Body::Profile(body) => profile(body),
        Body::Summary(body) => summary(body),
        Body::Response(body) => json!({
            "kind": body.kind().words(),
            "context": body.context(),
            "account": body.account(),
            "why": body.why(),
        }),
        Body::Message(body) => json!({ "kind": body.kind.words(), "text": body.text }),
        Body::Retraction(_) | Body::Receipt(_) | Body::Group(_) | Body::Uses(_) => Value::Null,
    }
}

/// A record in a line of a list.
#[must_use]
pub fn entry(record: &Record, base: &str) -> Value {
    json!({
        "id": record.id().to_string(),
        "kind": record.body.kind(),
        "title": record.body.title(),
        "created_at": record.created_at.to_string(),
        "href": format!("{base}/records/{}", record.index),
    })
}

fn reference(reference: &Reference) -> Value {
    let record = reference.record().to_string();
    match reference {
        Reference::DerivedFrom(start) => json!({
            "derived_from": record,
            "what_changed": start.what_changed,
            "why_changed": start.why_changed,
            "context_difference": start.context_difference,
        }),
        Reference::RevisionOf(_) => json!({ "revision_of": record }),
        Reference::About(_) => json!({ "about": record }),
        Reference::Cites(_) => json!({ "cites": record }),
        Reference::InReplyTo(_) => json!({ "in_reply_to": record }),
    }
}

fn profile(profile: &Profile) -> Value {
    let contacts = profile.contacts.iter();
    let contacts: Vec<_> =
        contacts.map(|contact| json!({ "role": contact.role, "reach": contact.reach })).collect();
    json!({
        "name": profile.name,
        "scale": profile.scale.to_string(),
        "geography": profile.geography,
        "themes": profile.themes,
        "contacts": contacts,
        "about": profile.about,
    })
}

fn summary(summary: &Summary) -> Value {
    let forces = |forces: &[Force]| {
        let force = |force: &Force| json!({ "what": force.what, "scale": force.scale.to_string() });
        forces.iter().map(force).collect::<Vec<_>>()
    };
    json!({
        "title": summary.title,
        "whose": summary.whose,
        "kind": summary.kind,
        "state": summary.state.words(),
        "scale": summary.scale.to_string(),
        "themes": summary.themes,
        "practice_areas": summary.practice_areas,
        "questions": summary.questions,
        "tried": summary.tried,
        "why": summary.why,
        "context": summary.context,
        "unknowns": summary.unknowns,
        "noticed": summary.noticed,
        "figures": summary.figures,
        "surprised": summary.surprised,
        "went_wrong": summary.went_wrong,
        "learnt": summary.learnt,
        "how_sure": summary.how_sure,
        "headwinds": forces(&summary.headwinds),
        "tailwinds": forces(&summary.tailwinds),
        "principle": summary.principle,
        "may_not_travel": summary.may_not_travel,
        "compromises": summary.compromises,
        "voices_in": summary.voices_in,
        "voices_missing": summary.voices_missing,
        "declared": match summary.declaration {
            Declaration::Before(day) => day.to_string(),
            Declaration::InRetrospect => "in retrospect".to_owned(),
        },
        "began": summary.began.map(|day| day.to_string()),
        "ended": summary.ended.map(|day| day.to_string()),
        "as_of": summary.as_of.map(|day| day.to_string()),
        "sources": summary.sources,
    })
}

/// A feed of records, newest first, of a place called `name` whose NodeId is `node`.
#[must_use]
pub fn feed(records: &[Record], name: &str, node: &str, base: &str, now: Timestamp) -> String {
    let newest = records.iter().map(|record| record.created_at).max().unwrap_or(now);
    let about = |record: &Record| match &record.body {
        Body::Profile(profile) => profile.about.as_ref().map(ToString::to_string),
        Body::Summary(summary) => summary.tried.as_ref().map(ToString::to_string),
        _ => None,
    };
    let entry = |record: &Record| {
        html! {
            entry {
                id { "urn:cairn:record:" (record.id()) }
                title { (record.body.title()) }
                updated { (record.created_at) }
                link rel="alternate" type="application/json" href={ (base) "/records/" (record.index) } {}
                @if let Some(about) = about(record) { summary { (about) } }
            }
        }
    };
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        feed xmlns=(ATOM) {
            id { "urn:cairn:node:" (node) }
            title { "What " (name) " has learnt" }
            updated { (newest) }
            author { name { (name) } }
            link rel="self" type="application/atom+xml" href={ (base) "/feed.atom" } {}
            @for record in records { (entry(record)) }
        }
    }
    .into_string()
}
