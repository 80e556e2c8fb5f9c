//! Identities, records and logs made by hand, with the protocol's own building blocks. Everything is signed as
//! it must be, unless a test says otherwise.

use std::collections::BTreeSet;

use cairn_node::{
    domain::policy::Card,
    entropy::{self, Entropy},
    store::{OpeningRow, Tx},
};
use cairn_proto::{
    checkpoint::{self, Checkpoint},
    envelope::{self, PayloadType},
    identity::{self, Identity},
    ids::NodeId,
    limits,
    log::{Frontier, Hash, Leaf, Subtree, commitment, consistency_plan, node_hash},
    pb::exchange::{
        BuiltInScale, ConsentState, ConsentStatement, Head, LeafBatch, Opening, OpeningBatch, Policy,
        Profile, PullRequest, Record, Retraction, RetractionReason, Scale, pull_response::Part, record::Body,
        scale::Label,
    },
};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use prost::Message as _;

/// Openings in one batch of a forged log.
const OPENINGS: usize = 256;

/// Someone with an identity and its keys.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Signs records, heads and TLS.
    pub signing: SigningKey,
    /// The signed chain.
    pub identity: Identity,
}

impl Persona {
    /// Someone new.
    ///
    /// # Panics
    /// When the system has no randomness.
    #[must_use]
    pub fn new() -> Self {
        let [signing, witness, next, recovery] =
            [(); 4].map(|()| entropy::signing_key().expect("randomness"));
        let recovery = [recovery.verifying_key()];
        let nonce = entropy::bytes().expect("randomness");
        let (_, inception) = identity::inception(
            &signing,
            &witness.verifying_key(),
            &next.verifying_key(),
            &recovery,
            1,
            nonce,
        );
        let identity = Identity::verify(&[inception]).expect("a good identity");
        Self { signing, identity }
    }

    /// Its NodeId.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.identity.node_id()
    }
}

impl Default for Persona {
    fn default() -> Self {
        Self::new()
    }
}

/// The policy of a card, as it stands in a record.
///
/// # Panics
/// When the card needs names and there are none.
#[must_use]
pub fn policy(card: Card, named: &[NodeId]) -> Policy {
    let policy = card.policy(named.iter().copied().collect::<BTreeSet<_>>().into()).expect("a policy");
    Policy::from(&policy)
}

/// A small record: a profile whose text is `about`, for all peers.
#[must_use]
pub fn small_record(author: &NodeId, index: u64, about: &str) -> Record {
    let scale = Scale { label: Some(Label::BuiltIn(BuiltInScale::Place.into())) };
    let body = Profile {
        name: "A small place".into(),
        scale: Some(scale),
        about: about.into(),
        ..Default::default()
    };
    Record {
        author: author.to_string(),
        index,
        created_at: Some(Default::default()),
        policy: Some(policy(Card::Network, &[])),
        consent: Some(ConsentStatement { state: ConsentState::NotNeeded.into(), commitment: vec![0; 32] }),
        body: Some(Body::Profile(body)),
        ..Default::default()
    }
}

/// A leaf and what lies beside it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The leaf.
    pub leaf: Leaf,
    /// Salt and envelope, unless withdrawn.
    pub opening: Option<([u8; 32], Vec<u8>)>,
}

/// A log made by hand.
#[derive(Clone, Debug)]
pub struct ForgedLog {
    author: NodeId,
    key: SigningKey,
    entropy: Entropy,
    /// Its entries.
    pub entries: Vec<Entry>,
}

impl ForgedLog {
    /// An empty log of a node whose key is at hand.
    #[must_use]
    pub fn new(author: NodeId, key: &SigningKey) -> Self {
        Self { author, key: key.clone(), entropy: Entropy::System, entries: Vec::new() }
    }

    /// The log with salts from another source of randomness.
    #[must_use]
    pub fn salted_by(self, entropy: Entropy) -> Self {
        Self { entropy, ..self }
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Appends a small record; gives its index.
    pub fn add(&mut self, about: &str) -> u64 {
        self.add_changed(about, |_| {})
    }

    /// Appends small records.
    pub fn add_all(&mut self, abouts: &[&str]) {
        for about in abouts {
            self.add(about);
        }
    }

    /// Appends a small record that was changed before it was signed; gives its index.
    pub fn add_changed(&mut self, about: &str, change: impl FnOnce(&mut Record)) -> u64 {
        let mut record = small_record(&self.author, self.size(), about);
        change(&mut record);
        let signed = envelope::sign(PayloadType::Record, record.encode_to_vec(), &[&self.key]);
        self.add_envelope(signed.encode_to_vec())
    }

    /// Appends a leaf that commits to these bytes; gives its index.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub fn add_envelope(&mut self, envelope: Vec<u8>) -> u64 {
        let salt = self.entropy.bytes().expect("randomness");
        let leaf = Leaf::record(commitment(&salt, &envelope));
        self.entries.push(Entry { leaf, opening: Some((salt, envelope)) });
        self.size() - 1
    }

    /// Appends the retraction of a record; gives its own index.
    pub fn retract(&mut self, target: u64) -> u64 {
        let leaf = Leaf::retraction(target, [7; 32]);
        self.entries.push(Entry { leaf, opening: None });
        self.size() - 1
    }

    /// Appends the retraction of a record together with what it says; gives its own index.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub fn retract_saying(&mut self, target: u64) -> u64 {
        let said = Retraction {
            withdrawn_index: target,
            reason: RetractionReason::Mistake.into(),
            ..Default::default()
        };
        let index = self.add_changed("", |record| record.body = Some(Body::Retraction(said)));
        if let Some(Entry { leaf, opening: Some((salt, envelope)) }) = self.entries.last_mut() {
            *leaf = Leaf::retraction(target, commitment(salt, envelope));
        }
        index
    }

    /// The root of the first `size` leaves.
    #[must_use]
    pub fn root(&self, size: u64) -> Hash {
        let mut frontier = Frontier::new();
        for entry in self.entries.iter().zip(0..size).map(|(entry, _)| entry) {
            frontier.append(entry.leaf.hash());
        }
        frontier.root()
    }

    /// The newest signed head.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head_of(self.size(), self.root(self.size()))
    }

    /// A signed head with any content.
    #[must_use]
    pub fn head_of(&self, size: u64, root: Hash) -> Head {
        if size == 0 {
            return Head { size, checkpoint: String::new() };
        }
        let origin = checkpoint::origin(&self.author);
        Head { size, checkpoint: checkpoint::sign(&Checkpoint { origin, size, root }, &self.key) }
    }

    /// The consistency proof from the first `size` leaves to the newest head.
    ///
    /// # Panics
    /// When `size` is beyond the log.
    #[must_use]
    pub fn proof(&self, size: u64) -> Vec<Vec<u8>> {
        let plan = consistency_plan(size, self.size()).expect("a size within the log");
        let proof = plan.assemble(|subtree| self.subtree(subtree)).expect("all hashes");
        proof.iter().map(|hash| hash.to_vec()).collect()
    }

    fn subtree(&self, at: Subtree) -> Option<Hash> {
        let begin = usize::try_from(at.index << at.level).ok()?;
        let leaves = self.entries.get(begin..begin + (1 << at.level))?;
        let mut row: Vec<Hash> = leaves.iter().map(|entry| entry.leaf.hash()).collect();
        while row.len() > 1 {
            row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        row.first().copied()
    }

    /// The bytes of the leaves from `from` on, up to `to`.
    #[must_use]
    pub fn leaf_bytes(&self, from: u64, to: u64) -> Vec<u8> {
        let leaves = self.entries.iter().zip(0_u64..).filter(|(_, index)| (from..to).contains(index));
        leaves.flat_map(|(entry, _)| entry.leaf.to_bytes()).collect()
    }

    /// A proven batch of leaves.
    #[must_use]
    pub fn batch(&self, from: u64, to: u64) -> LeafBatch {
        LeafBatch { from, leaves: self.leaf_bytes(from, to), consistency_proof: self.proof(to) }
    }

    /// The opening at an index, if there is one.
    #[must_use]
    pub fn opening(&self, index: u64) -> Option<Opening> {
        let (salt, envelope) = self.entries.get(usize::try_from(index).ok()?)?.opening.clone()?;
        Some(Opening { index, salt: salt.to_vec(), envelope: envelope.into() })
    }

    /// What an honest author answers to a pull.
    #[must_use]
    pub fn answer(&self, request: &PullRequest) -> Vec<Part> {
        let size = self.size();
        let mut parts = vec![Part::Head(self.head())];
        if let Some(last) = request.only.last() {
            let openings = request.only.iter().filter_map(|&index| self.opening(index)).collect();
            parts.push(Part::Openings(OpeningBatch { openings, settled_to: last + 1 }));
            return parts;
        }
        let mut from = request.from_size;
        while from < size {
            let to = size.min(from + limits::LEAF_BATCH as u64);
            parts.push(Part::Leaves(self.batch(from, to)));
            from = to;
        }
        let openings: Vec<_> =
            (request.openings_from..size).filter_map(|index| self.opening(index)).collect();
        let mut chunks = openings.chunks(OPENINGS).peekable();
        while let Some(chunk) = chunks.next() {
            let last = chunk.last().map_or(size, |opening| opening.index + 1);
            let settled_to = if chunks.peek().is_some() { last } else { size };
            parts.push(Part::Openings(OpeningBatch { openings: chunk.to_vec(), settled_to }));
        }
        parts
    }

    /// Writes the log into the database of the node whose key it was made with.
    pub(crate) async fn write_to(&self, tx: &mut Tx) {
        let log = tx.log_for_update(&self.author).await.expect("a log");
        let mut frontier = Frontier::new();
        for (chunk, begin) in self.entries.chunks(OPENINGS).zip((0_u64..).step_by(OPENINGS)) {
            let leaves: Vec<Leaf> = chunk.iter().map(|entry| entry.leaf).collect();
            leaves.iter().for_each(|leaf| frontier.append(leaf.hash()));
            tx.append_leaves(log.id, begin, &leaves, &frontier).await.expect("leaves");
            let rows = chunk.iter().zip(begin..).filter_map(|(entry, index)| {
                let (salt, envelope) = entry.opening.clone()?;
                Some(OpeningRow {
                    index,
                    salt,
                    envelope,
                    expires_at: None,
                    held_since: Timestamp::UNIX_EPOCH,
                })
            });
            tx.add_openings(log.id, &rows.collect::<Vec<_>>()).await.expect("openings");
        }
        let head = self.head();
        tx.set_head(log.id, head.size, &head.checkpoint).await.expect("a head");
        tx.set_settled(log.id, head.size).await.expect("settled");
    }
}
