//! The commands, one a file: arguments, manual text, and what to do.
//!
//! A command asks the node and hands the reply to `output`. It decides nothing that
//! the node decides.

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod experiment;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod peer;
pub(crate) mod place;
pub(crate) mod publish;
pub(crate) mod records;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod verify;

use crate::{
    args::{Command, Global},
    client::Node,
    error::{Error, Exit},
    output::Output,
};

/// What a command works with.
pub(crate) struct Session {
    /// Where it writes.
    pub(crate) out: Output,
    /// What was given to all commands.
    pub(crate) global: Global,
}

impl Session {
    /// On the standard streams.
    pub(crate) fn new(global: Global) -> Self {
        Self { out: Output::standard(global.json), global }
    }

    /// Connects to the node of the data directory.
    pub(crate) async fn node(&self) -> Result<Node, Error> {
        Ok(Node::connect(&self.global.data_dir()?).await?)
    }
}

/// Runs a command to its end.
pub(crate) async fn run(session: &mut Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Demo(args) => demo::run(session, args).await,
        Command::Init(args) => init::run(session, &args).await,
        Command::Status(args) => status::run(session, args).await,
        Command::Place(command) => place::run(session, command).await,
        Command::Peer(command) => peer::run(session, command).await,
        Command::Experiment(command) => experiment::run(session, command).await,
        Command::Publish(args) => publish::run(session, args).await,
        Command::Inbox(args) => records::inbox(session, args).await,
        Command::List(args) => records::list(session, args).await,
        Command::Show(args) => records::show(session, args).await,
        Command::Verify(args) => verify::run(session, &args),
        Command::Export(command) => export::run(session, command).await,
        Command::Sync(command) => sync::run(session, command).await,
        Command::Doctor => doctor::run(session).await,
        Command::Completions(args) => completions::run(session, args),
    }
}
