//! `cairn gate`: whether the node signs, and opening the gate by hand.

use cairn_proto::pb::admin::{GetGateRequest, OpenGateRequest};
use clap::{Args, Subcommand};

use super::{Session, ask};
use crate::{
    client::answer,
    error::{Error, Exit},
    output::integrity,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
After a backup was put back, or when the data directory was copied, your node cannot know whether it signed something newer. It \
then closes a gate before its key: nothing is released or withdrawn until its peers have said what they hold of its log, and \
have given back what is missing. That happens by itself.

The gate never stops what others withdraw: their words go from here as always.

Example:

  cairn gate show";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows whether the gate is closed, why, how many entries of your log are here, and what each peer has said. Nothing is changed.

Example:

  cairn gate show";

/// What `open --help` says.
const OPEN_MANUAL: &str = "\
Opens the gate although not every peer has answered. Do it only when you know that nothing newer was ever signed, for example \
because you moved the node yourself while it was stopped, or when those who do not answer never will.

If you are wrong, your node signs a second log beside the first. Your peers find that out, take no new records from you any more, \
and it can never be undone: you would have to begin again with a new node. So telephone those who have not answered first.

It is refused while a peer is known to hold more than is here.

Example:

  cairn gate open --reason \"moved to the new server; the old one was stopped before the copy\"";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Show whether the node signs, and what it waits for
    #[command(long_about = SHOW_MANUAL)]
    Show,
    /// Let the node sign although not every peer has answered
    #[command(long_about = OPEN_MANUAL)]
    Open(OpenArgs),
}

/// Why.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Why nothing newer can have been signed; kept in the audit log
    #[arg(long)]
    reason: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Asks and shows.
pub(crate) async fn run(session: &mut Session, command: GateCommand) -> Result<Exit, Error> {
    match command {
        GateCommand::Show => {
            let reply = answer(session.node().await?.integrity.get_gate(GetGateRequest {})).await?;
            session.out.reply(&reply, integrity::gate)?;
        }
        GateCommand::Open(OpenArgs { reason, yes }) => {
            ask::can_be_asked(yes, "Opening the gate")?;
            let mut node = session.node().await?;
            if !yes {
                ask::ask(session, "If something newer was signed, this cannot be undone.")?;
            }
            let reply = answer(node.integrity.open_gate(OpenGateRequest { reason })).await?;
            session.out.reply(&reply, |_, page| page.say("The gate is open: the node signs again."))?;
        }
    }
    Ok(Exit::Done)
}
