//! `cairn`: the command line of a Cairn node.
//!
//! Parses the command, runs it, and ends with one of the documented exit codes.
//! It holds no data of its own: all of it lives in the node it speaks to.

mod args;
mod client;
mod commands;
mod error;
mod input;
mod noun;
mod output;
mod shape;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};

use crate::{
    args::Cli,
    commands::Session,
    error::{Error, Exit},
    output::Output,
};

/// One thread is enough: the work is done by the node.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli).await,
        Err(error) => explain(&error),
    };
    ExitCode::from(exit.code())
}

/// Runs the command and tells what went wrong, if anything did.
async fn run(cli: Cli) -> Exit {
    let mut session = Session::new(&cli.global, &cli.surroundings);
    match commands::run(&mut session, cli.command).await {
        Ok(exit) => exit,
        Err(error) if error.is_closed_output() => Exit::Done,
        Err(error) => {
            // Where even stderr is gone, the exit code still speaks.
            drop(session.out.error(&error));
            error.exit()
        }
    }
}

/// Shows help or version, or says how the command is meant to be used.
fn explain(error: &clap::Error) -> Exit {
    let text = error.render().to_string();
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let mut out = Output::standard(!asked && std::env::args_os().any(|arg| arg == "--json"));
    let (exit, written) = if asked {
        (Exit::Done, out.say(&text))
    } else if out.wants_json() {
        let text = text.trim_end().trim_start_matches("error: ");
        (Exit::Usage, out.error(&Error::Usage(text.to_owned())))
    } else if error.kind() == ErrorKind::MissingSubcommand {
        (Exit::Usage, out.aside(&help()))
    } else {
        (Exit::Usage, out.aside(&text))
    };
    // Where nobody reads any more, the exit code still speaks.
    drop(written);
    exit
}

/// The short help for what was typed so far.
fn help() -> String {
    let asked = std::env::args_os().chain([OsString::from("-h")]);
    Cli::try_parse_from(asked).err().map(|help| help.render().to_string()).unwrap_or_default()
}
