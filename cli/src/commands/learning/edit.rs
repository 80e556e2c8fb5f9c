//! Writing and changing documents, with options or in the editor.
//!
//! A text from the editor lies in a file until the node has it, as a document or as a
//! draft. Nothing that somebody wrote is lost on the way.

use std::io::{self, IsTerminal as _};

use cairn_proto::pb::admin::{
    DiscardDraftRequest, DocumentEntry, Draft, GetDocumentRequest, GetTemplateRequest, KeepDraftRequest,
    SaveDocumentRequest, SaveDocumentResponse,
};
use serde_json::Value;
use tonic::Code;

use super::{
    draft::without_problem,
    editor,
    kept::{self, Kept},
    save,
    text::{based_on, value_of},
};
use crate::{
    args::learning::wishes::{EditArgs, NewArgs},
    client::{Node, answer},
    commands::Session,
    error::{Error, Exit},
    noun::Noun,
    output::learning::document,
};

/// A text that is to be written in the editor.
pub(super) struct Writing {
    /// The kind it is meant to be.
    pub(super) noun: &'static Noun,
    /// The document it changes, if it changes one.
    pub(super) document: Option<DocumentEntry>,
    /// The number of the draft that it was; zero for none.
    pub(super) draft: u64,
    /// The text to begin with.
    pub(super) text: String,
}

/// A new document.
pub(super) async fn new(session: &mut Session, noun: &'static Noun, args: NewArgs) -> Result<Exit, Error> {
    let NewArgs { given, edit, fresh } = args;
    if given.is_empty() && !edit && !io::stdin().is_terminal() {
        let text = format!(
            "There is nothing to write yet, and no terminal to open an editor at. Say what it says with options, as in\n\n  \
             cairn {} new {}\n\nor open the editor that you chose with --edit.",
            noun.command, noun.example
        );
        return Err(Error::Usage(text));
    }
    let parts = given.parts()?;
    let mut node = session.node().await?;
    if !given.is_empty() && !edit {
        let saved = match save::new(&mut node, noun, parts.clone()).await {
            Err(error) if given.reads_stdin() => {
                Err(kept_as_draft(&mut node, noun, &Value::Object(parts), error).await)
            }
            other => other,
        };
        let reply = saved?;
        session.out.reply(&reply, document::saved)?;
        return Ok(Exit::Done);
    }
    let known = if parts.is_empty() { String::new() } else { Value::Object(parts).to_string() };
    let text = template(&mut node, noun, known).await?;
    in_editor(session, Writing { noun, document: None, draft: 0, text }, fresh).await
}

/// A document changed.
pub(super) async fn edit(session: &mut Session, noun: &'static Noun, args: EditArgs) -> Result<Exit, Error> {
    let EditArgs { id, given, fresh } = args;
    let parts = given.parts()?;
    let mut node = session.node().await?;
    if !parts.is_empty() {
        let reply = save::change(&mut node, noun, &id, parts).await?;
        session.out.reply(&reply, document::saved)?;
        return Ok(Exit::Done);
    }
    let request = GetDocumentRequest { kind: noun.kind.to_owned(), id, version: 0 };
    let found = answer(node.learning.get_document(request)).await?;
    if !found.erasure.is_empty() {
        return Err(Error::Refused(format!("There is nothing to change: {}.", found.erasure)));
    }
    let writing = Writing { noun, document: found.document, draft: 0, text: found.file };
    in_editor(session, writing, fresh).await
}

async fn template(node: &mut Node, noun: &Noun, known: String) -> Result<String, Error> {
    let request = GetTemplateRequest { kind: noun.kind.to_owned(), known };
    Ok(answer(node.learning.get_template(request)).await?.file)
}

/// A text that came through the standard input is nowhere else: it becomes a draft when it cannot be taken in.
async fn kept_as_draft(node: &mut Node, noun: &'static Noun, parts: &Value, error: Error) -> Error {
    let (Error::Node { code, message }, Ok(text)) = (&error, template(node, noun, parts.to_string()).await)
    else {
        return error;
    };
    let writing = Writing { noun, document: None, draft: 0, text: String::new() };
    match writing.keep(node, text, message).await {
        Ok(number) => Error::Node { code: *code, message: go_on(message, number) },
        Err(_) => error,
    }
}

/// Opens the editor, and takes in what was written.
pub(super) async fn in_editor(session: &mut Session, writing: Writing, fresh: bool) -> Result<Exit, Error> {
    let kept = Kept::open(session.dir()?, &writing.file_name(), &writing.text, fresh)?;
    if kept.resumed {
        let text = "A text that you began earlier is here still; you go on with it. To begin anew, close the editor and \
                    say --fresh.\n";
        session.out.aside(text)?;
    }
    let closed = editor::run(session, kept.path()).await;
    let text = match kept.read() {
        Ok(text) => text,
        Err(error) => return Err(stays(&writing, &kept, &error)),
    };
    let untouched = text == writing.text || text.is_empty();
    match closed {
        Err(error) if untouched => {
            kept.remove()?;
            return Err(error);
        }
        Err(error) => return Err(stays(&writing, &kept, &error)),
        // A draft is taken in also as it is: what it lacked may be here by now.
        Ok(()) if text.is_empty() || (untouched && writing.draft == 0) => {
            kept.remove()?;
            return nothing_changed(session, writing);
        }
        Ok(()) => {}
    }
    let text = without_problem(&text);
    match taken_in(session, &writing, &text).await {
        Ok(reply) => {
            kept.remove()?;
            session.out.reply(&reply, document::saved)?;
            Ok(Exit::Done)
        }
        Err(error) => Err(refused(session, &writing, kept, text, error).await),
    }
}

/// Saves a text. The node may have been started anew meanwhile, so it is looked for anew.
async fn taken_in(session: &Session, writing: &Writing, text: &str) -> Result<SaveDocumentResponse, Error> {
    writing.check_id(text)?;
    let mut node = session.node().await?;
    let request = SaveDocumentRequest {
        kind: writing.noun.kind.to_owned(),
        content: text.as_bytes().to_vec(),
        only_new: writing.document.is_none(),
        ..SaveDocumentRequest::default()
    };
    let reply = answer(node.learning.save_document(request)).await?;
    if writing.draft > 0 {
        // The text is kept as a document now; a draft that stays behind is only a second copy.
        drop(answer(node.learning.discard_draft(DiscardDraftRequest { id: writing.draft })).await);
    }
    Ok(reply)
}

/// The text becomes a draft of the node; only then is its file taken away.
async fn refused(session: &Session, writing: &Writing, kept: Kept, text: String, error: Error) -> Error {
    let Error::Node { code, message } = &error else { return stays(writing, &kept, &error) };
    let Ok(mut node) = session.node().await else { return stays(writing, &kept, &error) };
    match writing.keep(&mut node, text, message).await {
        Ok(number) => {
            // A file that cannot be taken away is only a second copy.
            drop(kept.remove());
            Error::Node { code: *code, message: go_on(message, number) }
        }
        Err(_) => stays(writing, &kept, &error),
    }
}

/// How to go on with a draft.
fn go_on(message: &str, number: u64) -> String {
    format!(
        "{message}\n\nYour text is kept as draft {number}. To go on with it:\n\n  cairn draft edit {number}"
    )
}

/// The text stays in its file: what went wrong, and how to go on.
fn stays(writing: &Writing, kept: &Kept, error: &Error) -> Error {
    let message = format!(
        "{error}\n\nYour text is in {}. To go on with it:\n\n  cairn {}",
        kept.path().display(),
        writing.command()
    );
    match (error, error.exit()) {
        (Error::Node { code, .. }, _) => Error::Node { code: *code, message },
        (_, Exit::Unreachable) => Error::Node { code: Code::Unavailable, message },
        (_, Exit::Usage) => Error::Usage(message),
        _ => Error::Refused(message),
    }
}

fn nothing_changed(session: &mut Session, writing: Writing) -> Result<Exit, Error> {
    let reply = SaveDocumentResponse { document: writing.document, unchanged: true, ..Default::default() };
    session.out.reply(&reply, |_, page| page.say("Nothing was changed."))?;
    Ok(Exit::Done)
}

impl Writing {
    fn id(&self) -> &str {
        self.document.as_ref().map(|document| document.id.as_str()).unwrap_or_default()
    }

    /// A name that no other text has: no kind is called "new" or "draft".
    fn file_name(&self) -> String {
        let kind = self.noun.kind;
        match (self.draft, self.id()) {
            (0, "") => format!("new-{kind}.md"),
            (0, id) => kept::name(kind, id),
            (number, _) => format!("draft-{number}-{kind}.md"),
        }
    }

    /// The command that goes on with it.
    fn command(&self) -> String {
        let command = self.noun.command;
        match (self.draft, self.id()) {
            (0, "") => format!("{command} new --edit"),
            (0, id) => format!("{command} edit {id}"),
            (number, _) => format!("draft edit {number}"),
        }
    }

    /// Hands a text to the node as a draft; gives its number.
    async fn keep(&self, node: &mut Node, text: String, problem: &str) -> Result<u64, Error> {
        let draft = Draft {
            id: self.draft,
            kind: self.noun.kind.to_owned(),
            document_id: self.id().to_owned(),
            based_on: based_on(&text),
            text,
            problem: problem.to_owned(),
            ..Draft::default()
        };
        let reply = answer(node.learning.keep_draft(KeepDraftRequest { draft: Some(draft) })).await?;
        Ok(reply.draft.unwrap_or_default().id)
    }

    /// A text that changes a document must name that document. Under another id it would become another one, or take
    /// the place of one that has nothing to do with it.
    fn check_id(&self, text: &str) -> Result<(), Error> {
        let id = self.id();
        if id.is_empty() || value_of(text, "id") == Some(id) {
            return Ok(());
        }
        let message = format!(
            "The text has another id now, or none. The id of a document stays: write `id: {id}`. For another document, use \
             `cairn {} new`.",
            self.noun.command
        );
        Err(Error::Node { code: Code::InvalidArgument, message })
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::DocumentEntry;

    use super::Writing;
    use crate::noun::Noun;

    #[test]
    fn a_text_changes_only_the_document_it_was_made_from() {
        let document = DocumentEntry { id: "x".to_owned(), ..DocumentEntry::default() };
        let noun = Noun::of("entry").unwrap();
        let writing = Writing { noun, document: Some(document), draft: 0, text: String::new() };
        assert!(writing.check_id("id: x\ntext: y").is_ok() && writing.check_id("id: 'x'").is_ok());
        for text in ["id: y", "text: y", "id:"] {
            assert!(writing.check_id(text).unwrap_err().to_string().contains("write `id: x`"), "{text}");
        }
        assert!(Writing { document: None, ..writing }.check_id("text: y").is_ok());
    }
}
