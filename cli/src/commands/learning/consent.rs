//! What happens to a consent. Where it ends, what would be erased is shown first.

use cairn_proto::pb::admin::RecordConsentEventRequest;

use super::{ask, kept};
use crate::{
    args::learning::more::{ConsentCommand, EndArgs, EventArgs, RenewArgs},
    client::{Node, answer},
    commands::Session,
    error::{Error, Exit},
    output::learning::events,
};

/// Writes down what happened.
pub(super) async fn run(session: &mut Session, command: ConsentCommand) -> Result<Exit, Error> {
    match command {
        ConsentCommand::Give(args) => record(session, request(args, "given")).await,
        ConsentCommand::Renew(RenewArgs { event, until }) => {
            let request = RecordConsentEventRequest { until: until.to_string(), ..request(event, "renewed") };
            record(session, request).await
        }
        ConsentCommand::Refuse(args) => end(session, args, "refused").await,
        ConsentCommand::Withdraw(args) => end(session, args, "withdrawn").await,
    }
}

/// As the node takes it.
fn request(args: EventArgs, event: &str) -> RecordConsentEventRequest {
    let EventArgs { id, on, how, recorded_by, note, dry_run } = args;
    let event = event.to_owned();
    RecordConsentEventRequest { id, event, on, how, recorded_by, until: String::new(), note, dry_run }
}

/// Shows what would be erased, asks, and writes it down.
async fn end(session: &mut Session, args: EndArgs, event: &str) -> Result<Exit, Error> {
    let EndArgs { event: args, yes } = args;
    let request = request(args, event);
    if request.dry_run || yes {
        return record(session, request).await;
    }
    ask::can_be_asked(yes, "Erasing words")?;
    let mut node = session.node().await?;
    let dry = RecordConsentEventRequest { dry_run: true, ..request.clone() };
    let shown = answer(node.learning.record_consent_event(dry)).await?;
    session.out.progress(|page| events::consent(&shown, page))?;
    ask::ask(session, "Write this down, and erase what is named above for ever?")?;
    told(session, &mut node, request).await
}

/// Writes it down without asking.
async fn record(session: &mut Session, request: RecordConsentEventRequest) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    told(session, &mut node, request).await
}

async fn told(
    session: &mut Session,
    node: &mut Node,
    request: RecordConsentEventRequest,
) -> Result<Exit, Error> {
    let reply = answer(node.learning.record_consent_event(request)).await?;
    for document in reply.erased.iter().filter(|_| reply.done) {
        kept::forget(session.dir()?, &document.kind, &document.id)?;
    }
    session.out.reply(&reply, events::consent)?;
    Ok(Exit::Done)
}
