//! What must hold, kept beside the run: every record that was ever signed, for whom it is, and what was seen where. It reads
//! envelopes and policies by itself, from the protocol's messages; the node's own rules are what is being tested.

use std::collections::{BTreeMap, BTreeSet};

use cairn_node::store::{LogRow, Tx};
use cairn_proto::{
    checkpoint,
    identity::Identity,
    ids::NodeId,
    log::{Frontier, Hash, Leaf, LeafKind, commitment},
    pb::exchange::{Envelope, Opening, Record, audience::Kind, record::Body},
};
use jiff::Timestamp;
use prost::Message as _;

use crate::place::Place;

/// A record: its author and its index.
pub(crate) type Id = (NodeId, u64);

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation(pub String);

impl Violation {
    /// A broken rule, in words.
    pub(crate) fn new<T>(words: impl Into<String>) -> Result<T, Self> {
        Err(Self(words.into()))
    }
}

/// For whom a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// These nodes.
    Nodes(BTreeSet<NodeId>),
    /// The author's peers.
    Peers,
    /// Anyone.
    Anyone,
    /// The members of a group of the author.
    Group(String),
}

/// A record as its author signed it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The signed bytes.
    pub(crate) envelope: Vec<u8>,
    /// For whom.
    pub(crate) audience: Audience,
    /// Whether it may be passed on.
    pub(crate) relay: bool,
    /// For what.
    pub(crate) purposes: BTreeSet<i32>,
    /// Until when.
    pub(crate) expires_at: Option<Timestamp>,
    /// The retraction, once it was taken back.
    pub(crate) withdrawn_by: Option<u64>,
    /// Whether it can be taken back.
    pub(crate) learning: bool,
}

impl Known {
    /// Reads signed bytes, without checking anything.
    pub(crate) fn read(envelope: &[u8]) -> Self {
        let signed = Envelope::decode(envelope).expect("an envelope");
        let record = Record::decode(&*signed.payload).expect("a record");
        let policy = record.policy.expect("a policy");
        let audience = match policy.audience.and_then(|audience| audience.kind).expect("an audience") {
            Kind::NamedPeers(named) => {
                Audience::Nodes(named.node_ids.iter().map(|id| id.parse().expect("a NodeId")).collect())
            }
            Kind::AllPeers(_) => Audience::Peers,
            Kind::Public(_) => Audience::Anyone,
            Kind::Group(group) => Audience::Group(group.group_id),
        };
        let moment = |at: prost_types::Timestamp| Timestamp::new(at.seconds, at.nanos).expect("a moment");
        Self {
            envelope: envelope.to_vec(),
            audience,
            relay: policy.relay,
            purposes: policy.purposes.into_iter().collect(),
            expires_at: policy.expires_at.map(moment),
            withdrawn_by: None,
            learning: matches!(record.body, Some(Body::Profile(_) | Body::ExperimentSummary(_))),
        }
    }
}

/// Everything an author ever signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Author {
    /// Whether it keeps to the rules.
    pub(crate) honest: bool,
    /// Everyone who is or was its peer.
    pub(crate) peers: BTreeSet<NodeId>,
    /// Roots of a log that it signed beside its true one, if it lies.
    pub(crate) signed_beside: BTreeSet<Hash>,
    /// Its leaves.
    pub(crate) leaves: Vec<Leaf>,
    /// The root at each size.
    roots: Vec<Hash>,
    frontier: Frontier,
    /// Its records.
    pub(crate) records: BTreeMap<u64, Known>,
}

impl Author {
    /// Whether a node is among those for whom a record of this author may ever be.
    pub(crate) fn may_hold(&self, known: &Known, node: &NodeId) -> bool {
        match &known.audience {
            Audience::Nodes(nodes) => nodes.contains(node),
            Audience::Peers | Audience::Group(_) => self.peers.contains(node),
            Audience::Anyone => true,
        }
    }

    /// Size of its log.
    pub(crate) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    fn root(&self, size: u64) -> Option<Hash> {
        if size == 0 {
            return Some(Frontier::new().root());
        }
        self.roots.get(usize::try_from(size - 1).ok()?).copied()
    }

    fn extend(&mut self, leaves: &[Leaf]) {
        for leaf in leaves {
            self.frontier.append(leaf.hash());
            self.leaves.push(*leaf);
            self.roots.push(self.frontier.root());
        }
    }
}

/// What was seen at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Records that are held.
    pub(crate) held: BTreeSet<Id>,
    /// Records that were held and are not any more.
    pub(crate) gone: BTreeSet<Id>,
    /// Logs: size and root.
    logs: BTreeMap<NodeId, (u64, Hash)>,
}

impl Seen {
    /// How much of a log is held.
    pub(crate) fn size_of(&self, author: &NodeId) -> u64 {
        self.logs.get(author).map_or(0, |(size, _)| *size)
    }
}

/// Everything that is known to the run.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// By author.
    pub(crate) authors: BTreeMap<NodeId, Author>,
    /// By place.
    pub(crate) seen: BTreeMap<NodeId, Seen>,
}

impl Truth {
    /// Looks at a place: learns what it has signed, and whether anything is there that must not be, or is gone that must be
    /// there. Gives what is there, in short.
    pub(crate) async fn look(&mut self, place: &Place) -> Result<String, Violation> {
        let Some(app) = place.app() else { return Ok("down".into()) };
        let mut tx = app.store.read().await.expect("a readable database");
        let logs = tx.logs().await.expect("logs");
        let own = place.who.id;
        let mut words = Vec::new();
        for log in &logs {
            let root = log.frontier.root();
            words.push(format!(
                "{}:{}/{}/{:02x}{:02x}",
                log.id,
                log.frontier.size(),
                log.settled_to,
                root[0],
                root[1]
            ));
            if log.origin == own {
                self.own_log(&mut tx, log, place).await?;
            }
        }
        if !place.honest {
            return Ok(words.join(" "));
        }
        for log in &logs {
            self.followed(&mut tx, log, place).await?;
        }
        let held = self.held(&mut tx, place).await?;
        self.withdrawn_is_gone(&mut tx, &logs, &held, place).await?;
        words.push(format!("holds {}", held.len()));
        self.nothing_lost_or_returned(held, place)?;
        Ok(words.join(" "))
    }

    /// Learns what a place has signed, and that it never signs otherwise.
    async fn own_log(&mut self, tx: &mut Tx, log: &LogRow, place: &Place) -> Result<(), Violation> {
        let (author, name) = (self.authors.entry(log.origin).or_default(), place.who.id.short());
        let (size, known) = (log.frontier.size(), author.size());
        if size <= known {
            if author.root(size) != Some(log.frontier.root()) {
                return Violation::new(format!("{name} signed two heads of {size} leaves"));
            }
            if size < known && place.honest && !place.set_back {
                return Violation::new(format!(
                    "{name} lost records it had accepted: {size} of {known} leaves"
                ));
            }
        } else {
            let leaves = tx.leaves(log.id, known, size).await.expect("its leaves");
            author.extend(&leaves);
            if author.root(size) != Some(log.frontier.root()) {
                return Violation::new(format!("{name} signed a head that no single log can have"));
            }
            for row in tx.openings(log.id, known, size, u32::MAX).await.expect("its records") {
                author.records.insert(row.index, Known::read(&row.envelope));
            }
            for (leaf, index) in leaves.iter().zip(known..) {
                if let Some(record) = leaf.target().and_then(|target| author.records.get_mut(&target)) {
                    record.withdrawn_by.get_or_insert(index);
                }
            }
        }
        if size > 0 && (log.head_size != size || log.settled_to != size) {
            return Violation::new(format!("{name} has {size} leaves and a head of {}", log.head_size));
        }
        self.head(&log.origin, log.head_size, &log.checkpoint, &place.who.identity)
    }

    /// A head, wherever it is seen: an honest author signed only one log.
    pub(crate) fn head(
        &self,
        author: &NodeId,
        size: u64,
        note: &str,
        identity: &Identity,
    ) -> Result<(), Violation> {
        let Some(known) = self.authors.get(author).filter(|known| known.honest) else { return Ok(()) };
        if size == 0 {
            return Ok(());
        }
        match checkpoint::verify(note, identity) {
            Ok(head) if known.root(head.size) == Some(head.root) => Ok(()),
            Ok(head) => {
                Violation::new(format!("{} signed two heads of {} leaves", author.short(), head.size))
            }
            Err(error) => {
                Violation::new(format!("{} has a head that is not signed: {error}", author.short()))
            }
        }
    }

    /// What is held of a log is what its author signed, and what was held before is still a part of it.
    async fn followed(&mut self, tx: &mut Tx, log: &LogRow, place: &Place) -> Result<(), Violation> {
        let (size, root) = (log.frontier.size(), log.frontier.root());
        let (author, name) = (self.authors.entry(log.origin).or_default(), place.who.id.short());
        let seen = self.seen.entry(place.who.id).or_default();
        let before = seen.logs.insert(log.origin, (size, root));
        if before == Some((size, root)) {
            return Ok(());
        }
        if author.root(size) != Some(root) && (author.honest || !author.signed_beside.contains(&root)) {
            let words = format!("{name} follows a log that {} never signed", log.origin.short());
            return Violation::new(words);
        }
        let Some((before, root_before)) = before else { return Ok(()) };
        if author.honest && before <= size {
            return Ok(());
        }
        let mut frontier = Frontier::new();
        for leaf in
            tx.leaves(log.id, 0, size).await.expect("its leaves").iter().zip(0..before).map(|(l, _)| l)
        {
            frontier.append(leaf.hash());
        }
        if frontier.size() != before || frontier.root() != root_before {
            return Violation::new(format!("{name} holds another log of {} than before", log.origin.short()));
        }
        Ok(())
    }

    /// What is held, all of which must be as it was signed, and for this place.
    async fn held(&self, tx: &mut Tx, place: &Place) -> Result<BTreeSet<Id>, Violation> {
        let (own, name) = (place.who.id, place.who.id.short());
        let end = (Timestamp::MAX, i64::MAX, u64::MAX >> 1);
        let mut held = BTreeSet::new();
        for row in tx.newest(None, None, end, u32::MAX).await.expect("records") {
            let id = (row.origin, row.opening.index);
            let author = self.authors.get(&row.origin).cloned();
            let author = author.unwrap_or_default();
            let words = || format!("record {} of {}", id.1, id.0.short());
            let known = match author.records.get(&id.1).filter(|_| author.honest) {
                Some(known) if known.envelope == row.opening.envelope => known.clone(),
                _ if author.honest => {
                    return Violation::new(format!("{name} holds {} as its author never signed it", words()));
                }
                _ => {
                    let leaf = tx.leaves(row.log_id, id.1, id.1 + 1).await.expect("its leaf");
                    let committed = commitment(&row.opening.salt, &row.opening.envelope);
                    if leaf.iter().any(|leaf| *leaf.commitment() != committed) {
                        return Violation::new(format!(
                            "{name} holds {}, which its leaf does not say",
                            words()
                        ));
                    }
                    Known::read(&row.opening.envelope)
                }
            };
            if id.0 != own && !author.may_hold(&known, &own) {
                return Violation::new(format!("{name} holds {}, which is not for it", words()));
            }
            held.insert(id);
        }
        Ok(held)
    }

    /// Nothing is held that is known to be withdrawn.
    async fn withdrawn_is_gone(
        &self,
        tx: &mut Tx,
        logs: &[LogRow],
        held: &BTreeSet<Id>,
        place: &Place,
    ) -> Result<(), Violation> {
        for log in logs {
            let size = log.frontier.size();
            let leaves = match self.authors.get(&log.origin).filter(|author| author.honest) {
                Some(author) => author.leaves.iter().zip(0..size).map(|(leaf, _)| *leaf).collect(),
                None => tx.leaves(log.id, 0, size).await.expect("its leaves"),
            };
            for target in
                leaves.iter().filter(|leaf| leaf.kind() == LeafKind::Retraction).filter_map(Leaf::target)
            {
                if held.contains(&(log.origin, target)) {
                    let name = place.who.id.short();
                    let words =
                        format!("{name} holds record {target} of {} although it knows", log.origin.short());
                    return Violation::new(format!("{words} that it was withdrawn"));
                }
            }
        }
        Ok(())
    }

    /// What was held is held, unless there is a reason; and what was gone stays away.
    fn nothing_lost_or_returned(&mut self, held: BTreeSet<Id>, place: &Place) -> Result<(), Violation> {
        let (name, now) = (place.who.id.short(), place.clock.now());
        let seen = self.seen.entry(place.who.id).or_default();
        if let Some((author, index)) = held.intersection(&seen.gone).next() {
            return Violation::new(format!("record {index} of {} returned to {name}", author.short()));
        }
        for id in seen.held.difference(&held) {
            seen.gone.insert(*id);
            let Some(author) = self.authors.get(&id.0).filter(|author| author.honest) else { continue };
            let known = author.records.get(&id.1);
            let over = known.is_none_or(|known| {
                known.withdrawn_by.is_some() || known.expires_at.is_some_and(|at| at <= now)
            });
            if !over {
                return Violation::new(format!("{name} lost record {} of {}", id.1, id.0.short()));
            }
        }
        seen.held = held;
        Ok(())
    }

    /// What an honest node hands to somebody: it is as it was signed, and for whoever it is handed to.
    pub(crate) fn handed(
        &self,
        author: &NodeId,
        opening: &Opening,
        reader: &NodeId,
    ) -> Result<(), Violation> {
        let Some(known) = self.authors.get(author).filter(|author| author.honest) else { return Ok(()) };
        let words =
            || format!("record {} of {} was handed to {}", opening.index, author.short(), reader.short());
        let Some(record) = known.records.get(&opening.index) else {
            return Violation::new(format!("{} before it was signed", words()));
        };
        if !known.may_hold(record, reader) {
            return Violation::new(format!("{}, for whom it is not", words()));
        }
        let salt: [u8; 32] = opening.salt[..].try_into().unwrap_or_default();
        let leaf = usize::try_from(opening.index).ok().and_then(|at| known.leaves.get(at));
        if leaf.is_none_or(|leaf| *leaf.commitment() != commitment(&salt, &opening.envelope)) {
            return Violation::new(format!("{} otherwise than it was signed", words()));
        }
        Ok(())
    }
}
