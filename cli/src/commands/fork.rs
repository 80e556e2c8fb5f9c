//! `cairn fork`: authors who signed two logs.

use cairn_proto::pb::admin::ListForksRequest;
use clap::Subcommand;

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
    output::integrity,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Every place signs one log, which only grows. A place that signs two different ones was put back to an older state and went on, \
or shows different things to different peers. Your node finds that out, keeps the evidence, tells its peers, and takes no new \
records of that author; what the author withdraws is followed all the same.

The evidence says what was signed, and never why.

Example:

  cairn fork list";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Shows each author that is known to have signed two logs, and what to do. Nothing is changed.

Example:

  cairn fork list
  cairn export fork \"South Tyneside Alliance\" --out south-tyneside.cairn-fork";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ForkCommand {
    /// Show authors who signed two logs, and what to do
    #[command(long_about = LIST_MANUAL)]
    List,
}

/// Asks and shows.
pub(crate) async fn run(session: &mut Session, command: ForkCommand) -> Result<Exit, Error> {
    let ForkCommand::List = command;
    let reply = answer(session.node().await?.integrity.list_forks(ListForksRequest {})).await?;
    session.out.reply(&reply, integrity::forks)?;
    Ok(Exit::Done)
}
