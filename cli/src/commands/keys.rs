//! `cairn keys`: the keys of the node, and putting the next one in force.

use cairn_proto::pb::admin::{GetKeysRequest, RotateKeysRequest};
use clap::{Args, Subcommand};

use super::{Session, ask};
use crate::{
    client::answer,
    error::{Error, Exit},
    output::keys,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Your node signs everything with one key. Here you see which one is in force, and put the next one in its place.

A secret key is never shown, and never sent to anyone.

Example:

  cairn keys show";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows which signing key is in force and since when, to which next key your node is committed, and how many recovery keys \
there are. Compare the words with another place by telephone; they never change as long as the node exists.

Example:

  cairn keys show";

/// What `rotate --help` says.
const ROTATE_MANUAL: &str = "\
Puts the next signing key in force, commits to another one after it, and destroys the old one. Your node committed to the next \
key long before, so nobody who stole the old one can do this for you. Do it when a person who had access leaves, when a copy \
of the disk went astray, or once a year.

Peers learn of it by themselves; nothing has to be copied or compared. What was signed before stays valid, and the node's id \
and words never change. It cannot be undone.

If the next key may be stolen, too, do not rotate: recover the node with its recovery key.

Example:

  cairn keys rotate";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show which keys are in force
    #[command(long_about = SHOW_MANUAL)]
    Show,
    /// Put the next signing key in force
    #[command(long_about = ROTATE_MANUAL)]
    Rotate(RotateArgs),
}

/// Whether to ask.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Asks and shows.
pub(crate) async fn run(session: &mut Session, command: KeysCommand) -> Result<Exit, Error> {
    match command {
        KeysCommand::Show => {
            let mut node = session.node().await?;
            let reply = answer(node.admin.get_keys(GetKeysRequest {})).await?;
            session.out.reply(&reply, keys::shown)?;
        }
        KeysCommand::Rotate(RotateArgs { yes }) => {
            ask::can_be_asked(yes, "A rotation")?;
            let mut node = session.node().await?;
            if !yes {
                ask::ask(session, "The old signing key will be destroyed.")?;
            }
            let reply = answer(node.admin.rotate_keys(RotateKeysRequest {})).await?;
            session.out.reply(&reply, keys::rotated)?;
        }
    }
    Ok(Exit::Done)
}
