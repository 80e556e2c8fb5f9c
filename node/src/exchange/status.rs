//! The one table from use-case errors to what a calling node is told. Refusals are typed and
//! never silent; what went wrong inside this node stays inside.

use cairn_proto::{
    limits,
    pb::exchange::{
        Blocked, NotAPeer, NotInAudience, Paused, QuotaExceeded, RefreshRequired, Refusal,
        Standing as PbStanding, VersionRefused, refusal::Kind,
    },
};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::pb as rpc;

use crate::{app::AppError, wire::contract::standing_to_pb};

/// Type of the refusal in the status details.
const REFUSAL: &str = "type.googleapis.com/cairn.exchange.v1.Refusal";

/// A status that carries a typed refusal.
#[must_use]
pub fn refuse(code: Code, message: impl Into<String>, kind: Kind) -> Status {
    let message = message.into();
    let value = Refusal { kind: Some(kind) }.encode_to_vec();
    let details = vec![prost_types::Any { type_url: REFUSAL.to_owned(), value }];
    let status = rpc::Status { code: code as i32, message: message.clone(), details };
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// The refusal that a status carries, if any.
#[must_use]
pub fn refusal(status: &Status) -> Option<Kind> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let any = details.into_iter().find(|any| any.type_url == REFUSAL)?;
    Refusal::decode(&any.value[..]).ok()?.kind
}

/// The caller speaks no version that is spoken here, or none that is enough here.
#[must_use]
pub fn version(min_version: u32, version: u32) -> Status {
    let message = format!(
        "this node asks for version {min_version} to {version} of the protocol; upgrade one of the two"
    );
    refuse(Code::FailedPrecondition, message, Kind::Version(VersionRefused { min_version, version }))
}

/// The caller asks too often.
#[must_use]
pub fn too_often(allowed: u64, retry_after_seconds: u32) -> Status {
    let message = format!("too many requests; try again in {retry_after_seconds} s");
    let limit = "requests".to_owned();
    let quota = QuotaExceeded { limit, allowed, used: allowed, retry_after_seconds };
    refuse(Code::ResourceExhausted, message, Kind::Quota(quota))
}

/// The message is larger than allowed.
#[must_use]
pub fn too_large(limit: &str, allowed: usize, used: usize) -> Status {
    let message = format!("{limit}: {used} bytes, at most {allowed} fit");
    let (allowed, used) = (allowed as u64, used as u64);
    let quota = QuotaExceeded { limit: limit.to_owned(), allowed, used, retry_after_seconds: 0 };
    refuse(Code::ResourceExhausted, message, Kind::Quota(quota))
}

/// A list is longer than allowed.
#[must_use]
pub fn too_many(limit: &str, allowed: usize, used: usize) -> Status {
    let message = format!("{limit}: {used} of them, at most {allowed} fit");
    let (allowed, used) = (allowed as u64, used as u64);
    let quota = QuotaExceeded { limit: limit.to_owned(), allowed, used, retry_after_seconds: 0 };
    refuse(Code::ResourceExhausted, message, Kind::Quota(quota))
}

/// What a calling node is told about an error.
#[must_use]
pub fn status(error: &AppError) -> Status {
    let message = error.to_string();
    match error {
        AppError::NotAPeer { standing, reason } => not_a_peer(standing.map(standing_to_pb), reason),
        // Our own name for the peer is nobody else's business.
        AppError::Standing { standing, hint, .. } => not_a_peer(Some(standing_to_pb(*standing)), hint),
        AppError::Suspended { reason } => not_a_peer(Some(PbStanding::Suspended), reason),
        AppError::Blocked { reason, .. } => {
            let kind = Kind::Blocked(Blocked { reason: reason.clone() });
            refuse(Code::PermissionDenied, format!("this identity is blocked here: {reason}"), kind)
        }
        AppError::DailyBytes { allowed, used, retry_after } => daily_bytes(*allowed, *used, *retry_after),
        AppError::Recovered(_) => not_a_peer(
            None,
            "this identity was recovered; a person here has to confirm that first, talk to them",
        ),
        AppError::NotServed(_) => {
            let kind = Kind::NotInAudience(NotInAudience { reason: message.clone() });
            refuse(Code::PermissionDenied, message, kind)
        }
        AppError::Refresh { size, claimed } => {
            let kind = Kind::Refresh(RefreshRequired { size: *size, claimed: *claimed });
            refuse(Code::FailedPrecondition, message, kind)
        }
        AppError::Paused(since) => {
            let kind = Kind::Paused(Paused { since: Some(crate::wire::timestamp(*since)) });
            refuse(Code::Unavailable, "sharing is paused here; retractions still flow", kind)
        }
        AppError::Gate { since, .. } => {
            let kind = Kind::Paused(Paused { since: Some(crate::wire::timestamp(*since)) });
            refuse(
                Code::Unavailable,
                "this node was restored and looks for what it had signed; retractions still flow",
                kind,
            )
        }
        AppError::Received(_) => Status::invalid_argument(message),
        AppError::ProposalsFull => too_often(0, 3600),
        AppError::Contract(_)
        | AppError::NotParty(_)
        | AppError::Invitation
        | AppError::Text(_)
        | AppError::Date(_)
        | AppError::Policy(_)
        | AppError::Argument(_)
        | AppError::Record(_) => Status::invalid_argument(message),
        // Everything else is our own business: the caller learns that, and our log says why.
        _ => {
            tracing::error!(%error, "a call from another node failed");
            Status::internal("the node could not do it; its operator finds the reason in its log")
        }
    }
}

/// The caller has fetched what its contract allows in a day.
fn daily_bytes(allowed: u64, used: u64, retry_after_seconds: u32) -> Status {
    let message = format!(
        "{used} of the {allowed} bytes that the contract allows in a day were fetched today; the rest follows tomorrow (UTC), \
         withdrawals at once"
    );
    let limit = limits::DAILY_BYTES.to_owned();
    let quota = QuotaExceeded { limit, allowed, used, retry_after_seconds };
    refuse(Code::ResourceExhausted, message, Kind::Quota(quota))
}

fn not_a_peer(standing: Option<PbStanding>, reason: &str) -> Status {
    let standing = standing.unwrap_or_default().into();
    let kind = Kind::NotAPeer(NotAPeer { standing, reason: reason.to_owned() });
    refuse(Code::PermissionDenied, reason, kind)
}
