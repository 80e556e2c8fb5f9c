//! What leaves this place and what is taken back: looking beforehand, deciding by two, withdrawing, keeping account.

mod audit;
mod group;
mod hold;
mod ledger;
mod pause;
mod policy;
mod preflight;
mod release;
mod withdraw;

use clap::Subcommand;

use self::{
    audit::AuditCommand, group::GroupCommand, hold::HoldArgs, ledger::LedgerArgs, pause::PauseArgs,
    policy::PolicyCommand, preflight::PreflightArgs, release::ReleaseCommand, withdraw::WithdrawArgs,
};
use super::Session;
use crate::error::{Error, Exit};

/// The commands, in the order in which people meet them.
#[derive(Debug, Subcommand)]
pub(crate) enum LeavingCommand {
    /// See everything there is to know before a release; nothing leaves
    #[command(long_about = preflight::MANUAL)]
    Preflight(PreflightArgs),
    /// Say yes or no to releases that call for two persons
    #[command(long_about = release::MANUAL, subcommand)]
    Release(ReleaseCommand),
    /// Take a record back, whole or in part, and see how far it is gone
    #[command(long_about = withdraw::MANUAL)]
    Withdraw(WithdrawArgs),
    /// Show who received what, and what they did with it
    #[command(long_about = ledger::MANUAL)]
    Ledger(LedgerArgs),
    /// Groups of peers to release to
    #[command(long_about = group::MANUAL, subcommand)]
    Group(GroupCommand),
    /// What the policy cards say
    #[command(long_about = policy::MANUAL, subcommand)]
    Policy(PolicyCommand),
    /// Stop all sharing at once
    #[command(long_about = pause::MANUAL)]
    Pause(PauseArgs),
    /// Go on sharing after a pause
    #[command(long_about = pause::RESUME_MANUAL)]
    Resume,
    /// Keep another's record in case it is withdrawn, for a legal reason
    #[command(long_about = hold::MANUAL)]
    Hold(HoldArgs),
    /// What was done here, by whom and when
    #[command(long_about = audit::MANUAL, subcommand)]
    Audit(AuditCommand),
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: LeavingCommand) -> Result<Exit, Error> {
    match command {
        LeavingCommand::Preflight(args) => preflight::run(session, args).await,
        LeavingCommand::Release(command) => release::run(session, command).await,
        LeavingCommand::Withdraw(args) => withdraw::run(session, args).await,
        LeavingCommand::Ledger(args) => ledger::run(session, args).await,
        LeavingCommand::Group(command) => group::run(session, command).await,
        LeavingCommand::Policy(command) => policy::run(session, command).await,
        LeavingCommand::Pause(args) => pause::run(session, args).await,
        LeavingCommand::Resume => pause::resume(session).await,
        LeavingCommand::Hold(args) => hold::run(session, args).await,
        LeavingCommand::Audit(command) => audit::run(session, command).await,
    }
}

/// Refuses two wishes in one command: what the command takes by itself, and one of its subcommands.
fn only_one(both: bool, other: &str) -> Result<(), Error> {
    if both {
        return Err(Error::Usage(format!(
            "These are two commands in one. Say `cairn {other}` by itself. Nothing was done."
        )));
    }
    Ok(())
}
