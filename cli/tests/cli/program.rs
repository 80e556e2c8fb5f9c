//! Running the program and looking at what it said.

use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

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

/// A directory with the real `cairn`, a `cairn-node` that is a shell script, and room for temporary files.
pub(crate) struct Install {
    dir: TempDir,
}

impl Install {
    /// Puts the script in place.
    pub(crate) fn with_node(script: &str) -> Self {
        let install = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(install.path("tmp")).unwrap();
        put_program(&install.path("cairn"), &fs::read(env!("CARGO_BIN_EXE_cairn")).unwrap());
        put_program(&install.path("cairn-node"), format!("#!/bin/sh\n{script}\n").as_bytes());
        install
    }

    /// A path in the directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program in the directory.
    pub(crate) fn cairn(&self) -> Command {
        clean(&self.path("cairn"))
    }
}

/// A program that sees nothing of the surroundings but an empty home.
fn clean(program: &Path) -> Command {
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

/// Writes a program by a process of its own. Open for writing in this one, the file could be inherited by what
/// another test starts at that moment, and would be busy.
fn put_program(path: &Path, content: &[u8]) {
    let mut writer = Command::new("/bin/sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writer.stdin.take().unwrap().write_all(content).unwrap();
    assert!(writer.wait().unwrap().success());
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
