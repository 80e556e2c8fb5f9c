//! Learning at home: the same for every kind of document, and a few things that only one kind has.

mod consent;
mod cycle;
pub(crate) mod draft;
mod edit;
mod editor;
mod erase;
mod kept;
pub(crate) mod look;
mod map;
mod prompt;
pub(crate) mod save;
mod text;
mod write;

use super::{Session, ask, experiment};
use crate::{
    args::learning::{
        LearningCommand, Wish,
        more::{ExperimentCommand, More},
    },
    error::{Error, Exit},
};

/// Does what was asked for.
pub(crate) async fn run(session: &mut Session, command: LearningCommand) -> Result<Exit, Error> {
    let LearningCommand { noun, wish } = command;
    match (wish, noun.kind) {
        (Wish::New(args), _) => edit::new(session, noun, args).await,
        (Wish::Edit(args), _) => edit::edit(session, noun, args).await,
        (Wish::Import(args), "experiment") => experiment::import(session, args.files).await,
        (Wish::Import(args), _) => save::import(session, noun, &args.files).await,
        (Wish::Show(args), "experiment") if args.version.is_none() && !args.file => {
            experiment::show(session, args.id).await
        }
        (Wish::Show(args), _) => look::show(session, noun, args).await,
        (Wish::List(args), "experiment") if args.is_plain() => experiment::list(session).await,
        (Wish::List(args), "prompt") => prompt::list(session, args).await,
        (Wish::List(args), _) => look::list(session, noun, args).await,
        (Wish::History(args), _) => look::history(session, noun, args.id).await,
        (Wish::Trace(args), _) => look::trace(session, noun, args.id).await,
        (Wish::Erase(args), _) => erase::run(session, noun, args).await,
        (Wish::More(More::Cycle(command)), _) => cycle::run(session, command).await,
        (Wish::More(More::Map(command)), _) => map::run(session, command).await,
        (Wish::More(More::Experiment(ExperimentCommand::Declare(args))), _) => {
            experiment::declare(session, args.id).await
        }
        (Wish::More(More::Consent(command)), _) => consent::run(session, command).await,
        (Wish::More(More::Prompt(command)), _) => prompt::run(session, command).await,
    }
}
