//! Lists of documents, newest change first.

use cairn_proto::pb::admin::{DocumentEntry, ListDocumentsResponse};

use super::{document::sentence, name, version};
use crate::{
    args::{
        find::SearchArgs,
        learning::wishes::{ListArgs, shell_word},
    },
    noun::Noun,
    output::{Page, text},
};

/// What was asked for, to be asked again.
pub(crate) struct Again {
    command: String,
    /// Whether anything narrowed it down.
    narrowed: bool,
    /// Whether it went on from an earlier page.
    went_on: bool,
}

impl Again {
    /// Of a list.
    pub(crate) fn list(noun: &Noun, args: &ListArgs) -> Self {
        let words = if args.words.is_empty() {
            String::new()
        } else {
            format!(" --words {}", shell_word(&args.words))
        };
        let narrow = format!("{words}{}", args.narrow.words());
        Self {
            command: format!("cairn {} list{narrow}", noun.command),
            narrowed: !narrow.is_empty(),
            went_on: !args.narrow.cursor.is_empty(),
        }
    }

    /// Of a search.
    pub(crate) fn search(args: &SearchArgs) -> Self {
        let words: String = args.words.iter().map(|word| format!(" {}", shell_word(word))).collect();
        let kind = args.kind.map(|noun| format!(" --kind {}", noun.kind)).unwrap_or_default();
        Self {
            command: format!("cairn search{words}{kind}{}", args.narrow.words()),
            narrowed: true,
            went_on: !args.narrow.cursor.is_empty(),
        }
    }
}

/// Documents of one kind.
pub(crate) fn of_kind(reply: &ListDocumentsResponse, noun: &Noun, again: &Again, page: &mut Page) {
    if reply.documents.is_empty() && !again.narrowed && !again.went_on {
        none(noun, page);
        return;
    }
    entries(reply, |entry| entry.id.clone(), again, page);
}

/// None of a kind is here, and what to do about it.
fn none(noun: &Noun, page: &mut Page) {
    let Noun { command, several, .. } = noun;
    page.say(&format!("There are no {several} here yet. Begin with"));
    page.blank();
    page.verbatim(2, &format!("cairn {command} new"));
}

/// Documents of any kind.
pub(crate) fn found(reply: &ListDocumentsResponse, again: &Again, page: &mut Page) {
    entries(reply, name, again, page);
}

/// One entry a document, and where to go on.
fn entries(
    reply: &ListDocumentsResponse,
    handle: impl Fn(&DocumentEntry) -> String,
    again: &Again,
    page: &mut Page,
) {
    let ListDocumentsResponse { documents, excerpts, next_cursor } = reply;
    if documents.is_empty() {
        page.say(if again.went_on { "There are no more." } else { "Nothing here fits that." });
    }
    let excerpts = excerpts.iter().map(String::as_str).chain(std::iter::repeat(""));
    for (entry, excerpt) in documents.iter().zip(excerpts) {
        page.blank();
        let DocumentEntry { title, state, scale, cycle, kind, .. } = entry;
        page.say(title);
        let cycle =
            if cycle.is_empty() || kind == "cycle" { String::new() } else { format!("cycle {cycle}") };
        let facts: Vec<_> = [state.clone(), scale.clone(), cycle, version(entry)]
            .into_iter()
            .filter(|fact| !fact.is_empty())
            .collect();
        page.indented(2, &format!("{}: {}", handle(entry), facts.join(", ")));
        if excerpt != title {
            page.indented(2, excerpt);
        }
    }
    if !next_cursor.is_empty() {
        page.blank();
        page.verbatim(0, &format!("There are more: {} --cursor {next_cursor}", again.command));
    }
}

/// Prompts by stage, and how to answer one.
pub(crate) fn prompts(found: &[(String, Vec<DocumentEntry>)], which: &str, page: &mut Page) {
    if found.is_empty() {
        let which = if which.is_empty() { String::new() } else { format!(" {which}") };
        page.say(&format!("There are no prompts{which} here. Read in a pack, or write one of your own:"));
        page.blank();
        page.verbatim(2, "cairn prompt load FILE");
        page.verbatim(2, "cairn prompt new");
        return;
    }
    for (stage, prompts) in found {
        page.blank();
        page.say(&if stage.is_empty() { "Others".to_owned() } else { sentence(stage) });
        for DocumentEntry { id, title, .. } in prompts {
            page.bullet(2, &format!("{title} ({id})"));
        }
    }
    page.blank();
    let all: usize = found.iter().map(|(_, prompts)| prompts.len()).sum();
    let all = text::count(u64::try_from(all).unwrap_or(u64::MAX), "prompt", "prompts");
    page.say(&format!(
        "{all}; every one may be skipped. To answer one: cairn entry new --cycle ID --prompt ID"
    ));
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, ListDocumentsResponse};
    use prost_types::Timestamp;

    use super::{Again, found, of_kind, prompts};
    use crate::{
        args::learning::wishes::{ListArgs, NarrowArgs},
        noun::Noun,
        output::page::tests::rendered,
    };

    fn entry(state: &str) -> DocumentEntry {
        DocumentEntry {
            kind: "experiment".to_owned(),
            id: "call".to_owned(),
            title: "A call".to_owned(),
            version: 1,
            changed_at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            changed_by: "us".to_owned(),
            cycle: "home".to_owned(),
            state: state.to_owned(),
            scale: "place".to_owned(),
            ..DocumentEntry::default()
        }
    }

    fn again(args: &ListArgs) -> Again {
        Again::list(Noun::of("session").unwrap(), args)
    }

    #[test]
    fn an_empty_list_says_how_to_begin() {
        let text = rendered(|page| {
            of_kind(
                &ListDocumentsResponse::default(),
                Noun::of("session").unwrap(),
                &again(&ListArgs::default()),
                page,
            );
        });
        assert_eq!(text, "There are no sessions here yet. Begin with\n\n  cairn session new\n");
    }

    #[test]
    fn nothing_found_and_nothing_more_are_said_so() {
        let said = |narrow| {
            let args = ListArgs { narrow, ..ListArgs::default() };
            rendered(|page| found(&ListDocumentsResponse::default(), &again(&args), page))
        };
        assert_eq!(
            said(NarrowArgs { cycle: "x".to_owned(), ..Default::default() }),
            "Nothing here fits that.\n"
        );
        assert_eq!(said(NarrowArgs { cursor: "x".to_owned(), ..Default::default() }), "There are no more.\n");
    }

    #[test]
    fn an_entry_says_where_it_stands_and_who_changed_it() {
        let narrow = NarrowArgs { theme: vec!["going home".to_owned()], ..NarrowArgs::default() };
        let args = ListArgs { narrow, ..ListArgs::default() };
        let reply = ListDocumentsResponse {
            documents: vec![entry("ended early")],
            excerpts: vec!["...a call at eight...".to_owned()],
            next_cursor: "7".to_owned(),
        };
        let expected = "\
A call
  experiment/call: ended early, place, cycle home, version
  1, 2026-11-23 03:20 UTC by us
  ...a call at eight...

There are more: cairn session list --theme 'going home' --cursor 7
";
        let text = rendered(|page| found(&reply, &again(&args), page));
        assert_eq!(text, expected);
    }

    #[test]
    fn ended_early_looks_like_all_others() {
        let with = |state| {
            let reply = ListDocumentsResponse { documents: vec![entry(state)], ..Default::default() };
            let text = rendered(|page| found(&reply, &again(&ListArgs::default()), page));
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(with("ended early").replace("ended early", "running"), with("running"));
    }

    #[test]
    fn prompts_stand_by_stage() {
        let found = [("understand".to_owned(), vec![entry("")]), (String::new(), vec![entry("")])];
        let text = rendered(|page| prompts(&found, "", page));
        assert!(text.starts_with("Understand\n  - A call (call)\n\nOthers\n  - A call (call)\n"), "{text}");
        assert!(
            rendered(|page| prompts(&[], "at the scale \"place\"", page)).contains("cairn prompt load FILE")
        );
    }
}
