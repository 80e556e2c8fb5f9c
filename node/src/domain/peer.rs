//! Peerings: a small signed contract between two places, accepted by a person on each side.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::Date};

use super::{
    policy::{Purpose, Reader},
    quota::Allowance,
    restriction::{Degree, Restriction},
    succession::Succeeded,
};

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

impl Terms {
    /// The protocol's defaults with these purposes. `daily_bytes`: 0 for the default.
    #[must_use]
    pub fn new(purposes: BTreeSet<Purpose>, relay: bool, daily_bytes: u64, review_on: Option<Date>) -> Self {
        let (purge_hours, backup_days) = (PURGE_HOURS, BACKUP_DAYS);
        let daily_bytes = Allowance::new(daily_bytes, 0).allowed;
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
    /// Who goes on in its place, if that was said.
    pub succeeded: Option<Succeeded>,
    /// Our limit or suspension of it, while it is active.
    pub by_us: Option<Restriction>,
    /// Its limit or suspension of us, as it said last.
    pub by_them: Option<Restriction>,
}

impl Peering {
    /// How far it is held back: the stricter word counts, whoever spoke it.
    #[must_use]
    pub fn degree(&self) -> Option<Degree> {
        [&self.by_us, &self.by_them].into_iter().flatten().map(|restriction| restriction.degree).max()
    }

    /// Whether anything flows but withdrawals and receipts.
    #[must_use]
    pub fn flows(&self) -> bool {
        self.standing == Standing::Active && self.degree() != Some(Degree::Suspended)
    }

    /// Whether each may pass on records of others to the other: by contract, and while nothing is held back.
    #[must_use]
    pub fn relays(&self) -> bool {
        self.standing == Standing::Active && self.terms.relay && self.degree().is_none()
    }

    /// The same peering without limit or suspension.
    #[must_use]
    pub fn unrestricted(self) -> Self {
        Self { by_us: None, by_them: None, ..self }
    }

    /// What it may fetch in a day, when it has fetched `used` bytes today.
    #[must_use]
    pub fn allowance(&self, used: u64) -> Allowance {
        Allowance::new(self.terms.daily_bytes, used)
    }

    /// The peer as a reader of records, if it is active and not suspended. The groups it belongs to are for the caller to
    /// add.
    #[must_use]
    pub fn reader(&self) -> Option<Reader> {
        self.flows().then(|| Reader {
            node: self.node,
            active_since: self.since,
            purposes: self.terms.purposes.clone(),
            groups: BTreeMap::new(),
            limited: self.degree() == Some(Degree::Limited),
        })
    }

    /// Limits and suspensions by both sides, in words; empty if there are none.
    #[must_use]
    pub fn held_back(&self) -> String {
        let by = [(&self.by_us, "by us"), (&self.by_them, "by them")];
        let words = by.into_iter().filter_map(|(one, by)| Some(one.as_ref()?.words(by)));
        words.collect::<Vec<_>>().join("; ")
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
            Standing::Active if self.degree().is_some() => self.held_back(),
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
    /// If it holds back: when it looks at that again, if it says so.
    pub review_on: Option<Date>,
}

impl Seen {
    /// What it says about holding back the peering `ours` is about, at `now`; `None` if it says nothing about that peering.
    #[must_use]
    pub fn restriction(&self, ours: &Peering, now: Timestamp) -> Option<Option<Restriction>> {
        let same = self.contract_hash == Some(ours.contract_hash);
        if ours.standing != Standing::Active || !same {
            return None;
        }
        match self.standing {
            SeenStanding::Active => Some(None),
            SeenStanding::Restricted(degree) => {
                let reason =
                    if self.reason.is_empty() { "no reason given" } else { &*self.reason }.to_owned();
                Some(Some(Restriction { degree, reason, review_on: self.review_on, since: now }))
            }
            SeenStanding::Stranger | SeenStanding::Proposed | SeenStanding::Ended => None,
        }
    }
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
    /// It holds back for now, so far.
    Restricted(Degree),
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
            SeenStanding::Restricted(Degree::Suspended) if same => Step::Wait,
            SeenStanding::Active | SeenStanding::Restricted(_) if same && !ours.flows() => Step::Wait,
            SeenStanding::Active | SeenStanding::Restricted(_) if same => Step::Follow,
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
            terms: Terms::new(Card::Network.purposes(), false, 0, None),
            contract_hash: [7; 32],
            last_contact: None,
            last_error: String::new(),
            software: String::new(),
            recovered: false,
            succeeded: None,
            by_us: None,
            by_them: None,
        }
    }

    fn held_back(degree: Degree) -> Option<Restriction> {
        let since = Timestamp::UNIX_EPOCH;
        Some(Restriction { degree, reason: "the contact has left".into(), review_on: None, since })
    }

    fn theirs(standing: SeenStanding, hash: Option<[u8; 32]>) -> Seen {
        Seen { standing, reason: "merged".into(), contract_hash: hash, review_on: None }
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

    /// Every pair of what both sides decided by themselves.
    #[test]
    fn the_stricter_word_counts_whoever_spoke_it_and_lifting_ones_own_lifts_no_other() {
        let words = [None, Some(Degree::Limited), Some(Degree::Suspended)];
        for us in words {
            for them in words {
                let by = |degree: Option<Degree>| degree.and_then(held_back);
                let peering = Peering { by_us: by(us), by_them: by(them), ..ours(Standing::Active) };
                let strictest = us.max(them);
                assert_eq!(peering.degree(), strictest);
                assert_eq!(peering.flows(), strictest != Some(Degree::Suspended));
                assert!(!peering.relays());
                let terms = Terms { relay: true, ..peering.terms.clone() };
                assert_eq!(Peering { terms, ..peering.clone() }.relays(), strictest.is_none());
                let reader = peering.reader();
                assert_eq!(reader.is_some(), peering.flows());
                assert_eq!(reader.is_some_and(|r| r.limited), strictest == Some(Degree::Limited));
                assert_eq!(Peering { by_us: None, ..peering.clone() }.degree(), them);
                assert_eq!(Peering { by_them: None, ..peering.clone() }.degree(), us);

                let seen = them.map_or(SeenStanding::Active, SeenStanding::Restricted);
                let step = next_step(&peering, &theirs(seen, Some([7; 32])));
                let expected = if strictest == Some(Degree::Suspended) { Step::Wait } else { Step::Follow };
                assert_eq!(step, expected, "{us:?} {them:?}");
                for (word, by) in [(us, "by us"), (them, "by them")] {
                    assert_eq!(peering.words().contains(by), word.is_some());
                }
            }
        }
    }

    #[test]
    fn what_they_say_about_holding_back_counts_for_this_contract_only() {
        let (now, same) = (Timestamp::UNIX_EPOCH, Some([7; 32]));
        let active = ours(Standing::Active);
        let said = theirs(SeenStanding::Restricted(Degree::Limited), same).restriction(&active, now);
        assert_eq!(said.unwrap().unwrap().reason, "merged");
        assert_eq!(theirs(SeenStanding::Active, same).restriction(&active, now), Some(None));
        let other = theirs(SeenStanding::Restricted(Degree::Limited), Some([1; 32]));
        assert_eq!(other.restriction(&active, now), None);
        for standing in [SeenStanding::Stranger, SeenStanding::Proposed, SeenStanding::Ended] {
            assert_eq!(theirs(standing, same).restriction(&active, now), None);
        }
        let over = ours(Standing::Ended(Side::Us));
        assert_eq!(theirs(SeenStanding::Active, same).restriction(&over, now), None);
        // An acceptance that was lost is taken again, also by one who holds back.
        let held = Peering { by_us: held_back(Degree::Suspended), ..active };
        assert_eq!(next_step(&held, &theirs(SeenStanding::Proposed, same)), Step::Accept);
    }
}
