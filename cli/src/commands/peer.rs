//! `cairn peer`: with whom the place exchanges.

use std::io::{self, IsTerminal as _};

use cairn_proto::pb::{
    admin::{
        AcceptPeerRequest, ExplainPeerRequest, GetPeerRequest, InvitePeerRequest, ListPeersRequest, Peer,
        RemovePeerRequest, TestPeerRequest,
    },
    exchange::{Purpose, Standing},
};
use clap::{Args, Subcommand};

use super::{
    Session,
    standing::hold_back::{self, HoldBackArgs, RestoreArgs},
};
use crate::{
    args::words,
    client::{Node, answer},
    error::{Error, Exit},
    output::{Page, peer, upkeep},
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Peers are the other places you chose to exchange with. One place invites with a ticket, the other accepts it, and the \
first accepts back; a person on each side decides. Either can hold it back for a time, or end it.

Peering alone never sends any of your records: only what you publish, to those the policy card names.

Example:

  cairn peer invite
  cairn peer accept cairninvite1...
  cairn peer list";

/// What `invite --help` says.
const INVITE_MANUAL: &str = "\
Makes a ticket to hand to another place, by e-mail or in any other way. It names your node, where it is reached, and \
what the peering would be for. It is good for one peering and for some days.

Making a ticket sends nothing. The other place's answer waits here until you accept it: a ticket alone never makes a \
peer.

Example:

  cairn peer invite --purpose \"peer learning\" --valid-days 7";

/// What `accept --help` says.
const ACCEPT_MANUAL: &str = "\
With a ticket: sends a proposal to the place that made the ticket. With the name or NodeId of a place whose proposal \
waits here: accepts it, and the peering begins. With a peer that says it was recovered with its recovery key: accepts its new \
keys.

Telephone the other place and compare the words, so that you know whom you found. Accepting never releases anything; \
from then on they receive what you publish to the network, to the public or to them by name.

Example:

  cairn peer accept cairninvite1...
  cairn peer accept \"Plymouth Alliance\"";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists all peerings, also ended ones, with where they stand and who has to do what next. They stand in the order of \
their names and are never ranked.

Example:

  cairn peer list";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows one peering: the words to compare by telephone, the NodeId in full, the terms, and what went wrong last. \
Nothing is sent.

Example:

  cairn peer show \"South Tyneside Alliance\"";

/// What `test --help` says.
const TEST_MANUAL: &str = "\
Calls a peer now and says what was found on the way: whether it answers, whether it is who it should be, which versions \
both speak, whether the clocks agree, how both sides see the peering, and what the contract allows.

It never changes anything, and never sends a record. It ends with exit code 1 if anything needs mending.

Example:

  cairn peer test \"South Tyneside Alliance\"";

/// What `explain --help` says.
const EXPLAIN_MANUAL: &str = "\
Says for each record that you released, or for one, why a peer was given it or was not: when it was given, which rule keeps it \
back, or what it waits for. For a record of the peer's, named PEER/NUMBER: why it is here, or is not.

Nothing is sent to anyone.

Example:

  cairn peer explain \"South Tyneside Alliance\"
  cairn peer explain \"South Tyneside Alliance\" 3";

/// What `remove --help` says.
const REMOVE_MANUAL: &str = "\
Ends a peering at once. The other place can read the reason you give. Nothing flows from then on, in either \
direction.

It never deletes what either side already holds: that stays under the terms it was released with.

On a terminal it asks before it does so. Elsewhere, say --yes.

Example:

  cairn peer remove \"South Tyneside Alliance\" --reason \"The joint work has ended.\"";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum PeerCommand {
    /// Make a ticket to hand to another place
    #[command(long_about = INVITE_MANUAL)]
    Invite(InviteArgs),
    /// Accept a ticket, or a proposal that waits here
    #[command(long_about = ACCEPT_MANUAL)]
    Accept(AcceptArgs),
    /// List all peerings
    #[command(long_about = LIST_MANUAL)]
    List,
    /// Show one peering
    #[command(long_about = SHOW_MANUAL)]
    Show(ShowArgs),
    /// Call a peer now and say what was found
    #[command(long_about = TEST_MANUAL)]
    Test(ShowArgs),
    /// Say why a peer was given your records, or was not
    #[command(long_about = EXPLAIN_MANUAL)]
    Explain(ExplainArgs),
    /// Hold a peering back: only profiles and what is public
    #[command(long_about = hold_back::LIMIT_MANUAL)]
    Limit(HoldBackArgs),
    /// Let nothing flow for a time
    #[command(long_about = hold_back::SUSPEND_MANUAL)]
    Suspend(HoldBackArgs),
    /// Lift your own limit or suspension
    #[command(long_about = hold_back::RESTORE_MANUAL)]
    Restore(RestoreArgs),
    /// End a peering at once
    #[command(long_about = REMOVE_MANUAL)]
    Remove(RemoveArgs),
}

/// Terms of the peering to offer.
#[derive(Debug, Args)]
pub(crate) struct InviteArgs {
    /// What the peering is for; repeat for more [default: all but official statistics]
    #[arg(long = "purpose", value_name = "PURPOSE", value_parser = words::purpose, value_delimiter = ',')]
    purposes: Vec<Purpose>,
    /// Each side may pass on the other's records where their policies allow it
    #[arg(long)]
    relay: bool,
    /// MiB of records that each side may fetch in a day; withdrawals are not counted [default: 200]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    daily_mib: Option<u32>,
    /// Days until the ticket is void [default: 14]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    valid_days: Option<u32>,
}

/// What to accept.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// A ticket, or the name or NodeId of a place whose proposal waits
    #[arg(value_name = "TICKET|PEER")]
    ticket_or_peer: String,
    /// Your own name for the peer, instead of the one it gives itself
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    name: String,
    /// How far back you follow it: all, none (nothing from before), or how many of the newest entries
    #[arg(long, value_name = "DEPTH", default_value = "", hide_default_value = true, value_parser = super::subscription::depth)]
    depth: String,
}

/// Which peer.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    peer: String,
}

/// Which peer and which record.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    peer: String,
    /// One of your records or of theirs, as in `cairn show`
    #[arg(value_name = "RECORD", default_value = "", hide_default_value = true)]
    record: String,
}

/// Which peer to leave and why.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    peer: String,
    /// Why; the other place can read it
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: PeerCommand) -> Result<Exit, Error> {
    if matches!(&command, PeerCommand::Remove(args) if !args.yes) && !io::stdin().is_terminal() {
        let text = "Ending a peering cannot be undone, and there is no terminal to ask at. If you mean it, say --yes.";
        return Err(Error::Usage(text.to_owned()));
    }
    let mut node = session.node().await?;
    match command {
        PeerCommand::Invite(args) => invite(session, &mut node, args).await?,
        PeerCommand::Accept(AcceptArgs { ticket_or_peer, name, depth }) => {
            let request = AcceptPeerRequest { ticket_or_peer, name, depth };
            let reply = answer(node.admin.accept_peer(request)).await?;
            session.out.reply(&reply, |reply, page| of(reply.peer.as_ref(), page, peer::accepted))?;
        }
        PeerCommand::List => {
            let reply = answer(node.admin.list_peers(ListPeersRequest {})).await?;
            session.out.reply(&reply, peer::list)?;
        }
        PeerCommand::Show(ShowArgs { peer }) => {
            let reply = answer(node.admin.get_peer(GetPeerRequest { peer })).await?;
            session.out.reply(&reply, |reply, page| of(reply.peer.as_ref(), page, peer::whole))?;
        }
        PeerCommand::Test(ShowArgs { peer }) => {
            let reply = answer(node.admin.test_peer(TestPeerRequest { peer })).await?;
            session.out.reply(&reply, |reply, page| upkeep::findings(&reply.findings, page))?;
            return Ok(upkeep::outcome(&reply.findings));
        }
        PeerCommand::Explain(ExplainArgs { peer, record }) => {
            let reply = answer(node.admin.explain_peer(ExplainPeerRequest { peer, record })).await?;
            session.out.reply(&reply, peer::explained)?;
        }
        PeerCommand::Limit(args) => {
            hold_back::hold_back(session, &mut node, args, Standing::Limited).await?;
        }
        PeerCommand::Suspend(args) => {
            hold_back::hold_back(session, &mut node, args, Standing::Suspended).await?;
        }
        PeerCommand::Restore(args) => hold_back::restore(session, &mut node, args).await?,
        PeerCommand::Remove(args) => remove(session, &mut node, args).await?,
    }
    Ok(Exit::Done)
}

/// Shows the peer of a reply, which the node always sends.
fn of(peer: Option<&Peer>, page: &mut Page, show: impl FnOnce(&Peer, &mut Page)) {
    show(peer.unwrap_or(&Peer::default()), page);
}

/// Makes a ticket.
async fn invite(session: &mut Session, node: &mut Node, args: InviteArgs) -> Result<(), Error> {
    let InviteArgs { purposes, relay, daily_mib, valid_days } = args;
    let purposes = purposes.into_iter().map(i32::from).collect();
    let (daily_mib, valid_days) = (daily_mib.unwrap_or_default(), valid_days.unwrap_or_default());
    let request = InvitePeerRequest { purposes, relay, valid_days, daily_mib };
    let reply = answer(node.admin.invite_peer(request)).await?;
    session.out.reply(&reply, peer::invitation)
}

/// Asks, and ends the peering.
async fn remove(session: &mut Session, node: &mut Node, args: RemoveArgs) -> Result<(), Error> {
    let RemoveArgs { peer, reason, yes } = args;
    if !yes {
        confirm(session, node, &peer).await?;
    }
    let reply = answer(node.admin.remove_peer(RemovePeerRequest { peer, reason })).await?;
    session.out.reply(&reply, |reply, page| of(reply.peer.as_ref(), page, peer::removed))
}

/// Asks the person at the terminal.
async fn confirm(session: &mut Session, node: &mut Node, peer: &str) -> Result<(), Error> {
    let found = answer(node.admin.get_peer(GetPeerRequest { peer: peer.to_owned() })).await?;
    let name = found.peer.map(|peer| peer.name).unwrap_or_default();
    session.out.aside(&format!("End the peering with {name} at once? Type yes to end it: "))?;
    let mut said = String::new();
    io::stdin().read_line(&mut said)?;
    if said.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(Error::Refused("Nothing was changed: the peering goes on.".to_owned()))
}
