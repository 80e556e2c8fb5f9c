//! `cairn export`: what others can check for themselves.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use cairn_proto::pb::admin::{
    ExportEvidenceRequest, ExportPolicyRequest, ExportPolicyResponse, ForkEntry, ListForksRequest,
    export_policy_request::What,
};
use clap::{Args, Subcommand};
use serde::Serialize;
use tonic::Code;

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Writes files that others can check for themselves, without your node and without trusting you.

Exporting never sends anything; it writes a file here. Mind the record's terms before you hand the file on.

Example:

  cairn export evidence \"South Tyneside Alliance/3\" --out evidence.cairn
  cairn export policy 7";

/// What `evidence --help` says.
const EVIDENCE_MANUAL: &str = "\
Writes an evidence pack: one record, with everything that shows who signed it and that it stands in its author's \
log. Anyone can check it with `cairn verify FILE`, offline.

It never writes over a file that is there. The pack holds the record itself: hand it only to those who may hold the \
record.

RECORD is named as in `cairn show`.

Example:

  cairn export evidence \"South Tyneside Alliance/3\" --out evidence.cairn
  cairn verify evidence.cairn";

/// What `policy --help` says.
const POLICY_MANUAL: &str = "\
Writes the policy of a record in a form that other software understands: ODRL 2.2 with the Data Privacy Vocabulary, \
as JSON-LD. It says who may hold the record, what for, what never, and until when.

It never writes over a file that is there, and it never holds what the record tells: only the terms and the record's \
id. Nothing is sent to anyone.

RECORD is named as in `cairn show`.

Example:

  cairn export policy 7 --out policy.jsonld";

/// What `fork --help` says.
const FORK_MANUAL: &str = "\
Writes the evidence that an author signed two different logs. Anyone can check it with `cairn verify FILE`, offline.

It never writes over a file that is there. There is nothing of any record in it, so that it may be handed to anyone.

AUTHOR is your name for it, or the beginning of its NodeId; see `cairn fork list`.

Example:

  cairn export fork \"South Tyneside Alliance\" --out south-tyneside.cairn-fork
  cairn verify south-tyneside.cairn-fork";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write an evidence pack that anyone can check offline
    #[command(long_about = EVIDENCE_MANUAL)]
    Evidence(ExportArgs),
    /// Write a record's terms for other software
    #[command(long_about = POLICY_MANUAL)]
    Policy(ExportArgs),
    /// Write the evidence that an author signed two logs
    #[command(long_about = FORK_MANUAL)]
    Fork(ForkArgs),
}

/// Whose evidence and where to.
#[derive(Debug, Args)]
pub(crate) struct ForkArgs {
    /// Which author
    #[arg(value_name = "AUTHOR")]
    author: String,
    /// The file to write [default: a fitting name in this directory]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which record and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
    /// The file to write [default: a fitting name in this directory]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What was written, for programs.
#[derive(Serialize)]
pub(crate) struct Written {
    file: String,
    bytes: u64,
}

impl Written {
    /// So many bytes to this file.
    pub(crate) fn new(file: &Path, bytes: usize) -> Self {
        Self { file: file.display().to_string(), bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }
    }

    /// Tells it, with what comes next.
    pub(crate) fn tell(&self, session: &mut Session, next: &str, command: &str) -> Result<Exit, Error> {
        if session.out.wants_json() {
            session.out.value(self)?;
        } else {
            let Self { file, bytes } = self;
            session.out.page(|page| {
                page.say(&format!("Written to {file} ({bytes} bytes). {next}"));
                if !command.is_empty() {
                    page.blank();
                    page.verbatim(2, command);
                }
            })?;
        }
        Ok(Exit::Done)
    }
}

/// Asks for what is to be written, and writes it.
pub(crate) async fn run(session: &mut Session, command: ExportCommand) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    match command {
        ExportCommand::Evidence(ExportArgs { record, out }) => {
            let reply = answer(node.admin.export_evidence(ExportEvidenceRequest { record })).await?;
            let file = out.unwrap_or_else(|| plain_name(&reply.file_name, "evidence.cairn"));
            write_new(&file, &reply.pack)?;
            let check = format!("cairn verify {}", file.display());
            Written::new(&file, reply.pack.len()).tell(session, "Anyone can check it:", &check)
        }
        ExportCommand::Policy(ExportArgs { record, out }) => {
            let request = ExportPolicyRequest { what: Some(What::Record(record)) };
            let ExportPolicyResponse { json, file_name } =
                answer(node.release.export_policy(request)).await?;
            let file = out.unwrap_or_else(|| plain_name(&file_name, "policy.jsonld"));
            write_new(&file, json.as_bytes())?;
            Written::new(&file, json.len()).tell(session, "Nothing was sent.", "")
        }
        ExportCommand::Fork(ForkArgs { author, out }) => {
            let forks = answer(node.integrity.list_forks(ListForksRequest {})).await?.forks;
            let ForkEntry { node_id, evidence, .. } = called(forks, author.trim())?;
            let short: String = node_id.chars().take(14).collect();
            let file =
                out.unwrap_or_else(|| plain_name(&format!("{short}.cairn-fork"), "evidence.cairn-fork"));
            write_new(&file, &evidence)?;
            let check = format!("cairn verify {}", file.display());
            Written::new(&file, evidence.len()).tell(session, "Anyone can check it:", &check)
        }
    }
}

/// The one among `forks` that is called so.
fn called(forks: Vec<ForkEntry>, author: &str) -> Result<ForkEntry, Error> {
    let named = |fork: &ForkEntry| fork.name.eq_ignore_ascii_case(author) || fork.node_id.starts_with(author);
    forks.into_iter().find(named).ok_or_else(|| {
        let message = format!(
            "There is no evidence that \"{author}\" signed two logs. `cairn fork list` shows those of whom there is."
        );
        Error::Node { code: Code::NotFound, message }
    })
}

/// The name alone, whatever directories came before it; where there is none, another.
fn plain_name(name: &str, otherwise: &str) -> PathBuf {
    Path::new(name).file_name().map_or_else(|| PathBuf::from(otherwise), PathBuf::from)
}

/// Writes a file that must not exist yet; never leaves half of one.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut new = NewFile::create(file)?;
    new.write(bytes)?;
    new.finish()
}

/// A file that was not there before, written in parts. Unless it is finished, nothing of it stays.
pub(crate) struct NewFile {
    path: PathBuf,
    open: File,
    finished: bool,
}

impl NewFile {
    /// An empty one; it must not exist yet.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let open = OpenOptions::new().write(true).create_new(true).open(path);
        let open = open.map_err(|source| not_written(path, source))?;
        Ok(Self { path: path.to_owned(), open, finished: false })
    }

    /// Adds to it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.open.write_all(bytes).map_err(|source| not_written(&self.path, source))
    }

    /// Nothing is missing any more.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.open.sync_all().map_err(|source| not_written(&self.path, source))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.finished {
            // Half a file proves nothing; an error says why there is none.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Why a file could not be written, and what to do next.
fn not_written(file: &Path, source: io::Error) -> Error {
    let next = match source.kind() {
        io::ErrorKind::AlreadyExists => "Nothing was written over. Choose another name with --out FILE.",
        io::ErrorKind::NotFound => "The directory is not there. Choose another place with --out FILE.",
        io::ErrorKind::PermissionDenied => "Choose a place where you may write, with --out FILE.",
        io::ErrorKind::StorageFull => "The disk is full. Make room, or choose another place with --out FILE.",
        _ => "Choose another place with --out FILE.",
    };
    Error::Write { file: file.to_owned(), source, next }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{NewFile, plain_name, write_new};

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("evidence.cairn");
        write_new(&file, b"one").unwrap();
        let error = write_new(&file, b"two").unwrap_err().to_string();
        assert!(error.ends_with("Nothing was written over. Choose another name with --out FILE."), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"one");
    }

    #[test]
    fn half_a_file_does_not_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("audit.jsonl");
        let mut half = NewFile::create(&file).unwrap();
        half.write(b"{}").unwrap();
        drop(half);
        assert!(!file.exists());
    }

    #[test]
    fn the_node_names_a_file_and_no_directory() {
        assert_eq!(plain_name("../../x.cairn", "y"), Path::new("x.cairn"));
        assert_eq!(plain_name("..", "evidence.cairn"), Path::new("evidence.cairn"));
    }
}
