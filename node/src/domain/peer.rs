//! Peerings: a small signed contract between two places, accepted by a person on each side.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::Date};

use super::policy::{Purpose, Reader};

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This node.
    Us,
    /// The other node.
    Them,
}

/// Where a peering stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Proposed by one side; the other has not answered.
    Proposed(Side),
    /// Accepted by both.
    Active,
    /// Ended by one side.
    Ended(Side),
}

/// What both sides agree to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Purposes for which records may flow.
    pub purposes: BTreeSet<Purpose>,
    /// May each side relay the other's records where their policies allow it?
    pub relay: bool,
    /// Hours within which a withdrawn record is purged.
    pub purge_hours: u32,
    /// Days after which backups no longer hold a purged record.
    pub backup_days: u32,
    /// Bytes of openings each side may fetch in a day.
    pub daily_bytes: u64,
    /// When both look at the contract again.
    pub review_on: Option<Date>,
}

/// Purge within a day: the default of the protocol.
const PURGE_HOURS: u32 = 24;
/// Backups older than five weeks are gone: the default of the protocol.
const BACKUP_DAYS: u32 = 35;
/// 200 MiB a day lets 100,000 summaries of 2 KiB through and stops a flood.
const DAILY_BYTES: u64 = 200 * 1024 * 1024;

impl Terms {
    /// The protocol's defaults with these purposes.
    #[must_use]
    pub fn new(purposes: BTreeSet<Purpose>, relay: bool, review_on: Option<Date>) -> Self {
        let (purge_hours, backup_days, daily_bytes) = (PURGE_HOURS, BACKUP_DAYS, DAILY_BYTES);
        Self { purposes, relay, purge_hours, backup_days, daily_bytes, review_on }
    }
}

/// A contract, before or after its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The side that proposed.
    pub proposer: NodeId,
    /// The side that answers.
    pub accepter: NodeId,
    /// What they agree to.
    pub terms: Terms,
    /// When it was proposed.
    pub proposed_at: Timestamp,
}

/// A peering as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The other node.
    pub node: NodeId,
    /// Our name for it; unique here.
    pub name: String,
    /// Where we reach it, host:port.
    pub endpoint: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why it ended; empty otherwise.
    pub reason: String,
    /// Since when it stands so.
    pub since: Timestamp,
    /// What was agreed or proposed.
    pub terms: Terms,
    /// SHA-256 of the contract's payload.
    pub contract_hash: [u8; 32],
    /// Last successful contact.
    pub last_contact: Option<Timestamp>,
    /// What went wrong last; empty after a success.
    pub last_error: String,
    /// Its software.
    pub software: String,
    /// Whether it says that it was recovered with its recovery key, and nobody here has confirmed that.
    pub recovered: bool,
}

impl Peering {
    /// The peer as a reader of records, if it is active. The groups it belongs to are for the caller to add.
    #[must_use]
    pub fn reader(&self) -> Option<Reader> {
        (self.standing == Standing::Active).then(|| Reader {
            node: self.node,
            active_since: self.since,
            purposes: self.terms.purposes.clone(),
            groups: BTreeMap::new(),
        })
    }

    /// Who has to do what next, or why it is over, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.standing {
            Standing::Proposed(Side::Us) => "proposed by us; waits for the other side to accept".to_owned(),
            Standing::Proposed(Side::Them) => {
                "proposed by them; compare the words by telephone, then accept".to_owned()
            }
            Standing::Active if self.recovered => {
                "waits: it says that it was recovered with its recovery key; compare the words by telephone, then accept"
                    .to_owned()
            }
            Standing::Active => "active: both sides accepted".to_owned(),
            Standing::Ended(Side::Us) => format!("ended by us: {}", self.reason),
            Standing::Ended(Side::Them) => format!("ended by them: {}", self.reason),
        }
    }
}

/// How the other side says it sees the peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its standing.
    pub standing: SeenStanding,
    /// Its reason.
    pub reason: String,
    /// SHA-256 of the payload of the contract it speaks of.
    pub contract_hash: Option<[u8; 32]>,
}

/// The standing the other side states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenStanding {
    /// It does not know us.
    Stranger,
    /// A proposal is open.
    Proposed,
    /// Both accepted.
    Active,
    /// It holds back for now.
    Restricted,
    /// Over.
    Ended,
}

/// What a node does next about a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send our proposal.
    Propose,
    /// Send our acceptance.
    Accept,
    /// Tell that it is over.
    End,
    /// Take note that they ended it.
    TheyEnded(String),
    /// Follow its log.
    Follow,
    /// Nothing to do until a person or the other side acts.
    Wait,
    /// The other side does not know the peering any more.
    Unknown,
}

/// Compares how both sides see a peering: the next step that brings them together.
#[must_use]
pub fn next_step(ours: &Peering, theirs: &Seen) -> Step {
    let same = theirs.contract_hash == Some(ours.contract_hash);
    let ended = theirs.standing == SeenStanding::Ended && same;
    match ours.standing {
        Standing::Ended(Side::Them) => Step::Wait,
        Standing::Ended(Side::Us) => match theirs.standing {
            SeenStanding::Stranger | SeenStanding::Ended => Step::Wait,
            _ if same => Step::End,
            _ => Step::Wait,
        },
        _ if ended => Step::TheyEnded(theirs.reason.clone()),
        Standing::Proposed(Side::Us) if same => Step::Wait,
        Standing::Proposed(Side::Us) => Step::Propose,
        Standing::Proposed(Side::Them) => Step::Wait,
        Standing::Active => match theirs.standing {
            SeenStanding::Proposed if same => Step::Accept,
            SeenStanding::Active if same => Step::Follow,
            SeenStanding::Restricted if same => Step::Wait,
            _ => Step::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Card;

    fn ours(standing: Standing) -> Peering {
        Peering {
            node: NodeId::from_bytes([2; 32]),
            name: "South Tyneside Alliance".into(),
            endpoint: "127.0.0.1:7443".into(),
            standing,
            reason: String::new(),
            since: Timestamp::UNIX_EPOCH,
            terms: Terms::new(Card::Network.purposes(), false, None),
            contract_hash: [7; 32],
            last_contact: None,
            last_error: String::new(),
            software: String::new(),
            recovered: false,
        }
    }

    fn theirs(standing: SeenStanding, hash: Option<[u8; 32]>) -> Seen {
        Seen { standing, reason: "merged".into(), contract_hash: hash }
    }

    #[test]
    fn a_proposal_is_sent_then_waits_then_is_accepted() {
        let same = Some([7; 32]);
        let proposed = ours(Standing::Proposed(Side::Us));
        assert_eq!(next_step(&proposed, &theirs(SeenStanding::Stranger, None)), Step::Propose);
        assert_eq!(next_step(&proposed, &theirs(SeenStanding::Proposed, same)), Step::Wait);
        let active = ours(Standing::Active);
        assert_eq!(next_step(&active, &theirs(SeenStanding::Proposed, same)), Step::Accept);
        assert_eq!(next_step(&active, &theirs(SeenStanding::Active, same)), Step::Follow);
    }

    #[test]
    fn an_end_is_told_once_and_an_old_end_does_not_count() {
        let same = Some([7; 32]);
        let ended = ours(Standing::Ended(Side::Us));
        assert_eq!(next_step(&ended, &theirs(SeenStanding::Active, same)), Step::End);
        assert_eq!(next_step(&ended, &theirs(SeenStanding::Ended, same)), Step::Wait);
        let active = ours(Standing::Active);
        let told = theirs(SeenStanding::Ended, same);
        assert_eq!(next_step(&active, &told), Step::TheyEnded("merged".into()));
        let old = theirs(SeenStanding::Ended, Some([1; 32]));
        assert_eq!(next_step(&ours(Standing::Proposed(Side::Us)), &old), Step::Propose);
        assert_eq!(next_step(&active, &old), Step::Unknown);
    }

    #[test]
    fn only_an_active_peer_is_a_reader() {
        assert!(ours(Standing::Active).reader().is_some());
        for standing in
            [Standing::Proposed(Side::Us), Standing::Proposed(Side::Them), Standing::Ended(Side::Us)]
        {
            assert!(ours(standing).reader().is_none());
        }
    }
}
