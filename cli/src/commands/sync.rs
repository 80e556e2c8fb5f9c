//! `cairn sync`: how far the node has followed its peers.

use cairn_proto::pb::admin::GetSyncStatusRequest;
use clap::Subcommand;

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
    output::upkeep,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Your node follows its active peers by itself. Here you see how far it has come.

Nothing here starts, stops or hurries the following, and nothing is sent to anyone.

Example:

  cairn sync status";

/// What `status --help` says.
const STATUS_MANUAL: &str = "\
Shows for each peer how much of its log is here and verified, how many of its records are held here, when there was \
contact last, and what went wrong last.

A record that is not held is one that is not for you, was withdrawn or has expired; that is as it should be. The \
figures are for finding faults. They never say anything about how much a place learns.

Example:

  cairn sync status";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// Show how far each peer was followed
    #[command(long_about = STATUS_MANUAL)]
    Status,
}

/// Asks and shows.
pub(crate) async fn run(session: &mut Session, command: SyncCommand) -> Result<Exit, Error> {
    let SyncCommand::Status = command;
    let mut node = session.node().await?;
    let reply = answer(node.admin.get_sync_status(GetSyncStatusRequest {})).await?;
    session.out.reply(&reply, upkeep::sync)?;
    Ok(Exit::Done)
}
