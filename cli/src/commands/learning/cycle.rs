//! What only cycles have: whole cycles as files, tables, prompts.

use cairn_proto::pb::admin::{
    self as pb, ExportCycleRequest, ExportTableRequest, GetDocumentRequest, ImportCycleRequest,
};

use super::{
    prompt, save,
    write::{self, File},
};
use crate::{
    args::learning::more::{CycleCommand, CycleFormat, ExportArgs, ImportCycleArgs, TableArgs, TableFormat},
    client::{answer, answer_slowly},
    commands::Session,
    error::{Error, Exit},
    input,
    output::learning::files,
};

/// The largest file with many documents, as the node has it.
pub(super) const LARGEST_BUNDLE: u64 = 8 << 20;

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: CycleCommand) -> Result<Exit, Error> {
    match command {
        CycleCommand::Import(args) => import(session, args).await,
        CycleCommand::Export(args) => export(session, args).await,
        CycleCommand::Table(args) => table(session, args).await,
        CycleCommand::Prompts(args) => prompts(session, args.id).await,
    }
}

/// Reads in a whole cycle.
async fn import(session: &mut Session, args: ImportCycleArgs) -> Result<Exit, Error> {
    let content = input::read_text(&args.file, LARGEST_BUNDLE)?;
    let mut node = session.node().await?;
    let file_name = save::file_name(&args.file);
    let request = ImportCycleRequest { content, file_name, replace: args.replace };
    let reply = answer_slowly(node.learning.import_cycle(request)).await?;
    session.out.reply(&reply, files::imported)?;
    Ok(Exit::Done)
}

/// Writes a whole cycle to a file.
async fn export(session: &mut Session, args: ExportArgs) -> Result<Exit, Error> {
    let ExportArgs { id, format, private, output } = args;
    write::check(session, &output)?;
    let format = match format {
        CycleFormat::Json => pb::CycleFormat::Json,
        CycleFormat::Markdown => pb::CycleFormat::Markdown,
        CycleFormat::Html => pb::CycleFormat::Html,
    };
    let mut node = session.node().await?;
    let request = ExportCycleRequest { id, format: format.into(), private };
    let reply = answer_slowly(node.learning.export_cycle(request)).await?;
    let file = File {
        content: reply.content,
        name: reply.file_name,
        documents: Some(reply.documents),
        left_out: Some(reply.left_out),
        ..File::default()
    };
    write::write(session, output, file)
}

/// Writes documents as a table.
async fn table(session: &mut Session, args: TableArgs) -> Result<Exit, Error> {
    let TableArgs { rows, format, cycle, private, output } = args;
    write::check(session, &output)?;
    let binary = format == TableFormat::Xlsx;
    let format = if binary { pb::TableFormat::Xlsx } else { pb::TableFormat::Csv };
    let mut node = session.node().await?;
    let request = ExportTableRequest { rows, cycle, format: format.into(), private };
    let reply = answer_slowly(node.learning.export_table(request)).await?;
    let file = File {
        content: reply.content,
        name: reply.file_name,
        rows: Some(reply.rows),
        left_out: Some(reply.left_out),
        binary,
        ..File::default()
    };
    write::write(session, output, file)
}

/// Questions to think with at the scale of a cycle.
async fn prompts(session: &mut Session, id: String) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let request = GetDocumentRequest { kind: "cycle".to_owned(), id, version: 0 };
    let scale = answer(node.learning.get_document(request)).await?.document.unwrap_or_default().scale;
    let found = prompt::by_stage(&mut node, |request| {
        request.traits.push(pb::Trait { name: "scale".to_owned(), value: scale.clone() });
    });
    let found = found.await?;
    prompt::tell(session, &found, &format!("at the scale \"{scale}\""))
}
