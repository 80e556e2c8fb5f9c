//! Erasing the words of a document, after showing what would go.

use cairn_proto::pb::admin::EraseDocumentRequest;

use super::{ask, kept};
use crate::{
    args::learning::wishes::EraseArgs,
    client::answer,
    commands::Session,
    error::{Error, Exit},
    noun::Noun,
    output::learning::events,
};

/// Shows, asks, and erases.
pub(super) async fn run(session: &mut Session, noun: &Noun, args: EraseArgs) -> Result<Exit, Error> {
    let EraseArgs { id, reason, dry_run, yes } = args;
    if !dry_run {
        ask::can_be_asked(yes, "Erasing words")?;
    }
    let mut node = session.node().await?;
    let mut request = EraseDocumentRequest { kind: noun.kind.to_owned(), id, reason, dry_run: true };
    let shown = answer(node.learning.erase_document(request.clone())).await?;
    let nothing_left = shown.document.as_ref().is_some_and(|document| document.erased);
    if dry_run || nothing_left {
        session.out.reply(&shown, events::would_erase)?;
        return Ok(Exit::Done);
    }
    if !yes {
        session.out.progress(|page| events::would_erase(&shown, page))?;
        ask::ask(session, "Erase these words for ever?")?;
    }
    request.dry_run = false;
    let reply = answer(node.learning.erase_document(request)).await?;
    if let Some(document) = &reply.document {
        kept::forget(session.dir()?, &document.kind, &document.id)?;
    }
    session.out.reply(&reply, events::erased)?;
    Ok(Exit::Done)
}
