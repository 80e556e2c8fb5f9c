//! A release, or what one would be.

use cairn_proto::pb::admin::PublishResponse;

use super::{Page, preflight, record, text};

/// What would leave, in full, and to whom. Nothing has left.
pub(crate) fn dry_run(reply: &PublishResponse, page: &mut Page) {
    content(reply, page);
    page.blank();
    page.say(if reply.preflight.as_ref().is_none_or(|found| found.clear) {
        "This was a dry run: nothing has left. The same command without --dry-run releases it, with the time and the \
         place in the log it then has."
    } else {
        "This was a dry run: nothing has left, and it cannot leave as it stands."
    });
}

/// What was done: a release, or one that waits for a second person.
pub(crate) fn done(reply: &PublishResponse, page: &mut Page) {
    match (reply.waits_as, reply.record_id.as_str()) {
        (0, "") => {
            content(reply, page);
            page.blank();
            page.say("Nothing was released: it stays here.");
        }
        (0, _) => released(reply, page),
        _ => waits(reply, page),
    }
}

/// The record in full and everything that stands before its release.
fn content(reply: &PublishResponse, page: &mut Page) {
    let PublishResponse {
        record_id: _,
        record,
        card_words,
        recipients,
        withheld,
        payload_bytes,
        preflight,
        waits_as: _,
    } = reply;
    if let Some(record) = record {
        page.say("What would leave, exactly and in full. What is not named here is empty.");
        page.blank();
        record::in_full(record, page);
    }
    if let Some(found) = preflight {
        page.blank();
        page.say(&format!("Before it leaves: {}", found.title));
        preflight::whole(found, page);
        if *payload_bytes > 0 {
            page.section("Size", &text::count(*payload_bytes, "signed byte", "signed bytes"));
        }
        return;
    }
    page.section("The policy card, in words", card_words);
    page.blank();
    page.say(&format!("To whom ({payload_bytes} signed bytes each)"));
    preflight::receivers(recipients, page);
    preflight::not_receivers(withheld, page);
}

/// A release that waits for a second person.
fn waits(reply: &PublishResponse, page: &mut Page) {
    content(reply, page);
    let number = reply.waits_as;
    page.blank();
    page.say(&format!(
        "It waits for a second person, as release {number}. Nothing has left. Somebody in another role looks at it, and \
         then says yes or no:"
    ));
    page.blank();
    page.verbatim(2, &format!("cairn release approve {number}"));
    page.verbatim(2, &format!("cairn release refuse {number} --reason TEXT"));
}

/// What was released and to whom.
pub(crate) fn released(reply: &PublishResponse, page: &mut Page) {
    let PublishResponse {
        record_id,
        record: _,
        card_words,
        recipients,
        withheld,
        payload_bytes,
        preflight,
        waits_as: _,
    } = reply;
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
    if let Some(found) = preflight {
        preflight::looked_at(found, page);
    }
    page.blank();
    if recipients.is_empty() {
        page.say("Nobody receives it today.");
    } else {
        page.say("These receive it, at once or as soon as they can be reached");
        preflight::receivers(recipients, page);
    }
    preflight::not_receivers(withheld, page);
    page.blank();
    page.verbatim(0, &format!("To see later who received it: cairn show {record_id}"));
    page.verbatim(0, &format!("To take it back: cairn withdraw {record_id} --dry-run --reason mistake"));
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{PublishResponse, Recipient, Withheld};

    use super::{done, dry_run};
    use crate::output::{page::tests::rendered, preflight::tests::preflight, record::tests::record};

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
            ..Default::default()
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
        assert!(text.contains("This was a dry run: nothing has left. The same command"), "{text}");
    }

    #[test]
    fn a_dry_run_shows_the_page_that_stands_before_the_release() {
        let stopped = PublishResponse { record: None, preflight: Some(preflight()), ..reply() };
        let text = rendered(|page| dry_run(&stopped, page));
        assert!(text.starts_with("Before it leaves: Paying on trust\n\nWhat stands in the way"), "{text}");
        assert!(text.contains("Key         name@noticed\n"), "{text}");
        assert!(text.ends_with("nothing has left, and it cannot leave as\nit stands.\n"), "{text}");
    }

    #[test]
    fn a_release_that_waits_says_who_goes_on() {
        let waiting = PublishResponse { waits_as: 4, preflight: Some(preflight()), ..reply() };
        let text = rendered(|page| done(&waiting, page));
        assert!(text.contains("as release 4. Nothing has\nleft."), "{text}");
        assert!(
            text.ends_with("  cairn release approve 4\n  cairn release refuse 4 --reason TEXT\n"),
            "{text}"
        );
        assert!(text.contains("A finding was overridden."), "{text}");
    }

    #[test]
    fn a_release_names_its_record_and_its_receivers() {
        let text = rendered(|page| done(&reply(), page));
        assert!(text.contains("Record       cairn1plymouth/3\n"), "{text}");
        assert!(text.contains("  South Tyneside  cairn1tyneside\n"), "{text}");
        let nobody = PublishResponse { recipients: vec![], ..reply() };
        assert!(rendered(|page| done(&nobody, page)).contains("Nobody receives it today.\n"));
    }
}
