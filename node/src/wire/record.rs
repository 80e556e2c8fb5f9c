//! Whole records.

use cairn_proto::{
    ids::RecordId,
    pb::exchange::{self as pb, record::Body as PbBody},
};

use super::{InvalidRecord, hash, node_id, profile::said, time, timestamp};
use crate::domain::{
    date,
    dialogue::{InThread, InvalidSaying},
    experiment::{StartingPoint, Summary},
    record::{Body, ConsentState, ConsentStatement, Disclosure, Record, Reference},
    restriction::Sort,
    text::{Line, Prose, bounded},
};

/// What a record is, as far as a limit of a peering asks. What is not known here is held back as anything else is.
#[must_use]
pub fn sort(body: Option<&PbBody>) -> Sort {
    match body {
        Some(PbBody::Profile(_)) => Sort::Profile,
        Some(PbBody::Retraction(_) | PbBody::PurgeReceipt(_)) => Sort::Withdrawal,
        Some(
            PbBody::ExperimentSummary(_)
            | PbBody::Group(_)
            | PbBody::UseReceipt(_)
            | PbBody::Response(_)
            | PbBody::Message(_),
        )
        | None => Sort::Other,
    }
}

/// The summary that a record is, if it is one that can be read.
#[must_use]
pub fn summary(body: Option<PbBody>) -> Option<Summary> {
    match body {
        Some(PbBody::ExperimentSummary(summary)) => summary.try_into().ok(),
        _ => None,
    }
}

impl From<&Record> for pb::Record {
    fn from(record: &Record) -> Self {
        let Record { author, index, identity_seq, created_at, policy, consent, disclosure, references, body } =
            record;
        Self {
            author: author.to_string(),
            index: *index,
            identity_seq: *identity_seq,
            created_at: Some(timestamp(*created_at)),
            policy: Some(policy.into()),
            consent: Some((*consent).into()),
            disclosure: disclosure.as_ref().map(Into::into),
            references: references.iter().map(Into::into).collect(),
            body: Some(match body {
                Body::Profile(profile) => PbBody::Profile(profile.into()),
                Body::Summary(summary) => PbBody::ExperimentSummary((&**summary).into()),
                Body::Retraction(retraction) => PbBody::Retraction(retraction.into()),
                Body::Receipt(receipt) => PbBody::PurgeReceipt(receipt.into()),
                Body::Group(group) => PbBody::Group(group.into()),
                Body::Uses(uses) => PbBody::UseReceipt(uses.into()),
                Body::Response(response) => PbBody::Response(response.into()),
                Body::Message(message) => PbBody::Message(message.into()),
            }),
        }
    }
}

impl TryFrom<pb::Record> for Record {
    type Error = InvalidRecord;

    fn try_from(record: pb::Record) -> Result<Self, InvalidRecord> {
        let pb::Record {
            author,
            index,
            identity_seq,
            created_at,
            policy,
            consent,
            disclosure,
            references,
            body,
        } = record;
        let body = match body.ok_or(InvalidRecord::UnknownBody)? {
            PbBody::Profile(profile) => Body::Profile(profile.try_into()?),
            PbBody::ExperimentSummary(summary) => Body::Summary(Box::new(summary.try_into()?)),
            PbBody::Retraction(retraction) => Body::Retraction(retraction.try_into()?),
            PbBody::PurgeReceipt(receipt) => Body::Receipt(receipt.try_into()?),
            PbBody::Group(group) => Body::Group(group.try_into()?),
            PbBody::UseReceipt(uses) => Body::Uses(uses.try_into()?),
            PbBody::Response(response) => Body::Response(response.try_into()?),
            PbBody::Message(message) => Body::Message(message.try_into()?),
        };
        bounded("references", &references)?;
        let author = node_id("author", &author)?;
        let references = references.into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>()?;
        // An author corrects its own earlier records and nobody else's.
        let own_earlier = |r: &RecordId| r.author == author && r.index < index;
        if references.iter().any(|r| matches!(r, Reference::RevisionOf(old) if !own_earlier(old))) {
            return Err(InvalidRecord::Unknown("revision_of"));
        }
        if let Some(thread) = InThread::of(&body, &references)? {
            // What answers itself has no place in any thread.
            let own = RecordId { author, index };
            if thread.root == own || thread.answers == Some(own) {
                return Err(InvalidSaying::References.into());
            }
        }
        Ok(Self {
            author,
            index,
            identity_seq,
            created_at: time("created_at", &created_at.ok_or(InvalidRecord::Missing("created_at"))?)?,
            policy: policy.ok_or(InvalidRecord::Missing("policy"))?.try_into()?,
            consent: consent.ok_or(InvalidRecord::Missing("consent"))?.try_into()?,
            disclosure: disclosure.map(TryInto::try_into).transpose()?,
            references,
            body,
        })
    }
}

impl From<ConsentStatement> for pb::ConsentStatement {
    fn from(consent: ConsentStatement) -> Self {
        let state = match consent.state {
            ConsentState::Given => pb::ConsentState::Given,
            ConsentState::NotNeeded => pb::ConsentState::NotNeeded,
        };
        Self { state: state.into(), commitment: consent.commitment.to_vec() }
    }
}

impl TryFrom<pb::ConsentStatement> for ConsentStatement {
    type Error = InvalidRecord;

    fn try_from(consent: pb::ConsentStatement) -> Result<Self, InvalidRecord> {
        let pb::ConsentStatement { state, commitment } = consent;
        let state = match pb::ConsentState::try_from(state) {
            Ok(pb::ConsentState::Given) => ConsentState::Given,
            Ok(pb::ConsentState::NotNeeded) => ConsentState::NotNeeded,
            Ok(pb::ConsentState::Unspecified) | Err(_) => {
                return Err(InvalidRecord::Unknown("consent state"));
            }
        };
        Ok(Self { state, commitment: hash("consent commitment", &commitment)? })
    }
}

impl From<&Disclosure> for pb::DisclosureStatement {
    fn from(disclosure: &Disclosure) -> Self {
        let Disclosure { statement, rule_set, checked_by, checked_on } = disclosure;
        Self {
            statement: statement.to_string(),
            rule_set: said(rule_set.as_ref()),
            checked_by: said(checked_by.as_ref()),
            checked_on: said(checked_on.as_ref()),
        }
    }
}

impl TryFrom<pb::DisclosureStatement> for Disclosure {
    type Error = InvalidRecord;

    fn try_from(disclosure: pb::DisclosureStatement) -> Result<Self, InvalidRecord> {
        let pb::DisclosureStatement { statement, rule_set, checked_by, checked_on } = disclosure;
        Ok(Self {
            statement: Prose::new("disclosure statement", &statement)?,
            rule_set: Line::optional("rule_set", &rule_set)?,
            checked_by: Line::optional("checked_by", &checked_by)?,
            checked_on: if checked_on.is_empty() { None } else { Some(date::day(&checked_on)?) },
        })
    }
}

impl From<&Reference> for pb::Reference {
    fn from(reference: &Reference) -> Self {
        let to = |kind: pb::ReferenceKind, record: &RecordId| Self {
            kind: kind.into(),
            author: record.author.to_string(),
            index: record.index,
            ..Self::default()
        };
        match reference {
            Reference::DerivedFrom(start) => Self {
                what_changed: start.what_changed.to_string(),
                why_changed: start.why_changed.to_string(),
                context_difference: start.context_difference.to_string(),
                ..to(pb::ReferenceKind::DerivedFrom, &start.record)
            },
            Reference::RevisionOf(record) => to(pb::ReferenceKind::RevisionOf, record),
            Reference::About(record) => to(pb::ReferenceKind::About, record),
            Reference::Cites(record) => to(pb::ReferenceKind::Cites, record),
            Reference::InReplyTo(record) => to(pb::ReferenceKind::InReplyTo, record),
        }
    }
}

impl TryFrom<pb::Reference> for Reference {
    type Error = InvalidRecord;

    fn try_from(reference: pb::Reference) -> Result<Self, InvalidRecord> {
        let pb::Reference { kind, author, index, what_changed, why_changed, context_difference } = reference;
        let record = RecordId { author: node_id("reference author", &author)?, index };
        // No log grows so long, and no database counts so far.
        i64::try_from(index).map_err(|_| InvalidRecord::Unknown("reference index"))?;
        match pb::ReferenceKind::try_from(kind) {
            Ok(pb::ReferenceKind::DerivedFrom) => Ok(Self::DerivedFrom(StartingPoint {
                record,
                what_changed: Prose::new("what_changed", &what_changed)?,
                why_changed: Prose::new("why_changed", &why_changed)?,
                context_difference: Prose::new("context_difference", &context_difference)?,
            })),
            Ok(pb::ReferenceKind::RevisionOf) => Ok(Self::RevisionOf(record)),
            Ok(pb::ReferenceKind::About) => Ok(Self::About(record)),
            Ok(pb::ReferenceKind::Cites) => Ok(Self::Cites(record)),
            Ok(pb::ReferenceKind::InReplyTo) => Ok(Self::InReplyTo(record)),
            Ok(pb::ReferenceKind::Unspecified) | Err(_) => Err(InvalidRecord::Unknown("reference kind")),
        }
    }
}
