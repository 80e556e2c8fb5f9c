//! `cairn inbox`, `cairn list` and `cairn show`: records held here.

use cairn_proto::pb::admin::{GetRecordRequest, ListRecordsRequest, RecordSource};
use clap::Args;

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
    output::records,
};

/// What `inbox --help` says.
pub(crate) const INBOX_MANUAL: &str = "\
Lists what came from other places, newest first. Your node receives it by itself from the peers you accepted, and \
has verified each record before it stands here.

Looking at the list tells nobody anything. Places are never ranked or scored here.

Example:

  cairn inbox --peer \"South Tyneside Alliance\"";

/// What `list --help` says.
pub(crate) const LIST_MANUAL: &str = "\
Lists all records held here, newest first: those you released and those of peers. Experiments that stay at home are \
no records; see `cairn experiment list`.

Looking at the list tells nobody anything. Places are never ranked or scored here.

Example:

  cairn list --limit 20";

/// What `show --help` says.
pub(crate) const SHOW_MANUAL: &str = "\
Shows one record in full: what it says, who signed it, on which terms, and what your node checked just now. For your \
own records it also shows who received it and when. If what it stands on was withdrawn or has expired since, it says so.

RECORD is a record's id (cairn1.../INDEX), your name for the peer with the index (\"South Tyneside Alliance/3\"), or \
only the INDEX for your own.

Nothing is sent to anyone. Control characters in a record are never let through to your terminal.

Example:

  cairn show \"South Tyneside Alliance/3\"";

/// What to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only records of this peer: its name or NodeId
    #[arg(long, value_name = "PEER", default_value = "", hide_default_value = true)]
    peer: String,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// Continue a listing
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
}

impl ListArgs {
    /// As the node takes it.
    fn into_request(self, source: RecordSource) -> ListRecordsRequest {
        let Self { peer, limit, cursor } = self;
        ListRecordsRequest { source: source.into(), peer, limit, cursor }
    }
}

/// Which record.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
}

/// What came from other places.
pub(crate) async fn inbox(session: &mut Session, args: ListArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.list_records(args.into_request(RecordSource::Peers))).await?;
    session.out.reply(&reply, records::inbox)?;
    Ok(Exit::Done)
}

/// Everything held here.
pub(crate) async fn list(session: &mut Session, args: ListArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.list_records(args.into_request(RecordSource::Unspecified))).await?;
    session.out.reply(&reply, records::all)?;
    Ok(Exit::Done)
}

/// One record.
pub(crate) async fn show(session: &mut Session, ShowArgs { record }: ShowArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.get_record(GetRecordRequest { record })).await?;
    session.out.reply(&reply, records::held)?;
    Ok(Exit::Done)
}
