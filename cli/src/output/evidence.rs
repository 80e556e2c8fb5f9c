//! What an evidence pack proves, by whom, and what it does not prove.

use cairn_proto::{evidence::Evidence, ids::NodeId};
use prost_types::Timestamp;
use serde::Serialize;

use super::{
    Page,
    json::{self, Canonical},
    record, succession, text,
};
use crate::error::Error;

/// What no pack can prove. Said every time, because evidence is easily taken for more than it is.
const NOT_PROVEN: [&str; 4] = [
    "that what the record says is true or complete",
    "that the NodeId belongs to the place it names: compare its words with that place by telephone",
    "when it was signed: the time in the record is by the author's own clock",
    "that the record is still offered: it may have been withdrawn or have expired since",
];

/// What is proven, for people.
pub(crate) fn proven(evidence: &Evidence, page: &mut Page) {
    let Evidence { record_id, author, record, checkpoint, cosigned_by } = evidence;
    let author = author.node_id();
    page.say("The evidence holds. It proves");
    page.bullet(2, &format!(
        "that the record below was signed, exactly as it stands here, with the key that the author's chain of \
         identity events names for place {} in its log",
        record_id.index
    ));
    page.bullet(
        2,
        &format!(
            "that its author signed the record below, exactly as it stands here, as entry {}",
            record_id.index
        ),
    );
    let size = text::count(checkpoint.size, "entry", "entries");
    page.bullet(
        2,
        &format!("that it stands in the author's log, under a head of {size} that the author signed"),
    );
    for (witness, at) in cosigned_by {
        page.bullet(
            2,
            &format!("that this log head was seen by {witness} ({}) {}", witness.words(), when(*at)),
        );
    }
    if cosigned_by.is_empty() {
        page.indented(2, "No other node has witnessed this log head.");
    }
    page.blank();
    page.say("By whom");
    page.fields(2, &[("Author", author.to_string()), ("Its words", author.words())]);
    let goes_on = succession::of_author(&evidence.author);
    if !goes_on.is_empty() {
        page.indented(2, &goes_on);
    }
    page.list("It does not prove", NOT_PROVEN);
    page.blank();
    page.say("The record");
    page.blank();
    record::in_full(record, page);
}

/// Unix seconds of a witness's clock, in words.
fn when(seconds: u64) -> String {
    let at = i64::try_from(seconds).unwrap_or(i64::MAX);
    format!("on {} by its clock", text::moment(&Timestamp { seconds: at, nanos: 0 }))
}

/// What is proven, for programs.
#[derive(Serialize)]
pub(crate) struct Proven {
    proven: bool,
    record_id: String,
    author: Named,
    checkpoint: Head,
    cosigned_by: Vec<Cosignature>,
    not_proven: [&'static str; 4],
    /// Who goes on in the author's place, in a sentence; empty where nobody does.
    succeeded: String,
    record: Canonical,
}

/// A node with its words.
#[derive(Serialize)]
struct Named {
    node_id: String,
    words: String,
}

/// The head of the log; the root in lower-case hexadecimal.
#[derive(Serialize)]
struct Head {
    origin: String,
    size: u64,
    root: String,
}

/// Who saw the head, and when by its own clock (Unix seconds).
#[derive(Serialize)]
struct Cosignature {
    node_id: String,
    words: String,
    unix_seconds: u64,
}

impl Proven {
    /// Takes the evidence apart.
    pub(crate) fn new(evidence: &Evidence) -> Result<Self, Error> {
        let Evidence { record_id, author, record, checkpoint, cosigned_by } = evidence;
        let cosigned = cosigned_by.iter().map(|(witness, at)| {
            let Named { node_id, words } = named(witness);
            Cosignature { node_id, words, unix_seconds: *at }
        });
        Ok(Self {
            proven: true,
            record_id: record_id.to_string(),
            author: named(&author.node_id()),
            checkpoint: Head {
                origin: checkpoint.origin.clone(),
                size: checkpoint.size,
                root: text::hex(&checkpoint.root),
            },
            cosigned_by: cosigned.collect(),
            not_proven: NOT_PROVEN,
            succeeded: succession::of_author(author),
            record: json::canonical(record)?,
        })
    }
}

/// A node with its words.
fn named(node: &NodeId) -> Named {
    Named { node_id: node.to_string(), words: node.words() }
}
