//! `cairn completions`: a script for the shell.

use clap::Args;
use clap_complete::Shell;
use serde::Serialize;

use super::Session;
use crate::{
    args::Cli,
    error::{Error, Exit},
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Prints a script that lets your shell complete cairn commands and options when you press the tab key. It only prints: \
it never changes the files of your shell, and needs no node.

Example, for bash:

  cairn completions bash > ~/.local/share/bash-completion/completions/cairn";

/// Which shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Your shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// The script as JSON.
#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

/// Makes the script.
pub(crate) fn run(session: &mut Session, CompletionsArgs { shell }: CompletionsArgs) -> Result<Exit, Error> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::visible(), "cairn", &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    if session.out.wants_json() {
        session.out.value(&Script { shell: shell.to_string(), script })?;
    } else {
        session.out.raw(&script)?;
    }
    Ok(Exit::Done)
}
