//! `cairn pause` and `cairn resume`: all sharing, at once.

use cairn_proto::pb::admin::{PauseSharingRequest, ResumeSharingRequest};
use clap::Args;

use crate::{
    client::answer,
    commands::Session,
    error::{Error, Exit},
    output::leaving::pause,
};

/// What `pause --help` says.
pub(super) const MANUAL: &str = "\
Stops all sharing at once: your node gives out no record and takes none in until `cairn resume`. For when something \
went wrong and there has to be time to look.

Withdrawals still flow, in both directions: a pause never keeps anyone from taking something back. It never takes back \
what was given before; that is `cairn withdraw`.

The reason stays in the audit log here.

Example:

  cairn pause --reason \"A name was found in a record. We are looking.\"";

/// What `resume --help` says.
pub(super) const RESUME_MANUAL: &str = "\
Goes on sharing after `cairn pause`. What waited meanwhile flows to those who may hold it; what was withdrawn meanwhile \
never does.

Example:

  cairn resume";

/// Why.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// Why, for the audit log here
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Stops all sharing.
pub(super) async fn run(session: &mut Session, args: PauseArgs) -> Result<Exit, Error> {
    let PauseArgs { reason } = args;
    let mut node = session.node().await?;
    let reply = answer(node.release.pause_sharing(PauseSharingRequest { reason })).await?;
    session.out.reply(&reply, pause::paused)?;
    Ok(Exit::Done)
}

/// Goes on.
pub(super) async fn resume(session: &mut Session) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.release.resume_sharing(ResumeSharingRequest {})).await?;
    session.out.reply(&reply, pause::resumed)?;
    Ok(Exit::Done)
}
