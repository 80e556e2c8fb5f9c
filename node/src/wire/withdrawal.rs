//! Retractions, receipts, and groups.

use cairn_proto::{ids::RecordId, limits, pb::exchange as pb};

use super::{InvalidRecord, group_id, node_id, profile::said, time, timestamp};
use crate::domain::{
    date,
    text::{InvalidText, Line, Prose},
    withdrawal::{Group, Outcome, Reason, Receipt, Retraction},
};

impl From<&Retraction> for pb::Retraction {
    fn from(retraction: &Retraction) -> Self {
        let Retraction { target, reason, note, parts, replaced_by } = retraction;
        let reason = match reason {
            Reason::ConsentWithdrawn => pb::RetractionReason::ConsentWithdrawn,
            Reason::Mistake => pb::RetractionReason::Mistake,
            Reason::Superseded => pb::RetractionReason::Superseded,
            Reason::Other => pb::RetractionReason::Other,
        };
        Self {
            withdrawn_index: *target,
            reason: reason.into(),
            note: said(note.as_ref()),
            parts: parts.iter().map(Line::to_string).collect(),
            replaced_by: *replaced_by,
        }
    }
}

impl TryFrom<pb::Retraction> for Retraction {
    type Error = InvalidRecord;

    fn try_from(retraction: pb::Retraction) -> Result<Self, InvalidRecord> {
        let pb::Retraction { withdrawn_index, reason, note, parts, replaced_by } = retraction;
        let reason = match pb::RetractionReason::try_from(reason) {
            Ok(pb::RetractionReason::ConsentWithdrawn) => Reason::ConsentWithdrawn,
            Ok(pb::RetractionReason::Mistake) => Reason::Mistake,
            Ok(pb::RetractionReason::Superseded) => Reason::Superseded,
            // A reason of a later version is still a withdrawal.
            Ok(pb::RetractionReason::Other) | Err(_) => Reason::Other,
            Ok(pb::RetractionReason::Unspecified) => return Err(InvalidRecord::Missing("reason")),
        };
        Ok(Self {
            target: withdrawn_index,
            reason,
            note: Prose::optional("note", &note)?,
            parts: Line::list("parts", &parts)?,
            replaced_by,
        })
    }
}

impl From<&Receipt> for pb::PurgeReceipt {
    fn from(receipt: &Receipt) -> Self {
        let Receipt { record, retraction, outcome, at, backups_until, passed_on_to, software } = receipt;
        let (outcome, exception) = match outcome {
            Outcome::Purged => (pb::PurgeOutcome::Purged, None),
            Outcome::NeverHeld => (pb::PurgeOutcome::NeverHeld, None),
            Outcome::Exception { basis, review_on } => {
                let exception =
                    pb::PurgeException { basis: basis.to_string(), review_on: review_on.to_string() };
                (pb::PurgeOutcome::Exception, Some(exception))
            }
        };
        Self {
            author: record.author.to_string(),
            index: record.index,
            retraction_index: *retraction,
            outcome: outcome.into(),
            at: Some(timestamp(*at)),
            backups_until: backups_until.to_string(),
            passed_on_to: passed_on_to.iter().map(ToString::to_string).collect(),
            exception,
            software: software.to_string(),
        }
    }
}

impl TryFrom<pb::PurgeReceipt> for Receipt {
    type Error = InvalidRecord;

    fn try_from(receipt: pb::PurgeReceipt) -> Result<Self, InvalidRecord> {
        let pb::PurgeReceipt {
            author,
            index,
            retraction_index,
            outcome,
            at,
            backups_until,
            passed_on_to,
            exception,
            software,
        } = receipt;
        let outcome = match (pb::PurgeOutcome::try_from(outcome), exception) {
            (Ok(pb::PurgeOutcome::Purged), None) => Outcome::Purged,
            (Ok(pb::PurgeOutcome::NeverHeld), None) => Outcome::NeverHeld,
            (Ok(pb::PurgeOutcome::Exception), Some(pb::PurgeException { basis, review_on })) => {
                Outcome::Exception { basis: Prose::new("basis", &basis)?, review_on: date::day(&review_on)? }
            }
            _ => return Err(InvalidRecord::Unknown("outcome")),
        };
        if passed_on_to.len() > limits::NAMED_PEERS {
            let (items, limit) = (passed_on_to.len(), limits::NAMED_PEERS);
            return Err(InvalidText::TooMany { field: "passed_on_to", items, limit }.into());
        }
        Ok(Self {
            record: RecordId { author: node_id("author", &author)?, index },
            retraction: retraction_index,
            outcome,
            at: time("at", &at.ok_or(InvalidRecord::Missing("at"))?)?,
            backups_until: date::day(&backups_until)?,
            passed_on_to: passed_on_to
                .iter()
                .map(|id| node_id("passed_on_to", id))
                .collect::<Result<_, _>>()?,
            software: Line::new("software", &software)?,
        })
    }
}

impl From<&Group> for pb::Group {
    fn from(group: &Group) -> Self {
        let Group { id, name, about } = group;
        Self { id: id.to_string(), name: name.to_string(), about: said(about.as_ref()) }
    }
}

impl TryFrom<pb::Group> for Group {
    type Error = InvalidRecord;

    fn try_from(group: pb::Group) -> Result<Self, InvalidRecord> {
        let pb::Group { id: text, name, about } = group;
        Ok(Self {
            id: group_id("group id", &text)?,
            name: Line::new("group name", &name)?,
            about: Prose::optional("about", &about)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::ids::NodeId;
    use jiff::{Timestamp, civil::date};

    use super::*;

    fn receipt(outcome: Outcome) -> Receipt {
        Receipt {
            record: RecordId { author: NodeId::from_bytes([1; 32]), index: 3 },
            retraction: 4,
            outcome,
            at: Timestamp::UNIX_EPOCH,
            backups_until: date(2026, 12, 28),
            passed_on_to: vec![NodeId::from_bytes([2; 32])],
            software: Line::new("software", "cairn-node 1").unwrap(),
        }
    }

    #[test]
    fn what_is_said_about_a_withdrawal_survives_the_wire() {
        let basis = Prose::new("basis", "Public Records Act 1958").unwrap();
        let exception = Outcome::Exception { basis, review_on: date(2027, 1, 1) };
        for outcome in [Outcome::Purged, Outcome::NeverHeld, exception] {
            let receipt = receipt(outcome);
            assert_eq!(Receipt::try_from(pb::PurgeReceipt::from(&receipt)).unwrap(), receipt);
        }
        for reason in Reason::ALL {
            let parts = vec![Line::new("part", "noticed").unwrap()];
            let retraction = Retraction { target: 3, reason, note: None, parts, replaced_by: Some(4) };
            assert_eq!(Retraction::try_from(pb::Retraction::from(&retraction)).unwrap(), retraction);
        }
    }

    #[test]
    fn an_exception_needs_its_basis_and_nothing_else_has_one() {
        let mut without = pb::PurgeReceipt::from(&receipt(Outcome::Purged));
        without.outcome = pb::PurgeOutcome::Exception.into();
        assert_eq!(Receipt::try_from(without.clone()), Err(InvalidRecord::Unknown("outcome")));
        without.outcome = pb::PurgeOutcome::Purged.into();
        without.exception = Some(pb::PurgeException::default());
        assert_eq!(Receipt::try_from(without), Err(InvalidRecord::Unknown("outcome")));
    }

    #[test]
    fn a_group_id_has_one_spelling() {
        let group = pb::Group { id: "North".into(), name: "North".into(), about: String::new() };
        assert_eq!(Group::try_from(group), Err(InvalidRecord::Unknown("group id")));
    }
}
