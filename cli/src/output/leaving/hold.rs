//! What is kept for a legal reason.

use cairn_proto::pb::admin::{EndHoldResponse, HoldEntry, HoldRecordResponse, ListHoldsResponse};

use crate::output::{Page, text};

/// The holds.
pub(crate) fn list(reply: &ListHoldsResponse, page: &mut Page) {
    let ListHoldsResponse { holds } = reply;
    if holds.is_empty() {
        page.say("Nothing is held for a legal reason.");
    }
    for hold in holds {
        page.blank();
        entry(hold, page);
    }
}

/// After a hold was made.
pub(crate) fn held(reply: &HoldRecordResponse, page: &mut Page) {
    let HoldRecordResponse { hold } = reply;
    entry(&hold.clone().unwrap_or_default(), page);
    page.blank();
    page.say(
        "If it is withdrawn, it is shown and given to nobody from then on, and only kept. Its author then reads the \
         legal basis and the day.",
    );
}

/// After a hold was ended.
pub(crate) fn ended(reply: &EndHoldResponse, page: &mut Page) {
    let EndHoldResponse { hold } = reply;
    let HoldEntry { record_id, withdrawn, .. } = hold.clone().unwrap_or_default();
    page.say(&format!("The hold of {record_id} is ended."));
    page.say(if withdrawn {
        "It was withdrawn meanwhile, so it is purged now, and its author is told."
    } else {
        "It was not withdrawn, and stays here as any other record."
    });
}

/// One hold.
fn entry(hold: &HoldEntry, page: &mut Page) {
    let HoldEntry { record_id, basis, review_on, at, by, withdrawn, review_due } = hold;
    let due = if *review_due { ": that day has come" } else { "" };
    page.say(record_id);
    page.fields(
        2,
        &[
            ("Legal basis", basis.clone()),
            ("Look at it again on", format!("{review_on}{due}")),
            ("Held since", text::moment_or(at.as_ref(), "")),
            ("By", by.clone()),
        ],
    );
    if *withdrawn {
        page.indented(2, "It was withdrawn: it is shown and given to nobody, and only kept.");
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{EndHoldResponse, HoldEntry, ListHoldsResponse};

    use super::{ended, list};
    use crate::output::page::tests::rendered;

    fn hold() -> HoldEntry {
        HoldEntry {
            record_id: "cairn1dorset/3".to_owned(),
            basis: "Public Records Act".to_owned(),
            review_on: "2027-12-01".to_owned(),
            withdrawn: true,
            review_due: true,
            ..Default::default()
        }
    }

    #[test]
    fn a_hold_says_its_basis_and_when_it_is_looked_at_again() {
        let expected = "\
cairn1dorset/3
  Legal basis          Public Records Act
  Look at it again on  2027-12-01: that day has come
  It was withdrawn: it is shown and given to nobody, and
  only kept.
";
        assert_eq!(rendered(|page| list(&ListHoldsResponse { holds: vec![hold()] }, page)), expected);
        let text = rendered(|page| ended(&EndHoldResponse { hold: Some(hold()) }, page));
        assert!(text.contains("so it is purged now"), "{text}");
    }
}
