//! The command line as a whole: what is common to all commands.
//!
//! Each command's own arguments and its manual text stand in its own file under
//! `commands`. Words that several commands take are parsed in `words`.

pub(crate) mod find;
mod group;
mod help;
pub(crate) mod learning;
pub(crate) mod parts;
pub(crate) mod terms;
pub(crate) mod words;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use self::{
    find::{DraftCommand, SearchArgs, TraceArgs},
    learning::{LearningCommand, manual_more as manual},
};
use crate::{
    client::DataDir,
    commands::{
        completions::CompletionsArgs,
        demo::DemoArgs,
        dialogue::DialogueCommand,
        export::ExportCommand,
        fork::ForkCommand,
        gate::GateCommand,
        init::InitArgs,
        keys::KeysCommand,
        leaving::LeavingCommand,
        peer::PeerCommand,
        place::PlaceCommand,
        publish::PublishArgs,
        records,
        standing::{block::BlockCommand, trust::TrustCommand},
        status::StatusArgs,
        subscription::{CatalogueCommand, FollowCommand},
        succession::SuccessionCommand,
        sync::SyncCommand,
        verify::VerifyArgs,
    },
};

/// The parsed command line.
#[derive(Debug, Parser)]
#[command(
    name = "cairn",
    bin_name = "cairn",
    version,
    about = "Learn with other places: the command line of a Cairn node",
    long_about = help::ABOUT,
    after_help = help::EXIT_CODES,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// What is common to all commands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What the surroundings say.
    #[command(flatten)]
    pub(crate) surroundings: Surroundings,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// The command line as people are to see it, without what only the surroundings say: for completions.
    pub(crate) fn visible() -> clap::Command {
        let base = clap::Command::new("cairn").version(env!("CARGO_PKG_VERSION"));
        Command::augment_subcommands(Global::augment_args(base))
    }
}

/// What every command takes.
#[derive(Debug, Default, Args)]
pub(crate) struct Global {
    /// The data directory of your node
    ///
    /// Default: $XDG_DATA_HOME/cairn, or else $HOME/.local/share/cairn.
    #[arg(long, value_name = "DIR", env = "CAIRN_DATA_DIR", global = true, hide_env_values = true)]
    pub(crate) data_dir: Option<OsString>,
    /// Print one JSON value instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Who you are, by role, for the history of what you change [default: your user name here]
    #[arg(long = "as", value_name = "ROLE", env = "CAIRN_AS", global = true, hide_env_values = true)]
    pub(crate) acting_as: Option<String>,
}

/// Environment variables, read here and nowhere else. People never see them as options.
#[derive(Debug, Default, Args)]
pub(crate) struct Surroundings {
    /// Where data directories are, by the XDG convention.
    #[arg(long, env = "XDG_DATA_HOME", hide = true)]
    pub(crate) xdg_data_home: Option<OsString>,
    /// The home directory.
    #[arg(long, env = "HOME", hide = true)]
    pub(crate) home: Option<OsString>,
    /// The account's name, as most systems have it.
    #[arg(long, env = "USER", hide = true)]
    pub(crate) user: Option<OsString>,
    /// The account's name, as others have it.
    #[arg(long, env = "LOGNAME", hide = true)]
    pub(crate) logname: Option<OsString>,
    /// The editor for terminals that can show a page.
    #[arg(long, env = "VISUAL", hide = true)]
    pub(crate) visual: Option<OsString>,
    /// The editor.
    #[arg(long, env = "EDITOR", hide = true)]
    pub(crate) editor: Option<OsString>,
}

/// Who is asking: as given, or the account's name. An empty value counts as none.
pub(crate) fn role(global: &Global, surroundings: &Surroundings) -> Option<String> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let account = |name: &Option<OsString>| name.as_ref().and_then(|name| given(&name.to_string_lossy()));
    (global.acting_as.as_deref().and_then(given))
        .or_else(|| account(&surroundings.user))
        .or_else(|| account(&surroundings.logname))
}

/// The editor that a person chose.
pub(crate) fn editor(surroundings: &Surroundings) -> Option<OsString> {
    let Surroundings { visual, editor, .. } = surroundings;
    [visual, editor].into_iter().flatten().find(|name| !name.to_string_lossy().trim().is_empty()).cloned()
}

/// The data directory: as given, or the usual place. An empty value counts as none.
pub(crate) fn data_dir(global: &Global, surroundings: &Surroundings) -> Option<DataDir> {
    let given = |value: &Option<OsString>| value.clone().filter(|text| !text.is_empty()).map(PathBuf::from);
    given(&global.data_dir)
        .or_else(|| given(&surroundings.xdg_data_home).map(|dir| dir.join("cairn")))
        .or_else(|| given(&surroundings.home).map(|dir| dir.join(".local/share/cairn")))
        .map(DataDir::new)
}

/// All commands, in the order in which people meet them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show how places learn from each other, with three real nodes on this machine
    #[command(long_about = crate::commands::demo::MANUAL)]
    Demo(DemoArgs),
    /// Create a node for your place
    #[command(long_about = crate::commands::init::MANUAL)]
    Init(InitArgs),
    /// Show who your node is and how it is
    #[command(long_about = crate::commands::status::MANUAL)]
    Status(StatusArgs),
    /// Show or change what your place says about itself
    #[command(long_about = crate::commands::place::MANUAL, subcommand)]
    Place(PlaceCommand),
    /// Agree with other places to exchange, or end it
    #[command(long_about = crate::commands::peer::MANUAL, subcommand)]
    Peer(PeerCommand),
    /// Choose what you follow of another place
    #[command(long_about = crate::commands::subscription::MANUAL, subcommand)]
    Follow(FollowCommand),
    /// Look at what another place offers, before you take anything in
    #[command(long_about = crate::commands::subscription::CATALOGUE_MANUAL, subcommand)]
    Catalogue(CatalogueCommand),
    /// Refuse nodes altogether, by their identity
    #[command(long_about = crate::commands::standing::block::MANUAL, subcommand)]
    Block(BlockCommand),
    /// Lists of what other places propose about others
    #[command(long_about = crate::commands::standing::trust::MANUAL, subcommand)]
    Trust(TrustCommand),
    /// Learning at home: a command for every kind of document.
    #[command(flatten)]
    Learning(LearningCommand),
    /// Find documents by their words
    #[command(long_about = manual::SEARCH)]
    Search(SearchArgs),
    /// Show what a document came from and what it led to
    #[command(long_about = manual::TRACE)]
    Trace(TraceArgs),
    /// Texts that could not be taken in yet
    #[command(long_about = manual::DRAFT, subcommand)]
    Draft(DraftCommand),
    /// Release a summary or your profile to others, or see what would leave
    #[command(long_about = crate::commands::publish::MANUAL)]
    Publish(PublishArgs),
    /// What leaves and what is taken back.
    #[command(flatten)]
    Leaving(LeavingCommand),
    /// List what came from other places
    #[command(long_about = records::INBOX_MANUAL)]
    Inbox(records::ListArgs),
    /// List all records held here: your own and those of peers
    #[command(long_about = records::LIST_MANUAL)]
    List(records::ListArgs),
    /// Read one record
    #[command(long_about = records::SHOW_MANUAL)]
    Show(records::ShowArgs),
    /// What places say to each other about records.
    #[command(flatten)]
    Dialogue(DialogueCommand),
    /// Check an evidence pack, without any node
    #[command(long_about = crate::commands::verify::MANUAL)]
    Verify(VerifyArgs),
    /// Write out what others can check for themselves
    #[command(long_about = crate::commands::export::MANUAL, subcommand)]
    Export(ExportCommand),
    /// Show how far your node has followed its peers
    #[command(long_about = crate::commands::sync::MANUAL, subcommand)]
    Sync(SyncCommand),
    /// Show the keys of your node, or put the next one in force
    #[command(long_about = crate::commands::keys::MANUAL, subcommand)]
    Keys(KeysCommand),
    /// Show whether your node signs, after a backup was put back or a copy was made
    #[command(long_about = crate::commands::gate::MANUAL, subcommand)]
    Gate(GateCommand),
    /// Show authors who signed two different logs
    #[command(long_about = crate::commands::fork::MANUAL, subcommand)]
    Fork(ForkCommand),
    /// Say who goes on in the place of your node, after a merger, a split or a new beginning
    #[command(long_about = crate::commands::succession::MANUAL, subcommand)]
    Succession(SuccessionCommand),
    /// Look for what is wrong with your node and say how to mend it
    #[command(long_about = crate::commands::doctor::MANUAL)]
    Doctor,
    /// Print a script that lets your shell complete cairn commands
    #[command(long_about = crate::commands::completions::MANUAL)]
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Cli, Global, Surroundings, data_dir, role};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_a_manual_with_an_example() {
        fn walk(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands() {
                let path = format!("{path} {}", sub.get_name());
                let manual = sub.get_long_about().map(ToString::to_string).unwrap_or_default();
                assert!(manual.contains("\n  cairn "), "{path} has no example in its manual");
                assert!(
                    manual.contains("never") || manual.contains("Nothing"),
                    "{path}: what does it never do?"
                );
                walk(sub, &path);
            }
        }
        walk(&Cli::command(), "cairn");
    }

    #[test]
    fn completions_offer_only_what_people_are_to_see() {
        Cli::visible().debug_assert();
        assert!(Cli::visible().get_arguments().all(|arg| !arg.is_hide_set()));
        let names = |command: clap::Command| {
            command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(Cli::visible()), names(Cli::command()));
    }

    #[test]
    fn the_data_directory_is_the_given_one_or_the_usual_place() {
        let path = |dir: Option<&str>, xdg: Option<&str>, home: Option<&str>| {
            let global = Global { data_dir: dir.map(Into::into), ..Global::default() };
            let surroundings = Surroundings {
                xdg_data_home: xdg.map(Into::into),
                home: home.map(Into::into),
                ..Surroundings::default()
            };
            data_dir(&global, &surroundings).map(|dir| dir.path().display().to_string())
        };
        assert_eq!(path(Some("/data"), Some("/xdg"), Some("/home/x")).as_deref(), Some("/data"));
        assert_eq!(path(Some(""), Some("/xdg"), Some("/home/x")).as_deref(), Some("/xdg/cairn"));
        assert_eq!(path(None, Some(""), Some("/home/x")).as_deref(), Some("/home/x/.local/share/cairn"));
        assert_eq!(path(None, None, None), None);
    }

    #[test]
    fn who_is_asking_is_said_or_the_account() {
        let who = |given: Option<&str>, user: Option<&str>, logname: Option<&str>| {
            let global = Global { acting_as: given.map(str::to_owned), ..Global::default() };
            let surroundings = Surroundings {
                user: user.map(Into::into),
                logname: logname.map(Into::into),
                ..Surroundings::default()
            };
            role(&global, &surroundings)
        };
        assert_eq!(who(Some("systems steward"), Some("ann"), None).as_deref(), Some("systems steward"));
        assert_eq!(who(Some(" "), Some("ann"), Some("bea")).as_deref(), Some("ann"));
        assert_eq!(who(None, Some(""), Some("bea")).as_deref(), Some("bea"));
        assert_eq!(who(None, None, None), None);
    }
}
