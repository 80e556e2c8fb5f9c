//! Adding to our own log: a record or a retraction is signed, salted, hashed into a leaf, and kept with the new signed
//! head in one transaction.

use std::collections::BTreeSet;

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    ids::NodeId,
    limits,
    log::{Leaf, commitment},
    pb::exchange as pb,
};
use prost::Message as _;

use super::{App, AppError};
use crate::{
    domain::{
        consent,
        policy::{Audience, Policy, Purpose},
        record::{Body, ConsentState, ConsentStatement, Record, Reference},
        withdrawal::Retraction,
    },
    entropy,
    store::{LogRow, OpeningRow, Tx},
};

/// What records about records rest on: they say what a node did, and nothing of what people said.
const NOBODY: &[u8] =
    br#"{"not_needed":"it says what this node did with a record, and nothing that anybody said"}"#;

impl App {
    /// Adds a record that speaks of records, groups or receipts: nobody's words are in it. Gives its index. After the commit, ring
    /// [`super::Signals::head_moved`].
    pub(crate) async fn append_record(
        &self,
        tx: &mut Tx,
        body: Body,
        policy: Policy,
        references: Vec<Reference>,
    ) -> Result<u64, AppError> {
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        let commitment = consent::commitment(&entropy::bytes()?, NOBODY);
        let consent = ConsentStatement { state: ConsentState::NotNeeded, commitment };
        let record = self.record_at(log.frontier.size(), body, policy, consent, references);
        self.append(tx, log, &record, Leaf::record).await
    }

    /// Adds the retraction of an earlier record. Gives its index.
    pub(crate) async fn append_retraction(
        &self,
        tx: &mut Tx,
        retraction: Retraction,
        policy: Policy,
    ) -> Result<u64, AppError> {
        let target = retraction.target;
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        let commitment = consent::commitment(&entropy::bytes()?, NOBODY);
        let consent = ConsentStatement { state: ConsentState::NotNeeded, commitment };
        let record =
            self.record_at(log.frontier.size(), Body::Retraction(retraction), policy, consent, Vec::new());
        self.append(tx, log, &record, |commitment| Leaf::retraction(target, commitment)).await
    }

    /// A record of ours for the place `index` in our log.
    pub(crate) fn record_at(
        &self,
        index: u64,
        body: Body,
        policy: Policy,
        consent: ConsentStatement,
        references: Vec<Reference>,
    ) -> Record {
        Record {
            author: self.keys.node_id(),
            index,
            identity_seq: self.keys.identity().seq(),
            created_at: self.clock.now(),
            policy,
            consent,
            disclosure: None,
            references,
            body,
        }
    }

    /// Signs a record and adds it to our log, which is locked, with the new head. The transaction decides whether either was
    /// ever there. Gives its index.
    pub(crate) async fn append(
        &self,
        tx: &mut Tx,
        log: LogRow,
        record: &Record,
        leaf: impl FnOnce([u8; 32]) -> Leaf,
    ) -> Result<u64, AppError> {
        let payload = pb::Record::from(record).encode_to_vec();
        let envelope = envelope::sign(PayloadType::Record, payload, &[self.keys.signing()]).encode_to_vec();
        if envelope.len() > limits::ENVELOPE_BYTES {
            return Err(AppError::TooLarge { bytes: envelope.len(), limit: limits::ENVELOPE_BYTES });
        }
        let salt = entropy::bytes()?;
        let leaf = leaf(commitment(&salt, &envelope));
        let mut frontier = log.frontier;
        let index = frontier.size();
        frontier.append(leaf.hash());
        tx.append_leaves(log.id, index, &[leaf], &frontier).await?;
        let (expires_at, held_since) = (record.policy.expires_at, record.created_at);
        tx.add_openings(log.id, &[OpeningRow { index, salt, envelope, expires_at, held_since }]).await?;
        let size = frontier.size();
        let origin = checkpoint::origin(&log.origin);
        let head = checkpoint::sign(&Checkpoint { origin, size, root: frontier.root() }, self.keys.signing());
        tx.set_head(log.id, size, &head).await?;
        tx.set_settled(log.id, size).await?;
        Ok(index)
    }
}

/// The policy of a record from node to nodes about how records are dealt with: for them alone, whatever their contract is for.
pub(crate) fn between(nodes: BTreeSet<NodeId>) -> Policy {
    Policy {
        audience: Audience::NamedPeers(nodes),
        purposes: Purpose::ALL.into(),
        relay: false,
        back_fill: true,
        name_place: false,
        expires_at: None,
        licence: String::new(),
    }
}
