//! `cairn group`: groups of peers to release to.

use cairn_proto::pb::admin::{AddMemberRequest, CreateGroupRequest, ListGroupsRequest, RemoveMemberRequest};
use clap::{Args, Subcommand};

use crate::{
    args::words::YesNo,
    client::{Node, answer},
    commands::Session,
    error::{Error, Exit},
    output::leaving::group,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
A group is some of your peers, under a name, to whom you release together: `cairn publish --card group --group ID`. \
Its members learn that they belong to it, and what it is for.

A group never sends anything that was not released to it, and it never gives its members a place before others.

Example:

  cairn group new \"Coastal towns\" --member \"South Tyneside Alliance\"
  cairn group add coastal-towns Plymouth --earlier no
  cairn group list";

/// What `new --help` says.
const NEW_MANUAL: &str = "\
Makes a group of peers. Its members learn its name and what it is for. It never sends a summary: members \
receive only what you release to the group later.

Its id is made from its name, unless you give one.

Example:

  cairn group new \"Coastal towns\" --about \"Learning about care by the sea\" --member \"South Tyneside Alliance\"";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists your groups and who belongs to them. Nothing is sent to anyone.

Example:

  cairn group list";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows one group: who belongs to it, since when, and what was released to it. Nothing is sent to anyone.

Example:

  cairn group show coastal-towns";

/// What `add --help` says.
const ADD_MANUAL: &str = "\
Takes a peer into a group. It receives what you release to the group from now on. Whether it also receives what was \
released to the group before is yours to say each time, with --earlier yes or --earlier no: those who agreed to the \
earlier releases knew the members of that time.

It never gives the peer what an earlier release does not allow to those who come later.

Example:

  cairn group add coastal-towns Plymouth --earlier no";

/// What `remove --help` says.
const REMOVE_MANUAL: &str = "\
Takes a peer out of a group: it receives nothing more of what is released to the group.

It never takes back what the peer already holds. The records it holds are named, so that you can withdraw them.

Example:

  cairn group remove coastal-towns Plymouth";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group
    #[command(long_about = NEW_MANUAL)]
    New(NewArgs),
    /// List your groups
    #[command(long_about = LIST_MANUAL)]
    List,
    /// Show one group
    #[command(long_about = SHOW_MANUAL)]
    Show(ShowArgs),
    /// Take a peer into a group
    #[command(long_about = ADD_MANUAL)]
    Add(AddArgs),
    /// Take a peer out of a group
    #[command(long_about = REMOVE_MANUAL)]
    Remove(RemoveArgs),
}

/// The group to make.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    /// Its id: small letters, digits, hyphens [default: made from the name]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    id: String,
    /// What it is for; its members can read it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    about: String,
    /// A peer that belongs to it: its name or NodeId; repeat for more
    #[arg(long = "member", value_name = "PEER")]
    members: Vec<String>,
}

/// Which group.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its id
    #[arg(value_name = "ID")]
    id: String,
}

/// Who comes in, and with what.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The group's id
    #[arg(value_name = "ID")]
    group: String,
    /// The peer's name or NodeId
    #[arg(value_name = "PEER")]
    peer: String,
    /// Whether it also receives what was released to the group before; you have to say it
    #[arg(long, value_name = "yes|no", value_enum, hide_possible_values = true)]
    earlier: Option<YesNo>,
}

/// Who leaves.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// The group's id
    #[arg(value_name = "ID")]
    group: String,
    /// The member's name or NodeId
    #[arg(value_name = "PEER")]
    peer: String,
}

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: GroupCommand) -> Result<Exit, Error> {
    match command {
        GroupCommand::New(NewArgs { name, id, about, members }) => {
            let mut node = session.node().await?;
            let request = CreateGroupRequest { name, id, about, members };
            let reply = answer(node.release.create_group(request)).await?;
            session.out.reply(&reply, group::created)?;
        }
        GroupCommand::List => look(session, String::new()).await?,
        GroupCommand::Show(ShowArgs { id }) => look(session, id).await?,
        GroupCommand::Add(AddArgs { group, peer, earlier }) => {
            let earlier = Some(said(earlier)? == YesNo::Yes);
            let mut node = session.node().await?;
            let reply = answer(node.release.add_member(AddMemberRequest { group, peer, earlier })).await?;
            session.out.reply(&reply, group::added)?;
        }
        GroupCommand::Remove(args) => {
            let mut node = session.node().await?;
            remove(session, &mut node, args).await?;
        }
    }
    Ok(Exit::Done)
}

/// One group, or all.
async fn look(session: &mut Session, id: String) -> Result<(), Error> {
    let mut node = session.node().await?;
    let reply = answer(node.release.list_groups(ListGroupsRequest { id })).await?;
    session.out.reply(&reply, group::list)
}

/// A peer leaves a group.
async fn remove(session: &mut Session, node: &mut Node, args: RemoveArgs) -> Result<(), Error> {
    let RemoveArgs { group, peer } = args;
    let reply = answer(node.release.remove_member(RemoveMemberRequest { group, peer })).await?;
    session.out.reply(&reply, group::removed)
}

/// The choice, which nobody makes by leaving it out.
fn said(earlier: Option<YesNo>) -> Result<YesNo, Error> {
    earlier.ok_or_else(|| {
        let text = "Say whether the new member also receives what was released to the group before. With --earlier yes \
                    it receives that, too, as far as each release allows it; with --earlier no it receives only what \
                    you release to the group from now on. Those who agreed to the earlier releases knew the members of \
                    that time, so this is never decided by itself. Nothing was changed.";
        Error::Usage(text.to_owned())
    })
}
