//! `cairn ledger`: who received what.

use cairn_proto::pb::admin::ListLedgerRequest;
use clap::Args;

use crate::{
    client::answer,
    commands::Session,
    error::{Error, Exit},
    output::leaving::ledger,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
Shows who was given what and when, newest first, under which contract, and what they said they did with it. It also \
shows what you passed on for others.

What others say of their use is for you alone. It is never counted, compared or shown to anyone else, and nothing is \
sent by looking.

RECORD is named as in `cairn show`.

Example:

  cairn ledger
  cairn ledger 7
  cairn ledger --to \"South Tyneside Alliance\"";

/// What of the ledger.
#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    /// Only this record
    #[arg(value_name = "RECORD", default_value = "", hide_default_value = true)]
    record: String,
    /// Only what this peer was given: its name or NodeId
    #[arg(long = "to", value_name = "PEER", default_value = "", hide_default_value = true)]
    recipient: String,
}

/// Asks and shows.
pub(super) async fn run(session: &mut Session, args: LedgerArgs) -> Result<Exit, Error> {
    let LedgerArgs { record, recipient } = args;
    let mut node = session.node().await?;
    let reply = answer(node.release.list_ledger(ListLedgerRequest { record, recipient })).await?;
    session.out.reply(&reply, ledger::list)?;
    Ok(Exit::Done)
}
