//! A release, or what one would be.

use cairn_proto::pb::admin::{PublishResponse, Recipient, Withheld};

use super::{Page, record, text};

/// What would leave, in full, and to whom. Nothing has left.
pub(crate) fn dry_run(reply: &PublishResponse, page: &mut Page) {
    let PublishResponse { record_id: _, record, card_words, recipients, withheld, payload_bytes } = reply;
    page.say("What would leave, exactly and in full. What is not named here is empty.");
    page.blank();
    if let Some(record) = record {
        record::in_full(record, page);
    }
    page.section("The policy card, in words", card_words);
    page.blank();
    page.say(&format!("To whom ({payload_bytes} signed bytes each)"));
    receivers(recipients, page);
    if recipients.is_empty() {
        page.indented(2, "nobody today");
    }
    page.list("Who does not receive it, and why", withheld.iter().map(reason));
    page.blank();
    page.say(
        "This was a dry run: nothing has left. The same command without --dry-run releases it, with the time and \
         the place in the log it then has.",
    );
}

/// What was released and to whom.
pub(crate) fn released(reply: &PublishResponse, page: &mut Page) {
    let PublishResponse { record_id, record: _, card_words, recipients, withheld, payload_bytes } = reply;
    page.say("Released, signed and entered in your log.");
    page.blank();
    page.fields(
        0,
        &[
            ("Record", record_id.clone()),
            ("Policy card", card_words.clone()),
            ("Size", text::count(*payload_bytes, "signed byte", "signed bytes")),
        ],
    );
    page.blank();
    if recipients.is_empty() {
        page.say("Nobody receives it today.");
    } else {
        page.say("These receive it, at once or as soon as they can be reached");
        receivers(recipients, page);
    }
    page.list("Who does not receive it, and why", withheld.iter().map(reason));
    page.blank();
    page.verbatim(0, &format!("To see later who received it: cairn show {record_id}"));
}

/// The nodes that receive it.
fn receivers(recipients: &[Recipient], page: &mut Page) {
    let rows: Vec<_> =
        recipients.iter().map(|Recipient { name, node_id }| vec![name.clone(), node_id.clone()]).collect();
    page.columns(2, &rows);
}

/// A peer that does not receive it.
fn reason(withheld: &Withheld) -> String {
    let Withheld { name, node_id, reason } = withheld;
    let name = if name.is_empty() { node_id } else { name };
    format!("{name}: {reason}")
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{PublishResponse, Recipient, Withheld};

    use super::{dry_run, released};
    use crate::output::{page::tests::rendered, record::tests::record};

    fn reply() -> PublishResponse {
        PublishResponse {
            record_id: "cairn1plymouth/3".to_owned(),
            record: Some(record()),
            card_words: "Only the peers you name may hold it.".to_owned(),
            recipients: vec![Recipient {
                name: "South Tyneside".to_owned(),
                node_id: "cairn1tyneside".to_owned(),
            }],
            withheld: vec![Withheld {
                name: "Scotland".to_owned(),
                node_id: "cairn1scotland".to_owned(),
                reason: "it is not named".to_owned(),
            }],
            payload_bytes: 2048,
        }
    }

    #[test]
    fn a_dry_run_shows_all_and_says_that_nothing_left() {
        let text = rendered(|page| dry_run(&reply(), page));
        assert!(text.starts_with("What would leave, exactly and in full."), "{text}");
        assert!(text.contains("Commitment  ab01"), "{text}");
        assert!(
            text.contains("To whom (2048 signed bytes each)\n  South Tyneside  cairn1tyneside\n"),
            "{text}"
        );
        assert!(text.contains("Who does not receive it, and why\n  - Scotland: it is not named\n"), "{text}");
        assert!(text.contains("This was a dry run: nothing has left."), "{text}");
    }

    #[test]
    fn a_release_names_its_record_and_its_receivers() {
        let text = rendered(|page| released(&reply(), page));
        assert!(text.contains("Record       cairn1plymouth/3\n"), "{text}");
        assert!(text.contains("  South Tyneside  cairn1tyneside\n"), "{text}");
        let nobody = PublishResponse { recipients: vec![], ..reply() };
        assert!(rendered(|page| released(&nobody, page)).contains("Nobody receives it today.\n"));
    }
}
