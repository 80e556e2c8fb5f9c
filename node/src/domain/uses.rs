//! What a reader did with records of others: told to their author in words, never counted to compare (product.md, "The
//! shared side"; N01).

use cairn_proto::ids::NodeId;
use jiff::SignedDuration;

/// News of uses waits so long for more, so that an author hears of a reader at most once a day.
pub const TOLD_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A way to use a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// It is held and can be read.
    Held,
    /// An experiment started from it.
    StartingPoint,
    /// A pattern or another record cites it.
    Cited,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Held, Self::StartingPoint, Self::Cited];

    /// What somebody did with it, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Held => "holds it",
            Self::StartingPoint => "started an experiment from it",
            Self::Cited => "cites it",
        }
    }

    /// Reads a use in the words of [`Self::words`].
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.words() == text)
    }
}

/// What a reader did with records of one author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// The author.
    pub author: NodeId,
    /// Index and way.
    pub uses: Vec<(u64, Use)>,
}
