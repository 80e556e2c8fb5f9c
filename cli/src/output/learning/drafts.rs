//! Texts that could not be taken in yet.

use cairn_proto::pb::admin::{Draft, ListDraftsResponse};

use crate::output::{Page, text};

/// The drafts, newest first.
pub(crate) fn list(reply: &ListDraftsResponse, page: &mut Page) {
    if reply.drafts.is_empty() {
        page.say("There are no drafts. A text that cannot be taken in becomes one, so that nothing you wrote is lost.");
    }
    for draft in &reply.drafts {
        page.blank();
        about(draft, page);
        page.verbatim(2, &format!("cairn draft edit {}", draft.id));
    }
}

/// What a draft is, and what was wrong.
pub(crate) fn about(draft: &Draft, page: &mut Page) {
    let Draft { id, kind, document_id, problem, at, by, .. } = draft;
    let what = if document_id.is_empty() {
        format!("for a new {kind}")
    } else {
        format!("for {kind}/{document_id}")
    };
    let when = text::moment_or(at.as_ref(), "unknown date");
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    page.say(&format!("Draft {id}, {what}, {when}{by}"));
    page.indented(2, problem);
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{Draft, ListDraftsResponse};

    use super::list;
    use crate::output::page::tests::rendered;

    #[test]
    fn a_draft_says_what_it_is_for_and_what_was_wrong() {
        let draft = Draft {
            id: 3,
            kind: "entry".to_owned(),
            problem: "It was changed meanwhile.".to_owned(),
            by: "us".to_owned(),
            ..Draft::default()
        };
        let text = rendered(|page| list(&ListDraftsResponse { drafts: vec![draft] }, page));
        assert_eq!(
            text,
            "Draft 3, for a new entry, unknown date by us\n  It was changed meanwhile.\n  cairn draft edit 3\n"
        );
        assert!(
            rendered(|page| list(&ListDraftsResponse::default(), page)).contains("nothing you wrote is lost")
        );
    }
}
