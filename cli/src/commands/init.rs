//! `cairn init`: creates a node, by running `cairn-node init`.

use std::{
    ffi::OsString,
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
    process::{Output as Finished, Stdio},
};

use clap::Args;
use serde::Serialize;
use tokio::process::Command;

use super::Session;
use crate::{
    client::DataDir,
    error::{Error, Exit},
};

/// The program that is the node.
const PROGRAM: &str = "cairn-node";

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Creates a node for your place in the data directory: its identity, a recovery key to take offline, and its \
configuration. It runs `cairn-node init` and passes on what that says, and its exit code.

It never writes over a node that is there, never starts anything, and sends nothing to anyone.

Example:

  cairn init --name \"South Tyneside Alliance\" --advertise cairn.alliance.example:7070";

/// What is passed through.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Name of the place
    #[arg(long, value_name = "NAME")]
    name: Option<OsString>,
    /// Where the node listens for its peers
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<OsString>,
    /// Where peers reach it, if that is another address
    #[arg(long, value_name = "HOST:PORT")]
    advertise: Option<OsString>,
    /// Loopback address for this command to reach it, instead of a Unix socket
    #[arg(long, value_name = "HOST:PORT")]
    admin: Option<OsString>,
    /// A PostgreSQL database to use instead of a file
    #[arg(long, value_name = "URL")]
    database_url: Option<OsString>,
}

/// What happened, for programs.
#[derive(Serialize)]
struct Created {
    data_dir: String,
    said: String,
}

/// Runs `cairn-node init`.
pub(crate) async fn run(session: &mut Session, args: &InitArgs) -> Result<Exit, Error> {
    let dir = session.dir()?.clone();
    make_parent(&dir)?;
    let InitArgs { name, listen, advertise, admin, database_url } = args;
    let mut command = Command::new(program());
    command.arg("init").arg("--data-dir").arg(dir.path());
    for (option, value) in [
        ("--name", name),
        ("--listen", listen),
        ("--advertise", advertise),
        ("--admin", admin),
        ("--database-url", database_url),
    ] {
        if let Some(value) = value {
            command.arg(option).arg(value);
        }
    }
    if session.out.wants_json() {
        let finished = command.stdin(Stdio::null()).output().await.map_err(|error| missing(&error))?;
        return report(session, dir.path().display().to_string(), &finished);
    }
    let status = command.status().await.map_err(|error| missing(&error))?;
    Ok(if status.success() { Exit::Done } else { Exit::Passed(code(status.code())) })
}

/// The usual data directory lies in directories that a fresh account does not have yet.
fn make_parent(dir: &DataDir) -> Result<(), Error> {
    let Some(parent) = dir.path().parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(|source| Error::Write {
        file: parent.to_owned(),
        source,
        next: "Name another data directory with --data-dir DIR.",
    })
}

/// What it said, as one JSON value.
fn report(session: &mut Session, data_dir: String, finished: &Finished) -> Result<Exit, Error> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if !finished.status.success() {
        return Err(Error::Passed { code: code(finished.status.code()), message: text(&finished.stderr) });
    }
    session.out.value(&Created { data_dir, said: text(&finished.stdout) })?;
    Ok(Exit::Done)
}

/// The exit code to pass on; a program that was killed has none.
fn code(code: Option<i32>) -> u8 {
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(Exit::Internal.code())
}

/// The node's program: beside our own, or where the shell finds programs.
pub(crate) fn program() -> PathBuf {
    std::env::current_exe()
        .ok()
        .map(|exe| exe.with_file_name(PROGRAM))
        .filter(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from(PROGRAM))
}

/// Why the program could not be started.
pub(crate) fn missing(error: &io::Error) -> Error {
    let text = match error.kind() {
        io::ErrorKind::NotFound => format!(
            "The program {PROGRAM} was not found, neither beside the cairn command nor where the shell looks for \
             programs. Install both in the same directory; built from source they come with `cargo build --release`."
        ),
        _ => format!(
            "The program {PROGRAM} could not be started: {error}. Install it anew beside the cairn command."
        ),
    };
    Error::Refused(text)
}
