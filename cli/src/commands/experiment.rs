//! `cairn experiment`: the experiments kept at home.

use std::path::PathBuf;

use cairn_proto::pb::admin::{
    GetExperimentRequest, ImportExperimentRequest, ImportExperimentResponse, ListExperimentsRequest,
};
use clap::{Args, Subcommand};

use super::Session;
use crate::{
    client::{Node, answer},
    error::{Error, Exit},
    input,
    output::{experiment, json},
};

/// The largest experiment file, as the node has it.
pub(crate) const LARGEST_FILE: u64 = 256 * 1024;

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Experiments live at home, in your own node: what was tried, where, what was noticed, what went wrong, and why it may \
not travel. Here you read them in and look at them.

Nothing here is ever sent to anyone. Only `cairn publish` releases a summary.

Example:

  cairn experiment import our-experiment.yaml";

/// What `import --help` says.
const IMPORT_MANUAL: &str = "\
Reads experiment files into your node. A file is YAML or JSON, begins with `cairn: experiment/1`, and is text in \
UTF-8 of at most 256 KiB. A file with an id that is known becomes its next version; the same file again changes \
nothing. All files are read before the first is taken in, so that a wrong name stops everything.

Nothing is sent to anyone, and the files themselves are never changed.

With --json and one FILE the answer is one object; with several it is a list.

Example:

  cairn experiment import our-experiment.yaml
  cairn experiment import - < our-experiment.yaml";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Lists the experiments kept at home, by their id. They are never sorted by how they went: ended early stands beside \
all others.

Example:

  cairn experiment list";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows one experiment as a summary would tell it, what its consent covers, and what stands in the way of a release. \
Nothing is sent to anyone.

Example:

  cairn experiment show our-experiment";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum ExperimentCommand {
    /// Read experiment files into your node; nothing is sent
    #[command(long_about = IMPORT_MANUAL)]
    Import(ImportArgs),
    /// List the experiments kept at home
    #[command(long_about = LIST_MANUAL)]
    List,
    /// Show one experiment as a summary would tell it
    #[command(long_about = SHOW_MANUAL)]
    Show(ShowArgs),
}

/// What to read in.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Files to read; - for the standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its id, as in `cairn experiment list`
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: ExperimentCommand) -> Result<Exit, Error> {
    match command {
        ExperimentCommand::Import(args) => import(session, args).await?,
        ExperimentCommand::List => {
            let mut node = session.node().await?;
            let reply = answer(node.admin.list_experiments(ListExperimentsRequest {})).await?;
            session.out.reply(&reply, experiment::list)?;
        }
        ExperimentCommand::Show(ShowArgs { id }) => {
            let mut node = session.node().await?;
            let reply = answer(node.admin.get_experiment(GetExperimentRequest { id })).await?;
            session.out.reply(&reply, experiment::at_home)?;
        }
    }
    Ok(Exit::Done)
}

/// Reads all files, then takes them in one after another.
async fn import(session: &mut Session, ImportArgs { files }: ImportArgs) -> Result<(), Error> {
    let contents = files.iter().map(|file| Ok((file, input::read_text(file, LARGEST_FILE)?)));
    let contents = contents.collect::<Result<Vec<_>, Error>>()?;
    let mut node = session.node().await?;
    let mut replies = Vec::new();
    for (file, content) in contents {
        let reply = match take_in(&mut node, file.display().to_string(), content).await {
            Err(Error::Node { code, message }) if files.len() > 1 => {
                let done = replies.len();
                let message =
                    format!("{message} ({}: {done} of {} files were taken in.)", file.display(), files.len());
                return Err(Error::Node { code, message });
            }
            other => other?,
        };
        if !session.out.wants_json() {
            session.out.page(|page| experiment::imported(&reply, page))?;
        }
        replies.push(json::canonical(&reply)?);
    }
    if session.out.wants_json() {
        match replies.as_slice() {
            [one] => session.out.value(one)?,
            several => session.out.value(&several)?,
        }
    }
    Ok(())
}

/// Takes in one file.
pub(crate) async fn take_in(
    node: &mut Node,
    file_name: String,
    content: Vec<u8>,
) -> Result<ImportExperimentResponse, Error> {
    answer(node.admin.import_experiment(ImportExperimentRequest { content, file_name })).await
}
