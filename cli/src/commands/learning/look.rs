//! Looking at documents: one, lists, versions, traces, searches. Nothing is changed by looking.

use std::io::{self, IsTerminal as _};

use cairn_proto::pb::admin::{GetDocumentRequest, GetHistoryRequest, TraceDocumentRequest};

use crate::{
    args::{
        find::SearchArgs,
        learning::wishes::{ListArgs, ShowArgs},
    },
    client::answer,
    commands::Session,
    error::{Error, Exit},
    noun::Noun,
    output::learning::{document, list, trace},
};

/// One document.
pub(super) async fn show(session: &mut Session, noun: &Noun, args: ShowArgs) -> Result<Exit, Error> {
    let ShowArgs { id, version, file } = args;
    let mut node = session.node().await?;
    let request = GetDocumentRequest { kind: noun.kind.to_owned(), id, version: version.unwrap_or_default() };
    let reply = answer(node.learning.get_document(request)).await?;
    if file && !session.out.wants_json() {
        if !reply.erasure.is_empty() {
            return Err(Error::Refused(format!("There is no file to print: {}.", reply.erasure)));
        }
        // A terminal must not be given commands by a text; a file gets it as it is.
        if io::stdout().is_terminal() {
            session.out.say(&reply.file)?
        } else {
            session.out.raw(&reply.file)?
        }
    } else {
        session.out.reply(&reply, document::whole)?;
    }
    Ok(Exit::Done)
}

/// Documents of a kind.
pub(super) async fn list(session: &mut Session, noun: &Noun, args: ListArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let request = args.narrow.request(noun.kind, &args.words, !args.words.is_empty());
    let reply = answer(node.learning.list_documents(request)).await?;
    let again = list::Again::list(noun, &args);
    session.out.reply(&reply, |reply, page| list::of_kind(reply, noun, &again, page))?;
    Ok(Exit::Done)
}

/// Documents of any kind, by their words.
pub(crate) async fn search(session: &mut Session, args: SearchArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let kind = args.kind.map(|noun| noun.kind).unwrap_or_default();
    let request = args.narrow.request(kind, &args.words.join(" "), true);
    let reply = answer(node.learning.list_documents(request)).await?;
    let again = list::Again::search(&args);
    session.out.reply(&reply, |reply, page| list::found(reply, &again, page))?;
    Ok(Exit::Done)
}

/// The versions of a document.
pub(super) async fn history(session: &mut Session, noun: &Noun, id: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let request = GetHistoryRequest { kind: noun.kind.to_owned(), id };
    let reply = answer(node.learning.get_history(request)).await?;
    session.out.reply(&reply, document::history)?;
    Ok(Exit::Done)
}

/// What a document came from and what it led to.
pub(crate) async fn trace(session: &mut Session, noun: &Noun, id: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let request = TraceDocumentRequest { kind: noun.kind.to_owned(), id };
    let reply = answer(node.learning.trace_document(request)).await?;
    session.out.reply(&reply, trace::both_ways)?;
    Ok(Exit::Done)
}
