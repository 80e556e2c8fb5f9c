//! `cairn release`: the second of two persons.

use cairn_proto::pb::admin::{ApproveReleaseRequest, ListReleasesRequest, RefuseReleaseRequest};
use clap::{Args, Subcommand};

use crate::{
    client::answer,
    commands::Session,
    error::{Error, Exit},
    output::leaving::release,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
Some releases call for two persons: those on cards that reach far, and those that override a finding. `cairn publish` \
then only asks for the release, and it waits here until somebody in another role says yes or no.

Nothing leaves while a release waits, and the role that asked for it can never approve it.

Example:

  cairn release list --waiting
  cairn release approve 4
  cairn release refuse 4 --reason \"The family can be recognised.\"";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists the releases that called for two persons, newest first: those that wait, and what became of the others. Nothing \
is sent to anyone.

Example:

  cairn release list --waiting";

/// What `approve --help` says.
const APPROVE_MANUAL: &str = "\
Says yes to a release that waits: it leaves now. Look at it before, with `cairn preflight` and `cairn experiment show`.

It can never be approved by the role that asked for it. What has left can be taken back with `cairn withdraw`, but what \
was learnt cannot be unread.

Example:

  cairn release approve 4
  cairn release approve 4 --by \"data protection officer\"";

/// What `refuse --help` says.
const REFUSE_MANUAL: &str = "\
Says no to a release that waits. The reason stays here, for those who asked for it. Nothing leaves.

Example:

  cairn release refuse 4 --reason \"The family can be recognised.\"";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// List releases that called for two persons
    #[command(long_about = LIST_MANUAL)]
    List(ListArgs),
    /// Say yes: it leaves now
    #[command(long_about = APPROVE_MANUAL)]
    Approve(ApproveArgs),
    /// Say no, with a reason
    #[command(long_about = REFUSE_MANUAL)]
    Refuse(RefuseArgs),
}

/// Which releases.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those that wait
    #[arg(long)]
    waiting: bool,
}

/// Which release, and who says yes.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// Its number, as in `cairn release list`
    #[arg(value_name = "NUMBER")]
    id: u64,
    /// Role (never a name) that approves [default: who you are, as with --as]
    #[arg(long, value_name = "ROLE", default_value = "", hide_default_value = true)]
    by: String,
}

/// Which release, and why not.
#[derive(Debug, Args)]
pub(crate) struct RefuseArgs {
    /// Its number, as in `cairn release list`
    #[arg(value_name = "NUMBER")]
    id: u64,
    /// Why not
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: ReleaseCommand) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    match command {
        ReleaseCommand::List(ListArgs { waiting }) => {
            let request = ListReleasesRequest { waiting_only: waiting };
            let reply = answer(node.release.list_releases(request)).await?;
            session.out.reply(&reply, release::list)?;
        }
        ReleaseCommand::Approve(ApproveArgs { id, by }) => {
            let request = ApproveReleaseRequest { id, approved_by: by };
            let reply = answer(node.release.approve_release(request)).await?;
            session.out.reply(&reply, release::approved)?;
        }
        ReleaseCommand::Refuse(RefuseArgs { id, reason }) => {
            let reply = answer(node.release.refuse_release(RefuseReleaseRequest { id, reason })).await?;
            session.out.reply(&reply, release::refused)?;
        }
    }
    Ok(Exit::Done)
}
