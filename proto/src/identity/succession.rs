//! Succession: a node names who goes on in its place, and its log is frozen there.
//!
//! It counts only with the signature of every successor, so that nobody is named who does not know of it. Trust does not move by
//! it: whoever stole a signing key could name itself, and a recovery that begins there or earlier lifts it again.

use std::collections::BTreeSet;

use super::{
    Identity, IdentityError,
    chain::{at, read, signatures},
};
use crate::{
    envelope::{self, PayloadType},
    ids::NodeId,
    limits::{LOG_SIZE, SUCCESSORS},
    pb::exchange::{Envelope, Succession as Event, Successor},
};

pub use crate::pb::exchange::SuccessionKind as Kind;

/// Who goes on in the place of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Succession {
    /// Position of the event in the chain.
    pub seq: u32,
    /// What became of the place.
    pub kind: Kind,
    /// From this index on, records of the node are void, except retractions and purge receipts.
    pub log_size: u64,
    /// Those who go on, as of then.
    pub successors: Vec<Identity>,
}

impl Succession {
    /// Those who go on.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.successors.iter().map(Identity::node_id)
    }
}

impl Identity {
    pub(super) fn apply_succession(&mut self, seq: u32, event: &Envelope) -> Result<(), IdentityError> {
        let current = [self.current.signing_key];
        let payload = envelope::verify(event, PayloadType::Succession, &current, 1).map_err(at(seq))?;
        let succession = self.read_succession(seq, payload)?;
        signatures(seq, event, succession.successors.len().saturating_add(1))?;
        let keys: Vec<_> = succession.successors.iter().map(|one| one.current().signing_key).collect();
        envelope::verify(event, PayloadType::Succession, &keys, keys.len()).map_err(at(seq))?;
        let (events, recoveries) = self.inside;
        let inside = |count: fn(&Identity) -> usize| succession.successors.iter().map(count).sum::<usize>();
        self.inside = (
            events.saturating_add(inside(|one| one.events.len())),
            recoveries.saturating_add(inside(|one| one.recoveries)),
        );
        self.succession = Some(succession);
        Ok(())
    }

    /// What an event says, whoever has signed it: it holds in everything else.
    pub(crate) fn read_succession(&self, seq: u32, payload: &[u8]) -> Result<Succession, IdentityError> {
        let Event { node_id, seq: own, previous, log_size, kind, successors } = read(seq, payload)?;
        self.follows(seq, &node_id, own, &previous)?;
        if self.succession.is_some() {
            return Err(IdentityError::SucceededAlready { seq });
        }
        if log_size < self.current.from || log_size > LOG_SIZE {
            return Err(IdentityError::Cut { seq, size: log_size, from: self.current.from });
        }
        let kind = Kind::try_from(kind).unwrap_or_default();
        let fits = match kind {
            Kind::Unspecified => false,
            Kind::Renamed | Kind::Merged => successors.len() == 1,
            Kind::Split => (2..=SUCCESSORS).contains(&successors.len()),
        };
        if !fits {
            return Err(IdentityError::Successors { seq, found: successors.len() });
        }
        let successors = self.successors(seq, &successors)?;
        Ok(Succession { seq, kind, log_size, successors })
    }

    fn successors(&self, seq: u32, named: &[Successor]) -> Result<Vec<Identity>, IdentityError> {
        // One event more is the succession itself.
        let events = named.iter().map(|one| one.identity.len()).fold(1, usize::saturating_add);
        self.has_room_for(events)?;
        let is_recovery = |event: &&Envelope| event.payload_type == PayloadType::Recovery.as_str();
        let recoveries = named.iter().flat_map(|one| &one.identity).filter(is_recovery).count();
        self.has_room_for_recoveries(recoveries)?;
        let (mut nodes, mut keys) = (BTreeSet::from([self.node_id]), self.keys());
        let mut successors = Vec::with_capacity(named.len());
        for one in named {
            let successor = plain(&one.identity)
                .map_err(|error| IdentityError::Successor { seq, error: Box::new(error) })?;
            if !nodes.insert(successor.node_id) {
                return Err(IdentityError::SuccessorTwice { seq, node: successor.node_id });
            }
            if !successor.keys().into_iter().all(|key| keys.insert(key)) {
                return Err(IdentityError::KeyReused { seq });
            }
            successors.push(successor);
        }
        Ok(successors)
    }

    /// Does a recovery lift the succession, whose place it cuts off or takes over?
    pub(super) fn lift_succession(&mut self, seq: u32, size: u64, keeps: bool) -> Result<(), IdentityError> {
        let begins = self.succession.as_ref().map(|succession| succession.log_size);
        if keeps && begins.is_none_or(|begins| size < begins) {
            return Err(IdentityError::KeepsNothing { seq, size });
        }
        if !keeps && begins.is_some_and(|begins| size <= begins) {
            self.succession = None;
        }
        Ok(())
    }

    /// Is a key of this chain also one of a successor, as it was named?
    pub(super) fn is_key_shared(&self) -> bool {
        let keys = self.keys();
        let successors = self.succession.iter().flat_map(|succession| &succession.successors);
        successors.flat_map(Self::keys).any(|key| keys.contains(&key))
    }

    /// All signing and witness keys so far, and the recovery keys in force.
    fn keys(&self) -> BTreeSet<[u8; 32]> {
        let signing = self.epochs.iter().flat_map(|epoch| [&epoch.signing_key, &epoch.witness_key]);
        signing.chain(&self.recovery_keys).map(|key| key.to_bytes()).collect()
    }
}

/// A chain without successions: a successor has never had one, so that there is no succession inside another.
fn plain(events: &[Envelope]) -> Result<Identity, IdentityError> {
    let is_succession = |event: &Envelope| event.payload_type == PayloadType::Succession.as_str();
    if let Some(at) = events.iter().position(is_succession) {
        let seq = u32::try_from(at).unwrap_or(u32::MAX);
        return Err(IdentityError::WrongKind { seq, found: PayloadType::Succession });
    }
    Identity::verify(events)
}
