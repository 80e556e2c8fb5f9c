//! Why a use case did not do what was asked. Every message says what happened, why, and what to
//! do next; nothing was changed.

use cairn_proto::{ids::NodeId, ticket::InvalidTicket};

use crate::{
    domain::{
        date::InvalidDate, peer::Standing, policy::InvalidPolicy, preflight::Finding, release::Obstacle,
        text::InvalidText,
    },
    entropy::EntropyError,
    files::InvalidFile,
    store::StoreError,
    wire::{InvalidRecord, contract::InvalidContract},
};

/// Why it did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Something named does not exist.
    #[error("{what} \"{name}\" is not known here; {hint}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// How it was named.
        name: String,
        /// Where to look.
        hint: &'static str,
    },
    /// A name fits several things.
    #[error("\"{name}\" fits several peers: {candidates}; use more of the node id")]
    Ambiguous {
        /// How it was named.
        name: String,
        /// What it may mean.
        candidates: String,
    },
    /// The release is not allowed.
    #[error("not released, nothing has left. {}", list(.0))]
    Release(Vec<Obstacle>),
    /// Pre-flight found what stops it.
    #[error(
        "not released, nothing has left. {}Pre-flight found {}. Mend it at home, or give each key a reason why it may leave \
         all the same, with --override KEY=REASON",
        obstacles_before(.obstacles), found(.findings)
    )]
    Preflight {
        /// What stands in the way for good.
        obstacles: Vec<Obstacle>,
        /// What stops it unless somebody says why not.
        findings: Vec<Finding>,
    },
    /// The policy is not allowed.
    #[error("not released, nothing has left: {0}")]
    Policy(#[from] InvalidPolicy),
    /// Only an author takes a record back.
    #[error("the record is not ours: only {0} can take it back")]
    NotOurs(String),
    /// A record that is gone already.
    #[error("record {record} is gone already: {}", gone(.withdrawn_at.as_ref()))]
    Gone {
        /// Which.
        record: String,
        /// When it was withdrawn; otherwise it expired.
        withdrawn_at: Option<jiff::Timestamp>,
    },
    /// A withdrawn record that is kept for a legal reason.
    #[error(
        "record {0} was withdrawn by its author: it is kept here under a legal hold, and shown and given to nobody; \
         `cairn hold list` shows the hold"
    )]
    KeptBack(String),
    /// Sharing is paused.
    #[error("sharing is paused since {0}; nothing leaves until somebody resumes it (`cairn resume`)")]
    Paused(jiff::Timestamp),
    /// Our newest head is not known.
    #[error(
        "nothing was signed and nothing has left: {reason}. Peers are asked what they hold of this node's log, and it goes on by itself \
         once all have answered; `cairn gate show` tells how far that is"
    )]
    Gate {
        /// Since when.
        since: jiff::Timestamp,
        /// Why.
        reason: String,
    },
    /// Our key signed two logs.
    #[error(
        "nothing was signed and nothing has left: two different logs were signed with this node's key. `cairn fork list` shows \
         both and says what to do"
    )]
    Forked,
    /// Others go on in the place of this node.
    #[error(
        "nothing was signed and nothing has left: this place was given up, and {0} goes on instead; publish there. What still works \
         here: withdrawing whole records (`cairn withdraw`), and receipts for what others withdraw. `cairn succession show` tells more"
    )]
    Succeeded(String),
    /// A file in which a succession goes round, and that cannot be used.
    #[error("the file cannot be used, and nothing was signed: {0}; ask who drafted it for a new one")]
    Succession(#[from] cairn_proto::succession::SuccessionError),
    /// A record whose author has not been heard of for too long.
    #[error(
        "the record is held, and not shown: nothing was heard from {author} {}, and it may have been withdrawn \
         since. It is shown again once its author is reached", since(.heard.as_ref())
    )]
    Stale {
        /// Our name for its author.
        author: String,
        /// When it was heard last.
        heard: Option<jiff::Timestamp>,
    },
    /// The record is larger than an envelope may be.
    #[error(
        "not released, nothing has left: the record would be {bytes} bytes long; at most {limit} fit, so shorten it"
    )]
    TooLarge {
        /// How long it would be.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The profile is not complete.
    #[error("the place has no name yet; set it with `cairn place set --name NAME`")]
    Unnamed,
    /// A file cannot be read.
    #[error("{}{error}", place(.file))]
    File {
        /// Its name; empty where it is no file.
        file: String,
        /// What is wrong.
        #[source]
        error: InvalidFile,
    },
    /// A document that is not here.
    #[error("the {what} \"{id}\" is not known here; `cairn {command} list` shows those that are")]
    Unknown {
        /// Its kind.
        what: &'static str,
        /// Its id.
        id: String,
        /// The command for its kind.
        command: &'static str,
    },
    /// A document whose words are gone.
    #[error("there is no {what} any more: {words}. What was erased does not come back; use another id")]
    Erased {
        /// Which document.
        what: String,
        /// When, by whom and why.
        words: String,
    },
    /// Documents of a file are here already and differ.
    #[error(
        "nothing was read in: {} here already and differ: {}. To make new versions of them, ask for that with \
         --replace; the versions before stay",
        if .what.len() == 1 { "one document is" } else { "some documents are" }, .what.join(", ")
    )]
    Differ {
        /// Which documents.
        what: Vec<String>,
    },
    /// A document that must be new and is not.
    #[error("there is a {what} already; nothing was changed. Choose another id, or change it with `edit`")]
    Exists {
        /// Which document.
        what: String,
    },
    /// Somebody else changed the document meanwhile.
    #[error(
        "nothing was saved: {what} was changed meanwhile. Version {version}, by {by}, changed: {}. Your text was made from \
         version {based_on} and changes: {}. Look at the newest version, put both together, and save again",
        parts(.theirs), parts(.mine)
    )]
    Conflict {
        /// Which document.
        what: String,
        /// Who made the newest version.
        by: String,
        /// The newest version.
        version: u64,
        /// The version that was to be changed.
        based_on: u64,
        /// The parts that were changed meanwhile.
        theirs: Vec<String>,
        /// The parts that were to be changed.
        mine: Vec<String>,
    },
    /// A text is out of bounds.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// A date is none.
    #[error(transparent)]
    Date(#[from] InvalidDate),
    /// A value that is none.
    #[error("{0}")]
    Argument(String),
    /// A ticket cannot be used.
    #[error("the ticket cannot be used: {0}; ask for a new one")]
    Ticket(#[from] InvalidTicket),
    /// A ticket is past its day.
    #[error("the ticket became void on {0}; ask the other place for a new one")]
    TicketExpired(jiff::Timestamp),
    /// A ticket of our own.
    #[error("this ticket is our own; hand it to the other place")]
    OwnTicket,
    /// A step that does not fit the standing.
    #[error("the peering with {name} is {}; {hint}", .standing.word())]
    Standing {
        /// Our name for the peer.
        name: String,
        /// Where it stands.
        standing: Standing,
        /// What can be done.
        hint: &'static str,
    },
    /// A name is taken.
    #[error("another peer is called \"{0}\" already; choose another name with --name")]
    NameTaken(String),
    /// A peer sent a contract that cannot be accepted.
    #[error(transparent)]
    Contract(#[from] InvalidContract),
    /// A peering step does not belong to the node that sent it.
    #[error("the contract is not between {0} and this node")]
    NotParty(NodeId),
    /// An invitation that is unknown, used or void.
    #[error("the invitation is unknown, used or void; ask for a new ticket")]
    Invitation,
    /// Too many proposals wait.
    #[error("too many proposals are waiting here; try again when they have been answered")]
    ProposalsFull,
    /// A caller that is not an active peer.
    #[error("not an active peer: {reason}")]
    NotAPeer {
        /// Where the peering stands; none for strangers.
        standing: Option<Standing>,
        /// Why.
        reason: String,
    },
    /// A caller whose peering is suspended by one of both.
    #[error("the peering is {reason}")]
    Suspended {
        /// By whom, why, until when.
        reason: String,
    },
    /// What is followed of an author is not what it was when a pull began.
    #[error("what is followed of this author was changed meanwhile; it is asked for anew")]
    Rechosen,
    /// A peer could not be asked something.
    #[error("{name} could not be asked: {why}. `cairn peer test` looks further")]
    Unanswered {
        /// What it is called here.
        name: String,
        /// Why.
        why: String,
    },
    /// A blocked identity.
    #[error("{name} is blocked here: {reason}; lift that first, if you mean it, with `cairn block remove`")]
    Blocked {
        /// What it is called here.
        name: String,
        /// Why.
        reason: String,
    },
    /// A peer has fetched what its contract allows in a day.
    #[error(
        "{used} of the {allowed} bytes a day that the contract allows were fetched; go on in {retry_after} s"
    )]
    DailyBytes {
        /// What the contract allows.
        allowed: u64,
        /// What was fetched today.
        used: u64,
        /// Seconds until the next day.
        retry_after: u32,
    },
    /// A list of another place that cannot be used.
    #[error("the list cannot be used, and nothing was kept of it: {0}; ask its author for a new one")]
    Trust(#[from] cairn_proto::trust::TrustError),
    /// A log that is not served to this caller.
    #[error("this node does not serve the log of {0}")]
    NotServed(NodeId),
    /// The caller claims to hold more than there is.
    #[error(
        "the caller holds {claimed} leaves, but this log has {size}: one side was restored from an older \
         copy"
    )]
    Refresh {
        /// Our size.
        size: u64,
        /// The claimed size.
        claimed: u64,
    },
    /// A record is malformed.
    #[error("the record cannot be read: {0}")]
    Record(#[from] InvalidRecord),
    /// What a peer sent does not verify.
    #[error(transparent)]
    Received(#[from] super::receive::ReceiveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of this program failed: a defect.
    #[error("a part of the work was cut off ({0}); try again")]
    CutOff(#[from] tokio::task::JoinError),
    /// A node that was recovered, which nobody here has confirmed yet.
    #[error(
        "it says that it was recovered with its recovery key. Telephone them at a number you know, ask whether that is so, \
         compare the words \"{words}\", and then accept it: cairn peer accept {0}", words = .0.words()
    )]
    Recovered(NodeId),
    /// The keys cannot be used.
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl AppError {
    pub(crate) fn file(file: &str, error: InvalidFile) -> Self {
        Self::File { file: file.chars().take(200).collect(), error }
    }
}

fn gone(withdrawn_at: Option<&jiff::Timestamp>) -> String {
    match withdrawn_at {
        Some(at) => {
            format!("it was withdrawn on {}; `cairn withdraw status` tells how far it has come", day(at))
        }
        None => "it has expired, and every holder purges it by itself".to_owned(),
    }
}

fn since(at: Option<&jiff::Timestamp>) -> String {
    at.map_or_else(|| "yet".to_owned(), |at| format!("since {}", day(at)))
}

fn day(at: &jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn place(file: &str) -> String {
    if file.is_empty() { String::new() } else { format!("in {file}: ") }
}

fn parts(parts: &[String]) -> String {
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn obstacles_before(obstacles: &[Obstacle]) -> String {
    if obstacles.is_empty() { String::new() } else { format!("{} ", list(obstacles)) }
}

/// Keys and what they stand for, without the words that were found: errors are written into logs.
fn found(findings: &[Finding]) -> String {
    let one = |finding: &Finding| format!("{} ({}; {})", finding.key, finding.sort.words(), finding.mend);
    findings.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn list(obstacles: &[Obstacle]) -> String {
    let mut text = String::new();
    for (obstacle, n) in obstacles.iter().zip(1..) {
        if obstacles.len() > 1 {
            text.push_str(&format!("({n}) "));
        }
        text.push_str(&sentence(&obstacle.to_string()));
        text.push(' ');
    }
    text.trim_end().to_owned()
}

/// Begins with a capital and ends with a full stop, as people expect of a sentence.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '?', '!', '\n']) { "" } else { "." };
    format!("{first}{}{end}", rest.as_str())
}
