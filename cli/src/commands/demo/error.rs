//! What can bring the demo to an early end.

use std::{io, path::PathBuf};

use crate::error::{Error, Exit};

/// What can bring the demo to an early end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The directory holds something.
    #[error("The directory {} is not empty. Name a new or empty directory with --dir, or leave --dir out to use a \
             temporary one.", .0.display())]
    NotEmpty(PathBuf),
    /// The directory cannot be used.
    #[error("The directory {} cannot be used: {source}. Name another one with --dir.", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The temporary directory could not be removed.
    #[error("The temporary directory {} could not be removed: {source}. Remove it yourself; nobody needs it.",
            dir.display())]
    NotRemoved {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are no case files.
    #[error("The case files were not found. Looked in {looked}. Name their directory with --cases DIR.")]
    NoCases {
        /// Where they were looked for.
        looked: String,
    },
    /// A case is missing.
    #[error("The case file {}.yaml is missing in {}. Name the directory with all cases with --cases DIR.", case,
            dir.display())]
    NoCase {
        /// The directory.
        dir: PathBuf,
        /// The case.
        case: &'static str,
    },
    /// There is no free port.
    #[error("There is no free port on 127.0.0.1: {0}. Close other programs and try again.")]
    NoPort(io::Error),
    /// A node could not be created.
    #[error("The node of {name} could not be created. `cairn-node init` said:\n\n{said}")]
    Init {
        /// Of which place.
        name: &'static str,
        /// What it said.
        said: String,
    },
    /// A node ended by itself.
    #[error("The node of {name} ended by itself ({status}). The last lines of its log {log}:\n\n{tail}\n\nIf they do \
             not tell what to mend, run the demo with --dir DIR: that keeps the whole log.", log = log.display())]
    Died {
        /// Of which place.
        name: &'static str,
        /// How it ended.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The port was taken by another program, twice.
    #[error(
        "The node of {name} could not listen on 127.0.0.1:{port}: another program took the port in between, twice. \
             Run the demo again."
    )]
    PortTaken {
        /// Of which place.
        name: &'static str,
        /// The port.
        port: u16,
    },
    /// A node does not answer.
    #[error("The node of {name} did not answer within {seconds} seconds of its start. The last lines of its log \
             {log}:\n\n{tail}\n\nThe machine may be very busy: try again.", log = log.display())]
    NotReady {
        /// Of which place.
        name: &'static str,
        /// How long we waited.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// Something did not come about in time.
    #[error(
        "{what} did not come about within {seconds} seconds. The machine may be very busy: try again. With --dir \
             DIR everything is kept, the nodes' logs as well."
    )]
    Late {
        /// What was waited for.
        what: String,
        /// How long we waited.
        seconds: u64,
    },
    /// A node refused something.
    #[error("{name}: {source}")]
    At {
        /// Of which place.
        name: &'static str,
        /// What it said.
        source: Box<Error>,
    },
    /// Somebody pressed Ctrl-C before the end.
    #[error("Stopped before the end.")]
    Stopped,
}

impl DemoError {
    /// The exit code it leads to.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NotEmpty(_) => Exit::Usage,
            Self::NoCases { .. } | Self::NoCase { .. } => Exit::UnreadableInput,
            _ => Exit::Refused,
        }
    }
}

impl From<DemoError> for Error {
    fn from(error: DemoError) -> Self {
        Self::Demo(Box::new(error))
    }
}

impl Error {
    /// The same, with the place whose node said so.
    pub(crate) fn at(self, name: &'static str) -> Self {
        match self {
            gone @ (Self::Output(_) | Self::Demo(_)) => gone,
            source => DemoError::At { name, source: Box::new(source) }.into(),
        }
    }
}
