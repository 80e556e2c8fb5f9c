//! Who received what, and what they said they did with it.

use cairn_proto::pb::admin::{LedgerEntry, ListLedgerResponse};

use super::{named, titled};
use crate::output::{Page, text};

/// Characters of a contract's hash that are enough to recognise it.
const SHORT_HASH: usize = 12;

/// The ledger, newest first.
pub(crate) fn list(reply: &ListLedgerResponse, page: &mut Page) {
    let ListLedgerResponse { entries } = reply;
    if entries.is_empty() {
        page.say("Nobody was given anything that was asked about here.");
    }
    for one in entries {
        page.blank();
        entry(one, page);
    }
}

/// That somebody was given a record.
fn entry(entry: &LedgerEntry, page: &mut Page) {
    let LedgerEntry { record_id, title, name, node_id, at, contract, peer_now, uses, gone, via, title_only } =
        entry;
    page.say(&titled(title, record_id));
    if *gone {
        page.indented(2, "It was withdrawn or has expired since.");
    }
    let to = named(name, node_id);
    let contract = match contract.chars().take(SHORT_HASH).collect::<String>() {
        short if short.is_empty() => "not known".to_owned(),
        short => format!("{short}…"),
    };
    page.fields(
        2,
        &[
            (
                if *title_only { "Title seen by" } else { "Given to" },
                if *peer_now { to } else { format!("{to}, not a peer now") },
            ),
            ("Passed on by", via.clone()),
            ("When", text::moment_or(at.as_ref(), "unknown date")),
            ("Contract", contract),
            ("What they said they did with it", uses.join("\n")),
        ],
    );
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{LedgerEntry, ListLedgerResponse};
    use prost_types::Timestamp;

    use super::list;
    use crate::output::page::tests::rendered;

    #[test]
    fn the_ledger_says_who_was_given_what_and_what_they_did_with_it() {
        let entry = LedgerEntry {
            record_id: "cairn1plymouth/7".to_owned(),
            title: "Paying on trust".to_owned(),
            name: "South Tyneside".to_owned(),
            node_id: "cairn1tyneside".to_owned(),
            at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            contract: "0123456789abcdef".to_owned(),
            uses: vec!["an experiment started from it".to_owned()],
            gone: true,
            ..Default::default()
        };
        let expected = "\
Paying on trust (cairn1plymouth/7)
  It was withdrawn or has expired since.
  Given to                         South Tyneside
                                   (cairn1tyneside), not a
                                   peer now
  When                             2026-11-23 03:20 UTC
  Contract                         0123456789ab…
  What they said they did with it  an experiment started
                                   from it
";
        let told = LedgerEntry { title_only: true, ..entry.clone() };
        assert_eq!(rendered(|page| list(&ListLedgerResponse { entries: vec![entry] }, page)), expected);
        let told = rendered(|page| list(&ListLedgerResponse { entries: vec![told] }, page));
        assert!(told.contains("Title seen by") && !told.contains("Given to"), "{told}");
        assert!(rendered(|page| list(&ListLedgerResponse::default(), page)).contains("Nobody was given"));
    }
}
