//! `cairn verify`: checks an evidence pack, or evidence of two logs, offline and without a node.

use std::path::PathBuf;

use cairn_proto::{evidence, fork, limits::EVIDENCE_BYTES};
use clap::Args;

use super::Session;
use crate::{
    error::{Error, Exit},
    input,
    output::{
        evidence::{Proven, proven},
        integrity::{self, ProvenFork},
    },
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Checks an evidence pack: a file that shows who signed a record and that it stands in its author's log. Evidence that a node signed \
two different logs is checked as well. It needs no node and no network, so that anyone can check for themselves.

It says what is proven, by whom, and what is not proven. If the pack proves nothing it says why and ends with exit \
code 1.

It never changes the file, and never asks or tells anyone. Files over 1 MiB are refused unread.

Example:

  cairn verify evidence.cairn";

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The evidence pack; - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Reads and checks.
pub(crate) fn run(session: &mut Session, VerifyArgs { file }: &VerifyArgs) -> Result<Exit, Error> {
    let limit = u64::try_from(EVIDENCE_BYTES).unwrap_or(u64::MAX);
    let bytes = input::read(file, limit)?;
    if fork::is_fork(&bytes) {
        let proven = fork::verify(&bytes)
            .map_err(|reason| Error::NotProven { file: file.clone(), reason: Box::new(reason.into()) })?;
        match session.out.wants_json() {
            true => session.out.value(&ProvenFork::new(&proven))?,
            false => session.out.page(|page| integrity::fork(&proven, page))?,
        }
        return Ok(Exit::Done);
    }
    let evidence = evidence::verify(&bytes)
        .map_err(|reason| Error::NotProven { file: file.clone(), reason: Box::new(reason.into()) })?;
    if session.out.wants_json() {
        session.out.value(&Proven::new(&evidence)?)?;
    } else {
        session.out.page(|page| proven(&evidence, page))?;
    }
    Ok(Exit::Done)
}
