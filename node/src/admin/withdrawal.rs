//! What the people of the place ask about what is out: taking it back, who has it, pausing, and the audit log.

use std::pin::Pin;

use cairn_proto::pb::admin as pb;
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    status::{Reply, status, told},
};
use crate::{
    app::{
        App, AppError,
        audit::{Listed, hex},
        ledger::Given,
        withdraw::{Wish, Withdrawn},
        withdrawals::{Holder, Withdrawal},
    },
    domain::{
        text::{InvalidText, Line, Prose},
        withdrawal::{Outcome, Reason, Standing},
    },
    store::PauseRow,
    wire,
};

/// Parts of an export that wait for a slow reader.
const PARTS: usize = 2;
/// Audit entries in a listing, unless said otherwise.
const LISTED: u32 = 50;

/// The audit log as it goes out.
pub(super) type AuditStream = Pin<Box<dyn Stream<Item = Result<pb::ExportAuditResponse, Status>> + Send>>;

fn refused(error: InvalidText) -> Status {
    status(&AppError::Text(error))
}

fn wish(request: pb::WithdrawRequest) -> Result<Wish, Status> {
    let pb::WithdrawRequest { record, reason, note, parts, dry_run } = request;
    let known = Reason::from_words(&reason).ok_or_else(|| {
        let shown: String = reason.chars().take(40).collect();
        let words: Vec<_> = Reason::ALL.iter().map(|reason| reason.words()).collect();
        Status::invalid_argument(format!("\"{shown}\" is not a reason; choose from {}", words.join(", ")))
    })?;
    let note = Prose::optional("note", &note).map_err(refused)?;
    let parts = Line::list("parts", &parts).map_err(refused)?;
    Ok(Wish { record, reason: known, note, parts, dry_run })
}

pub(super) async fn withdraw(
    app: &App,
    request: Request<pb::WithdrawRequest>,
) -> Reply<pb::WithdrawResponse> {
    let who = operator(&request)?;
    let Withdrawn { withdrawal, parts_there, done } =
        told(app.withdraw(&who, wish(request.into_inner())?).await)?;
    let mut shown = render(app, &withdrawal);
    shown.parts_there = parts_there.into_iter().map(str::to_owned).collect();
    Ok(Response::new(pb::WithdrawResponse { withdrawal: Some(shown), done }))
}

pub(super) async fn list_withdrawals(
    app: &App,
    request: Request<pb::ListWithdrawalsRequest>,
) -> Reply<pb::ListWithdrawalsResponse> {
    let who = operator(&request)?;
    let all = told(app.withdrawals(&who, &request.into_inner().record).await)?;
    let withdrawals = all.iter().map(|withdrawal| render(app, withdrawal)).collect();
    Ok(Response::new(pb::ListWithdrawalsResponse { withdrawals }))
}

fn render(app: &App, withdrawal: &Withdrawal) -> pb::Withdrawal {
    let Withdrawal { record, title, row, holders } = withdrawal;
    let record_id = |index| cairn_proto::ids::RecordId { author: record.author, index }.to_string();
    pb::Withdrawal {
        record_id: record.to_string(),
        title: title.clone(),
        reason: row.reason.clone(),
        note: row.note.clone(),
        parts: row.parts.lines().map(str::to_owned).collect(),
        replaced_by: row.replaced_by.map(record_id).unwrap_or_default(),
        at: Some(wire::timestamp(row.at)),
        by: row.by.clone(),
        holders: holders.iter().map(|holder| render_holder(app, holder)).collect(),
        parts_there: Vec::new(),
    }
}

fn render_holder(app: &App, holder: &Holder) -> pb::Holder {
    let now = app.clock.now();
    let state = match holder.told.standing(now) {
        Standing::Waiting => pb::HolderState::Waiting,
        Standing::Purged(_) => pb::HolderState::Purged,
        Standing::NeverHeld => pb::HolderState::NeverHeld,
        Standing::Exception { .. } => pb::HolderState::Exception,
        Standing::Overdue => pb::HolderState::Overdue,
        Standing::Unreachable => pb::HolderState::Unreachable,
    };
    let (mut purged_at, mut basis, mut review_on) = (None, String::new(), String::new());
    match &holder.told.receipt {
        Some((Outcome::Purged, at)) => purged_at = Some(wire::timestamp(*at)),
        Some((Outcome::Exception { basis: why, review_on: day }, _)) => {
            (basis, review_on) = (why.to_string(), day.to_string());
        }
        Some((Outcome::NeverHeld, _)) | None => {}
    }
    pb::Holder {
        name: holder.name.clone(),
        node_id: holder.node.to_string(),
        given_at: holder.given_at.map(wire::timestamp),
        via: holder.via.clone().unwrap_or_default(),
        state: state.into(),
        words: holder.told.words(now),
        due_at: holder.via.is_none().then(|| wire::timestamp(holder.told.due_at())),
        purged_at,
        backups_until: holder.backups_until.map(|day| day.to_string()).unwrap_or_default(),
        basis,
        review_on,
        asked: u32::try_from(holder.asked).unwrap_or(u32::MAX),
        title_only: holder.told.title_only,
    }
}

pub(super) async fn list_ledger(
    app: &App,
    request: Request<pb::ListLedgerRequest>,
) -> Reply<pb::ListLedgerResponse> {
    let who = operator(&request)?;
    let pb::ListLedgerRequest { record, recipient } = request.into_inner();
    let all = told(app.ledger(&who, &record, &recipient).await)?;
    let entry = |Given { row, name, title, peer_now, gone, uses, via }: Given| pb::LedgerEntry {
        record_id: row.record.to_string(),
        title,
        name,
        node_id: row.recipient.to_string(),
        at: Some(wire::timestamp(row.at)),
        contract: row.contract.map(|hash| hex(&hash)).unwrap_or_default(),
        peer_now,
        gone,
        uses,
        via: via.unwrap_or_default(),
        title_only: row.title_only,
    };
    Ok(Response::new(pb::ListLedgerResponse { entries: all.into_iter().map(entry).collect() }))
}

fn sharing(pause: Option<PauseRow>) -> pb::Sharing {
    match pause {
        Some(PauseRow { at, by, reason }) => {
            pb::Sharing { paused: true, since: Some(wire::timestamp(at)), by, reason }
        }
        None => pb::Sharing::default(),
    }
}

pub(super) async fn pause(
    app: &App,
    request: Request<pb::PauseSharingRequest>,
) -> Reply<pb::PauseSharingResponse> {
    let who = operator(&request)?;
    let pause = told(app.pause(&who, &request.into_inner().reason).await)?;
    Ok(Response::new(pb::PauseSharingResponse { sharing: Some(sharing(pause)) }))
}

pub(super) async fn resume(
    app: &App,
    request: Request<pb::ResumeSharingRequest>,
) -> Reply<pb::ResumeSharingResponse> {
    told(app.resume(&operator(&request)?).await)?;
    Ok(Response::new(pb::ResumeSharingResponse { sharing: Some(sharing(None)) }))
}

pub(super) async fn list_audit(
    app: &App,
    request: Request<pb::ListAuditRequest>,
) -> Reply<pb::ListAuditResponse> {
    let who = operator(&request)?;
    let pb::ListAuditRequest { limit, before } = request.into_inner();
    let all = told(app.audit_list(&who, before, if limit == 0 { LISTED } else { limit }).await)?;
    let entry = |Listed { seq, entry, hash }: Listed| pb::AuditEntry {
        seq,
        at: Some(wire::timestamp(entry.at)),
        by: entry.by,
        event: entry.event.word().to_owned(),
        words: entry.words,
        record_id: entry.record.unwrap_or_default(),
        hash: hex(&hash),
    };
    Ok(Response::new(pb::ListAuditResponse { entries: all.into_iter().map(entry).collect() }))
}

pub(super) async fn verify_audit(
    app: &App,
    request: Request<pb::VerifyAuditRequest>,
) -> Reply<pb::VerifyAuditResponse> {
    let verdict = told(app.audit_verify(&operator(&request)?).await)?;
    Ok(Response::new(pb::VerifyAuditResponse {
        entries: verdict.entries,
        head: hex(&verdict.head),
        broken: verdict.broken.unwrap_or_default(),
    }))
}

pub(super) async fn export_audit(app: &App, request: Request<pb::ExportAuditRequest>) -> Reply<AuditStream> {
    let who = operator(&request)?;
    let app = app.clone();
    let (sender, receiver) = mpsc::channel(PARTS);
    tokio::spawn(async move {
        let mut from = 1;
        loop {
            let part = match told(app.audit_lines(&who, from).await) {
                Ok(None) => return,
                Ok(Some((lines, next))) => {
                    from = next;
                    Ok(pb::ExportAuditResponse { content: lines.into_bytes() })
                }
                Err(status) => Err(status),
            };
            let last = part.is_err();
            if sender.send(part).await.is_err() || last {
                return;
            }
        }
    });
    Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
}
