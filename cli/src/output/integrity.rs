//! Whether logs are what they seem: the gate before our key, authors who signed two logs, and who has cosigned what.

use cairn_proto::{
    fork::Fork,
    pb::admin::{ClosedGate, CosignatureEntry, ForkEntry, GateAnswer, GetGateResponse, ListForksResponse},
};
use serde::Serialize;

use super::{Page, text};

/// The gate before our key.
pub(crate) fn gate(reply: &GetGateResponse, page: &mut Page) {
    let Some(ClosedGate { since, reason, size_then, size_now, answers }) = &reply.closed else {
        page.say("The gate is open: the node signs.");
        return;
    };
    page.say("The gate is closed: nothing is signed, released or withdrawn here for now.");
    page.blank();
    let came_back = size_now.saturating_sub(*size_then);
    page.fields(
        2,
        &[
            ("Since", text::moment_or(since.as_ref(), "")),
            ("Why", reason.clone()),
            ("Our log here", text::count(*size_now, "entry", "entries")),
            ("Came back since", text::count(came_back, "entry", "entries")),
        ],
    );
    if answers.is_empty() {
        page.blank();
        page.say("There is no active peer who could tell whether something newer was signed.");
    } else {
        page.blank();
        page.say("What peers hold of our log");
    }
    for GateAnswer { name, holds } in answers {
        let said = holds.map_or("has not answered yet".to_owned(), |n| text::count(n, "entry", "entries"));
        page.bullet(2, &format!("{name}: {said}"));
    }
    page.blank();
    page.say("The gate opens by itself once every peer has answered and nothing is missing. If somebody never will, read `cairn gate open --help`.");
}

/// Authors who signed two logs.
pub(crate) fn forks(reply: &ListForksResponse, page: &mut Page) {
    if reply.forks.is_empty() {
        page.say("No author is known here to have signed two logs.");
    }
    for ForkEntry { name, node_id, found_at, smaller, larger, ours, evidence: _ } in &reply.forks {
        let heads = match smaller == larger {
            true => format!("two different logs of {}", text::count(*smaller, "entry", "entries")),
            false => format!("a log of {smaller} entries, and one of {larger} that does not begin with it"),
        };
        page.blank();
        page.say(&format!("{name} ({})", text::short_id(node_id)));
        page.fields(2, &[("Signed", heads), ("Known since", text::moment_or(found_at.as_ref(), ""))]);
        page.blank();
        let what_to_do: &[&str] = match ours {
            true => &[
                "This is your own node: its key signed a second log, most likely after a copy was put back. It signs nothing \
                 any more, and your peers take no new records of it.",
                "Stop every other copy of this node. What you released before stays valid; what you withdraw has to be told to peers \
                 by telephone.",
                "Make a new node and invite your peers anew: nobody can know any more which of the two logs is yours. What you keep at \
                 home can be exported here and imported there.",
                "So that everyone learns which node goes on, let this one name the new one: cairn succession draft --kind renamed.",
            ],
            false => &[
                "No new records of it are taken. What you hold stays readable; what it withdraws is followed.",
                "Telephone its people: most often a backup was put back. They see this, too.",
                "Hand the evidence to whoever asks: cairn export fork, and anyone checks it with cairn verify.",
            ],
        };
        for line in what_to_do {
            page.bullet(2, line);
        }
    }
}

/// Who has cosigned a log, in a line each.
pub(crate) fn cosigned_by(entries: &[CosignatureEntry]) -> String {
    let one = |CosignatureEntry { name, size, at, node_id: _ }: &CosignatureEntry| {
        format!("{name} ({}, {})", text::count(*size, "entry", "entries"), text::moment_or(at.as_ref(), ""))
    };
    entries.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What no evidence of a fork can prove.
const NOT_PROVEN: [&str; 3] = [
    "why it happened: most often a backup was put back and the node went on from there",
    "who did it: whoever held the key could",
    "anything about what the records say",
];

/// What evidence of a fork proves, for people.
pub(crate) fn fork(fork: &Fork, page: &mut Page) {
    let Fork { author, smaller, larger } = fork;
    let author = author.node_id();
    page.say("The evidence holds. It proves that one node signed two different logs.");
    page.blank();
    page.fields(2, &[("Node", author.to_string()), ("Its words", author.words())]);
    page.blank();
    if smaller.size == larger.size {
        let size = text::count(smaller.size, "entry", "entries");
        page.say(&format!("It signed two heads of {size} with different roots:"));
        page.bullet(2, &text::hex(&smaller.root));
        page.bullet(2, &text::hex(&larger.root));
    } else {
        page.say(&format!(
            "It signed a head of {}, and one of {} whose log does not begin with the first:",
            text::count(smaller.size, "entry", "entries"),
            text::count(larger.size, "entry", "entries")
        ));
        page.bullet(2, &format!("{} at {}", text::hex(&smaller.root), smaller.size));
        page.bullet(2, &format!("{} at {}", text::hex(&larger.root), larger.size));
    }
    page.blank();
    page.list("It does not prove", NOT_PROVEN);
}

/// The same, for programs.
#[derive(Serialize)]
pub(crate) struct ProvenFork {
    proven: bool,
    fork: bool,
    node_id: String,
    words: String,
    heads: [ForkHead; 2],
    not_proven: [&'static str; 3],
}

/// One of the two heads; the root in lower-case hexadecimal.
#[derive(Serialize)]
struct ForkHead {
    size: u64,
    root: String,
}

impl ProvenFork {
    /// Takes the evidence apart.
    pub(crate) fn new(fork: &Fork) -> Self {
        let head = |head: &cairn_proto::checkpoint::Checkpoint| ForkHead {
            size: head.size,
            root: text::hex(&head.root),
        };
        let node = fork.author.node_id();
        Self {
            proven: true,
            fork: true,
            node_id: node.to_string(),
            words: node.words(),
            heads: [head(&fork.smaller), head(&fork.larger)],
            not_proven: NOT_PROVEN,
        }
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;
    use crate::output::page::tests::rendered;

    #[test]
    fn a_closed_gate_says_what_it_waits_for() {
        let answers = vec![
            GateAnswer { name: "Dorset".to_owned(), holds: Some(9) },
            GateAnswer { name: "EDUFI".to_owned(), holds: None },
        ];
        let reason = "it is an older copy".to_owned();
        let closed =
            ClosedGate { since: Some(Timestamp::default()), reason, size_then: 7, size_now: 9, answers };
        let text = rendered(|page| gate(&GetGateResponse { closed: Some(closed) }, page));
        for said in [
            "gate is closed",
            "Came back since  2 entries",
            "Dorset: 9 entries",
            "EDUFI: has not answered yet",
        ] {
            assert!(text.contains(said), "{text}");
        }
        let open = rendered(|page| gate(&GetGateResponse::default(), page));
        assert_eq!(open, "The gate is open: the node signs.\n");
    }

    #[test]
    fn a_fork_says_what_was_signed_and_what_to_do() {
        let entry = |ours, smaller| ForkEntry {
            name: "Dorset".to_owned(),
            node_id: "cairn1dorset".to_owned(),
            smaller,
            larger: 9,
            ours,
            ..Default::default()
        };
        let said = |entry| rendered(|page| forks(&ListForksResponse { forks: vec![entry] }, page));
        assert!(said(entry(false, 9)).contains("two different logs of 9 entries"));
        let text = said(entry(false, 4));
        assert!(
            text.contains("a log of 4 entries, and one of 9") && text.contains("Telephone its people"),
            "{text}"
        );
        assert!(said(entry(true, 4)).contains("your own node"));
    }
}
