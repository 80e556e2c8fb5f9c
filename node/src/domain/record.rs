//! Records: what leaves a place, as values that cannot be wrong.

use std::borrow::Cow;

use cairn_proto::ids::{NodeId, RecordId};
use jiff::{Timestamp, civil::Date};

use super::{
    dialogue::{Message, Response},
    experiment::Summary,
    place::Profile,
    policy::Policy,
    restriction::Sort,
    text::{Line, Prose},
    uses::Uses,
    withdrawal::{Group, Receipt, Retraction},
};

/// So many characters of a message stand for it in lists.
const BEGINNING: usize = 60;

/// What an author states about consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentState {
    /// Everyone whose words or data are in it agreed.
    Given,
    /// It holds nobody's words or data.
    NotNeeded,
}

/// The statement about consent that travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentStatement {
    /// The state.
    pub state: ConsentState,
    /// Salted hash of the consent records at home.
    pub commitment: [u8; 32],
}

/// What was done to protect people before the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// In words.
    pub statement: Prose,
    /// The small-number rule set, if any.
    pub rule_set: Option<Line>,
    /// Role of who checked.
    pub checked_by: Option<Line>,
    /// Day of the check.
    pub checked_on: Option<Date>,
}

/// How a record relates to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The other was the starting point.
    DerivedFrom(super::experiment::StartingPoint),
    /// Replaces our own earlier record.
    RevisionOf(RecordId),
    /// Speaks about the other.
    About(RecordId),
    /// Mentions the other.
    Cites(RecordId),
    /// Answers the other, which was said in a thread.
    InReplyTo(RecordId),
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Who we are.
    Profile(Profile),
    /// What we tried. Boxed because it is many times larger than a profile.
    Summary(Box<Summary>),
    /// An earlier record of ours is withdrawn.
    Retraction(Retraction),
    /// What became of another's withdrawn record.
    Receipt(Receipt),
    /// A group of ours.
    Group(Group),
    /// What was done here with records of another.
    Uses(Uses),
    /// How we stand to another's record.
    Response(Response),
    /// A word in a thread.
    Message(Message),
}

impl Body {
    /// The kind, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Profile(_) => "profile",
            Self::Summary(_) => "experiment summary",
            Self::Retraction(_) => "withdrawal",
            Self::Receipt(_) => "purge receipt",
            Self::Group(_) => "group",
            Self::Uses(_) => "use receipt",
            Self::Response(_) => "response",
            Self::Message(message) => message.kind.words(),
        }
    }

    /// The title, for lists.
    #[must_use]
    pub fn title(&self) -> Cow<'_, str> {
        match self {
            Self::Profile(profile) => profile.name.as_str().into(),
            Self::Summary(summary) => summary.title.as_str().into(),
            Self::Retraction(retraction) => {
                format!("withdraws record {}: {}", retraction.target, retraction.reason.words()).into()
            }
            Self::Receipt(receipt) => format!("about the withdrawal of {}", receipt.record).into(),
            Self::Group(group) => group.name.as_str().into(),
            Self::Uses(uses) => format!("what was done with records of {}", uses.author.short()).into(),
            Self::Response(response) => response.kind().words().into(),
            Self::Message(message) => beginning(message.text.as_str()).into(),
        }
    }

    /// What it is, as far as a limit of a peering asks.
    #[must_use]
    pub fn sort(&self) -> Sort {
        match self {
            Self::Profile(_) => Sort::Profile,
            Self::Retraction(_) | Self::Receipt(_) => Sort::Withdrawal,
            Self::Summary(_) | Self::Group(_) | Self::Uses(_) | Self::Response(_) | Self::Message(_) => {
                Sort::Other
            }
        }
    }

    /// Whether it is learning to be read, rather than about how records are dealt with.
    #[must_use]
    pub fn is_learning(&self) -> bool {
        matches!(self, Self::Profile(_) | Self::Summary(_)) || self.is_said()
    }

    /// Whether it is said about another record, in a thread.
    #[must_use]
    pub fn is_said(&self) -> bool {
        matches!(self, Self::Response(_) | Self::Message(_))
    }
}

/// How a text begins, on one line, for lists.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(BEGINNING) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its author.
    pub author: NodeId,
    /// Its index in the author's log.
    pub index: u64,
    /// The author's identity event whose key signed it.
    pub identity_seq: u32,
    /// When the author signed it.
    pub created_at: Timestamp,
    /// What recipients may do with it.
    pub policy: Policy,
    /// What it rests on.
    pub consent: ConsentStatement,
    /// What was done to protect people.
    pub disclosure: Option<Disclosure>,
    /// Other records it stands on or speaks of.
    pub references: Vec<Reference>,
    /// What it says.
    pub body: Body,
}

impl Reference {
    /// The other record.
    #[must_use]
    pub fn record(&self) -> &RecordId {
        match self {
            Self::DerivedFrom(start) => &start.record,
            Self::RevisionOf(record)
            | Self::About(record)
            | Self::Cites(record)
            | Self::InReplyTo(record) => record,
        }
    }
}

impl Record {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        RecordId { author: self.author, index: self.index }
    }
}
