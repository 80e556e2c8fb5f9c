//! Peerings: who, where they stand, and who has to do what next.

use cairn_proto::pb::{
    admin::{ExplainPeerResponse, Explanation, InvitePeerResponse, ListPeersResponse, Peer},
    exchange::Standing,
};

use super::{Page, text, words};

/// A ticket to hand over.
pub(crate) fn invitation(reply: &InvitePeerResponse, page: &mut Page) {
    let InvitePeerResponse { ticket, words, expires_at, endpoint } = reply;
    page.say("Hand this ticket to the other place, by e-mail or in any other way:");
    page.blank();
    page.verbatim(0, ticket);
    page.blank();
    page.fields(
        0,
        &[
            ("It names the address", endpoint.clone()),
            ("It is void after", text::moment_or(expires_at.as_ref(), "no date")),
            ("Your words", words.clone()),
        ],
    );
    page.blank();
    page.say(
        "They accept it with `cairn peer accept TICKET`. Telephone, and let them read to you the words they see: if \
         they are your words, it is truly you they found. Their proposal then waits here until you accept it: see \
         `cairn peer list`. Nothing is exchanged before both have accepted.",
    );
}

/// After accepting a ticket or a proposal.
pub(crate) fn accepted(peer: &Peer, page: &mut Page) {
    page.say(&format!("{}: {}", peer.name, state(peer)));
    page.blank();
    page.fields(0, &[("Their words", peer.words.clone()), ("Their NodeId", peer.node_id.clone())]);
    page.blank();
    page.say(
        "Telephone them and compare: the words above must be those they see in `cairn status`. If they differ, end \
         the peering at once with `cairn peer remove`.",
    );
}

/// All peerings, in a few lines each.
pub(crate) fn list(reply: &ListPeersResponse, page: &mut Page) {
    let ListPeersResponse { peers } = reply;
    if peers.is_empty() {
        page.say("No peers yet. Invite another place with");
        page.blank();
        page.verbatim(2, "cairn peer invite");
    }
    for peer in peers {
        page.blank();
        page.say(&peer.name);
        page.indented(2, &state(peer));
        if !peer.succeeded.is_empty() {
            page.indented(2, &peer.succeeded);
        }
        page.indented(2, &contact(peer));
        page.indented(2, &format!("{}, {}", text::short_id(&peer.node_id), peer.endpoint));
        if peer.waits_for_us {
            page.indented(2, "waits for your answer; compare the words first:");
            page.verbatim(4, &format!("cairn peer show {}", peer.node_id));
            page.verbatim(4, &format!("cairn peer accept {}", peer.node_id));
        }
    }
}

/// One peering, in full.
pub(crate) fn whole(peer: &Peer, page: &mut Page) {
    page.say(&peer.name);
    page.blank();
    page.fields(
        0,
        &[
            ("Standing", state(peer)),
            ("Since", text::moment_or(peer.since.as_ref(), "")),
            ("Who goes on for it", peer.succeeded.clone()),
            ("Reason", peer.reason.clone()),
            ("NodeId", peer.node_id.clone()),
            ("Words", peer.words.clone()),
            ("Address", peer.endpoint.clone()),
            ("Purposes", words::purposes(&peer.purposes)),
            ("May relay", words::yes_no(peer.relay)),
            ("Look at it again on", peer.review_on.clone()),
            ("Last contact", text::moment_or(peer.last_contact.as_ref(), "never")),
            ("What went wrong last", peer.last_error.clone()),
            ("Fetched from you today", fetched(peer)),
            ("Known elsewhere", peer.known_to.join("; ")),
            ("Software", peer.software.clone()),
        ],
    );
    if peer.waits_for_us {
        page.blank();
        page.say("It waits for your answer. Telephone them, compare the words, and then accept:");
        page.blank();
        page.verbatim(2, &format!("cairn peer accept {}", peer.node_id));
    }
}

/// Why a peer was given records, or was not.
pub(crate) fn explained(reply: &ExplainPeerResponse, page: &mut Page) {
    let ExplainPeerResponse { explanations } = reply;
    if explanations.is_empty() {
        page.say("You have released nothing yet. See `cairn publish`.");
    }
    for Explanation { record_id, title, words } in explanations {
        page.blank();
        page.say(if title.is_empty() { record_id } else { title });
        page.indented(2, words);
        page.verbatim(2, &format!("record: {record_id}"));
    }
}

/// After a peering was ended.
pub(crate) fn removed(peer: &Peer, page: &mut Page) {
    page.say(&format!("The peering with {} is over: {}", peer.name, state(peer)));
    page.blank();
    page.say(
        "Nothing flows any more. What they already hold, they hold under the terms you released it with, and what \
         was learnt cannot be unread.",
    );
}

/// The standing, in the node's words where it gives them.
fn state(peer: &Peer) -> String {
    if peer.standing_words.is_empty() { words::standing(peer.standing) } else { peer.standing_words.clone() }
}

/// What it fetched of what the contract allows in a day.
fn fetched(peer: &Peer) -> String {
    match Standing::try_from(peer.standing) {
        Ok(Standing::Active | Standing::Limited | Standing::Suspended) => format!(
            "{} of the {} that the contract allows in a day",
            mebibytes(peer.bytes_today),
            mebibytes(peer.daily_bytes)
        ),
        Ok(Standing::Proposed) => {
            format!("nothing yet; the contract would allow each side {} a day", mebibytes(peer.daily_bytes))
        }
        _ => String::new(),
    }
}

/// Bytes as people read them: whole tenths of a MiB, and never none where there are some.
fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes.is_multiple_of(MIB) {
        return format!("{} MiB", bytes / MIB);
    }
    let tenths = (bytes.saturating_mul(10) / MIB).max(1);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// When there was contact last, and what went wrong since.
fn contact(peer: &Peer) -> String {
    let last = text::moment_or(peer.last_contact.as_ref(), "never");
    match peer.last_error.as_str() {
        "" => format!("last contact: {last}"),
        error => format!("last contact: {last}; since then: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::{
        admin::{InvitePeerResponse, ListPeersResponse, Peer},
        exchange::Standing,
    };

    use super::{invitation, list, mebibytes, whole};
    use crate::output::page::tests::rendered;

    fn peer() -> Peer {
        Peer {
            name: "South Tyneside".to_owned(),
            node_id: "cairn1qpzry9x8gf2tvdw0s3jn54".to_owned(),
            words: "one two".to_owned(),
            endpoint: "127.0.0.1:7071".to_owned(),
            standing: Standing::Proposed.into(),
            standing_words: "proposed by them: it is for you to answer".to_owned(),
            waits_for_us: true,
            daily_bytes: 200 << 20,
            ..Default::default()
        }
    }

    #[test]
    fn the_ticket_stays_in_one_line() {
        let ticket = format!("cairninvite1{}", "q".repeat(300));
        let reply =
            InvitePeerResponse { ticket: ticket.clone(), words: "one two".to_owned(), ..Default::default() };
        assert!(rendered(|page| invitation(&reply, page)).lines().any(|line| line == ticket));
    }

    #[test]
    fn a_waiting_peer_says_what_to_do() {
        let text = rendered(|page| list(&ListPeersResponse { peers: vec![peer()] }, page));
        let expected = "\
South Tyneside
  proposed by them: it is for you to answer
  last contact: never
  cairn1qpzry9x8…, 127.0.0.1:7071
  waits for your answer; compare the words first:
    cairn peer show cairn1qpzry9x8gf2tvdw0s3jn54
    cairn peer accept cairn1qpzry9x8gf2tvdw0s3jn54
";
        assert_eq!(text, expected);
    }

    #[test]
    fn one_peer_is_shown_with_its_words_and_whole_id() {
        let text = rendered(|page| whole(&peer(), page));
        let row = |name: &str, value: &str| {
            text.lines().any(|line| line.starts_with(name) && line.ends_with(value))
        };
        assert!(row("Words ", " one two"), "{text}");
        assert!(row("NodeId ", " cairn1qpzry9x8gf2tvdw0s3jn54"), "{text}");
        assert!(row("Last contact ", " never"), "{text}");
        assert!(text.contains("200 MiB"), "{text}");
    }

    #[test]
    fn bytes_are_told_as_people_read_them() {
        for (bytes, words) in [(0, "0 MiB"), (1, "0.1 MiB"), (1_600_000, "1.5 MiB"), (200 << 20, "200 MiB")] {
            assert_eq!(mebibytes(bytes), words);
        }
    }
}
