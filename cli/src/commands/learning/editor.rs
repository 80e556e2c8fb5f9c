//! The editor that a person writes in.

use std::{
    ffi::{OsStr, OsString},
    io::{self, IsTerminal as _},
    os::fd::AsFd as _,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
};

use crate::{commands::Session, error::Error};

/// Editors that are on most machines, the friendlier one first.
const USUAL: [&str; 2] = ["nano", "vi"];

/// Runs the editor on a file until it is closed. An error says what to do next; the file is as the editor left it.
pub(super) async fn run(session: &Session, file: &Path) -> Result<(), Error> {
    // Ctrl-C in the editor is for the editor. It must not end this program, which has the text still to save.
    let _interrupts = signal(SignalKind::interrupt())?;
    let json = session.out.wants_json();
    if let Some(chosen) = &session.editor {
        let status = through_shell(chosen, file, json)?.status().await?;
        return ended(&chosen.to_string_lossy(), status);
    }
    if !io::stdin().is_terminal() {
        let text = "There is no terminal to open an editor at, and no editor was chosen. Say what it says with options, \
                    or choose an editor with the variable EDITOR.";
        return Err(Error::Usage(text.to_owned()));
    }
    for name in USUAL {
        match plain(name, file, json)?.status().await {
            Ok(status) => return ended(name, status),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let text = "No editor was found: neither nano nor vi is here. Choose yours with the variable EDITOR, for example \
                EDITOR=emacs, or say what it says with options.";
    Err(Error::Refused(text.to_owned()))
}

/// What was chosen may hold options, as in "code --wait": the shell takes it apart.
fn through_shell(chosen: &OsStr, file: &Path, json: bool) -> io::Result<Command> {
    let mut line = OsString::from(chosen);
    line.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).arg("cairn").arg(file);
    quiet(command, json)
}

fn plain(name: &str, file: &Path, json: bool) -> io::Result<Command> {
    let mut command = Command::new(name);
    command.arg(file);
    quiet(command, json)
}

/// With JSON, standard output belongs to the one value.
fn quiet(mut command: Command, json: bool) -> io::Result<Command> {
    if json {
        command.stdout(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?));
    }
    Ok(command)
}

fn ended(name: &str, status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    let why = match status.code() {
        Some(127) => "it was not found".to_owned(),
        _ => status.to_string(),
    };
    Err(Error::Refused(format!("The editor {name} did not end well: {why}. Nothing was saved.")))
}
