//! `cairn audit`: what was done here, by whom and when.

use std::path::PathBuf;

use cairn_proto::pb::admin::{ExportAuditRequest, ExportAuditResponse, ListAuditRequest, VerifyAuditRequest};
use clap::{Args, Subcommand};

use crate::{
    client::{answer, next_part},
    commands::{
        Session,
        export::{NewFile, Written},
    },
    error::{Error, Exit},
    output::leaving::audit,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
The audit log says what was done at your node, by which role and when: releases, overrides, withdrawals, receipts, who \
looked at what. Each entry is chained to all before it, so that nobody can change one unseen.

The log never leaves your place, and nothing in it can be changed or deleted by a command.

Example:

  cairn audit list
  cairn audit verify
  cairn audit export --out audit.jsonl";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists what was done here, newest first. It changes nothing, and nothing is sent to anyone. Who did what is kept so that \
a place can answer for it, and is never counted or compared.

Example:

  cairn audit list --limit 20
  cairn audit list --before 120";

/// What `verify --help` says.
const VERIFY_MANUAL: &str = "\
Checks that nobody changed an entry of the audit log, took one out or put one in between. It ends with exit code 1 if \
somebody did. It never mends anything.

It also shows the hash of the newest entry. Write it down elsewhere: later it shows that nothing was cut off at the end, \
which the log alone cannot show.

Example:

  cairn audit verify";

/// What `export --help` says.
const EXPORT_MANUAL: &str = "\
Writes the whole audit log to a file that can be checked elsewhere: one JSON object a line, each with the hash that \
chains it to all before it.

It never writes over a file that is there. Nothing is sent to anyone; mind what the log tells before you hand it on.

Example:

  cairn audit export --out audit.jsonl";

/// The file that is written where none is named.
const USUAL_FILE: &str = "cairn-audit.jsonl";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List what was done here, newest first
    #[command(long_about = LIST_MANUAL)]
    List(ListArgs),
    /// Check that nobody changed the log
    #[command(long_about = VERIFY_MANUAL)]
    Verify,
    /// Write the whole log to a file
    #[command(long_about = EXPORT_MANUAL)]
    Export(ExportArgs),
}

/// What to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// Only entries before this one: its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    before: u64,
}

/// Where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = USUAL_FILE)]
    out: PathBuf,
}

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: AuditCommand) -> Result<Exit, Error> {
    match command {
        AuditCommand::List(ListArgs { limit, before }) => {
            let mut node = session.node().await?;
            let reply = answer(node.release.list_audit(ListAuditRequest { limit, before })).await?;
            session.out.reply(&reply, audit::list)?;
            Ok(Exit::Done)
        }
        AuditCommand::Verify => {
            let mut node = session.node().await?;
            let reply = answer(node.release.verify_audit(VerifyAuditRequest {})).await?;
            session.out.reply(&reply, audit::verified)?;
            Ok(if reply.broken.is_empty() { Exit::Done } else { Exit::Refused })
        }
        AuditCommand::Export(args) => export(session, args).await,
    }
}

/// Writes the log part by part, so that it may be longer than what fits into memory.
async fn export(session: &mut Session, args: ExportArgs) -> Result<Exit, Error> {
    let ExportArgs { out } = args;
    let mut node = session.node().await?;
    let mut parts = answer(node.release.export_audit(ExportAuditRequest {})).await?;
    let mut file = NewFile::create(&out)?;
    let mut bytes = 0_usize;
    while let Some(ExportAuditResponse { content }) = next_part(&mut parts).await? {
        file.write(&content)?;
        bytes = bytes.saturating_add(content.len());
    }
    file.finish()?;
    Written::new(&out, bytes).tell(session, "Nothing was sent.", "")
}
