//! The one table from use-case errors to what the people of this place are told.

use tonic::{Code, Response, Status};

use crate::{
    app::{AppError, error::sentence},
    store::StoreError,
};

/// What a method of the admin services answers.
pub(super) type Reply<T> = Result<Response<T>, Status>;

/// What a use case gave, or what the caller is told instead.
pub(super) fn told<T>(result: Result<T, AppError>) -> Result<T, Status> {
    result.map_err(|error| status(&error))
}

/// What the caller is told about an error. Messages are whole sentences for people.
#[must_use]
pub fn status(error: &AppError) -> Status {
    let code = match error {
        AppError::NotFound { .. } | AppError::Unknown { .. } => Code::NotFound,
        AppError::Conflict { .. } => Code::Aborted,
        AppError::Ambiguous { .. }
        | AppError::Text(_)
        | AppError::Date(_)
        | AppError::Argument(_)
        | AppError::Ticket(_)
        | AppError::File { .. }
        | AppError::OwnTicket => Code::InvalidArgument,
        AppError::NameTaken(_) | AppError::Exists { .. } | AppError::Differ { .. } => Code::AlreadyExists,
        AppError::Release(_)
        | AppError::Erased { .. }
        | AppError::Store(StoreError::Erased { .. })
        | AppError::Policy(_)
        | AppError::Preflight { .. }
        | AppError::TooLarge { .. }
        | AppError::Unnamed
        | AppError::NotOurs(_)
        | AppError::Gone { .. }
        | AppError::KeptBack(_)
        | AppError::Paused(_)
        | AppError::Gate { .. }
        | AppError::Forked
        | AppError::Succeeded(_)
        | AppError::Succession(_)
        | AppError::Stale { .. }
        | AppError::TicketExpired(_)
        | AppError::Standing { .. }
        | AppError::Contract(_)
        | AppError::NotParty(_)
        | AppError::Invitation
        | AppError::NotAPeer { .. }
        | AppError::NotServed(_)
        | AppError::Suspended { .. }
        | AppError::Rechosen
        | AppError::Unanswered { .. }
        | AppError::Blocked { .. }
        | AppError::Trust(_)
        | AppError::Refresh { .. } => Code::FailedPrecondition,
        AppError::ProposalsFull | AppError::DailyBytes { .. } | AppError::Store(StoreError::Full(_)) => {
            Code::ResourceExhausted
        }
        AppError::Record(_) | AppError::Received(_) => Code::DataLoss,
        AppError::Key(_) | AppError::Recovered(_) => Code::FailedPrecondition,
        AppError::Store(_) | AppError::Entropy(_) | AppError::CutOff(_) => Code::Internal,
    };
    if matches!(code, Code::Internal | Code::DataLoss) {
        tracing::error!(%error, "an admin call failed");
    }
    Status::new(code, sentence(&error.to_string()))
}
