//! `cairn withdraw`: taking back what was released.

use cairn_proto::pb::admin::{ListWithdrawalsRequest, WithdrawRequest};
use clap::{Args, Subcommand};

use crate::{
    args::words,
    client::answer,
    commands::{Session, ask},
    error::{Error, Exit},
    output::leaving::withdrawal,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
Takes one of your records back, whole or in part. Your node tells everyone to whom it was given, also those who are \
peers no more, and they pass it on to those to whom they gave it. Each holder then says in a signed receipt that the \
record is gone, or why it is not.

With --part only these parts are taken back: a record without them takes its place. A dry run names the parts that \
are there.

A receipt is what a holder answers for, and not proof. What was learnt cannot be unread: a withdrawal never undoes the \
reading, and it cannot itself be withdrawn.

With --dry-run it shows what would happen, and nothing is taken back. Without, it shows the same on a terminal and \
asks before it does so. Elsewhere, say --yes.

RECORD is named as in `cairn show`. `cairn withdraw status` shows how far it is gone.

Example:

  cairn withdraw 7 --reason \"consent withdrawn\" --part noticed --dry-run
  cairn withdraw 7 --reason mistake --note \"A name was left in it.\"
  cairn withdraw status 7";

/// What `status --help` says.
const STATUS_MANUAL: &str = "\
Shows what was taken back and how far it is gone, node by node: who has not answered yet, who says that it is gone, who \
keeps it for a legal reason, whose time is over, and who cannot be reached. It also names those to whom holders say \
they passed it on.

A receipt is what a holder answers for, and not proof. Nothing is sent to anyone by looking.

Example:

  cairn withdraw status
  cairn withdraw status 7";

/// What to take back, or what to look at.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct WithdrawArgs {
    /// What to look at instead.
    #[command(subcommand)]
    look: Option<WithdrawCommand>,
    /// Which of your records
    #[arg(value_name = "RECORD", required = true)]
    record: Option<String>,
    /// Why: "consent withdrawn", mistake, superseded or other
    #[arg(long, value_name = "REASON", required = true, value_parser = words::withdrawal_reason)]
    reason: Option<String>,
    /// A few words for those who hold it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    /// Only this part; repeat for more
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum WithdrawCommand {
    /// Show how far what was taken back is gone
    #[command(long_about = STATUS_MANUAL)]
    Status(StatusArgs),
}

/// Which withdrawal.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Which record [default: all that were taken back]
    #[arg(value_name = "RECORD", default_value = "", hide_default_value = true)]
    record: String,
}

/// Takes back, or shows how far it is gone.
pub(super) async fn run(session: &mut Session, args: WithdrawArgs) -> Result<Exit, Error> {
    let WithdrawArgs { look, record, reason, note, parts, dry_run, yes } = args;
    if let Some(WithdrawCommand::Status(StatusArgs { record: which })) = look {
        super::only_one(record.is_some() || reason.is_some(), "withdraw status")?;
        return status(session, which).await;
    }
    // The command line holds both wherever there is no subcommand.
    let (record, reason) = (record.unwrap_or_default(), reason.unwrap_or_default());
    take_back(session, WithdrawRequest { record, reason, note, parts, dry_run }, yes).await
}

/// Shows, asks, and takes back.
async fn take_back(session: &mut Session, mut request: WithdrawRequest, yes: bool) -> Result<Exit, Error> {
    if !request.dry_run {
        ask::can_be_asked(yes, "Withdrawing a record")?;
    }
    let mut node = session.node().await?;
    if request.dry_run || !yes {
        let shown =
            answer(node.release.withdraw(WithdrawRequest { dry_run: true, ..request.clone() })).await?;
        if request.dry_run {
            session.out.reply(&shown, withdrawal::withdrawn)?;
            return Ok(Exit::Done);
        }
        session.out.progress(|page| withdrawal::withdrawn(&shown, page))?;
        ask::ask(session, "Take it back, and ask everyone named above to purge it?")?;
    }
    request.dry_run = false;
    let reply = answer(node.release.withdraw(request)).await?;
    session.out.reply(&reply, withdrawal::withdrawn)?;
    Ok(Exit::Done)
}

/// How far it is gone.
async fn status(session: &mut Session, record: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.release.list_withdrawals(ListWithdrawalsRequest { record })).await?;
    session.out.reply(&reply, withdrawal::status)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::{StatusArgs, WithdrawArgs, WithdrawCommand};

    fn parsed(args: &[&str]) -> Option<WithdrawArgs> {
        let command = WithdrawArgs::augment_args(clap::Command::new("withdraw"));
        let matches = command.try_get_matches_from(["withdraw"].iter().chain(args)).ok()?;
        WithdrawArgs::from_arg_matches(&matches).ok()
    }

    #[test]
    fn a_record_is_taken_back_or_looked_after() {
        let back = parsed(&["7", "--reason", "Consent-withdrawn", "--part", "a", "--part", "b"]).unwrap();
        assert_eq!((back.record.as_deref(), back.reason.as_deref()), (Some("7"), Some("consent withdrawn")));
        assert_eq!(back.parts, ["a", "b"]);
        for (args, which) in [(&["status"][..], ""), (&["status", "7"], "7")] {
            let look = parsed(args).unwrap().look;
            assert!(matches!(look, Some(WithdrawCommand::Status(StatusArgs { record })) if record == which));
        }
        for args in [&[][..], &["7"], &["7", "--reason", "regret"], &["--reason", "mistake"]] {
            assert!(parsed(args).is_none(), "{args:?}");
        }
    }
}
