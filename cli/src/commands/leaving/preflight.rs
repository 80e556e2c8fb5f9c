//! `cairn preflight`: everything there is to know before a release.

use std::path::Path;

use cairn_proto::pb::admin::{PreflightFile, PreflightRequest, preflight_request::What};
use clap::Args;

use crate::{
    args::terms::{self, PROFILE, Terms},
    client::answer,
    commands::{Session, experiment::LARGEST_FILE},
    error::{Error, Exit},
    input,
    output::preflight,
};

/// What `--help` says.
pub(super) const MANUAL: &str = "\
Shows on one page everything there is to know before a release: what stands in the way, what was found in it that \
could name a person, how numbers are changed, whose consent it rests on, who would receive it today and who could \
later, until when, and whether a second person has to say yes.

Nothing leaves, and nothing is kept: a file is looked at and forgotten. It never decides that something may leave; \
that stays with you, and it finds only what it knows to look for.

It takes the id of an experiment kept at home, the word `profile`, or a file: a name with a / in it, one that ends in \
.yaml, .yml, .json or .md, or one that is a file here; - for the standard input. Files over 256 KiB are refused unread.

Each finding has a key. `cairn publish --override KEY=REASON` releases all the same what was found but is right; try \
it here first, with the same words.

It ends with exit code 1 if something stops the release.

Example:

  cairn preflight our-experiment --card network
  cairn preflight draft.md --card \"named peers\" --to \"South Tyneside Alliance\"
  cairn preflight our-experiment --card public --override \"name@noticed=It is the name of a ship.\"";

/// What to look at and on which terms.
#[derive(Debug, Args)]
pub(crate) struct PreflightArgs {
    /// A file, the id of an experiment kept at home, or the word `profile`
    #[arg(value_name = "FILE|ID|profile")]
    what: String,
    /// On which terms.
    #[command(flatten)]
    terms: Terms,
}

/// Asks what stands before the release.
pub(super) async fn run(session: &mut Session, args: PreflightArgs) -> Result<Exit, Error> {
    let PreflightArgs { what, terms } = args;
    let what = if is_file(&what) {
        let content = input::read_text(Path::new(&what), LARGEST_FILE)?;
        let file_name = if what == "-" { "the standard input".to_owned() } else { what };
        What::File(PreflightFile { content, file_name, release: Some(terms.into_request(None, true)) })
    } else {
        What::Release(terms.into_request(Some(terms::what(what)), true))
    };
    let mut node = session.node().await?;
    let reply = answer(node.release.preflight(PreflightRequest { what: Some(what) })).await?;
    session.out.reply(&reply, preflight::alone)?;
    Ok(if reply.page.is_some_and(|page| page.clear) { Exit::Done } else { Exit::Refused })
}

/// Whether a file is meant, and no id.
fn is_file(what: &str) -> bool {
    let ends = [".yaml", ".yml", ".json", ".md"].iter().any(|end| what.ends_with(end));
    what == "-" || what.contains('/') || ends || (what != PROFILE && Path::new(what).is_file())
}

#[cfg(test)]
mod tests {
    use super::is_file;

    #[test]
    fn files_are_told_from_ids() {
        for file in ["-", "./profile", "draft.md", "x.yaml", "x.yml", "x.json", "Cargo.toml"] {
            assert!(is_file(file), "{file}");
        }
        for id in ["profile", "our-experiment", "src"] {
            assert!(!is_file(id), "{id}");
        }
    }
}
