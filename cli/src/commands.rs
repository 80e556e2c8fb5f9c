//! The commands, one a file: arguments, manual text, and what to do.
//!
//! A command asks the node and hands the reply to `output`. It decides nothing that
//! the node decides.

pub(crate) mod ask;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod dialogue;
pub(crate) mod doctor;
pub(crate) mod experiment;
pub(crate) mod export;
pub(crate) mod fork;
pub(crate) mod gate;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod learning;
pub(crate) mod leaving;
pub(crate) mod peer;
pub(crate) mod place;
pub(crate) mod publish;
pub(crate) mod records;
pub(crate) mod standing;
pub(crate) mod status;
pub(crate) mod subscription;
pub(crate) mod succession;
pub(crate) mod sync;
pub(crate) mod verify;

use std::ffi::OsString;

use crate::{
    args::{self, Command, Global, Surroundings},
    client::{DataDir, Node},
    error::{Error, Exit},
    output::Output,
};

/// What a command works with.
pub(crate) struct Session {
    /// Where it writes.
    pub(crate) out: Output,
    /// The data directory, where one is known.
    dir: Option<DataDir>,
    /// Who is asking, by role.
    role: Option<String>,
    /// The editor that was chosen, if one was.
    editor: Option<OsString>,
}

impl Session {
    /// On the standard streams.
    pub(crate) fn new(global: &Global, surroundings: &Surroundings) -> Self {
        Self {
            out: Output::standard(global.json),
            dir: args::data_dir(global, surroundings),
            role: args::role(global, surroundings),
            editor: args::editor(surroundings),
        }
    }

    /// The data directory.
    pub(crate) fn dir(&self) -> Result<&DataDir, Error> {
        self.dir.as_ref().ok_or_else(|| {
            let text = "It is not known where your node keeps its data, because there is no home directory here. \
                        Name the data directory with --data-dir DIR.";
            Error::Usage(text.to_owned())
        })
    }

    /// Connects to the node of the data directory.
    pub(crate) async fn node(&self) -> Result<Node, Error> {
        Ok(Node::connect(self.dir()?, self.role.as_deref()).await?)
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
        Command::Follow(command) => subscription::follow(session, command).await,
        Command::Catalogue(command) => subscription::catalogue(session, command).await,
        Command::Block(command) => standing::block::run(session, command).await,
        Command::Trust(command) => standing::trust::run(session, command).await,
        Command::Learning(command) => learning::run(session, command).await,
        Command::Search(args) => learning::look::search(session, args).await,
        Command::Trace(args) => learning::look::trace(session, args.document.0, args.document.1).await,
        Command::Draft(command) => learning::draft::run(session, command).await,
        Command::Publish(args) => publish::run(session, args).await,
        Command::Leaving(command) => leaving::run(session, command).await,
        Command::Inbox(args) => records::inbox(session, args).await,
        Command::List(args) => records::list(session, args).await,
        Command::Show(args) => records::show(session, args).await,
        Command::Dialogue(command) => dialogue::run(session, command).await,
        Command::Verify(args) => verify::run(session, &args),
        Command::Export(command) => export::run(session, command).await,
        Command::Sync(command) => sync::run(session, command).await,
        Command::Keys(command) => keys::run(session, command).await,
        Command::Gate(command) => gate::run(session, command).await,
        Command::Fork(command) => fork::run(session, command).await,
        Command::Succession(command) => succession::run(session, command).await,
        Command::Doctor => doctor::run(session).await,
        Command::Completions(args) => completions::run(session, args),
    }
}
