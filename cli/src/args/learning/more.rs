//! What only one kind has.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, Subcommand, ValueEnum, builder::TypedValueParser as _};

use super::{
    manual_more as manual,
    wishes::{ImportArgs, WhichArgs},
};
use crate::{args::words, noun::Noun};

/// What only one kind has.
#[derive(Debug, Clone)]
pub(crate) enum More {
    /// For cycles.
    Cycle(CycleCommand),
    /// For maps.
    Map(MapCommand),
    /// For experiments.
    Experiment(ExperimentCommand),
    /// For consents.
    Consent(ConsentCommand),
    /// For prompts.
    Prompt(PromptCommand),
}

/// The names of subcommands of a kind that take the place of those that all have.
pub(super) fn names(noun: &Noun) -> &'static [&'static str] {
    match noun.kind {
        "cycle" | "map" => &["import"],
        _ => &[],
    }
}

/// Adds what only this kind has.
pub(super) fn augment(noun: &Noun, command: Command) -> Command {
    match noun.kind {
        "cycle" => CycleCommand::augment_subcommands(command),
        "map" => MapCommand::augment_subcommands(command),
        "experiment" => ExperimentCommand::augment_subcommands(command),
        "consent" => ConsentCommand::augment_subcommands(command),
        "prompt" => PromptCommand::augment_subcommands(command),
        _ => command,
    }
}

/// Reads what was typed, if it is one of these.
pub(super) fn read(noun: &Noun, name: &str, matches: &ArgMatches) -> Option<Result<More, clap::Error>> {
    fn one<C: Subcommand>(
        name: &str,
        matches: &ArgMatches,
        more: fn(C) -> More,
    ) -> Option<Result<More, clap::Error>> {
        C::has_subcommand(name).then(|| C::from_arg_matches(matches).map(more))
    }
    match noun.kind {
        "cycle" => one(name, matches, More::Cycle),
        "map" => one(name, matches, More::Map),
        "experiment" => one(name, matches, More::Experiment),
        "consent" => one(name, matches, More::Consent),
        "prompt" => one(name, matches, More::Prompt),
        _ => None,
    }
}

/// What only cycles have.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum CycleCommand {
    /// Read in a whole cycle, or any other file with documents
    #[command(long_about = manual::CYCLE_IMPORT)]
    Import(ImportCycleArgs),
    /// Write a whole cycle to a file
    #[command(long_about = manual::CYCLE_EXPORT)]
    Export(ExportArgs),
    /// Write documents as a table
    #[command(long_about = manual::CYCLE_TABLE)]
    Table(TableArgs),
    /// List questions to think with, for the scale of a cycle
    #[command(long_about = manual::CYCLE_PROMPTS)]
    Prompts(WhichArgs),
}

/// What only maps have.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MapCommand {
    /// Read in a map from Kumu, or maps from files
    #[command(long_about = manual::MAP_IMPORT)]
    Import(MapImportArgs),
    /// Write a map to a file for Kumu
    #[command(long_about = manual::MAP_EXPORT)]
    Export(MapExportArgs),
}

/// What only experiments have.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ExperimentCommand {
    /// Declare an experiment before it begins
    #[command(long_about = manual::DECLARE)]
    Declare(WhichArgs),
}

/// What only consents have.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Write down that a consent was given
    #[command(long_about = manual::GIVE)]
    Give(EventArgs),
    /// Write down that a consent was refused; erases the words that rest on it
    #[command(long_about = manual::REFUSE)]
    Refuse(EndArgs),
    /// Write down that a consent was withdrawn; erases the words that rest on it
    #[command(long_about = manual::WITHDRAW)]
    Withdraw(EndArgs),
    /// Write down that a consent was given anew, with a new last day
    #[command(long_about = manual::RENEW)]
    Renew(RenewArgs),
}

/// What only prompts have.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PromptCommand {
    /// Read in a pack of prompts
    #[command(long_about = manual::LOAD)]
    Load(LoadArgs),
    /// Do not offer a prompt here any more
    #[command(long_about = manual::HIDE)]
    Hide(WhichArgs),
    /// Offer a prompt again
    #[command(long_about = manual::OFFER)]
    Offer(WhichArgs),
}

/// A file with a whole cycle.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportCycleArgs {
    /// The file; - for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Make new versions of documents that are here already and differ
    #[arg(long)]
    pub(crate) replace: bool,
}

/// Where a file goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// The file to write, or - for the standard output [default: a fitting name in this directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// How a cycle is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CycleFormat {
    /// For programs, and for other nodes
    Json,
    /// To read and to change
    Markdown,
    /// To print
    Html,
}

/// Which cycle, how, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = CycleFormat::Json)]
    pub(crate) format: CycleFormat,
    /// Also what is marked as sensitive and what is about one person's life
    #[arg(long)]
    pub(crate) private: bool,
    /// Where to.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// Comma-separated values
    Csv,
    /// An Excel workbook
    Xlsx,
}

/// Which table, how, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct TableArgs {
    /// A kind of document, or factors, links, actors, conditions
    #[arg(value_name = "ROWS")]
    pub(crate) rows: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = TableFormat::Csv)]
    pub(crate) format: TableFormat,
    /// Only of this cycle
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) cycle: String,
    /// Also what is marked as sensitive and what is about one person's life
    #[arg(long)]
    pub(crate) private: bool,
    /// Where to.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which map, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct MapExportArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Where to.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// A map from elsewhere, and what Kumu does not know about it.
#[derive(Debug, Clone, Args)]
pub(crate) struct MapImportArgs {
    /// What to read in.
    #[command(flatten)]
    pub(crate) files: ImportArgs,
    /// For Kumu: the system it is a map of
    #[arg(long, value_name = "ID")]
    pub(crate) system: Option<String>,
    /// For Kumu: who sees it so, by role
    #[arg(long, value_name = "ROLE")]
    pub(crate) seen_by: Option<String>,
    /// For Kumu: what the map shows
    #[arg(long, value_name = "WORDS")]
    pub(crate) title: Option<String>,
    /// For Kumu: the id it gets here [default: made from its title]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
}

/// What happened to a consent.
#[derive(Debug, Clone, Args)]
pub(crate) struct EventArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// When: a year, month or day [default: today]
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub(crate) on: String,
    /// How, in words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) how: String,
    /// Who wrote it down, by role
    #[arg(long, value_name = "ROLE", default_value = "", hide_default_value = true)]
    pub(crate) recorded_by: String,
    /// In more words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
    /// Only show what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// The end of a consent.
#[derive(Debug, Clone, Args)]
pub(crate) struct EndArgs {
    /// What happened.
    #[command(flatten)]
    pub(crate) event: EventArgs,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A consent given anew.
#[derive(Debug, Clone, Args)]
pub(crate) struct RenewArgs {
    /// What happened.
    #[command(flatten)]
    pub(crate) event: EventArgs,
    /// Its new last day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    pub(crate) until: jiff::civil::Date,
}

/// A pack of prompts.
#[derive(Debug, Clone, Args)]
pub(crate) struct LoadArgs {
    /// The pack; - for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
