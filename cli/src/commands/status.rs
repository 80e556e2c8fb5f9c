//! `cairn status`: who the node is and how it is.

use clap::Args;

use super::Session;
use crate::{
    error::{Error, Exit},
    output::upkeep,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Shows who your node is and how it is: its name, its NodeId and the words that stand for it, where others reach \
it, what it keeps at home and what it holds from peers.

It changes nothing, and nothing is sent to anyone. It never shows another place's figures beside yours.

Read your words to a peer over the telephone, so that both know they found each other and nobody else.

Example:

  cairn status";

/// It takes nothing of its own.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {}

/// Asks and shows.
pub(crate) async fn run(session: &mut Session, StatusArgs {}: StatusArgs) -> Result<Exit, Error> {
    let reply = session.node().await?.status().await?;
    session.out.reply(&reply, upkeep::status)?;
    Ok(Exit::Done)
}
