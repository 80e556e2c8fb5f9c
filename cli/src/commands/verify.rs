//! `cairn verify`: checks an evidence pack, offline and without a node.

use std::path::PathBuf;

use cairn_proto::{evidence, limits::EVIDENCE_BYTES};
use clap::Args;

use super::Session;
use crate::{
    error::{Error, Exit},
    input,
    output::evidence::{Proven, proven},
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Checks an evidence pack: a file that shows who signed a record and that it stands in its author's log. It needs no \
node and no network, so that anyone can check for themselves.

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
    let evidence = evidence::verify(&bytes)
        .map_err(|reason| Error::NotProven { file: file.clone(), reason: Box::new(reason) })?;
    if session.out.wants_json() {
        session.out.value(&Proven::new(&evidence)?)?;
    } else {
        session.out.page(|page| proven(&evidence, page))?;
    }
    Ok(Exit::Done)
}
