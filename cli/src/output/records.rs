//! Records held here: what each is, whose, who may hold it, and how to read it.

use cairn_proto::pb::admin::{Disclosure, GetRecordResponse, ListRecordsResponse, RecordEntry};

use super::{Page, record, text};

/// Records from peers; `again` is the command that goes on, and `whole` whether nothing narrowed it down.
pub(crate) fn inbox(reply: &ListRecordsResponse, again: &str, whole: bool, page: &mut Page) {
    if reply.records.is_empty() && whole {
        page.say(
            "No record of another place is held here. Records come by themselves once you have peers: see",
        );
        page.blank();
        page.verbatim(2, "cairn peer list");
        page.verbatim(2, "cairn sync status");
    }
    entries(reply, again, whole, page);
}

/// All records held here; `again` is the command that goes on, and `whole` whether nothing narrowed it down.
pub(crate) fn all(reply: &ListRecordsResponse, again: &str, whole: bool, page: &mut Page) {
    if reply.records.is_empty() && whole {
        page.say("No record is held here: none was published, and none came from peers.");
    }
    entries(reply, again, whole, page);
}

/// One entry a record, and how to see more.
fn entries(reply: &ListRecordsResponse, again: &str, whole: bool, page: &mut Page) {
    let ListRecordsResponse { records, next_cursor, not_shown } = reply;
    if records.is_empty() && !whole && next_cursor.is_empty() {
        page.say("Nothing that is shown here fits that.");
    }
    for record in records {
        page.blank();
        entry(record, page);
    }
    if !records.is_empty() {
        page.blank();
        page.say("To read one: cairn show RECORD");
    }
    if !next_cursor.is_empty() {
        page.verbatim(0, &format!("There are more: {again} --cursor {next_cursor}"));
    }
    page.list("Held, but not shown, because nothing was heard from their author for too long", not_shown);
}

/// A record in a few lines.
fn entry(record: &RecordEntry, page: &mut Page) {
    let RecordEntry {
        record_id,
        author,
        author_name,
        kind,
        title,
        audience,
        created_at,
        held_since,
        expires_at,
        source_gone,
        via,
    } = record;
    let author = if author_name.is_empty() { text::short_id(author) } else { author_name.clone() };
    let signed = text::moment_or(created_at.as_ref(), "at an unknown time");
    page.say(title);
    page.indented(2, &format!("{kind} of {author}, signed {signed}"));
    page.indented(2, &format!("who may hold it: {audience}"));
    let since = text::moment_or(held_since.as_ref(), "an unknown time");
    page.indented(
        2,
        &match expires_at {
            Some(expires) => format!("held here since {since}, until {}", text::moment(expires)),
            None => format!("held here since {since}"),
        },
    );
    if !via.is_empty() {
        page.indented(2, &format!("passed on by {via}"));
    }
    if *source_gone {
        page.indented(2, "something it stands on was withdrawn or has expired since");
    }
    page.verbatim(2, &format!("record: {}", handle(record_id, author_name, via)));
}

/// A record held here, what was checked, and for our own who received it.
pub(crate) fn held(reply: &GetRecordResponse, page: &mut Page) {
    let GetRecordResponse { entry, record, checked, disclosures, sources_gone } = reply;
    page.list("What it stands on that was withdrawn or has expired since", sources_gone);
    page.blank();
    if let Some(record) = record {
        record::in_full(record, page);
    }
    page.blank();
    if let Some(RecordEntry { record_id, author_name, held_since, via, .. }) = entry {
        page.fields(
            0,
            &[
                ("Record", record_id.clone()),
                ("We call the author", author_name.clone()),
                ("Held here since", text::moment_or(held_since.as_ref(), "")),
                ("Passed on by", via.clone()),
            ],
        );
    }
    page.list("What was checked just now", checked);
    page.list("Who received it", disclosures.iter().map(disclosure));
}

/// One line of the ledger: who received it and when.
fn disclosure(line: &Disclosure) -> String {
    let Disclosure { name, node_id, at, title_only } = line;
    let what = if *title_only { ", its title only" } else { "" };
    format!("{name} ({node_id}), {}{what}", text::moment_or(at.as_ref(), "unknown date"))
}

/// What people type to name a record: our name for the author where there is one, and the place in its log.
fn handle(record_id: &str, author_name: &str, via: &str) -> String {
    if !via.is_empty() {
        // Its author is no peer, so it has no name here; the beginning of its NodeId is enough.
        return text::short_id(record_id).replace('…', "");
    }
    match record_id.rsplit_once('/') {
        Some((_, index)) if !author_name.is_empty() && !author_name.contains(['/', '"', '$', '`', '\\']) => {
            format!("\"{author_name}/{index}\" ({})", text::short_id(record_id))
        }
        _ => record_id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{GetRecordResponse, ListRecordsResponse, RecordEntry};
    use prost_types::Timestamp;

    use super::{held, inbox};
    use crate::output::{page::tests::rendered, record::tests::record};

    #[test]
    fn an_inbox_says_what_whose_and_how_to_read_it() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let record = RecordEntry {
            record_id: "cairn1qpzry9x8gf2tvdw0s3jn54/2".to_owned(),
            author: "cairn1qpzry9x8gf2tvdw0s3jn54".to_owned(),
            author_name: "South Tyneside Alliance".to_owned(),
            kind: "experiment summary".to_owned(),
            title: "Paying on trust".to_owned(),
            audience: "network".to_owned(),
            created_at: at(1_795_404_000),
            held_since: at(1_795_404_060),
            expires_at: at(1_795_490_400),
            source_gone: true,
            via: "Dorset".to_owned(),
        };
        let not_shown = vec!["Scotland: silent since May".to_owned()];
        let reply = ListRecordsResponse { records: vec![record], next_cursor: "abc".to_owned(), not_shown };
        let expected = "\
Paying on trust
  experiment summary of South Tyneside Alliance, signed
  2026-11-23 03:20 UTC
  who may hold it: network
  held here since 2026-11-23 03:21 UTC, until 2026-11-24
  03:20 UTC
  passed on by Dorset
  something it stands on was withdrawn or has expired since
  record: cairn1qpzry9x8/2

To read one: cairn show RECORD
There are more: cairn inbox --words rehab --cursor abc

Held, but not shown, because nothing was heard from their
author for too long
  - Scotland: silent since May
";
        assert_eq!(rendered(|page| inbox(&reply, "cairn inbox --words rehab", false, page)), expected);
    }

    #[test]
    fn a_record_says_first_that_what_it_stands_on_is_gone() {
        let sources_gone = vec!["cairn1dorset/7 was withdrawn".to_owned()];
        let entry = Some(RecordEntry { via: "Dorset".to_owned(), ..Default::default() });
        let reply = GetRecordResponse { record: Some(record()), sources_gone, entry, ..Default::default() };
        let text = rendered(|page| held(&reply, page));
        assert!(text.starts_with("What it stands on that was withdrawn or has expired since\n"), "{text}");
        assert!(text.contains("  - cairn1dorset/7 was withdrawn\n\nA title\n"), "{text}");
        assert!(text.contains("Passed on by  Dorset\n"), "{text}");
    }

    #[test]
    fn where_nothing_fits_it_does_not_say_that_nothing_is_held() {
        let text =
            rendered(|page| inbox(&ListRecordsResponse::default(), "cairn inbox --words x", false, page));
        assert_eq!(text, "Nothing that is shown here fits that.\n");
    }

    #[test]
    fn an_empty_inbox_says_where_to_look() {
        let text = rendered(|page| inbox(&ListRecordsResponse::default(), "cairn inbox", true, page));
        assert!(text.contains("  cairn peer list\n  cairn sync status\n"), "{text}");
    }
}
