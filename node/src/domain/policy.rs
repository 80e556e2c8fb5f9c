//! Usage policy: who may hold a record, for which purposes, how long. Chosen as a card in plain
//! words ([`Card`]), never written as policy code (product.md, "Permission").

mod card;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use cairn_proto::{ids::NodeId, limits};
use jiff::Timestamp;

pub use card::{Card, For};

use super::{learning::Id, restriction::Sort};

/// The id of a group: of the same form as the ids of documents at home.
pub type GroupId = Id;

/// What a record may be used for: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Places learn from each other.
    PeerLearning,
    /// Finding what is in common across places.
    PatternFinding,
    /// Designing public policy.
    PolicyDesign,
    /// Research.
    Research,
    /// Official statistics.
    OfficialStatistics,
    /// Telling the public the story.
    PublicNarrative,
}

/// What no record may ever be used for (N01-N04, N21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prohibited {
    /// Ranking or benchmarking places.
    Ranking,
    /// Managing the performance of places.
    PerformanceManagement,
    /// Inspection or enforcement.
    Inspection,
    /// Deciding about funding or contracts.
    FundingDecision,
    /// Assessing staff.
    StaffAssessment,
    /// Commercial use.
    CommercialUse,
    /// Training models.
    ModelTraining,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 6] = [
        Self::PeerLearning,
        Self::PatternFinding,
        Self::PolicyDesign,
        Self::Research,
        Self::OfficialStatistics,
        Self::PublicNarrative,
    ];

    /// The purpose in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::PeerLearning => "peer learning",
            Self::PatternFinding => "pattern finding",
            Self::PolicyDesign => "policy design",
            Self::Research => "research",
            Self::OfficialStatistics => "official statistics",
            Self::PublicNarrative => "public narrative",
        }
    }

    /// Reads a purpose in words; hyphens may stand for spaces.
    ///
    /// # Errors
    /// [`InvalidPolicy::Prohibited`] or [`InvalidPolicy::UnknownPurpose`].
    pub fn from_words(text: &str) -> Result<Self, InvalidPolicy> {
        let text = text.trim().replace('-', " ");
        if let Some(purpose) = Self::ALL.into_iter().find(|p| p.words() == text) {
            return Ok(purpose);
        }
        match Prohibited::ALL.into_iter().find(|p| p.words() == text) {
            Some(prohibited) => Err(InvalidPolicy::Prohibited(prohibited)),
            None => Err(InvalidPolicy::UnknownPurpose(text.chars().take(60).collect())),
        }
    }
}

impl Prohibited {
    /// All of them; every policy carries them all.
    pub const ALL: [Self; 7] = [
        Self::Ranking,
        Self::PerformanceManagement,
        Self::Inspection,
        Self::FundingDecision,
        Self::StaffAssessment,
        Self::CommercialUse,
        Self::ModelTraining,
    ];

    /// The prohibited purpose in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Ranking => "ranking",
            Self::PerformanceManagement => "performance management",
            Self::Inspection => "inspection",
            Self::FundingDecision => "funding decision",
            Self::StaffAssessment => "staff assessment",
            Self::CommercialUse => "commercial use",
            Self::ModelTraining => "model training",
        }
    }
}

/// Why a policy was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// A purpose that is always prohibited.
    #[error("\"{}\" is never a purpose of a record: learning that is used so is no longer told", .0.words())]
    Prohibited(Prohibited),
    /// Not on the closed list.
    #[error(
        "\"{0}\" is not a purpose; choose from peer learning, pattern finding, policy design, research, \
         official statistics, public narrative"
    )]
    UnknownPurpose(String),
    /// No purpose at all.
    #[error("a record needs at least one purpose")]
    NoPurpose,
    /// A record that does not carry all prohibitions.
    #[error("the policy leaves out the prohibition of \"{}\"; every policy carries all of them", .0.words())]
    MissingProhibition(Prohibited),
    /// No audience.
    #[error("the policy names no audience")]
    NoAudience,
    /// An audience of named peers without names.
    #[error("the audience is named peers, but no peer is named")]
    NobodyNamed,
    /// Too many named peers.
    #[error("the audience names {0} nodes; at most {max} fit", max = limits::NAMED_PEERS)]
    TooManyNamed(usize),
    /// The card that lets nothing leave.
    #[error("the card \"keep here\" keeps it here; choose another card when it may leave")]
    KeptHere,
    /// The card for a group without one.
    #[error("the card \"group\" needs a group; name one with --group, or make one with `cairn group new`")]
    NoGroup,
    /// Something in it cannot be read.
    #[error("the policy cannot be read: {0}")]
    Unreadable(&'static str),
}

/// Who may hold a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Only these nodes.
    NamedPeers(BTreeSet<NodeId>),
    /// Whoever belongs to this group of the author.
    Group(Id),
    /// Every active peer of the author.
    AllPeers,
    /// Anyone.
    Public,
}

impl Audience {
    /// How far it reaches, for comparison with what people agreed to.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::NamedPeers(_) => Reach::NamedPeers,
            Self::Group(_) => Reach::Group,
            Self::AllPeers => Reach::Network,
            Self::Public => Reach::Public,
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamedPeers(nodes) if nodes.len() == 1 => f.write_str("one named peer"),
            Self::NamedPeers(nodes) => write!(f, "{} named peers", nodes.len()),
            Self::Group(id) => write!(f, "the group {id}"),
            Self::AllPeers => f.write_str("all peers of the author"),
            Self::Public => f.write_str("public"),
        }
    }
}

/// How far people agreed that their words may travel; each includes the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Peers named one by one.
    NamedPeers,
    /// A group of peers, which others may join.
    Group,
    /// All peers.
    Network,
    /// Anyone.
    Public,
}

impl Reach {
    /// All of them, narrowest first.
    pub const ALL: [Self; 4] = [Self::NamedPeers, Self::Group, Self::Network, Self::Public];

    /// In words, as written in files.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NamedPeers => "named peers",
            Self::Group => "group",
            Self::Network => "network",
            Self::Public => "public",
        }
    }
}

/// The policy of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may hold it.
    pub audience: Audience,
    /// What it may be used for; never empty.
    pub purposes: BTreeSet<Purpose>,
    /// May a holder pass it on within the audience?
    pub relay: bool,
    /// May peers who joined after the release receive it?
    pub back_fill: bool,
    /// May the place be named in public?
    pub name_place: bool,
    /// When every holder purges it.
    pub expires_at: Option<Timestamp>,
    /// Licence of the text; may be empty.
    pub licence: String,
}

/// Someone who may or may not receive a record: an active peer and the terms of its contract.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The peer.
    pub node: NodeId,
    /// Since when it is an active peer.
    pub active_since: Timestamp,
    /// The purposes of the peering contract.
    pub purposes: BTreeSet<Purpose>,
    /// The groups of the author that it belongs to.
    pub groups: BTreeMap<Id, Membership>,
    /// Whether the peering is limited.
    pub limited: bool,
}

/// That a peer belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Since when.
    pub since: Timestamp,
    /// Whether it also gets what was released to the group before: chosen when it joined.
    pub earlier: bool,
}

/// Why a record does not go to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// Past its expiry.
    #[error("it has expired")]
    Expired,
    /// Not among the named peers.
    #[error("not among the named peers")]
    NotInAudience,
    /// Not a member of the group.
    #[error("not a member of the group")]
    NotAMember,
    /// Joined after the release, and the policy has no back-fill.
    #[error("became a peer or a member after the release, and is not to get what was released before")]
    JoinedLater,
    /// The peering contract shares no purpose with the record.
    #[error("the peering contract covers none of the purposes")]
    NoCommonPurpose,
    /// Not an active peer.
    #[error("not an active peer")]
    NotActive,
    /// The peering is limited.
    #[error("the peering is limited: only profiles and what is public go to it")]
    Limited,
    /// The peering is suspended.
    #[error("the peering is suspended: nothing goes to it")]
    Suspended,
}

/// To whom a holder may pass a record on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward<'a> {
    /// To nobody.
    Nobody,
    /// To these nodes.
    Nodes(&'a BTreeSet<NodeId>),
    /// To anyone.
    Anyone,
}

impl Onward<'_> {
    /// Whether `node` is among them.
    #[must_use]
    pub fn includes(self, node: &NodeId) -> bool {
        match self {
            Self::Nobody => false,
            Self::Nodes(nodes) => nodes.contains(node),
            Self::Anyone => true,
        }
    }
}

impl Policy {
    /// Whether `now` is past the expiry.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Decides whether `reader` may receive a record of this sort released at `released_at`.
    ///
    /// # Errors
    /// [`Withheld`] with the reason why not.
    pub fn gives(
        &self,
        sort: Sort,
        reader: &Reader,
        released_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Withheld> {
        self.admits(reader, released_at, now)?;
        match reader.limited && !sort.passes_limit(&self.audience) {
            true => Err(Withheld::Limited),
            false => Ok(()),
        }
    }

    /// Decides whether `reader` belongs to those for whom a record released at `released_at` is, whether or not the peering with it
    /// is limited for now.
    ///
    /// # Errors
    /// [`Withheld`] with the reason why not.
    pub fn admits(&self, reader: &Reader, released_at: Timestamp, now: Timestamp) -> Result<(), Withheld> {
        if self.expired(now) {
            return Err(Withheld::Expired);
        }
        self.includes(&reader.node)?;
        let early = match &self.audience {
            Audience::NamedPeers(_) => true,
            Audience::Group(group) => {
                let member = reader.groups.get(group).ok_or(Withheld::NotAMember)?;
                member.since <= released_at || (member.earlier && self.back_fill)
            }
            Audience::AllPeers | Audience::Public => self.back_fill || reader.active_since <= released_at,
        };
        if !early {
            return Err(Withheld::JoinedLater);
        }
        if self.purposes.is_disjoint(&reader.purposes) {
            return Err(Withheld::NoCommonPurpose);
        }
        Ok(())
    }

    /// To whom a holder may pass a record on. Only its author knows its own peers and the members of its groups, so that a
    /// record for those is passed on to nobody (protocol, Relay).
    #[must_use]
    pub fn onward(&self) -> Onward<'_> {
        match &self.audience {
            _ if !self.relay => Onward::Nobody,
            Audience::NamedPeers(nodes) => Onward::Nodes(nodes),
            Audience::Public => Onward::Anyone,
            Audience::Group(_) | Audience::AllPeers => Onward::Nobody,
        }
    }

    /// Whether the audience can include `node` at all: what a receiver checks before it holds a record. Who
    /// belongs to a group, only its author decides.
    ///
    /// # Errors
    /// [`Withheld::NotInAudience`].
    pub fn includes(&self, node: &NodeId) -> Result<(), Withheld> {
        match &self.audience {
            Audience::NamedPeers(_) if !self.names(node) => Err(Withheld::NotInAudience),
            _ => Ok(()),
        }
    }

    fn names(&self, node: &NodeId) -> bool {
        matches!(&self.audience, Audience::NamedPeers(nodes) if nodes.contains(node))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    fn reader(node: u8, since: Timestamp) -> Reader {
        Reader {
            node: NodeId::from_bytes([node; 32]),
            active_since: since,
            purposes: Card::Network.purposes(),
            groups: BTreeMap::new(),
            limited: false,
        }
    }

    #[test]
    fn a_limited_peer_is_given_profiles_withdrawals_and_what_is_public() {
        let now = Timestamp::UNIX_EPOCH;
        let limited = Reader { limited: true, ..reader(1, now) };
        let named = Card::NamedPeers.policy(BTreeSet::from([NodeId::from_bytes([1; 32])]).into()).unwrap();
        let network = Card::Network.policy(For::default()).unwrap();
        for policy in [&named, &network] {
            assert_eq!(policy.gives(Sort::Other, &limited, now, now), Err(Withheld::Limited));
            assert_eq!(policy.gives(Sort::Profile, &limited, now, now), Ok(()));
            assert_eq!(policy.gives(Sort::Withdrawal, &limited, now, now), Ok(()));
            assert_eq!(policy.gives(Sort::Other, &reader(1, now), now, now), Ok(()));
        }
        let public = Card::Public.policy(For::default()).unwrap();
        assert_eq!(public.gives(Sort::Other, &limited, now, now), Ok(()));
        let elsewhere = Reader { node: NodeId::from_bytes([2; 32]), ..limited };
        assert_eq!(named.gives(Sort::Profile, &elsewhere, now, now), Err(Withheld::NotInAudience));
    }

    #[test]
    fn named_peers_and_nobody_else() {
        let now = Timestamp::UNIX_EPOCH;
        let policy = Card::NamedPeers.policy(BTreeSet::from([NodeId::from_bytes([1; 32])]).into()).unwrap();
        assert_eq!(policy.admits(&reader(1, now), now, now), Ok(()));
        assert_eq!(policy.admits(&reader(2, now), now, now), Err(Withheld::NotInAudience));
        assert_eq!(Card::NamedPeers.policy(For::default()), Err(InvalidPolicy::NobodyNamed));
    }

    #[test]
    fn later_peers_only_with_back_fill() {
        let released = Timestamp::UNIX_EPOCH;
        let later = released + 1.hour();
        let mut policy = Card::Network.policy(For::default()).unwrap();
        assert_eq!(policy.admits(&reader(1, later), released, later), Ok(()));
        policy.back_fill = false;
        assert_eq!(policy.admits(&reader(1, later), released, later), Err(Withheld::JoinedLater));
    }

    #[test]
    fn of_late_members_the_choice_made_when_they_joined_decides() {
        let id = Id::new("northern-circle").unwrap();
        let policy = Card::Group.policy(For { group: Some(id.clone()), ..For::default() }).unwrap();
        let released = Timestamp::UNIX_EPOCH + 1.hour();
        let member = |since, earlier| {
            let mut reader = reader(1, Timestamp::UNIX_EPOCH);
            reader.groups.insert(id.clone(), Membership { since, earlier });
            policy.admits(&reader, released, released)
        };
        assert_eq!(policy.admits(&reader(1, released), released, released), Err(Withheld::NotAMember));
        assert_eq!(member(released, false), Ok(()));
        assert_eq!(member(released + 1.hour(), false), Err(Withheld::JoinedLater));
        assert_eq!(member(released + 1.hour(), true), Ok(()));
    }

    #[test]
    fn cards_are_read_as_they_are_written_and_each_says_for_whom() {
        for card in Card::ALL {
            assert_eq!(Card::from_words(&card.name().replace(' ', "-").to_uppercase()), Some(card));
        }
        assert_eq!(Card::KeepHere.policy(For::default()), Err(InvalidPolicy::KeptHere));
        assert_eq!(Card::Group.policy(For::default()), Err(InvalidPolicy::NoGroup));
        assert_eq!(Card::PatternFinding.policy(For::default()), Err(InvalidPolicy::NobodyNamed));
        assert!(
            !Card::PatternFinding
                .policy(BTreeSet::from([NodeId::from_bytes([1; 32])]).into())
                .unwrap()
                .name_place
        );
    }

    #[test]
    fn expiry_and_purposes_withhold() {
        let now = Timestamp::UNIX_EPOCH;
        let mut policy = Card::Network.policy(For::default()).unwrap();
        let mut peer = reader(1, now);
        peer.purposes = [Purpose::Research].into();
        assert_eq!(policy.admits(&peer, now, now), Err(Withheld::NoCommonPurpose));
        policy.expires_at = Some(now);
        assert_eq!(policy.admits(&peer, now, now), Err(Withheld::Expired));
    }

    #[test]
    fn prohibited_purposes_are_named_in_the_refusal() {
        for prohibited in Prohibited::ALL {
            let refusal = Purpose::from_words(prohibited.words()).unwrap_err();
            assert_eq!(refusal, InvalidPolicy::Prohibited(prohibited));
        }
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_words(&purpose.words().replace(' ', "-")), Ok(purpose));
        }
    }
}
