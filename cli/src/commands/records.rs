//! `cairn inbox`, `cairn list` and `cairn show`: records held here.

use cairn_proto::pb::admin::{GetRecordRequest, ListRecordsRequest, RecordSource};
use clap::Args;

use super::Session;
use crate::{
    args::learning::wishes::shell_word,
    client::answer,
    error::{Error, Exit},
    output::records,
};

/// What `inbox --help` says.
pub(crate) const INBOX_MANUAL: &str = "\
Lists what came from other places, newest first. Your node receives it by itself from the peers you accepted, and \
has verified each record before it stands here. With --words only those that have all of the words, in whatever they say.

Looking at the list tells nobody anything. Places are never ranked or scored here.

Example:

  cairn inbox --peer \"South Tyneside Alliance\"
  cairn inbox --words \"rehab budget\"";

/// What `list --help` says.
pub(crate) const LIST_MANUAL: &str = "\
Lists all records held here, newest first: those you released and those of peers. Experiments that stay at home are \
no records; see `cairn experiment list`.

With --words only those that have all of the words, in whatever they say: title, text, factors, themes, place. A word may be cut
off at its end; capitals, accents and the order of the words do not matter. What has just come can be found a moment later,
and what was withdrawn or has expired never again. `cairn search` looks through the documents at home.

Looking at the list tells nobody anything. Places are never ranked or scored here.

Example:

  cairn list --limit 20
  cairn list --words \"rehab budget\"";

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
#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// Only records of this peer: its name or NodeId
    #[arg(long, value_name = "PEER", default_value = "", hide_default_value = true)]
    peer: String,
    /// Only records that have all these words, or words that begin so
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    words: String,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// Continue a listing
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
}

impl ListArgs {
    /// As the node takes it.
    fn request(&self, source: RecordSource) -> ListRecordsRequest {
        let Self { peer, words, limit, cursor } = self.clone();
        ListRecordsRequest { source: source.into(), peer, words, limit, cursor }
    }

    /// The command that goes on, but for the cursor.
    fn again(&self, command: &str) -> String {
        let Self { peer, words, .. } = self;
        let given = [("peer", peer), ("words", words)].into_iter().filter(|(_, value)| !value.is_empty());
        let given: String = given.map(|(flag, value)| format!(" --{flag} {}", shell_word(value))).collect();
        format!("cairn {command}{given}")
    }

    /// Whether everything is asked for, from the beginning.
    fn is_all(&self) -> bool {
        self.peer.is_empty() && self.words.is_empty() && self.cursor.is_empty()
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
    let reply = answer(node.admin.list_records(args.request(RecordSource::Peers))).await?;
    let again = args.again("inbox");
    session.out.reply(&reply, |reply, page| records::inbox(reply, &again, args.is_all(), page))?;
    Ok(Exit::Done)
}

/// Everything held here.
pub(crate) async fn list(session: &mut Session, args: ListArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.list_records(args.request(RecordSource::Unspecified))).await?;
    let again = args.again("list");
    session.out.reply(&reply, |reply, page| records::all(reply, &again, args.is_all(), page))?;
    Ok(Exit::Done)
}

/// One record.
pub(crate) async fn show(session: &mut Session, ShowArgs { record }: ShowArgs) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.get_record(GetRecordRequest { record })).await?;
    session.out.reply(&reply, records::held)?;
    Ok(Exit::Done)
}
