//! A record or a retraction comes into our log: put together, signed, salted, hashed into a leaf, and kept with the new signed
//! head in one transaction.

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
        dialogue::How,
        policy::{Audience, Policy, Purpose},
        record::{Body, ConsentState, ConsentStatement, Disclosure, Record, Reference},
        withdrawal::Retraction,
    },
    keys::InForce,
    store::{LinkToRow, LogRow, OpeningRow, StoreError, Tx},
};

/// What is about to leave, before it has a place in the log.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) body: Body,
    pub(crate) policy: Policy,
    pub(crate) consent: ConsentState,
    /// The exact consent records, as JSON.
    pub(crate) consent_records: String,
    pub(crate) disclosure: Option<Disclosure>,
    pub(crate) references: Vec<Reference>,
}

/// A record as it is, or would be, signed.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    pub(crate) record: Record,
    pub(crate) message: pb::Record,
    /// Size of the signed bytes.
    pub(crate) bytes: usize,
    pub(crate) consent_salt: [u8; 32],
    envelope: Vec<u8>,
}

/// Of which others a record speaks, as it is found by. Indices beyond what a database counts are of no log.
pub(super) fn links(record: &Record) -> Vec<LinkToRow> {
    let row = |reference: &Reference| {
        let (how, target) = (How::of(reference)?, *reference.record());
        i64::try_from(target.index).ok()?;
        Some(LinkToRow { index: record.index, how, target })
    };
    record.references.iter().filter_map(row).collect()
}

impl Draft {
    /// A record that says how records are dealt with: nobody's words are in it.
    fn without_words(body: Body, policy: Policy) -> Self {
        Self {
            body,
            policy,
            consent: ConsentState::NotNeeded,
            consent_records: r#"{"not_needed":"it says how records are dealt with"}"#.to_owned(),
            disclosure: None,
            references: Vec::new(),
        }
    }
}

impl App {
    /// Appends a record about how records are dealt with, which holds nobody's words, to our log. Gives its index; the
    /// caller commits, and rings the bell of the log.
    pub(crate) async fn append_record(
        &self,
        tx: &mut Tx,
        body: Body,
        policy: Policy,
        references: Vec<Reference>,
    ) -> Result<u64, AppError> {
        let draft = Draft { references, ..Draft::without_words(body, policy) };
        Ok(self.append_draft(tx, &draft).await?.record.index)
    }

    /// Appends the retraction of an earlier record. Gives its index; the caller commits, and rings the bell of the log.
    pub(crate) async fn append_retraction(
        &self,
        tx: &mut Tx,
        retraction: Retraction,
        policy: Policy,
    ) -> Result<u64, AppError> {
        let target = retraction.target;
        self.refuse_while_closed(tx).await?;
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        let draft = Draft::without_words(Body::Retraction(retraction), policy);
        let keys = self.keys_in(tx).await?;
        let composed = self.compose(&keys, &draft, log.frontier.size())?;
        self.append(tx, log, &keys, &composed, |commitment| Leaf::retraction(target, commitment)).await?;
        Ok(composed.record.index)
    }

    /// The policy of a word to an author about its records, whatever the contract is for: for it alone and, where others pass
    /// its log on to us, for those too, so that they pass the word on.
    pub(crate) async fn answer_to(&self, tx: &mut Tx, author: &NodeId) -> Result<Policy, AppError> {
        let carriers = match tx.log(author).await? {
            Some(log) => tx.carriers(log.id).await?,
            None => Vec::new(),
        };
        let relay = !carriers.is_empty();
        let nodes = carriers.into_iter().map(|carrier| carrier.node).chain([*author]).collect();
        Ok(Policy {
            audience: Audience::NamedPeers(nodes),
            purposes: Purpose::ALL.into(),
            relay,
            back_fill: true,
            name_place: false,
            expires_at: None,
            licence: String::new(),
        })
    }

    /// Appends a record to our log.
    pub(crate) async fn append_draft(&self, tx: &mut Tx, draft: &Draft) -> Result<Composed, AppError> {
        self.may_sign(tx).await?;
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        self.refuse_succeeded(tx, Some(&draft.body)).await?;
        let keys = self.keys_in(tx).await?;
        let composed = self.compose(&keys, draft, log.frontier.size())?;
        self.append(tx, log, &keys, &composed, Leaf::record).await?;
        Ok(composed)
    }

    /// The keys that sign in this transaction: those that our identity names in it. So nothing is signed with a key that a
    /// rotation has just put out of force.
    async fn keys_in(&self, tx: &mut Tx) -> Result<InForce, AppError> {
        let seq = tx.identity_seq(&self.keys.node_id()).await?;
        let keys = self.keys.of_event(seq);
        keys.ok_or_else(|| StoreError::corrupt("our identity names keys that are not here").into())
    }

    /// The record that `draft` would be at `index`, signed.
    pub(crate) fn compose(&self, keys: &InForce, draft: &Draft, index: u64) -> Result<Composed, AppError> {
        let consent_salt = self.entropy.bytes()?;
        let commitment = consent::commitment(&consent_salt, draft.consent_records.as_bytes());
        let record = Record {
            author: self.keys.node_id(),
            index,
            identity_seq: keys.identity().current().seq,
            created_at: self.clock.now(),
            policy: draft.policy.clone(),
            consent: ConsentStatement { state: draft.consent, commitment },
            disclosure: draft.disclosure.clone(),
            references: draft.references.clone(),
            body: draft.body.clone(),
        };
        let message = pb::Record::from(&record);
        let payload = message.encode_to_vec();
        let bytes = payload.len();
        let envelope = envelope::sign(PayloadType::Record, payload, &[keys.signing()]).encode_to_vec();
        if envelope.len() > limits::ENVELOPE_BYTES {
            return Err(AppError::TooLarge { bytes: envelope.len(), limit: limits::ENVELOPE_BYTES });
        }
        Ok(Composed { record, message, bytes, consent_salt, envelope })
    }

    /// Adds a signed record to our log and signs the new head. The transaction decides whether
    /// either was ever there.
    async fn append(
        &self,
        tx: &mut Tx,
        log: LogRow,
        keys: &InForce,
        composed: &Composed,
        leaf: impl FnOnce([u8; 32]) -> Leaf,
    ) -> Result<(), AppError> {
        let salt = self.entropy.bytes()?;
        let leaf = leaf(commitment(&salt, &composed.envelope));
        let mut frontier = log.frontier;
        let index = frontier.size();
        frontier.append(leaf.hash());
        tx.append_leaves(log.id, index, &[leaf], &frontier).await?;
        let opening = OpeningRow {
            index,
            salt,
            envelope: composed.envelope.clone(),
            expires_at: composed.record.policy.expires_at,
            held_since: composed.record.created_at,
        };
        tx.add_openings(log.id, &[opening]).await?;
        tx.add_record_links(log.id, &links(&composed.record)).await?;
        let size = frontier.size();
        let origin = checkpoint::origin(&log.origin);
        let head = checkpoint::sign(&Checkpoint { origin, size, root: frontier.root() }, keys.signing());
        tx.set_head(log.id, size, &head).await?;
        tx.set_settled(log.id, size).await?;
        Ok(())
    }
}
