//! Records that are no account of anything: withdrawals, receipts, and that somebody belongs to a group.

use cairn_proto::pb::exchange::{Group, PurgeException, PurgeReceipt, Retraction, Use, UseReceipt};

use super::{Page, text, words};

/// A withdrawal of another record by the same author.
pub(crate) fn retraction(author: &str, retraction: &Retraction, page: &mut Page) {
    let Retraction { withdrawn_index, reason, note, parts, replaced_by } = retraction;
    page.say("A withdrawal. It counts for ever.");
    page.blank();
    page.fields(
        0,
        &[
            ("Withdrawn", format!("{author}/{withdrawn_index}")),
            ("Reason", words::retraction_reason(*reason)),
            ("Note", note.clone()),
            ("Parts that were the reason", parts.join(", ")),
            (
                "In its place stands",
                replaced_by.map_or_else(|| "nothing".to_owned(), |index| format!("{author}/{index}")),
            ),
        ],
    );
}

/// What became of a withdrawn record at a holder.
pub(crate) fn purge_receipt(receipt: &PurgeReceipt, page: &mut Page) {
    let PurgeReceipt {
        author,
        index,
        retraction_index,
        outcome,
        at,
        backups_until,
        passed_on_to,
        exception,
        software,
    } = receipt;
    let (basis, review_on) = match exception {
        Some(PurgeException { basis, review_on }) => (basis.clone(), review_on.clone()),
        None => (String::new(), String::new()),
    };
    page.say(
        "A receipt for a withdrawn record: a statement that its holder answers for, and not proof that it is gone.",
    );
    page.blank();
    page.fields(
        0,
        &[
            ("Withdrawn record", format!("{author}/{index}")),
            ("By the withdrawal", format!("{author}/{retraction_index}")),
            ("What became of it", words::purge_outcome(*outcome)),
            ("When", text::moment_or(at.as_ref(), "no time is given")),
            ("No backup holds it after", backups_until.clone()),
            ("Had been passed on to", passed_on_to.join("\n")),
            ("Kept because", basis),
            ("Looked at again on", review_on),
            ("Software", software.clone()),
        ],
    );
}

/// What a reader did with records of one author.
pub(crate) fn use_receipt(receipt: &UseReceipt, page: &mut Page) {
    let UseReceipt { author, uses } = receipt;
    page.say("What a place did with records of another. It is for their author only.");
    page.blank();
    page.fields(0, &[("Author of the records", author.clone())]);
    let what = |Use { index, kind }: &Use| format!("{author}/{index}: {}", words::use_kind(*kind));
    page.list("What was done", uses.iter().map(what));
}

/// That whoever it is for belongs to a group.
pub(crate) fn group(group: &Group, page: &mut Page) {
    let Group { id, name, about } = group;
    page.say(&format!("A group: {name}"));
    page.blank();
    page.fields(0, &[("Id", id.clone())]);
    page.section("About", about);
    page.blank();
    page.say("Whoever may hold this record belongs to the group.");
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::exchange::{PurgeOutcome, PurgeReceipt, Retraction, RetractionReason};

    use super::{purge_receipt, retraction};
    use crate::output::page::tests::rendered;

    #[test]
    fn a_withdrawal_names_the_record_and_what_stands_in_its_place() {
        let reason = RetractionReason::Mistake.into();
        let withdrawal =
            Retraction { withdrawn_index: 3, reason, replaced_by: Some(5), ..Default::default() };
        let expected = "\
A withdrawal. It counts for ever.

Withdrawn            cairn1plymouth/3
Reason               it was released by mistake, or holds
                     one
In its place stands  cairn1plymouth/5
";
        assert_eq!(rendered(|page| retraction("cairn1plymouth", &withdrawal, page)), expected);
    }

    #[test]
    fn a_receipt_says_that_it_is_no_proof() {
        let receipt = PurgeReceipt { outcome: PurgeOutcome::Purged.into(), ..Default::default() };
        let text = rendered(|page| purge_receipt(&receipt, page));
        assert!(text.contains("not proof"), "{text}");
        assert!(text.contains("What became of it  it is gone from store, search and caches\n"), "{text}");
    }
}
