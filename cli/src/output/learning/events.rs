//! What ends: words that are erased, consents that are withdrawn.

use cairn_proto::pb::admin::{EraseDocumentResponse, RecordConsentEventResponse};

use super::titled;
use crate::output::{Page, text};

/// What would be erased.
pub(crate) fn would_erase(reply: &EraseDocumentResponse, page: &mut Page) {
    let EraseDocumentResponse { document, versions, .. } = reply;
    let entry = document.clone().unwrap_or_default();
    if entry.erased {
        page.say(&format!("The words of {} were erased already. Nothing changed.", super::name(&entry)));
        return;
    }
    let versions = text::count(*versions, "version", "versions");
    page.say(&format!("What would be erased: {}, in {versions}.", titled(&entry)));
    page.say("Nothing was changed yet. That it was here, and that it was erased, when, by whom and why, would stay.");
}

/// What was erased.
pub(crate) fn erased(reply: &EraseDocumentResponse, page: &mut Page) {
    let EraseDocumentResponse { document, versions, .. } = reply;
    let name = document.as_ref().map(super::name).unwrap_or_default();
    let versions = text::count(*versions, "version", "versions");
    page.say(&format!("The words of {name} are erased, in {versions}. That it was here stays."));
}

/// What happened to a consent, or would happen.
pub(crate) fn consent(reply: &RecordConsentEventResponse, page: &mut Page) {
    let RecordConsentEventResponse { document, standing, erased, released, done } = reply;
    let entry = document.clone().unwrap_or_default();
    page.say(&titled(&entry));
    page.indented(2, standing);
    let heading = if *done {
        "Words that were erased"
    } else {
        "Words that would be erased, in all versions, for ever"
    };
    page.list(heading, erased.iter().map(titled));
    if !released.is_empty() {
        page.list("Records that are out and rest on it", released);
        page.say(
            "They are out still. Take each of them back, or only the parts that rest on this consent: `cairn withdraw \
             RECORD --reason \"consent withdrawn\"`, with --part for a part.",
        );
    }
    if !done {
        page.blank();
        page.say("Nothing was changed yet.");
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, EraseDocumentResponse, RecordConsentEventResponse};

    use super::{consent, erased, would_erase};
    use crate::output::page::tests::rendered;

    fn entry(kind: &str, id: &str) -> DocumentEntry {
        DocumentEntry {
            kind: kind.to_owned(),
            id: id.to_owned(),
            title: "Title".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_withdrawal_names_what_goes_and_what_is_out() {
        let mut reply = RecordConsentEventResponse {
            document: Some(entry("consent", "family")),
            standing: "withdrawn on 2026-11-23".to_owned(),
            erased: vec![entry("observation", "cold")],
            released: vec!["cairn1x/3".to_owned()],
            done: false,
        };
        let text = rendered(|page| consent(&reply, page));
        assert!(
            text.contains(
                "Words that would be erased, in all versions, for ever\n  - Title (observation/cold)"
            )
        );
        assert!(
            text.contains("  - cairn1x/3\nThey are out still.") && text.contains("Nothing was changed yet.")
        );
        reply.done = true;
        let text = rendered(|page| consent(&reply, page));
        assert!(
            text.contains("Words that were erased\n") && !text.contains("yet.\n\nNothing was changed"),
            "{text}"
        );
    }

    #[test]
    fn erasing_says_how_much() {
        let mut reply =
            EraseDocumentResponse { document: Some(entry("entry", "x")), versions: 2, done: false };
        assert!(rendered(|page| would_erase(&reply, page)).contains("Title (entry/x), in 2 versions."));
        assert!(rendered(|page| erased(&reply, page)).contains("entry/x are erased, in 2 versions."));
        reply.document = Some(DocumentEntry { erased: true, ..entry("entry", "x") });
        assert!(rendered(|page| would_erase(&reply, page)).contains("erased already"));
    }
}
