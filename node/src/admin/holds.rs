//! What the people of the place ask about legal holds.

use cairn_proto::pb::admin as pb;
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    status::{Reply, told},
};
use crate::{
    app::{App, holds::Hold},
    domain::date::{self, InvalidDate},
    wire,
};

pub(super) async fn hold(
    app: &App,
    request: Request<pb::HoldRecordRequest>,
) -> Reply<pb::HoldRecordResponse> {
    let who = operator(&request)?;
    let pb::HoldRecordRequest { record, basis, review_on } = request.into_inner();
    let review_on = date::day(review_on.trim()).map_err(no_day)?;
    let hold = told(app.hold(&who, &record, &basis, review_on).await)?;
    Ok(Response::new(pb::HoldRecordResponse { hold: Some(entry(hold)) }))
}

pub(super) async fn end(app: &App, request: Request<pb::EndHoldRequest>) -> Reply<pb::EndHoldResponse> {
    let who = operator(&request)?;
    let hold = told(app.end_hold(&who, &request.into_inner().record).await)?;
    Ok(Response::new(pb::EndHoldResponse { hold: Some(entry(hold)) }))
}

pub(super) async fn list(app: &App, request: Request<pb::ListHoldsRequest>) -> Reply<pb::ListHoldsResponse> {
    let all = told(app.holds(&operator(&request)?).await)?;
    Ok(Response::new(pb::ListHoldsResponse { holds: all.into_iter().map(entry).collect() }))
}

fn entry(Hold { row, review_due }: Hold) -> pb::HoldEntry {
    pb::HoldEntry {
        record_id: row.record.to_string(),
        basis: row.basis,
        review_on: row.review_on.to_string(),
        at: Some(wire::timestamp(row.at)),
        by: row.by,
        withdrawn: row.kept_back,
        review_due,
    }
}

fn no_day(InvalidDate(text): InvalidDate) -> Status {
    Status::invalid_argument(format!(
        "\"{text}\" is not a day; write the day on which you look at the hold again as YYYY-MM-DD"
    ))
}
