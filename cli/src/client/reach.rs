//! Why a node cannot be reached: what happened, why, and what to do next.

use std::{io, path::PathBuf};

use super::DataDir;

/// Why a node cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReachError {
    /// The data directory does not exist.
    #[error("There is no data directory {dir}, so there is no node to speak to. Create a node there with\n\n  \
             cairn --data-dir {word} init --name \"NAME OF YOUR PLACE\"\n\nor name the data directory of your node \
             with --data-dir DIR.", dir = .0.path().display(), word = .0.shell_word())]
    NoDirectory(DataDir),
    /// The data directory is a file.
    #[error("{} is not a directory. Name the data directory of your node with --data-dir DIR.", .0.path().display())]
    NotADirectory(DataDir),
    /// The directory holds no node.
    #[error("No node was created in {dir}. Create one with\n\n  cairn --data-dir {word} init --name \"NAME OF YOUR \
             PLACE\"\n\nor name the data directory of your node with --data-dir DIR.",
            dir = .0.path().display(), word = .0.shell_word())]
    NoNode(DataDir),
    /// The node does not serve.
    #[error("The node in {dir} is not running. Start it with\n\n  cairn-node serve --data-dir {word}\n\nand leave it \
             running.", dir = .0.path().display(), word = .0.shell_word())]
    NotRunning(DataDir),
    /// The node said where it is, but it is not there.
    #[error("The node in {dir} is not running. It left its address {endpoint} behind, so it probably ended without \
             shutting down. Nothing it acknowledged is lost. Start it again with\n\n  cairn-node serve --data-dir \
             {word}", dir = dir.path().display(), word = dir.shell_word())]
    Stale {
        /// Its data directory.
        dir: DataDir,
        /// The address it left.
        endpoint: String,
    },
    /// The address cannot be understood.
    #[error("The file {dir}/admin.endpoint does not say where the node is: it holds \"{line}\". Stop the node and \
             start it again; it writes the file anew.", dir = dir.path().display())]
    BadEndpoint {
        /// Its data directory.
        dir: DataDir,
        /// What stands in the file.
        line: String,
    },
    /// The token is missing.
    #[error("The node in {dir} asks for a token, but {dir}/admin.token is not there or is not a token. Stop the node \
             and start it again; it writes the file anew.", dir = .0.path().display())]
    NoToken(DataDir),
    /// The files belong to someone else.
    #[error("You may not use {}: it belongs to another user of this machine. Run the command as the user that runs \
             the node, for example with sudo -u, or name another data directory with --data-dir DIR.", .0.display())]
    Permission(PathBuf),
    /// A file cannot be read.
    #[error("{} could not be read: {source}.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something answers, but not as a node does.
    #[error("The node in {dir} did not let itself be spoken to at {endpoint}: {why}. Look into its log; if it is not \
             running, start it with\n\n  cairn-node serve --data-dir {word}",
            dir = dir.path().display(), word = dir.shell_word())]
    NoConnection {
        /// Its data directory.
        dir: DataDir,
        /// Its address.
        endpoint: String,
        /// What went wrong.
        why: String,
    },
    /// The connection broke.
    #[error(
        "The connection to the node broke before it answered ({why}). It may have been stopped. See whether it is \
             running with `cairn status`, look whether what you asked for was done, and try again."
    )]
    Lost {
        /// What went wrong.
        why: String,
    },
    /// No answer came.
    #[error(
        "The node did not answer within {seconds} seconds. It may be busy or stuck. Look whether what you asked \
             for was done, look into the node's log, and try again."
    )]
    Silent {
        /// How long we waited.
        seconds: u64,
    },
}
