//! Who goes on in the place of a node, what that means, and what to do.

use cairn_proto::{
    identity::{Identity, Kind, Succession},
    pb::{
        admin::{
            AcceptSuccessionResponse, FinishSuccessionResponse, ListSuccessionsResponse,
            ReadSuccessionResponse, SuccessionEntry, SuccessorEntry,
        },
        exchange::SuccessionKind,
    },
};

use super::{Page, text};

/// What it means for the node that is given up.
const GIVEN_UP: [&str; 4] = [
    "It releases nothing more, ever. What it released until now stays valid and readable.",
    "It still withdraws whole records, purges what others withdraw, and answers with receipts. Keep it running for that: once it \
     has been off for 7 days, its records are shown nowhere.",
    "Nobody who goes on becomes a peer of its peers by this, and nobody is given anything. Peers are told, and agree anew.",
    "Groups, contracts and named audiences do not carry over.",
];

/// All that are known here.
pub(crate) fn all(reply: &ListSuccessionsResponse, page: &mut Page) {
    if reply.successions.is_empty() {
        page.say("Nobody who is known here has named who goes on in its place.");
    }
    for one in &reply.successions {
        page.blank();
        entry(one, page);
        page.blank();
        what_to_do(one, page);
    }
}

/// Before this node agrees.
pub(crate) fn before_accepting(reply: &ReadSuccessionResponse, page: &mut Page) {
    let Some(one) = &reply.succession else { return };
    entry(one, page);
    page.blank();
    page.say("Anybody could have written this file. Telephone the other place at a number you know, and compare its words.");
    page.say(
        "It counts once that node itself has signed, too. Its peers are then told that you go on in its place. You do not \
         answer for its records and cannot withdraw them; its own node has to be kept running for that.",
    );
}

/// Before this node gives up its place.
pub(crate) fn before_finishing(reply: &ReadSuccessionResponse, page: &mut Page) {
    let Some(one) = &reply.succession else { return };
    entry(one, page);
    page.list("What it means for your node", GIVEN_UP);
}

/// After this node agreed.
pub(crate) fn accepted(reply: &AcceptSuccessionResponse) -> String {
    let one = reply.succession.clone().unwrap_or_default();
    let missing: Vec<_> =
        one.successors.iter().filter(|heir| !heir.agreed).map(|heir| heir.name.as_str()).collect();
    match missing.is_empty() {
        true => {
            format!("You have agreed, and so has everybody. Hand it back to {}: it signs last.", one.name)
        }
        false => format!("You have agreed. Hand it to those who have not yet: {}.", missing.join(", ")),
    }
}

/// After this node gave up its place.
pub(crate) fn finished(reply: &FinishSuccessionResponse, page: &mut Page) {
    let one = reply.succession.clone().unwrap_or_default();
    page.say(&format!("It is done: {}. Peers learn of it by themselves.", one.summary));
    page.list("What it means for your node", GIVEN_UP);
}

/// One of them.
fn entry(one: &SuccessionEntry, page: &mut Page) {
    let SuccessionEntry { name, node_id, words, kind, log_size, successors, .. } = one;
    page.say(&format!("{name}: {}", became(*kind)));
    page.fields(
        2,
        &[
            ("Its log counts", format!("up to {}", text::count(*log_size, "entry", "entries"))),
            ("NodeId", node_id.clone()),
            ("Its words", words.clone()),
        ],
    );
    for SuccessorEntry { name, node_id, words, standing, agreed, .. } in successors {
        page.blank();
        let agreed = if *agreed { "has agreed" } else { "has not agreed yet" };
        page.indented(2, &format!("{name} goes on ({standing}; {agreed})"));
        page.fields(4, &[("NodeId", node_id.clone()), ("Its words", words.clone())]);
    }
}

fn what_to_do(one: &SuccessionEntry, page: &mut Page) {
    if one.ours {
        page.list("What it means for your node", GIVEN_UP);
        return;
    }
    page.bullet(2, "Nothing more is taken of it but what it takes back. What you hold of it stays readable while its node runs.");
    if one.successors.iter().any(|heir| heir.peer || heir.ours) {
        return;
    }
    page.bullet(
        2,
        "Telephone its people at a number you know. If it is so, compare the words of who goes on, and make a ticket (cairn peer \
         invite) or accept one of theirs. Contract, groups and named audiences are agreed anew.",
    );
}

/// What became of a place.
fn became(kind: i32) -> &'static str {
    match SuccessionKind::try_from(kind) {
        Ok(SuccessionKind::Merged) => "it becomes part of another",
        Ok(SuccessionKind::Split) => "several go on in its place",
        Ok(SuccessionKind::Renamed) => "it begins anew with another node",
        _ => "somebody goes on in its place",
    }
}

/// For evidence: who goes on in the place of an author, in a sentence; empty where nobody does.
pub(crate) fn of_author(author: &Identity) -> String {
    let Some(Succession { kind, log_size, successors, .. }) = author.succession() else {
        return String::new();
    };
    let how = match kind {
        Kind::Merged => "it was merged",
        Kind::Split => "it was split",
        _ => "it began anew",
    };
    let named = |one: &Identity| format!("{} ({})", one.node_id(), one.node_id().words());
    let by: Vec<_> = successors.iter().map(named).collect();
    format!(
        "Its author has said since that others go on in its place ({how}): {}. Its records count up to place {log_size} of its log, \
         and so does this one.",
        by.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::page::tests::rendered;

    fn merged(peer: bool, agreed: bool) -> SuccessionEntry {
        let heir = SuccessorEntry {
            name: "Plymouth Alliance".to_owned(),
            node_id: "cairn1plymouth".to_owned(),
            standing: if peer { "a peer here" } else { "no peer here" }.to_owned(),
            peer,
            agreed,
            ..Default::default()
        };
        SuccessionEntry {
            name: "Dorset".to_owned(),
            node_id: "cairn1dorset".to_owned(),
            kind: SuccessionKind::Merged.into(),
            log_size: 7,
            successors: vec![heir],
            ..Default::default()
        }
    }

    #[test]
    fn it_is_told_who_goes_on_and_what_to_do() {
        let shown = |one| rendered(|page| all(&ListSuccessionsResponse { successions: vec![one] }, page));
        let plain = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = plain(shown(merged(false, true)));
        for said in
            ["Dorset: it becomes part of another", "up to 7 entries", "no peer here", "Telephone its people"]
        {
            assert!(text.contains(said), "{text}");
        }
        assert!(!plain(shown(merged(true, true))).contains("Telephone"));
        let ours = plain(shown(SuccessionEntry { ours: true, ..merged(true, true) }));
        assert!(ours.contains("releases nothing more, ever"), "{ours}");
        let none = rendered(|page| all(&ListSuccessionsResponse::default(), page));
        assert!(none.contains("Nobody who is known here"), "{none}");
    }

    #[test]
    fn who_agreed_is_told_where_the_file_goes_next() {
        let next = |agreed| {
            accepted(&AcceptSuccessionResponse {
                succession: Some(merged(true, agreed)),
                ..Default::default()
            })
        };
        assert!(next(true).contains("Hand it back to Dorset"));
        assert!(next(false).contains("not yet: Plymouth Alliance"));
        let read = ReadSuccessionResponse { succession: Some(merged(true, false)) };
        let before = rendered(|page| before_accepting(&read, page));
        let plain = before.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains("has not agreed yet") && plain.contains("Anybody could have"), "{before}");
        let before = rendered(|page| before_finishing(&read, page));
        assert!(before.contains("releases nothing more"), "{before}");
    }
}
