//! Texts that could not be taken in yet.

use cairn_proto::pb::admin::{
    DiscardDraftRequest, DocumentEntry, Draft, GetDocumentRequest, GetDraftRequest, ListDraftsRequest,
};

use super::{
    ask,
    edit::{Writing, in_editor},
};
use crate::{
    args::find::{DiscardArgs, DraftCommand},
    client::{Node, answer},
    commands::Session,
    error::{Error, Exit},
    noun::Noun,
    output::learning::drafts,
};

/// What the problem stands behind in a text: a comment on its first line, so that no line gets another number.
const PROBLEM: &str = " # Not taken in: ";

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: DraftCommand) -> Result<Exit, Error> {
    match command {
        DraftCommand::List => {
            let mut node = session.node().await?;
            let reply = answer(node.learning.list_drafts(ListDraftsRequest {})).await?;
            session.out.reply(&reply, drafts::list)?;
        }
        DraftCommand::Show(args) => {
            let mut node = session.node().await?;
            let reply = answer(node.learning.get_draft(GetDraftRequest { id: args.number })).await?;
            if session.out.wants_json() {
                session.out.reply(&reply, |_, _| ())?;
            } else {
                let draft = reply.draft.unwrap_or_default();
                session.out.page(|page| drafts::about(&draft, page))?;
                session.out.say(&format!("\n{}\n", draft.text.trim_end()))?;
            }
        }
        DraftCommand::Edit(args) => return edit(session, args.number).await,
        DraftCommand::Discard(args) => discard(session, args).await?,
    }
    Ok(Exit::Done)
}

/// Goes on with a draft in the editor.
async fn edit(session: &mut Session, number: u64) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let draft =
        answer(node.learning.get_draft(GetDraftRequest { id: number })).await?.draft.unwrap_or_default();
    let Some(noun) = Noun::of(&draft.kind) else {
        let text = format!(
            "Draft {number} is a {}, which this version of the command does not know. Use the cairn command that came \
             with your node.",
            draft.kind
        );
        return Err(Error::Refused(text));
    };
    let document = changed(&mut node, &draft).await?;
    let problem = problem(&draft, document.as_ref());
    session.out.aside(&format!("{problem}\n"))?;
    let text = with_problem(&draft.text, &problem);
    in_editor(session, Writing { noun, document, draft: number, text }, false).await
}

/// The document that a draft changes, if it changes one.
async fn changed(node: &mut Node, draft: &Draft) -> Result<Option<DocumentEntry>, Error> {
    if draft.document_id.is_empty() {
        return Ok(None);
    }
    let request = GetDocumentRequest { kind: draft.kind.clone(), id: draft.document_id.clone(), version: 0 };
    Ok(answer(node.learning.get_document(request)).await?.document)
}

/// What was wrong, and what helps where somebody else was quicker.
fn problem(draft: &Draft, document: Option<&DocumentEntry>) -> String {
    let newer = document.filter(|document| draft.based_on > 0 && document.version > draft.based_on);
    let hint = newer.map(|DocumentEntry { kind, id, version, .. }| {
        let command = crate::noun::command(kind);
        format!(
            " The newest version is {version}: see it with `cairn {command} show {id}`. Once you have put both together, \
             write based_on: {version} in this text, so that it is taken in."
        )
    });
    format!("{}{}", draft.problem, hint.unwrap_or_default())
}

/// A text with the problem behind its first part, in the same line.
fn with_problem(text: &str, problem: &str) -> String {
    let Some(rest) = text.strip_prefix("---\ncairn:") else { return text.to_owned() };
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let problem = problem.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("---\ncairn:{first}{PROBLEM}{problem}\n{rest}")
}

/// A text without the problem.
pub(super) fn without_problem(text: &str) -> String {
    let Some((before, rest)) = text.split_once(PROBLEM).filter(|(before, _)| before.lines().count() <= 2)
    else {
        return text.to_owned();
    };
    format!("{before}{}", rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default())
}

/// Throws a draft away.
async fn discard(session: &mut Session, args: DiscardArgs) -> Result<(), Error> {
    let DiscardArgs { number, yes } = args;
    ask::can_be_asked(yes, "Throwing a draft away")?;
    let mut node = session.node().await?;
    if !yes {
        let reply = answer(node.learning.get_draft(GetDraftRequest { id: number })).await?;
        session.out.progress(|page| drafts::about(&reply.draft.unwrap_or_default(), page))?;
        ask::ask(session, "Throw this draft away for ever?")?;
    }
    let reply = answer(node.learning.discard_draft(DiscardDraftRequest { id: number })).await?;
    session.out.reply(&reply, |_, page| page.say(&format!("Draft {number} is gone.")))
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{DocumentEntry, Draft};

    use super::{super::text::based_on, problem, with_problem, without_problem};

    #[test]
    fn the_problem_stands_in_the_text_and_moves_no_line() {
        let text = "---\ncairn: entry/1\nbased_on: '2'\n---\n\n## Text\n\nx # Not taken in: y\n";
        let shown = with_problem(text, "Two faults:\n  line 3");
        assert!(
            shown.starts_with("---\ncairn: entry/1 # Not taken in: Two faults: line 3\nbased_on"),
            "{shown}"
        );
        assert_eq!(shown.lines().count(), text.lines().count());
        assert_eq!(without_problem(&shown), text);
        assert_eq!(without_problem(text), text);
        assert_eq!(with_problem("title: x", "y"), "title: x");
        assert_eq!(based_on(text), 2);
        assert_eq!(based_on("title: x"), 0);
    }

    #[test]
    fn where_somebody_was_quicker_it_says_how_to_go_on() {
        let draft = Draft { based_on: 2, problem: "It was changed.".to_owned(), ..Draft::default() };
        let entry = |version| DocumentEntry {
            kind: "observation".to_owned(),
            id: "x".to_owned(),
            version,
            ..Default::default()
        };
        assert_eq!(problem(&draft, Some(&entry(2))), "It was changed.");
        let said = problem(&draft, Some(&entry(3)));
        assert!(said.contains("cairn observe show x") && said.contains("based_on: 3"), "{said}");
    }
}
