//! Who is blocked.

use cairn_proto::pb::admin::{AddBlockResponse, BlockEntry, ListBlocksResponse, RemoveBlockResponse};

use crate::output::{Page, text};

/// The blocks.
pub(crate) fn list(reply: &ListBlocksResponse, page: &mut Page) {
    let ListBlocksResponse { blocks } = reply;
    if blocks.is_empty() {
        page.say("Nobody is blocked.");
    }
    for block in blocks {
        page.blank();
        entry(block, page);
    }
}

/// After somebody was blocked.
pub(crate) fn added(reply: &AddBlockResponse, page: &mut Page) {
    let AddBlockResponse { block, peering_ended, purged, kept } = reply;
    entry(&block.clone().unwrap_or_default(), page);
    page.blank();
    if *peering_ended {
        page.say("The peering with it is over, and it reads your reason.");
    }
    if *purged > 0 {
        page.say(&format!("{} purged for good.", text::count(*purged, "record was", "records were")));
    }
    if *kept > 0 {
        let kept = text::count(*kept, "record stays", "records stay");
        page.say(&format!(
            "{kept} unseen, because a law obliges you to keep what you hold: see `cairn hold list`."
        ));
    }
    page.say("What it takes back is still purged here, and what you take back is still told to it.");
}

/// After a block was lifted.
pub(crate) fn removed(reply: &RemoveBlockResponse, page: &mut Page) {
    let BlockEntry { name, hidden, .. } = reply.block.clone().unwrap_or_default();
    page.say(&format!("{name} is no longer blocked."));
    if hidden > 0 {
        let held = text::count(hidden, "record of it is", "records of it are");
        page.say(&format!("{held} held here, and shown again once it is known that none was withdrawn."));
    }
    page.say("A peering with it needs a new ticket.");
}

/// One block.
fn entry(block: &BlockEntry, page: &mut Page) {
    let BlockEntry { node_id, name, reason, review_on, at, by, hidden, review_due } = block;
    let due = if *review_due { ": that day has come" } else { "" };
    let again = if review_on.is_empty() { String::new() } else { format!("{review_on}{due}") };
    let hidden = match hidden {
        0 => String::new(),
        held => text::count(*held, "record that is held", "records that are held"),
    };
    page.say(name);
    page.fields(
        2,
        &[
            ("Blocked since", text::moment_or(at.as_ref(), "")),
            ("By", by.clone()),
            ("Reason", reason.clone()),
            ("Look at it again on", again),
            ("Not shown", hidden),
            ("NodeId", node_id.clone()),
        ],
    );
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{AddBlockResponse, BlockEntry, ListBlocksResponse};

    use super::{added, list};
    use crate::output::page::tests::rendered;

    fn block() -> BlockEntry {
        BlockEntry {
            name: "Dorset".to_owned(),
            node_id: "cairn1dorset".to_owned(),
            reason: "It passed on what it must not.".to_owned(),
            review_on: "2027-03-01".to_owned(),
            hidden: 3,
            review_due: true,
            ..Default::default()
        }
    }

    #[test]
    fn a_block_says_why_and_what_is_hidden() {
        let expected = "\
Dorset
  Reason               It passed on what it must not.
  Look at it again on  2027-03-01: that day has come
  Not shown            3 records that are held
  NodeId               cairn1dorset
";
        assert_eq!(rendered(|page| list(&ListBlocksResponse { blocks: vec![block()] }, page)), expected);
        let reply = AddBlockResponse { block: Some(block()), peering_ended: true, purged: 1, kept: 2 };
        let text = rendered(|page| added(&reply, page));
        for words in ["is over, and it reads your reason", "1 record was purged for good", "2 records stay"] {
            assert!(text.replace('\n', " ").contains(words), "{text}");
        }
    }
}
