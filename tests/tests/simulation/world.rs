//! The places of a run, what lies between them, and the single things that can happen. After each, those whom it touched are
//! looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use cairn_node::{
    clock::Clock,
    domain::peer::{Contract, Standing, Terms},
    exchange::incoming::Proven,
    store::PeeringRow,
    wire::{contract::encode, policy::purposes_to_pb},
};
use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tonic::Request;

use crate::{
    cast::{BEGINNING, Cast, name},
    chance::Chance,
    lies::Liars,
    place::Place,
    truth::{Truth, Violation},
    wire::Flow,
};

/// A peering.
#[derive(Clone, Debug)]
pub(crate) struct Tie {
    /// Both sides.
    pub(crate) sides: (usize, usize),
    /// For what.
    pub(crate) terms: Terms,
    /// Whether one side ended it.
    pub(crate) ended: bool,
}

/// Everything a run has.
pub(crate) struct World {
    /// What is drawn.
    pub(crate) chance: Chance,
    /// Who takes part.
    pub(crate) places: Vec<Place>,
    /// Who are peers.
    pub(crate) ties: Vec<Tie>,
    /// Who does not reach whom.
    pub(crate) cut: BTreeSet<(usize, usize)>,
    /// Who follows whom at this moment.
    pub(crate) flows: BTreeMap<(usize, usize), Flow>,
    /// What must hold.
    pub(crate) truth: Truth,
    /// Those who do not keep to the rules, and what they know.
    pub(crate) liars: Liars,
    /// What happened.
    pub(crate) trace: Vec<String>,
}

impl World {
    /// Places that are peers as `ties` say, and nothing else yet.
    pub(crate) async fn begin(
        cast: &Cast,
        dir: &Path,
        mut chance: Chance,
        count: usize,
        ties: Vec<Tie>,
        liars: &[usize],
    ) -> Self {
        let now: Timestamp = BEGINNING.parse().expect("a moment");
        let mut places = Vec::new();
        for (who, number) in cast.first(count).await.into_iter().zip(0_usize..) {
            let ahead = i64::try_from(chance.below(121)).expect("seconds") - 60;
            let clock = Clock::manual(now + SignedDuration::from_secs(ahead));
            let mut place = Place::new(who, dir, clock, chance.bytes());
            place.honest = !liars.contains(&number);
            places.push(place);
        }
        let mut world = Self {
            chance,
            places,
            ties,
            cut: BTreeSet::new(),
            flows: BTreeMap::new(),
            truth: Truth::default(),
            liars: Liars::default(),
            trace: Vec::new(),
        };
        for place in &mut world.places {
            place.start().await;
            world.truth.authors.entry(place.who.id).or_default().honest = place.honest;
        }
        world.make_peers(now - SignedDuration::from_hours(1)).await;
        world
    }

    /// Writes both sides of every peering down, as if people had accepted it an hour ago.
    async fn make_peers(&mut self, since: Timestamp) {
        let mut rows: BTreeMap<usize, Vec<(usize, PeeringRow)>> = BTreeMap::new();
        for Tie { sides: (a, b), terms, .. } in &self.ties {
            let (one, other) = (&self.places[*a].who, &self.places[*b].who);
            let terms = terms.clone();
            let contract = Contract { proposer: one.id, accepter: other.id, terms, proposed_at: since };
            let nonce = self.chance.bytes()[..16].try_into().expect("sixteen bytes");
            let keys = [one.keys.signing(), other.keys.signing()];
            let payload = encode(&contract, nonce);
            let signed = envelope::sign(PayloadType::PeeringContract, payload, &[&keys[0], &keys[1]]);
            for (at, with) in [(*a, *b), (*b, *a)] {
                let node = self.places[with].who.id;
                let row = PeeringRow {
                    node,
                    name: name(with),
                    endpoint: format!("{}.example:7443", node.short()),
                    standing: Standing::Active,
                    reason: String::new(),
                    since,
                    contract: signed.clone(),
                    invitation: None,
                    last_contact: None,
                    last_error: String::new(),
                    software: String::new(),
                    by_us: None,
                    by_them: None,
                };
                rows.entry(at).or_default().push((with, row));
                let author = self.truth.authors.get_mut(&self.places[at].who.id).expect("everybody");
                author.peers.insert(node);
            }
        }
        for (at, rows) in rows {
            let store = &self.places[at].app().expect("everybody runs").store;
            let mut tx = store.write().await.expect("a writable database");
            for (with, row) in rows {
                tx.save_identity(&self.places[with].who.identity).await.expect("saved");
                tx.save_peering(&row).await.expect("saved");
            }
            tx.commit().await.expect("saved");
        }
    }

    /// Notes what happens.
    pub(crate) fn note(&mut self, words: impl Into<String>) {
        self.trace.push(words.into());
    }

    /// The number of the place with a NodeId.
    pub(crate) fn number(&self, node: &NodeId) -> Option<usize> {
        self.places.iter().position(|place| place.who.id == *node)
    }

    /// The peering of two places, if there is or was one.
    pub(crate) fn tie(&self, a: usize, b: usize) -> Option<&Tie> {
        self.ties.iter().find(|tie| tie.sides == (a, b) || tie.sides == (b, a))
    }

    /// Whether one place follows another, as things stand.
    pub(crate) fn follows(&self, a: usize, b: usize) -> bool {
        self.tie(a, b).is_some_and(|tie| !tie.ended)
    }

    /// Whether a call of one arrives at the other.
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        self.places[from].up() && self.places[to].up() && !self.cut.contains(&(from, to))
    }

    /// Who must be, to be a caller.
    pub(crate) fn proven(&self, caller: usize) -> Proven {
        let key = *self.places[caller].who.identity.current().signing_key.as_bytes();
        Proven::new(key, [127, 0, 0, 1].into())
    }

    /// A request that a place makes of another.
    pub(crate) fn called_by<T>(&self, caller: usize, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.proven(caller));
        request
    }

    /// Looks at a place after something happened there; if it was cut off, it is gone now.
    pub(crate) async fn after(&mut self, at: usize) -> Result<(), Violation> {
        if self.places[at].up() && self.places[at].faults.struck() {
            self.gone(at).await;
            self.places[at].crash().await;
            self.note(format!("  {at} is cut off"));
            return self.lose_connections(at).await;
        }
        let passed = Some(self.places[at].faults.passed());
        if self.places[at].looked_after == passed {
            return Ok(()); // it has written nothing since
        }
        self.places[at].looked_after = passed;
        let digest = self.truth.look(&self.places[at]).await?;
        self.note(format!("  {at} has {digest}"));
        Ok(())
    }

    /// Its own connections to others are gone with it.
    pub(crate) async fn gone(&mut self, at: usize) {
        self.flows.retain(|(follower, _), _| *follower != at);
    }

    /// Those who followed it notice.
    pub(crate) async fn lose_connections(&mut self, at: usize) -> Result<(), Violation> {
        let followers: Vec<_> = self.flows.keys().filter(|(_, server)| *server == at).copied().collect();
        for (follower, server) in followers {
            Box::pin(self.lose(follower, server)).await?;
        }
        Ok(())
    }

    /// Everything that happened, in one number.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.trace.iter().for_each(|line| hash.update(line));
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Purposes of a contract, as records name them.
    pub(crate) fn purposes(terms: &Terms) -> BTreeSet<i32> {
        purposes_to_pb(&terms.purposes).into_iter().collect()
    }
}
