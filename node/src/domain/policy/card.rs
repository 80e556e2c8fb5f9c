//! The six policy cards: a whole policy in a few plain words.

use std::collections::BTreeSet;

use cairn_proto::{ids::NodeId, limits};

use super::{Audience, GroupId, InvalidPolicy, Policy, Purpose};

/// A policy card: a whole policy in a few words (product.md, "Permission").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Card {
    /// Nothing leaves.
    KeepHere,
    /// Peers named one by one; peer learning; no onward sharing.
    NamedPeers,
    /// The members of a group; peer learning.
    Group,
    /// All our peers; patterns allowed.
    Network,
    /// Named national agencies find patterns; the place is not named.
    PatternFinding,
    /// Anyone.
    Public,
}

/// For whom, as far as a card leaves that open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct For {
    /// Peers named one by one.
    pub peers: BTreeSet<NodeId>,
    /// A group of ours.
    pub group: Option<GroupId>,
}

impl Card {
    /// All of them, from the narrowest to the widest.
    pub const ALL: [Self; 6] =
        [Self::KeepHere, Self::NamedPeers, Self::Group, Self::Network, Self::PatternFinding, Self::Public];

    /// Reads a card's name; hyphens may stand for spaces.
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        let spaced = |text: &str| text.trim().to_lowercase().replace('-', " ");
        let text = spaced(text);
        Self::ALL.into_iter().find(|card| spaced(card.name()) == text)
    }

    /// The card's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeepHere => "keep here",
            Self::NamedPeers => "named peers",
            Self::Group => "group",
            Self::Network => "network",
            Self::PatternFinding => "national pattern-finding",
            Self::Public => "public",
        }
    }

    /// What the card says, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::KeepHere => "Keep here: nothing leaves.",
            Self::NamedPeers => {
                "Named peers: only the peers you name receive it, to learn from it. They may keep it, and do not \
                 pass it on."
            }
            Self::Group => {
                "Group: the members of one of your groups receive it, to learn from it and adapt it. Of those who join later \
                 you say, one by one, whether they receive it, too. They do not pass it on."
            }
            Self::Network => {
                "Network: every peer of ours receives it, to learn from it and to find patterns. Later peers \
                 receive it, too. They do not pass it on."
            }
            Self::PatternFinding => {
                "National pattern-finding: only the agencies you name receive it, to find patterns and to design policy. \
                 It does not say whose experiment it is, and they may not name the place in public. They do not pass it on."
            }
            Self::Public => {
                "Public: anyone may read it, with our name. Peers receive it and may pass it on; it may serve \
                 learning, patterns, policy design, research and telling the story."
            }
        }
    }

    /// The purposes that come with the card.
    #[must_use]
    pub fn purposes(self) -> BTreeSet<Purpose> {
        let list: &[Purpose] = match self {
            Self::KeepHere => &[],
            Self::NamedPeers | Self::Group => &[Purpose::PeerLearning],
            Self::Network => &[Purpose::PeerLearning, Purpose::PatternFinding],
            Self::PatternFinding => &[Purpose::PatternFinding, Purpose::PolicyDesign],
            Self::Public => &[
                Purpose::PeerLearning,
                Purpose::PatternFinding,
                Purpose::PolicyDesign,
                Purpose::Research,
                Purpose::PublicNarrative,
            ],
        };
        list.iter().copied().collect()
    }

    /// Whether the card is for peers named one by one.
    #[must_use]
    pub fn names_peers(self) -> bool {
        matches!(self, Self::NamedPeers | Self::PatternFinding)
    }

    /// Whether holders may pass on what goes out under the card, unless its author says otherwise.
    #[must_use]
    pub fn relays(self) -> bool {
        self == Self::Public
    }

    /// The policy of this card.
    ///
    /// # Errors
    /// [`InvalidPolicy`] when it lets nothing leave, or it is open for whom.
    pub fn policy(self, whom: For) -> Result<Policy, InvalidPolicy> {
        let audience = match self {
            Self::KeepHere => return Err(InvalidPolicy::KeptHere),
            Self::NamedPeers | Self::PatternFinding if whom.peers.is_empty() => {
                return Err(InvalidPolicy::NobodyNamed);
            }
            Self::NamedPeers | Self::PatternFinding if whom.peers.len() > limits::NAMED_PEERS => {
                return Err(InvalidPolicy::TooManyNamed(whom.peers.len()));
            }
            Self::NamedPeers | Self::PatternFinding => Audience::NamedPeers(whom.peers),
            Self::Group => Audience::Group(whom.group.ok_or(InvalidPolicy::NoGroup)?),
            Self::Network => Audience::AllPeers,
            Self::Public => Audience::Public,
        };
        Ok(Policy {
            audience,
            purposes: self.purposes(),
            relay: self.relays(),
            back_fill: !self.names_peers(),
            name_place: self == Self::Public,
            expires_at: None,
            licence: String::new(),
        })
    }
}

impl From<BTreeSet<NodeId>> for For {
    fn from(peers: BTreeSet<NodeId>) -> Self {
        Self { peers, group: None }
    }
}
