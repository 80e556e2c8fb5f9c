//! What was done here, by whom and when.

use cairn_proto::pb::admin::{AuditEntry, ListAuditResponse, VerifyAuditResponse};

use crate::output::{Page, text};

/// Entries, newest first, and how to see older ones.
pub(crate) fn list(reply: &ListAuditResponse, page: &mut Page) {
    let ListAuditResponse { entries } = reply;
    if entries.is_empty() {
        page.say("There are no such entries.");
    }
    for AuditEntry { seq, at, by, event, words, record_id, hash: _ } in entries {
        page.blank();
        let when = text::moment_or(at.as_ref(), "unknown date");
        page.say(&format!("{seq}  {when}, {event}, by {by}"));
        page.indented(2, words);
        if !record_id.is_empty() {
            page.verbatim(2, &format!("record: {record_id}"));
        }
    }
    if let Some(oldest) = entries.last().filter(|entry| entry.seq > 1) {
        page.blank();
        page.verbatim(0, &format!("To see older ones: cairn audit list --before {}", oldest.seq));
    }
}

/// What a check of the log found.
pub(crate) fn verified(reply: &VerifyAuditResponse, page: &mut Page) {
    let VerifyAuditResponse { entries, head, broken } = reply;
    if broken.is_empty() {
        let entries = text::count(*entries, "entry is", "entries are");
        page.say(&format!("The audit log holds together: {entries} as they were written."));
    } else {
        page.say("The audit log was changed. Do not rely on it from there on, and find out who could have done it.");
        page.section("What is wrong", broken);
    }
    if !head.is_empty() {
        page.blank();
        page.say(
            "The hash of the newest entry. Written down elsewhere, it shows later that nothing was cut off:",
        );
        page.blank();
        page.verbatim(2, head);
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{AuditEntry, ListAuditResponse, VerifyAuditResponse};
    use prost_types::Timestamp;

    use super::{list, verified};
    use crate::output::page::tests::rendered;

    #[test]
    fn entries_say_when_what_and_by_whom() {
        let entry = AuditEntry {
            seq: 12,
            at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            by: "systems steward".to_owned(),
            event: "release".to_owned(),
            words: "Released to the network.".to_owned(),
            record_id: "cairn1plymouth/7".to_owned(),
            hash: "ab".to_owned(),
        };
        let expected = "\
12 2026-11-23 03:20 UTC, release, by systems steward
  Released to the network.
  record: cairn1plymouth/7

To see older ones: cairn audit list --before 12
";
        assert_eq!(rendered(|page| list(&ListAuditResponse { entries: vec![entry] }, page)), expected);
    }

    #[test]
    fn a_changed_log_says_what_is_wrong() {
        let well = VerifyAuditResponse { entries: 3, head: "ab".to_owned(), ..Default::default() };
        let text = rendered(|page| verified(&well, page));
        assert!(text.starts_with("The audit log holds together: 3 entries are"), "{text}");
        assert!(text.ends_with("\n  ab\n"), "{text}");
        let broken = VerifyAuditResponse { broken: "Entry 2 was changed.".to_owned(), ..well };
        let text = rendered(|page| verified(&broken, page));
        assert!(text.contains("What is wrong\n  Entry 2 was changed.\n"), "{text}");
    }
}
