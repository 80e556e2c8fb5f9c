//! `cairn export`: what others can check for themselves.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use cairn_proto::pb::admin::ExportEvidenceRequest;
use clap::{Args, Subcommand};
use serde::Serialize;

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

  cairn export evidence \"South Tyneside Alliance/3\" --out evidence.cairn";

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

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write an evidence pack that anyone can check offline
    #[command(long_about = EVIDENCE_MANUAL)]
    Evidence(EvidenceArgs),
}

/// Which record and where to.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
    /// The file to write [default: a fitting name in this directory]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What was written, for programs.
#[derive(Serialize)]
struct Written {
    file: String,
    bytes: usize,
}

/// Asks for the pack and writes it.
pub(crate) async fn run(session: &mut Session, command: ExportCommand) -> Result<Exit, Error> {
    let ExportCommand::Evidence(EvidenceArgs { record, out }) = command;
    let mut node = session.node().await?;
    let reply = answer(node.admin.export_evidence(ExportEvidenceRequest { record })).await?;
    let file = out.unwrap_or_else(|| plain_name(&reply.file_name));
    write_new(&file, &reply.pack)?;
    let written = Written { file: file.display().to_string(), bytes: reply.pack.len() };
    if session.out.wants_json() {
        session.out.value(&written)?;
    } else {
        session.out.page(|page| {
            page.say(&format!("Written to {} ({} bytes). Anyone can check it:", written.file, written.bytes));
            page.blank();
            page.verbatim(2, &format!("cairn verify {}", written.file));
        })?;
    }
    Ok(Exit::Done)
}

/// The name alone, whatever directories came before it.
fn plain_name(name: &str) -> PathBuf {
    Path::new(name).file_name().map_or_else(|| PathBuf::from("evidence.cairn"), PathBuf::from)
}

/// Writes a file that must not exist yet; never leaves half of one.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source: io::Error| {
        let next = match source.kind() {
            io::ErrorKind::AlreadyExists => "Nothing was written over. Choose another name with --out FILE.",
            io::ErrorKind::NotFound => "The directory is not there. Choose another place with --out FILE.",
            io::ErrorKind::PermissionDenied => "Choose a place where you may write, with --out FILE.",
            io::ErrorKind::StorageFull => {
                "The disk is full. Make room, or choose another place with --out FILE."
            }
            _ => "Choose another place with --out FILE.",
        };
        Error::Write { file: file.to_owned(), source, next }
    };
    let mut open = OpenOptions::new().write(true).create_new(true).open(file).map_err(failed)?;
    open.write_all(bytes).and_then(|()| open.sync_all()).map_err(|source| {
        // Half a pack proves nothing; the error below says why there is none.
        drop(std::fs::remove_file(file));
        failed(source)
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{plain_name, write_new};

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
    fn the_node_names_a_file_and_no_directory() {
        assert_eq!(plain_name("../../x.cairn"), Path::new("x.cairn"));
        assert_eq!(plain_name(".."), Path::new("evidence.cairn"));
    }
}
