//! Withdrawal: a record is taken back, every holder purges it and says so, and the author sees who has and who has
//! not (P17, R093; protocol anchors D10). A receipt is an accountable statement, not proof; and what was learnt cannot be
//! unread.

use cairn_proto::ids::{NodeId, RecordId};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    learning::Id,
    text::{Line, Prose},
};

/// A holder that has heard nothing from an author for so long stops showing and serving that author's records: one of
/// them may have been withdrawn meanwhile (protocol, Withdrawal).
pub const STALE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why a record is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Somebody took back their consent, or it ended.
    ConsentWithdrawn,
    /// It was released by mistake, or holds one.
    Mistake,
    /// A later record says it better.
    Superseded,
    /// For another reason.
    Other,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ConsentWithdrawn, Self::Mistake, Self::Superseded, Self::Other];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ConsentWithdrawn => "consent withdrawn",
            Self::Mistake => "mistake",
            Self::Superseded => "superseded",
            Self::Other => "other",
        }
    }

    /// Reads a reason in words; hyphens may stand for spaces.
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace('-', " ");
        Self::ALL.into_iter().find(|reason| reason.words() == text)
    }
}

/// What an author says when it takes a record back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// Index of the withdrawn record in the same log.
    pub target: u64,
    /// Why.
    pub reason: Reason,
    /// In words, for those who held it.
    pub note: Option<Prose>,
    /// The parts it was about; empty: the whole.
    pub parts: Vec<Line>,
    /// The record that stands in its place.
    pub replaced_by: Option<u64>,
}

/// What became of a withdrawn record at a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is gone from store, search and caches.
    Purged,
    /// It was never held.
    NeverHeld,
    /// It is shown and given to nobody, but kept.
    Exception {
        /// The legal basis.
        basis: Prose,
        /// When it is looked at again.
        review_on: Date,
    },
}

/// A holder's statement about a withdrawn record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The withdrawn record.
    pub record: RecordId,
    /// Index of the retraction that was followed.
    pub retraction: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// After this day no backup holds it.
    pub backups_until: Date,
    /// To whom the holder had passed it on.
    pub passed_on_to: Vec<NodeId>,
    /// The holder's software.
    pub software: Line,
}

/// A group of its author: whoever the record is for belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: Id,
    /// What it is called.
    pub name: Line,
    /// What it is for.
    pub about: Option<Prose>,
}

/// What an author knows of one recipient of a withdrawn record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When the record was withdrawn.
    pub withdrawn_at: Timestamp,
    /// How long the contract gives.
    pub deadline: SignedDuration,
    /// When the recipient was reached last.
    pub reached_at: Option<Timestamp>,
    /// What it said, and when.
    pub receipt: Option<(Outcome, Timestamp)>,
    /// Whether it only saw the title, in a catalogue, and was not given the record.
    pub title_only: bool,
}

/// Where a withdrawal stands at one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Within its time.
    Waiting,
    /// It says that the record is gone.
    Purged(Timestamp),
    /// It says that it never held it.
    NeverHeld,
    /// It keeps it, unserved.
    Exception {
        /// The legal basis.
        basis: Prose,
        /// When it is looked at again.
        review_on: Date,
    },
    /// Its time is over.
    Overdue,
    /// It has not been reached since.
    Unreachable,
}

impl Told {
    /// By when the record must be gone there.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.withdrawn_at.checked_add(self.deadline).unwrap_or(Timestamp::MAX)
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        match &self.receipt {
            Some((Outcome::Purged, at)) => Standing::Purged(*at),
            Some((Outcome::NeverHeld, _)) => Standing::NeverHeld,
            Some((Outcome::Exception { basis, review_on }, _)) => {
                Standing::Exception { basis: basis.clone(), review_on: *review_on }
            }
            None if now < self.due_at() => Standing::Waiting,
            // Whoever was reached since it was told has had its time; whoever was not may not know.
            None if self.reached_at.is_some_and(|at| at > self.withdrawn_at) => Standing::Overdue,
            None => Standing::Unreachable,
        }
    }

    /// Where it stands, in words, with its age.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let age = age(now.duration_since(self.withdrawn_at));
        match self.standing(now) {
            Standing::Waiting if self.title_only => {
                format!(
                    "told {age} ago; it only saw the title, and has until {} to say that it holds nothing",
                    minute(self.due_at())
                )
            }
            Standing::Waiting => {
                format!("told {age} ago; it has until {} to purge it", minute(self.due_at()))
            }
            Standing::Purged(at) if at < self.withdrawn_at => {
                "says that it is purged, at a time before the withdrawal: its clock is behind ours".to_owned()
            }
            Standing::Purged(at) => {
                format!(
                    "says that it is purged, {} after the withdrawal",
                    self::age(at.duration_since(self.withdrawn_at))
                )
            }
            Standing::NeverHeld => "says that it never held it".to_owned(),
            Standing::Exception { basis, review_on } => {
                format!("keeps it unseen for a legal reason ({basis}), to be looked at again on {review_on}")
            }
            Standing::Overdue => format!("overdue: withdrawn {age} ago, and no receipt; it is asked again"),
            Standing::Unreachable => {
                format!("not reached since the withdrawal {age} ago; it is told as soon as it can be")
            }
        }
    }
}

/// Whether an author heard of last at `heard` counts as stale at `now`.
#[must_use]
pub fn stale(heard: Timestamp, now: Timestamp) -> bool {
    now.duration_since(heard) > STALE
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A span of time in words.
#[must_use]
pub fn age(span: SignedDuration) -> String {
    let (minutes, hours) = (span.as_mins(), span.as_hours());
    let many = |n: i64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    match (minutes, hours) {
        (..1, _) => "less than a minute".to_owned(),
        (_, ..2) => many(minutes, "minute"),
        (_, ..48) => many(hours, "hour"),
        _ => many(hours / 24, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn told() -> Told {
        Told {
            withdrawn_at: Timestamp::UNIX_EPOCH,
            deadline: SignedDuration::from_hours(24),
            reached_at: None,
            receipt: None,
            title_only: false,
        }
    }

    #[test]
    fn waiting_becomes_overdue_only_for_those_who_were_reached() {
        let start = Timestamp::UNIX_EPOCH;
        let mut told = told();
        assert_eq!(told.standing(start + HOUR), Standing::Waiting);
        assert_eq!(told.standing(start + 24 * HOUR), Standing::Unreachable);
        told.reached_at = Some(start - HOUR);
        assert_eq!(told.standing(start + 24 * HOUR), Standing::Unreachable);
        told.reached_at = Some(start + HOUR);
        assert_eq!(told.standing(start + 24 * HOUR), Standing::Overdue);
        assert!(told.words(start + 50 * HOUR).contains("withdrawn 2 days ago"));
    }

    #[test]
    fn who_only_saw_a_title_is_not_asked_to_purge() {
        let words = Told { title_only: true, ..told() }.words(Timestamp::UNIX_EPOCH + HOUR);
        assert!(words.contains("it only saw the title") && !words.contains("purge"), "{words}");
    }

    #[test]
    fn a_receipt_counts_whenever_it_comes() {
        let start = Timestamp::UNIX_EPOCH;
        let told = Told { receipt: Some((Outcome::Purged, start + 30 * HOUR)), ..told() };
        assert_eq!(told.standing(start + 90 * HOUR), Standing::Purged(start + 30 * HOUR));
        assert_eq!(told.words(start + 90 * HOUR), "says that it is purged, 30 hours after the withdrawal");
    }

    #[test]
    fn a_receipt_counts_when_its_clock_is_behind() {
        let start = Timestamp::UNIX_EPOCH;
        let told = Told { receipt: Some((Outcome::Purged, start - 24 * HOUR)), ..told() };
        assert_eq!(told.standing(start + HOUR), Standing::Purged(start - 24 * HOUR));
        assert!(told.words(start + HOUR).contains("its clock is behind ours"));
    }

    #[test]
    fn an_author_not_heard_for_more_than_seven_days_is_stale() {
        let heard = Timestamp::UNIX_EPOCH;
        assert!(!stale(heard, heard + STALE) && stale(heard, heard + STALE + HOUR));
        assert!(!stale(heard + HOUR, heard), "a clock that was set back");
    }

    #[test]
    fn reasons_are_read_as_they_are_written() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_words(&reason.words().replace(' ', "-")), Some(reason));
        }
    }
}
