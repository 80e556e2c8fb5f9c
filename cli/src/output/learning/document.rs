//! One document: in full, its versions, and what became of saving it.

use cairn_proto::pb::admin::{
    DocumentEntry, DocumentLink, DocumentVersion, GetDocumentResponse, GetHistoryResponse,
    SaveDocumentResponse,
};

use super::{blocks, name, titled, version};
use crate::{
    noun,
    output::{Page, text},
};

/// All of it: what it says, its ties, its versions, and gentle remarks.
pub(crate) fn whole(reply: &GetDocumentResponse, page: &mut Page) {
    let GetDocumentResponse { document, blocks, iteration, erasure, .. } = reply;
    let entry = document.clone().unwrap_or_default();
    page.say(&entry.title);
    page.verbatim(0, &name(&entry));
    if !erasure.is_empty() {
        page.blank();
        page.say(&format!("{}.", sentence(erasure)));
    }
    if *iteration > 1 {
        page.say(&format!("The {} time round.", ordinal(*iteration)));
    }
    blocks::all(blocks, page);
    around(reply, page);
}

/// What stands around what it says: declarations, ties, who changed it, remarks.
fn around(reply: &GetDocumentResponse, page: &mut Page) {
    let GetDocumentResponse { document, refers_to, referred_to_by, remarks, declarations, .. } = reply;
    page.list("Declared", declarations);
    page.list("What it refers to", refers_to.iter().map(link));
    page.list("What refers to it", referred_to_by.iter().map(link));
    if let Some(entry) = document {
        page.blank();
        page.say(&format!("{}.", sentence(&version(entry))));
    }
    page.list("You may want to think about", remarks);
}

/// A tie: the other document, and the part it stands in.
fn link(link: &DocumentLink) -> String {
    let entry = link.document.clone().unwrap_or_default();
    if link.relation.is_empty() { titled(&entry) } else { format!("{}: {}", link.relation, titled(&entry)) }
}

/// The versions of a document.
pub(crate) fn history(reply: &GetHistoryResponse, page: &mut Page) {
    let GetHistoryResponse { versions, erasure } = reply;
    for DocumentVersion { version, at, by, changed } in versions {
        let when = text::moment_or(at.as_ref(), "unknown date");
        let by = if by.is_empty() { "somebody".to_owned() } else { by.clone() };
        page.say(&format!("Version {version}, {when}, by {by}"));
        let parts = if changed.is_empty() { String::new() } else { changed.join("; ") };
        page.indented(2, &parts);
    }
    if !erasure.is_empty() {
        page.blank();
        page.say(&format!("{}.", sentence(erasure)));
    }
}

/// What became of saving a document.
pub(crate) fn saved(reply: &SaveDocumentResponse, page: &mut Page) {
    let SaveDocumentResponse { document, created, unchanged, remarks, consents } = reply;
    let entry = document.clone().unwrap_or_default();
    let (name, DocumentEntry { title, version, kind, id, .. }) = (name(&entry), &entry);
    page.say(&match (unchanged, created) {
        (true, _) => format!("{name}: \"{title}\" was here already and is the same. Nothing changed."),
        (false, true) => format!("{name}: \"{title}\" is kept here now. Nothing has left."),
        (false, false) => {
            format!("{name}: \"{title}\" is kept here in version {version} now. Nothing has left.")
        }
    });
    for consent in consents {
        page.bullet(2, &format!("The consent in it is a document of its own now: {}", titled(consent)));
    }
    for remark in remarks {
        page.bullet(2, remark);
    }
    if *created {
        page.verbatim(2, &format!("cairn {} show {id}", noun::command(kind)));
    }
}

/// With a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// "2nd", "3rd", "11th".
fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{
        Block, DocumentEntry, DocumentLink, DocumentVersion, GetDocumentResponse, GetHistoryResponse,
        SaveDocumentResponse,
    };
    use prost_types::Timestamp;

    use super::{history, ordinal, saved, whole};
    use crate::output::page::tests::rendered;

    fn entry(kind: &str, id: &str, title: &str) -> DocumentEntry {
        DocumentEntry {
            kind: kind.to_owned(),
            id: id.to_owned(),
            title: title.to_owned(),
            version: 2,
            changed_at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            changed_by: "systems steward".to_owned(),
            ..DocumentEntry::default()
        }
    }

    #[test]
    fn a_document_shows_what_it_says_and_what_stands_around_it() {
        let link = |relation: &str, document| DocumentLink {
            relation: relation.to_owned(),
            document: Some(document),
        };
        let reply = GetDocumentResponse {
            document: Some(entry("cycle", "home", "Going home")),
            blocks: vec![Block {
                heading: "Purpose".to_owned(),
                text: "To sleep.".to_owned(),
                ..Block::default()
            }],
            refers_to: vec![link("Follows", entry("cycle", "first", "First time"))],
            referred_to_by: vec![link("Cycle", entry("entry", "x", "Cold"))],
            remarks: vec!["Who is missing?".to_owned()],
            iteration: 2,
            ..GetDocumentResponse::default()
        };
        let expected = "\
Going home
cycle/home
The 2nd time round.

Purpose
  To sleep.

What it refers to
  - Follows: First time (cycle/first)

What refers to it
  - Cycle: Cold (entry/x)

Version 2, 2026-11-23 03:20 UTC by systems steward.

You may want to think about
  - Who is missing?
";
        assert_eq!(rendered(|page| whole(&reply, page)), expected);
    }

    #[test]
    fn erased_words_are_said_to_be_erased() {
        let reply = GetDocumentResponse {
            document: Some(entry("entry", "x", "(words erased)")),
            erasure: "its words were erased on 2026-11-23 by us: asked for".to_owned(),
            ..GetDocumentResponse::default()
        };
        let text = rendered(|page| whole(&reply, page));
        assert!(text.contains("\nIts words were erased on 2026-11-23 by us: asked for.\n"), "{text}");
    }

    #[test]
    fn versions_say_who_when_and_what() {
        let version = DocumentVersion {
            version: 1,
            at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            by: "steward".to_owned(),
            changed: vec!["Title".to_owned(), "Purpose".to_owned()],
        };
        let reply = GetHistoryResponse { versions: vec![version], erasure: String::new() };
        assert_eq!(
            rendered(|page| history(&reply, page)),
            "Version 1, 2026-11-23 03:20 UTC, by steward\n  Title; Purpose\n"
        );
    }

    #[test]
    fn saving_says_what_is_kept_and_how_to_read_it() {
        let reply = SaveDocumentResponse {
            document: Some(entry("observation", "x", "Cold")),
            created: true,
            remarks: vec!["When was it?".to_owned()],
            consents: vec![entry("consent", "y", "The family")],
            ..SaveDocumentResponse::default()
        };
        let text = rendered(|page| saved(&reply, page));
        assert!(text.starts_with("observation/x: \"Cold\" is kept here now. Nothing has left.\n"), "{text}");
        assert!(text.contains("When was it?") && text.contains("(consent/y)"), "{text}");
        assert!(text.ends_with("  cairn observe show x\n"), "{text}");
    }

    #[test]
    fn times_round_are_counted_in_words() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 113].map(ordinal).join(" "),
            "1st 2nd 3rd 4th 11th 12th 21st 113th"
        );
    }
}
