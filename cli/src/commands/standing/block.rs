//! `cairn block`: identities that nothing is taken from and nothing is given to.

use cairn_proto::pb::admin::{AddBlockRequest, ListBlocksRequest, RemoveBlockRequest};
use clap::{Args, Subcommand, builder::TypedValueParser as _};
use jiff::civil::Date;

use crate::{
    args::words,
    client::answer,
    commands::{Session, ask},
    error::{Error, Exit},
    output::standing::block,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Blocks nodes, by their identity: wherever they call from and whoever passes their records on, nothing is taken from them and \
nothing is given to them. For a peer with whom something has to be cleared up, see `cairn peer limit` and `cairn peer suspend` \
first.

A block never hinders a withdrawal: what a blocked place takes back is purged here, and what you take back is told to it.

Example:

  cairn block add \"South Tyneside Alliance\" --reason \"It passed on what it must not.\"
  cairn block list
  cairn block remove \"South Tyneside Alliance\"";

/// What `add --help` says.
const ADD_MANUAL: &str = "\
Blocks a node. A peering with it ends at once, with your reason; whatever it asks is refused, with your reason; its log is not \
followed any more, neither from itself nor through others; what you hold of it is hidden at once. With --purge, what you hold of it \
is also purged for good, except what a legal hold keeps unseen.

NODE is a peer's name, or a NodeId: also of a place that you only know through others.

To block it never tells anyone else. On a terminal it asks before it does so. Elsewhere, say --yes.

Example:

  cairn block add \"South Tyneside Alliance\" --reason \"It passed on what it must not.\"
  cairn block add cairn1... --reason \"Nobody knows who they are.\" --review-on 2027-03-01 --purge";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists whom you blocked, why, and what you hold of them that is hidden. Nothing is sent to anyone.

Example:

  cairn block list";

/// What `remove --help` says.
const REMOVE_MANUAL: &str = "\
Lifts a block. What you still hold of it is shown again, once it is known not to have been withdrawn.

It never brings a peering back: that needs a new ticket. What was purged does not come back.

Example:

  cairn block remove \"South Tyneside Alliance\"";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum BlockCommand {
    /// Block a node
    #[command(long_about = ADD_MANUAL)]
    Add(AddArgs),
    /// List whom you blocked
    #[command(long_about = LIST_MANUAL)]
    List,
    /// Lift a block
    #[command(long_about = REMOVE_MANUAL)]
    Remove(RemoveArgs),
}

/// Whom to block and why.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// A peer's name, or a NodeId
    #[arg(value_name = "NODE")]
    node: String,
    /// Why; the blocked place reads it when it calls
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// Day on which you look at it again
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    review_on: Option<Date>,
    /// Also purge what you hold of it, for good
    #[arg(long)]
    purge: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Whose block.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// A name, or a NodeId
    #[arg(value_name = "NODE")]
    node: String,
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: BlockCommand) -> Result<Exit, Error> {
    if let BlockCommand::Add(AddArgs { yes, .. }) = &command {
        ask::can_be_asked(*yes, "That a peering ends, or a purge,")?;
    }
    let mut node = session.node().await?;
    match command {
        BlockCommand::Add(AddArgs { node: whom, reason, review_on, purge, yes }) => {
            if !yes {
                let purged = if purge { ", and purge what is held of it for good" } else { "" };
                ask::ask(session, &format!("Block {whom}, end any peering with it{purged}?"))?;
            }
            let review_on = review_on.map(|day| day.to_string()).unwrap_or_default();
            let request = AddBlockRequest { node: whom, reason, review_on, purge };
            let reply = answer(node.standing.add_block(request)).await?;
            session.out.reply(&reply, block::added)?;
        }
        BlockCommand::List => {
            let reply = answer(node.standing.list_blocks(ListBlocksRequest {})).await?;
            session.out.reply(&reply, block::list)?;
        }
        BlockCommand::Remove(RemoveArgs { node: whom }) => {
            let reply = answer(node.standing.remove_block(RemoveBlockRequest { node: whom })).await?;
            session.out.reply(&reply, block::removed)?;
        }
    }
    Ok(Exit::Done)
}
