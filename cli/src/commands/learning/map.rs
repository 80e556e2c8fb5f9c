//! What only maps have: to and from Kumu.

use std::path::{Path, PathBuf};

use cairn_proto::pb::admin::{ExportMapRequest, ImportMapRequest};
use serde_json::Value;

use super::{
    cycle::LARGEST_BUNDLE,
    save,
    write::{self, File},
};
use crate::{
    args::learning::more::{MapCommand, MapExportArgs, MapImportArgs},
    client::answer_slowly,
    commands::Session,
    error::{Error, Exit},
    input,
    noun::Noun,
    output::learning::files,
};

/// Runs one of them.
pub(super) async fn run(session: &mut Session, command: MapCommand) -> Result<Exit, Error> {
    match command {
        MapCommand::Import(args) => import(session, args).await,
        MapCommand::Export(MapExportArgs { id, output }) => {
            write::check(session, &output)?;
            let mut node = session.node().await?;
            let reply = answer_slowly(node.learning.export_map(ExportMapRequest { id })).await?;
            let file = File { content: reply.content, name: reply.file_name, ..File::default() };
            write::write(session, output, file)
        }
    }
}

/// A map from Kumu, or maps from files.
async fn import(session: &mut Session, args: MapImportArgs) -> Result<Exit, Error> {
    let MapImportArgs { files, system, seen_by, title, id } = args;
    let for_kumu = system.is_some() || seen_by.is_some() || title.is_some() || id.is_some();
    let [file] = files.files.as_slice() else {
        if for_kumu {
            let text = "--system, --seen-by, --title and --id are for one map from Kumu. Name one file.";
            return Err(Error::Usage(text.to_owned()));
        }
        return documents(session, &files.files).await;
    };
    if file == Path::new("-") && !for_kumu {
        return documents(session, &files.files).await;
    }
    let content = input::read_text(file, LARGEST_BUNDLE)?;
    if !for_kumu && !is_kumu(&content) {
        return documents(session, &files.files).await;
    }
    let needed = |value: Option<String>, flag: &str| {
        value.ok_or_else(|| {
            let text = format!(
                "{} comes from Kumu, which does not know {flag}. Say it, for example with --system ID --seen-by \
                 \"district nurses\" --title \"Why people return\".",
                file.display()
            );
            Error::Usage(text)
        })
    };
    let request = ImportMapRequest {
        system: needed(system, "--system")?,
        seen_by: needed(seen_by, "--seen-by")?,
        title: needed(title, "--title")?,
        id: id.unwrap_or_default(),
        file_name: save::file_name(file),
        content,
    };
    let mut node = session.node().await?;
    let reply = answer_slowly(node.learning.import_map(request)).await?;
    session.out.reply(&reply, files::map_imported)?;
    Ok(Exit::Done)
}

/// Maps from files of our own.
async fn documents(session: &mut Session, files: &[PathBuf]) -> Result<Exit, Error> {
    let Some(noun) = Noun::of("map") else { return Ok(Exit::Internal) };
    save::import(session, noun, files).await
}

/// Whether a file is JSON that does not say it is a document of ours.
fn is_kumu(content: &[u8]) -> bool {
    matches!(serde_json::from_slice(content), Ok(Value::Object(parts)) if !parts.contains_key("cairn"))
}

#[cfg(test)]
mod tests {
    use super::is_kumu;

    #[test]
    fn json_that_is_no_document_comes_from_kumu() {
        assert!(is_kumu(br#"{"elements": [], "connections": []}"#));
        assert!(!is_kumu(br#"{"cairn": "map/1", "title": "x"}"#));
        assert!(!is_kumu(b"cairn: map/1\ntitle: x\n"));
        assert!(!is_kumu(b"---\ncairn: map/1\n---\n"));
    }
}
