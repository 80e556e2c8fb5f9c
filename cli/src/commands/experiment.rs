//! What `cairn experiment` does otherwise than the commands of other kinds: it also shows what was released.

use std::path::PathBuf;

use cairn_proto::pb::admin::{
    DeclareExperimentRequest, GetDocumentRequest, GetDocumentResponse, GetExperimentRequest,
    GetExperimentResponse, ImportExperimentRequest, ImportExperimentResponse, ListExperimentsRequest,
};

use super::{Session, learning::save};
use crate::{
    client::{Node, answer},
    error::{Error, Exit},
    output::experiment,
};

/// The largest experiment file, as the node has it.
pub(crate) const LARGEST_FILE: u64 = 256 * 1024;

/// The experiments kept at home, and what of them was released.
pub(crate) async fn list(session: &mut Session) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.list_experiments(ListExperimentsRequest {})).await?;
    session.out.reply(&reply, experiment::list)?;
    Ok(Exit::Done)
}

/// One experiment as a summary would tell it; one that is only designed yet as a document.
pub(crate) async fn show(session: &mut Session, id: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.get_experiment(GetExperimentRequest { id: id.clone() })).await?;
    if session.out.wants_json() || has_account(&reply) {
        session.out.reply(&reply, experiment::at_home)?;
        return Ok(Exit::Done);
    }
    let document = document(&mut node, id).await?;
    session.out.page(|page| experiment::designed(&reply, &document, page))?;
    Ok(Exit::Done)
}

/// Whether there is something that was tried to tell about.
fn has_account(reply: &GetExperimentResponse) -> bool {
    reply.summary.as_ref().is_some_and(|summary| !summary.tried.trim().is_empty())
}

async fn document(node: &mut Node, id: String) -> Result<GetDocumentResponse, Error> {
    let request = GetDocumentRequest { kind: "experiment".to_owned(), id, version: 0 };
    answer(node.learning.get_document(request)).await
}

/// Declares an experiment before it begins.
pub(crate) async fn declare(session: &mut Session, id: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.learning.declare_experiment(DeclareExperimentRequest { id })).await?;
    session.out.reply(&reply, experiment::declared)?;
    Ok(Exit::Done)
}

/// Reads all files, then takes them in one after another.
pub(crate) async fn import(session: &mut Session, files: Vec<PathBuf>) -> Result<Exit, Error> {
    save::each_file(session, &files, take_in, experiment::imported).await
}

/// Takes in one file.
pub(crate) async fn take_in(
    node: &mut Node,
    file_name: String,
    content: Vec<u8>,
) -> Result<ImportExperimentResponse, Error> {
    answer(node.admin.import_experiment(ImportExperimentRequest { content, file_name })).await
}
