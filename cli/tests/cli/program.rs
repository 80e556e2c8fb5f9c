//! Running the program and looking at what it said.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// Standard output as exactly one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", self.out, self.err))
    }

    /// Standard error as exactly one JSON error; its code and exit code must fit the run.
    pub(crate) fn json_error(&self) -> (String, String) {
        let value: Value =
            serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {:?}", self.err));
        let error = &value["error"];
        assert_eq!(error["exit_code"], Value::from(self.code.unwrap()));
        assert!(self.out.is_empty(), "{}", self.out);
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }
}

/// The program as built.
pub(crate) fn cairn() -> Command {
    clean(env!("CARGO_BIN_EXE_cairn").as_ref())
}

/// A program that sees nothing of the surroundings but an empty home.
pub(crate) fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", "/nonexistent/home")
        .env("PATH", "/nonexistent/bin:/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}

/// Runs the program with a data directory.
pub(crate) fn run<S: AsRef<OsStr>>(dir: &Path, args: &[S]) -> Run {
    finish(cairn().arg("--data-dir").arg(dir).args(args))
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
