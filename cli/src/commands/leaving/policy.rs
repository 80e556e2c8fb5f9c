//! `cairn policy`: what the cards say.

use cairn_proto::pb::admin::ListCardsRequest;
use clap::Subcommand;

use crate::{
    client::answer,
    commands::Session,
    error::{Error, Exit},
    output::leaving::policy,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
A policy card says who may hold what you release, what for and for how long. You choose one with `cairn publish --card`. \
`cairn export policy RECORD` writes a record's terms for other software.

Whatever the card, a record may never be used for ranking, performance management, inspection, funding decisions, staff \
assessment, commercial use or model training.

Example:

  cairn policy list";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists the policy cards, from the narrowest to the widest, with what each says in words. Nothing is sent to anyone.

Example:

  cairn policy list";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List the policy cards, in words
    #[command(long_about = LIST_MANUAL)]
    List,
}

/// Asks and shows.
pub(super) async fn run(session: &mut Session, command: PolicyCommand) -> Result<Exit, Error> {
    let PolicyCommand::List = command;
    let mut node = session.node().await?;
    let reply = answer(node.release.list_cards(ListCardsRequest {})).await?;
    session.out.reply(&reply, policy::cards)?;
    Ok(Exit::Done)
}
