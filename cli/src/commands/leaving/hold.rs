//! `cairn hold`: keeping another's record for a legal reason.

use cairn_proto::pb::admin::{EndHoldRequest, HoldRecordRequest, ListHoldsRequest};
use clap::{Args, Subcommand, builder::TypedValueParser as _};
use jiff::civil::Date;

use crate::{
    args::words,
    client::answer,
    commands::Session,
    error::{Error, Exit},
    output::leaving::hold,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
Keeps another's record in case it is withdrawn, because a law obliges you to. Once it is withdrawn, your node shows it \
to nobody and gives it to nobody; it is only kept. Its author reads your legal basis and the day on which you look at it \
again.

To look at a hold again, hold the record once more, with the next day; its author reads that one then.

A hold never keeps a record in use, and it never holds your own records. Without a legal reason there is no hold.

RECORD is named as in `cairn show`.

Example:

  cairn hold \"South Tyneside Alliance/3\" --basis \"Public Records Act 1958, section 3\" --review 2027-12-01
  cairn hold list
  cairn hold end \"South Tyneside Alliance/3\"";

/// What `end --help` says.
const END_MANUAL: &str = "\
Ends a hold. If the record was withdrawn meanwhile, your node purges it now and tells its author; that can never be \
undone here.

Example:

  cairn hold end \"South Tyneside Alliance/3\"";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists what is held for a legal reason, and when each is looked at again. Nothing is sent to anyone.

Example:

  cairn hold list";

/// What to hold, or what to do with holds.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct HoldArgs {
    /// What to do with holds instead.
    #[command(subcommand)]
    other: Option<HoldCommand>,
    /// Which record of another place
    #[arg(value_name = "RECORD", required = true)]
    record: Option<String>,
    /// The legal basis, in words; its author can read it
    #[arg(long, value_name = "TEXT", required = true)]
    basis: Option<String>,
    /// Day on which you look at it again
    #[arg(long = "review", value_name = "YYYY-MM-DD", required = true, value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    review_on: Option<Date>,
}

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// End a hold
    #[command(long_about = END_MANUAL)]
    End(EndArgs),
    /// List the holds
    #[command(long_about = LIST_MANUAL)]
    List,
}

/// Which hold.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
}

/// Runs one of them.
pub(super) async fn run(session: &mut Session, args: HoldArgs) -> Result<Exit, Error> {
    let HoldArgs { other, record, basis, review_on } = args;
    if other.is_some() {
        let given = record.is_some() || basis.is_some() || review_on.is_some();
        super::only_one(given, "hold list` or `cairn hold end")?;
    }
    let mut node = session.node().await?;
    match other {
        None => {
            // The command line holds all three wherever there is no subcommand.
            let request = HoldRecordRequest {
                record: record.unwrap_or_default(),
                basis: basis.unwrap_or_default(),
                review_on: review_on.map(|day| day.to_string()).unwrap_or_default(),
            };
            let reply = answer(node.release.hold_record(request)).await?;
            session.out.reply(&reply, hold::held)?;
        }
        Some(HoldCommand::End(EndArgs { record })) => {
            let reply = answer(node.release.end_hold(EndHoldRequest { record })).await?;
            session.out.reply(&reply, hold::ended)?;
        }
        Some(HoldCommand::List) => {
            let reply = answer(node.release.list_holds(ListHoldsRequest {})).await?;
            session.out.reply(&reply, hold::list)?;
        }
    }
    Ok(Exit::Done)
}
