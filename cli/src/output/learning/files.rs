//! What came of reading files in.

use cairn_proto::pb::admin::{
    ImportCycleResponse, ImportMapResponse, LoadPromptsResponse, SaveDocumentResponse,
};

use super::{document, titled};
use crate::output::{Page, text};

/// A whole cycle.
pub(crate) fn imported(reply: &ImportCycleResponse, page: &mut Page) {
    let ImportCycleResponse { added, changed, unchanged, remarks } = reply;
    page.list("New here", added.iter().map(titled));
    page.list("With a new version; the earlier ones stay", changed.iter().map(titled));
    page.blank();
    match unchanged {
        0 => {}
        1 => page.say("One document was here already and stays as it is."),
        more => page.say(&format!("{more} documents were here already and stay as they are.")),
    }
    page.say("Nothing has left.");
    page.list("You may want to think about", remarks);
}

/// A map from Kumu.
pub(crate) fn map_imported(reply: &ImportMapResponse, page: &mut Page) {
    let ImportMapResponse { document, created, remarks } = reply;
    let saved = SaveDocumentResponse { document: document.clone(), created: *created, ..Default::default() };
    document::saved(&saved, page);
    page.list("What Kumu knows and a map here does not", remarks);
}

/// A pack of prompts.
pub(crate) fn loaded(reply: &LoadPromptsResponse, page: &mut Page) {
    let LoadPromptsResponse { title, attribution, added, changed, kept } = reply;
    page.say(title);
    page.indented(2, attribution);
    page.blank();
    page.say(&format!(
        "{} new here, {} worded differently now.",
        text::count(*added, "prompt is", "prompts are"),
        text::count(*changed, "prompt is", "prompts are")
    ));
    page.list("Left as you have them", kept);
    page.blank();
    page.say("To see them: cairn prompt list");
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, ImportCycleResponse, LoadPromptsResponse};

    use super::{imported, loaded};
    use crate::output::page::tests::rendered;

    #[test]
    fn reading_in_says_what_is_new_and_what_stays() {
        let entry = DocumentEntry {
            kind: "cycle".to_owned(),
            id: "x".to_owned(),
            title: "X".to_owned(),
            ..Default::default()
        };
        let reply = ImportCycleResponse { added: vec![entry], unchanged: 2, ..Default::default() };
        let text = rendered(|page| imported(&reply, page));
        assert_eq!(
            text,
            "New here\n  - X (cycle/x)\n\n2 documents were here already and stay as they are.\nNothing has left.\n"
        );
        let pack = LoadPromptsResponse {
            title: "Pack".to_owned(),
            added: 1,
            kept: vec!["a".to_owned()],
            ..Default::default()
        };
        let text = rendered(|page| loaded(&pack, page));
        assert!(text.contains("1 prompt is new here, no prompts are worded differently now."), "{text}");
    }
}
