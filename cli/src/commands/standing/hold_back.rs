//! `cairn peer limit`, `suspend` and `restore`: holding an active peering back for a time.

use cairn_proto::pb::{
    admin::{RestorePeerRequest, RestrictPeerRequest},
    exchange::Standing,
};
use clap::{Args, builder::TypedValueParser as _};
use jiff::civil::Date;

use crate::{
    args::words,
    client::{Node, answer},
    commands::Session,
    error::Error,
    output::standing::hold_back,
};

/// What `limit --help` says.
pub(crate) const LIMIT_MANUAL: &str = "\
Limits the exchange with a peer for a time. Until you restore it, both ways: profiles and what is public flow, and nothing is \
passed on. Withdrawals and their receipts flow always. The other place reads your reason and the day on which you look at it \
again.

A limit never deletes anything: what either side holds already stays. When it is lifted, what was held back flows.

Example:

  cairn peer limit \"South Tyneside Alliance\" --reason \"Your steward has left; we wait for the new one.\" --review-on 2027-03-01
  cairn peer restore \"South Tyneside Alliance\"";

/// What `suspend --help` says.
pub(crate) const SUSPEND_MANUAL: &str = "\
Suspends the exchange with a peer for a time. Nothing flows then, either way, until you restore it; only withdrawals and their \
receipts do, always. The other place reads your reason and the day on which you look at it again.

It never deletes anything. After seven days without word from the other place, what you hold of it is no longer shown, because \
it may have been withdrawn.

Example:

  cairn peer suspend \"South Tyneside Alliance\" --reason \"Records were passed on that should not.\" --review-on 2027-03-01";

/// What `restore --help` says.
pub(crate) const RESTORE_MANUAL: &str = "\
Lifts your own limit or suspension of a peering. What was held back meanwhile flows then.

It never lifts what the other place decided: only they can do that. A peering that has ended needs a new ticket.

Example:

  cairn peer restore \"South Tyneside Alliance\"";

/// Which peer, why, and until when.
#[derive(Debug, Args)]
pub(crate) struct HoldBackArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    peer: String,
    /// Why; the other place reads it
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// Day on which you look at it again; the other place reads it
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    review_on: Date,
}

/// Which peer.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    peer: String,
}

/// Limits or suspends.
pub(crate) async fn hold_back(
    session: &mut Session,
    node: &mut Node,
    args: HoldBackArgs,
    standing: Standing,
) -> Result<(), Error> {
    let HoldBackArgs { peer, reason, review_on } = args;
    let (standing, review_on) = (standing.into(), review_on.to_string());
    let request = RestrictPeerRequest { peer, standing, reason, review_on };
    let reply = answer(node.standing.restrict_peer(request)).await?;
    session.out.reply(&reply, hold_back::restricted)
}

/// Lifts what we held back.
pub(crate) async fn restore(
    session: &mut Session,
    node: &mut Node,
    RestoreArgs { peer }: RestoreArgs,
) -> Result<(), Error> {
    let reply = answer(node.standing.restore_peer(RestorePeerRequest { peer })).await?;
    session.out.reply(&reply, hold_back::restored)
}
