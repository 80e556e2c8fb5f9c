//! The commands for documents: the same for every kind, written once, and a few that only one kind has.

mod manual;
pub(crate) mod manual_more;
pub(crate) mod more;
pub(crate) mod wishes;

use clap::{ArgMatches, Args as _, Command, FromArgMatches, Subcommand, error::ErrorKind};

use self::{
    more::More,
    wishes::{EditArgs, EraseArgs, ImportArgs, ListArgs, NewArgs, ShowArgs, WhichArgs},
};
use crate::noun::{NOUNS, Noun};

/// What is to be done with documents of a kind.
#[derive(Debug, Clone)]
pub(crate) struct LearningCommand {
    /// The kind.
    pub(crate) noun: &'static Noun,
    /// What is to be done.
    pub(crate) wish: Wish,
}

/// What can be done with documents of any kind.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// Write a new one.
    New(NewArgs),
    /// Change one.
    Edit(EditArgs),
    /// Read files in.
    Import(ImportArgs),
    /// Read one.
    Show(ShowArgs),
    /// List them.
    List(ListArgs),
    /// Its versions.
    History(WhichArgs),
    /// Where it came from and what it led to.
    Trace(WhichArgs),
    /// Erase its words.
    Erase(EraseArgs),
    /// What only this kind has.
    More(More),
}

/// The subcommands that every kind has, in the order of help.
const COMMON: [&str; 8] = ["new", "edit", "import", "show", "list", "history", "trace", "erase"];

impl Subcommand for LearningCommand {
    fn augment_subcommands(command: Command) -> Command {
        NOUNS.iter().fold(command, |command, noun| command.subcommand(whole(noun)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        Noun::called(name).is_some()
    }
}

impl FromArgMatches for LearningCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::raw(ErrorKind::MissingSubcommand, "a command is missing");
        let (noun, matches) = matches.subcommand().ok_or_else(missing)?;
        let noun = Noun::called(noun).ok_or_else(missing)?;
        Ok(Self { noun, wish: wish(noun, matches)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The command for a kind with all its subcommands.
fn whole(noun: &'static Noun) -> Command {
    let command = Command::new(noun.command).subcommand_required(true).arg_required_else_help(true);
    let command = if noun.kind == noun.command { command } else { command.visible_alias(noun.kind) };
    let own = more::names(noun);
    let common = COMMON.into_iter().filter(|name| !own.contains(name));
    let command = common.fold(command, |command, name| command.subcommand(common_command(noun, name)));
    // What is derived brings words of its own; ours come last.
    more::augment(noun, command).about(noun.about).long_about(manual::noun(noun))
}

/// A subcommand that every kind has.
fn common_command(noun: &'static Noun, name: &'static str) -> Command {
    let command = Command::new(name);
    let command = match name {
        "new" => wishes::augment_new(command, noun),
        "edit" => wishes::augment_edit(command, noun),
        "import" => ImportArgs::augment_args(command),
        "show" => ShowArgs::augment_args(command),
        "list" => ListArgs::augment_args(command),
        "erase" => EraseArgs::augment_args(command),
        _ => WhichArgs::augment_args(command),
    };
    let (about, long) = manual::common(noun, name);
    // What is derived brings words of its own; ours come last.
    command.about(about).long_about(long)
}

/// What was typed. A subcommand of one kind only comes before one that all have.
fn wish(noun: &'static Noun, matches: &ArgMatches) -> Result<Wish, clap::Error> {
    let missing = || clap::Error::raw(ErrorKind::MissingSubcommand, "a command is missing");
    let name = matches.subcommand_name().ok_or_else(missing)?;
    if let Some(more) = more::read(noun, name, matches) {
        return more.map(Wish::More);
    }
    let matches = matches.subcommand_matches(name).ok_or_else(missing)?;
    Ok(match name {
        "new" => Wish::New(NewArgs::from(matches, noun)),
        "edit" => Wish::Edit(EditArgs::from(matches, noun)?),
        "import" => Wish::Import(ImportArgs::from_arg_matches(matches)?),
        "show" => Wish::Show(ShowArgs::from_arg_matches(matches)?),
        "list" => Wish::List(ListArgs::from_arg_matches(matches)?),
        "history" => Wish::History(WhichArgs::from_arg_matches(matches)?),
        "trace" => Wish::Trace(WhichArgs::from_arg_matches(matches)?),
        "erase" => Wish::Erase(EraseArgs::from_arg_matches(matches)?),
        _ => return Err(clap::Error::raw(ErrorKind::InvalidSubcommand, "this command is not known")),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{LearningCommand, Wish};
    use crate::{
        args::{Cli, Command},
        noun::NOUNS,
    };

    fn learning(args: &[&str]) -> LearningCommand {
        match Cli::try_parse_from(["cairn"].iter().chain(args)).unwrap().command {
            Command::Learning(command) => command,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_noun_takes_what_all_take() {
        for noun in &NOUNS {
            let id = noun.id;
            for args in [
                &["new"][..],
                &["new", "--edit", "--fresh"],
                &["edit", id],
                &["import", "file"],
                &["show", id],
                &["list"],
                &["history", id],
                &["trace", id],
                &["erase", id, "--reason", "asked for"],
            ] {
                let all: Vec<_> = [noun.command].iter().chain(args).copied().collect();
                assert_eq!(learning(&all).noun, noun);
                let by_kind: Vec<_> = [noun.kind].iter().chain(args).copied().collect();
                assert_eq!(learning(&by_kind).noun, noun);
            }
        }
    }

    #[test]
    fn the_examples_of_the_manual_can_be_typed() {
        for noun in &NOUNS {
            for args in [format!("new {}", noun.example), format!("edit {} {}", noun.id, noun.change)] {
                // The shell's line continuations and quotes, as far as the examples have them.
                let plain = args.replace("\\\n", " ");
                let pieces = plain.split('"').zip([false, true].into_iter().cycle());
                let words: Vec<String> = pieces
                    .flat_map(|(piece, quoted)| match quoted {
                        true => vec![piece.to_owned()],
                        false => piece.split_whitespace().map(str::to_owned).collect(),
                    })
                    .collect();
                let all = ["cairn", noun.command].map(str::to_owned).into_iter().chain(words);
                let parsed = Cli::try_parse_from(all).unwrap_or_else(|error| panic!("{args}: {error}"));
                let Command::Learning(LearningCommand { wish, .. }) = parsed.command else {
                    panic!("{args}")
                };
                match wish {
                    Wish::New(args) => assert!(!args.given.parts().unwrap().is_empty()),
                    Wish::Edit(args) => assert!(!args.given.parts().unwrap().is_empty()),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}
