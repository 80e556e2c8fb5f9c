//! Places with fixed keys and small logs, shared by the tests of this crate. No clock, no randomness.

use std::collections::HashMap;

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    identity::{self, Identity, Kind},
    ids::NodeId,
    log::{Frontier, Hash, Leaf, Subtree, commitment, consistency_plan, inclusion_plan, root_plan},
    pb::exchange::{
        AllPeers, Audience, Envelope, EvidencePack, ExperimentSummary, ForkEvidence, Policy, Purpose, Record,
        TrustEntry, TrustList, TrustProposal, WitnessIdentity, audience, record::Body,
    },
};
use ed25519_dalek::{SigningKey, VerifyingKey};
use prost::Message as _;

/// A secret key that is the same in every run.
pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// Its public key.
pub(crate) fn public(number: u8) -> VerifyingKey {
    key(number).verifying_key()
}

/// A place that uses keys `base` (signing), `base + 1` (witness), `base + 2` (next), `base + 3` (recovery).
pub(crate) struct Place {
    pub(crate) base: u8,
    pub(crate) identity: Identity,
    pub(crate) log: Log,
}

impl Place {
    pub(crate) fn new(base: u8) -> Self {
        let recovery = [public(base + 3)];
        let (node_id, event) =
            identity::inception(&key(base), &public(base + 1), &public(base + 2), &recovery, 1, [base; 16]);
        let identity = Identity::verify(&[event]).unwrap();
        assert_eq!(identity.node_id(), node_id);
        Self { base, identity, log: Log::default() }
    }

    pub(crate) fn id(&self) -> NodeId {
        self.identity.node_id()
    }

    pub(crate) fn signing(&self) -> SigningKey {
        key(self.base)
    }

    pub(crate) fn witness(&self) -> SigningKey {
        key(self.base + 1)
    }

    /// The rotation to key `base + 2`, with `base + 4` as witness and `base + 5` announced.
    pub(crate) fn rotation(&self, log_size: u64) -> Envelope {
        let (new, witness, next) = (key(self.base + 2), public(self.base + 4), public(self.base + 5));
        identity::rotation(&self.identity, &self.signing(), &new, &witness, &next, log_size)
    }

    /// The recovery to key `base + 6`, with `base + 7` as witness, `base + 8` announced, same recovery key.
    pub(crate) fn recovery(&self, log_size: u64) -> Envelope {
        let (signer, new) = (key(self.base + 3), key(self.base + 6));
        let (witness, next) = (public(self.base + 7), public(self.base + 8));
        let recovery = [signer.verifying_key()];
        identity::recovery(&self.identity, &[&signer], &new, &witness, &next, log_size, &recovery, 1, false)
    }

    /// The succession by other places, signed by all of them.
    pub(crate) fn succession(&self, kind: Kind, by: &[u8], log_size: u64) -> Envelope {
        let others: Vec<Self> = by.iter().map(|base| Self::new(*base)).collect();
        let named: Vec<&Identity> = others.iter().map(|other| &other.identity).collect();
        let mut event = identity::succession(&self.identity, kind, &named, log_size);
        envelope::countersign(&mut event, &self.signing());
        others.iter().for_each(|other| envelope::countersign(&mut event, &other.signing()));
        event
    }

    /// A record for the given position.
    pub(crate) fn record(&self, index: u64) -> Record {
        let summary = ExperimentSummary {
            title: "Letters without jargon".to_owned(),
            tried: "We rewrote one letter together with the people who get it.".to_owned(),
            learnt: "Fewer calls, and better ones.".to_owned(),
            ..Default::default()
        };
        let policy = Policy {
            audience: Some(Audience { kind: Some(audience::Kind::AllPeers(AllPeers {})) }),
            purposes: vec![Purpose::PeerLearning.into()],
            ..Default::default()
        };
        Record {
            author: self.id().to_string(),
            index,
            identity_seq: self.identity.seq(),
            policy: Some(policy),
            body: Some(Body::ExperimentSummary(summary)),
            ..Default::default()
        }
    }

    /// The bytes of a record's envelope.
    pub(crate) fn envelope(&self, record: &Record) -> Vec<u8> {
        envelope::sign(PayloadType::Record, record.encode_to_vec(), &[&self.signing()]).encode_to_vec()
    }

    /// Writes a record at the end of the log and gives its salt and envelope.
    pub(crate) fn write(&mut self) -> ([u8; 32], Vec<u8>) {
        let index = self.log.frontier.size();
        let envelope = self.envelope(&self.record(index));
        let salt = [u8::try_from(index).unwrap(); 32];
        self.log.append(Leaf::record(commitment(&salt, &envelope)).hash());
        (salt, envelope)
    }

    /// The signed head of the log.
    pub(crate) fn head(&self) -> String {
        checkpoint::sign(&self.checkpoint(), &self.signing())
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let (size, root) = (self.log.frontier.size(), self.log.frontier.root());
        Checkpoint { origin: checkpoint::origin(&self.id()), size, root }
    }
}

/// A log as a prover keeps it.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) frontier: Frontier,
    pub(crate) hashes: Vec<Hash>,
    pub(crate) subtrees: HashMap<Subtree, Hash>,
}

impl Log {
    pub(crate) fn append(&mut self, leaf: Hash) {
        self.hashes.push(leaf);
        self.frontier.append_with(leaf, |subtree, hash| {
            self.subtrees.insert(subtree, hash);
        });
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion_plan(index, size).unwrap().assemble(|subtree| self.subtrees.get(&subtree).copied()).unwrap()
    }
}

/// Evidence that place 1 signed a log of four leaves, and one of seven that does not begin with it: leaf hashes of 32 equal bytes,
/// 0, 1, 2 ...; in the larger log from the fourth on 103, 104 ...
pub(crate) fn fork() -> ForkEvidence {
    let log = |size: u8, from: u8| {
        let mut place = Place::new(1);
        (0..size).for_each(|n| place.log.append([if n < from { n } else { n + 100 }; 32]));
        place
    };
    let (smaller, larger) = (log(4, 9), log(7, 3));
    let hash = |subtree| larger.log.subtrees.get(&subtree).copied();
    let root = root_plan(4).unwrap().assemble(hash).unwrap().concat();
    let proof = consistency_plan(4, 7).unwrap().assemble(hash).unwrap();
    ForkEvidence {
        identity: smaller.identity.events().to_vec(),
        smaller: smaller.head(),
        larger: larger.head(),
        root,
        consistency_proof: proof.iter().map(|hash| hash.to_vec()).collect(),
    }
}

/// An evidence pack for the first of three records of `author`, cosigned by `witness` at second 1800000000.
pub(crate) fn evidence(author: &mut Place, witness: &Place) -> EvidencePack {
    let (salt, envelope) = author.write();
    author.write();
    author.write();
    let head = checkpoint::cosign(&author.head(), &witness.id(), &witness.witness(), 1_800_000_000).unwrap();
    EvidencePack {
        identity: author.identity.events().to_vec(),
        envelope,
        salt: salt.to_vec(),
        index: 0,
        inclusion_proof: author.log.inclusion(0, 3).iter().map(|hash| hash.to_vec()).collect(),
        checkpoint: head,
        witnesses: vec![WitnessIdentity { identity: witness.identity.events().to_vec() }],
    }
}

/// A list of place 1 about places 50 and 80.
pub(crate) fn trust_list() -> TrustList {
    let entry = |about: u8, proposal: TrustProposal, reason: &str| TrustEntry {
        node_id: Place::new(about).id().to_string(),
        proposal: proposal.into(),
        name: "Dorset".to_owned(),
        reason: reason.to_owned(),
        review_on: "2027-11-23".to_owned(),
    };
    TrustList {
        author: Place::new(1).id().to_string(),
        made_at: Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 }),
        about: "after the spring meeting".to_owned(),
        entries: vec![
            entry(50, TrustProposal::Block, "it passes on what it must not"),
            entry(80, TrustProposal::Known, ""),
        ],
    }
}
