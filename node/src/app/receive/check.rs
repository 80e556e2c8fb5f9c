//! Checking openings against the leaves held: commitment, signature, policy. Pure, so that several batches can be checked at
//! once on threads of their own.

use cairn_proto::{
    ids::NodeId,
    log::{Leaf, LeafKind, commitment},
    pb::exchange as pb,
    record::RecordError,
};
use jiff::Timestamp;

use super::ReceiveError;
use crate::{
    app::{append, index, relay::Route},
    domain::{
        learning::Id,
        policy::Onward,
        record::{Body, Record, Reference},
        uses::Uses,
        withdrawal::{Receipt, Retraction},
    },
    store::{LinkToRow, OpeningRow, WordsRow},
};

/// Openings that verified, and where they leave us.
#[derive(Debug, Default)]
pub struct Checked {
    /// Those that may be held here.
    pub(in crate::app) rows: Vec<OpeningRow>,
    /// What each of them is found by.
    pub(in crate::app) words: Vec<WordsRow>,
    /// Indices of those that are learning.
    pub(in crate::app) learning: Vec<u64>,
    /// What they say about records that were withdrawn, with where they say it.
    pub(in crate::app) receipts: Vec<(u64, Receipt)>,
    /// Which of them may be passed on, and to which nodes; without nodes: to anyone.
    pub(in crate::app) passable: Vec<(u64, Option<Vec<NodeId>>)>,
    /// What they say was done with records of ours.
    pub(in crate::app) uses: Vec<Uses>,
    /// Of which others they speak.
    pub(in crate::app) links: Vec<LinkToRow>,
    /// Groups of the author to which we belong, as these records say, and which records they revise.
    pub(in crate::app) groups: Vec<(Id, u64, Option<u64>)>,
    /// Retractions of our own that come back, with their index and time.
    pub(in crate::app) retractions: Vec<(u64, Timestamp, Retraction)>,
    /// Everything before was settled by what came before.
    pub(in crate::app) settled_from: u64,
    /// Everything below is settled.
    pub(in crate::app) settled_to: u64,
}

/// Checks a batch of openings in their order against the leaves of a log from index `from` on.
pub(super) fn check_all(
    route: &Route,
    own: &NodeId,
    batch: &pb::OpeningBatch,
    (log_id, from): (i64, u64),
    leaves: &[Leaf],
    now: Timestamp,
) -> Result<Checked, ReceiveError> {
    let mut checked = Checked { settled_to: batch.settled_to, ..Checked::default() };
    let mut next = from;
    for opening in &batch.openings {
        let index = opening.index;
        if index < next {
            return Err(ReceiveError::Order { index });
        }
        next = index + 1;
        let leaf = usize::try_from(index - from).ok().and_then(|at| leaves.get(at));
        let leaf = leaf.ok_or(ReceiveError::Order { index })?;
        if let Some((row, record)) = check_one(route, own, opening, leaf, now)? {
            checked.rows.push(row);
            checked.words.push(index::words(log_id, index, &record));
            checked.links.extend(append::links(&record));
            match record.policy.onward() {
                Onward::Nobody => {}
                Onward::Anyone => checked.passable.push((index, None)),
                Onward::Nodes(nodes) => checked.passable.push((index, Some(nodes.iter().copied().collect()))),
            }
            let revised = record.references.iter().find_map(|reference| match reference {
                Reference::RevisionOf(before) => Some(before.index),
                _ => None,
            });
            match record.body {
                Body::Receipt(receipt) => checked.receipts.push((index, receipt)),
                Body::Group(group) => checked.groups.push((group.id, index, revised)),
                Body::Uses(uses) => checked.uses.push(uses),
                Body::Retraction(said) if route.origin() == *own => {
                    checked.retractions.push((index, record.created_at, said));
                }
                body if body.is_learning() => checked.learning.push(index),
                _ => {}
            }
        }
    }
    Ok(checked)
}

/// Checks one opening. `None` for a record that verifies but that must not, or cannot, be held here.
fn check_one(
    route: &Route,
    own: &NodeId,
    opening: &pb::Opening,
    leaf: &Leaf,
    now: Timestamp,
) -> Result<Option<(OpeningRow, Record)>, ReceiveError> {
    let (index, author) = (opening.index, &route.author);
    let salt = opening.salt.as_slice().try_into().map_err(|_| ReceiveError::Salt { index })?;
    if *leaf.commitment() != commitment(&salt, &opening.envelope) {
        return Err(ReceiveError::Commitment { index });
    }
    let message = match cairn_proto::record::open(&opening.envelope, author, index) {
        Ok(message) => message,
        // What comes beside it may be from before, so that nothing else is refused with it.
        Err(RecordError::Void(size)) => {
            tracing::warn!(author = %author.node_id().short(), index, size, "record not held: its author named who goes on before it");
            return Ok(None);
        }
        Err(error) => return Err(ReceiveError::Record { index, error }),
    };
    let record = match Record::try_from(message) {
        Ok(record) => record,
        // Signed by its author, so the log is in order; but nothing we may or can hold.
        Err(_) => {
            // The error may quote the record, which has no place in the log.
            tracing::warn!(author = %author.node_id().short(), index, "record not held: of a form not known here");
            return Ok(None);
        }
    };
    // A retraction says why; its leaf alone has the effect. What does not fit its leaf is no record to be held.
    let fits = match &record.body {
        Body::Retraction(said) => leaf.kind() == LeafKind::Retraction && leaf.target() == Some(said.target),
        _ => leaf.kind() == LeafKind::Record,
    };
    if !fits {
        tracing::warn!(author = %author.node_id().short(), index, "record not held: it does not fit its leaf");
        return Ok(None);
    }
    let comes_back = author.node_id() == *own;
    let for_us = match route.is_direct() {
        _ if comes_back => true,
        true => record.policy.includes(own).is_ok(),
        false => record.policy.onward().includes(own),
    };
    if route.limited && !comes_back && !record.body.sort().passes_limit(&record.policy.audience) {
        return Ok(None); // it is asked for again once the limit is lifted
    }
    if !route.asked.wants(index, &record.body) {
        tracing::debug!(author = %author.node_id().short(), index, "record not held: it was not asked for");
        return Ok(None);
    }
    if record.policy.expired(now) || !for_us {
        tracing::warn!(author = %author.node_id().short(), index, "record not held: expired or not for this node");
        return Ok(None);
    }
    let envelope = opening.envelope.to_vec();
    let row = OpeningRow { index, salt, envelope, expires_at: record.policy.expires_at, held_since: now };
    Ok(Some((row, record)))
}
