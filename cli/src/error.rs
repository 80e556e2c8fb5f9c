//! Everything that can go wrong, each with the exit code it leads to.
//!
//! Messages say what happened, why, and what to do next. Those of the node are
//! complete sentences already and pass through unchanged.

use std::{io, path::PathBuf};

use cairn_proto::{evidence::EvidenceError, fork::ForkError};
use tonic::Code;

use crate::{client::ReachError, commands::demo::DemoError, input::InputError};

/// How the program ends, as documented in `cairn --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done,
    /// The request was refused, or a check found something.
    Refused,
    /// The command was not used as it is meant.
    Usage,
    /// The node cannot be reached.
    Unreachable,
    /// What was asked for does not exist here.
    NotFound,
    /// A file or the standard input cannot be read.
    UnreadableInput,
    /// Something happened that should not.
    Internal,
    /// Another program's own exit code, passed on.
    Passed(u8),
}

impl Exit {
    /// The number the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::NotFound => 4,
            Self::UnreadableInput => 5,
            Self::Internal => 70,
            Self::Passed(code) => code,
        }
    }

    /// The name of the code in JSON errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused | Self::Passed(_) => "refused",
            Self::Usage => "usage",
            Self::Unreachable => "unreachable",
            Self::NotFound => "not_found",
            Self::UnreadableInput => "unreadable_input",
            Self::Internal => "internal",
        }
    }
}

/// Why evidence proves nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotProven {
    /// Of a record.
    #[error(transparent)]
    Record(#[from] EvidenceError),
    /// Of a fork.
    #[error(transparent)]
    Fork(#[from] ForkError),
}

/// What can go wrong in any command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The node cannot be reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The node answered with a refusal of its own.
    #[error("{message}")]
    Node {
        /// The gRPC code.
        code: Code,
        /// The node's own sentence.
        message: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The command was not used as it is meant.
    #[error("{0}")]
    Usage(String),
    /// A person or a rule said no.
    #[error("{0}")]
    Refused(String),
    /// An evidence pack proves nothing.
    #[error("{} proves nothing: {reason}. Do not rely on it. Ask whoever gave it to you for a new one, \
             made with `cairn export`.", file.display())]
    NotProven {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: Box<NotProven>,
    },
    /// A file cannot be written.
    #[error("{} could not be written: {source}. {next}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What to do next.
        next: &'static str,
    },
    /// The demo came to an early end.
    #[error(transparent)]
    Demo(#[from] Box<DemoError>),
    /// Another program ended with its own exit code, having said why.
    #[error("{message}")]
    Passed {
        /// Its exit code.
        code: u8,
        /// What it said.
        message: String,
    },
    /// Nobody reads our output any more.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
    /// A reply is not as the schema says.
    #[error(
        "The answer of the node could not be read ({0}). Its version and that of this command may differ: \
             compare `cairn --version` and `cairn-node --version`."
    )]
    Reply(String),
}

impl Error {
    /// The exit code it leads to.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Reach(_) => Exit::Unreachable,
            Self::Node { code, .. } => exit_of(*code),
            Self::Input(_) => Exit::UnreadableInput,
            Self::Usage(_) => Exit::Usage,
            Self::Refused(_) | Self::NotProven { .. } | Self::Write { .. } => Exit::Refused,
            Self::Demo(error) => error.exit(),
            Self::Passed { code, .. } => Exit::Passed(*code),
            Self::Output(_) | Self::Reply(_) => Exit::Internal,
        }
    }

    /// Whether it only means that the reader of our output has gone, as `head` does.
    pub(crate) fn is_closed_output(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The one table from the node's answers to exit codes.
fn exit_of(code: Code) -> Exit {
    match code {
        Code::Ok => Exit::Done,
        Code::InvalidArgument | Code::OutOfRange => Exit::Usage,
        Code::NotFound => Exit::NotFound,
        Code::FailedPrecondition
        | Code::PermissionDenied
        | Code::Unauthenticated
        | Code::AlreadyExists
        | Code::ResourceExhausted
        | Code::Aborted => Exit::Refused,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Exit::Unreachable,
        Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => Exit::Internal,
    }
}
