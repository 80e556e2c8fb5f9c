//! How the place stands to others: limits, suspensions, blocks, lists of proposals. One use case a method.

use cairn_proto::pb::{
    admin::{self as pb, standing_service_server::StandingService},
    exchange::Standing as PbStanding,
};
use jiff::civil::Date;
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    status::{Reply, told},
};
use crate::{
    app::{
        App,
        blocks::Blocked,
        trust::{Draft, Export, Proposed},
    },
    domain::{date, restriction::Degree},
    wire::{self, trust::proposal_to_pb},
};

/// The service.
#[derive(Clone, Debug)]
pub struct Standings {
    app: App,
}

impl Standings {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

fn degree(standing: PbStanding) -> Result<Degree, Status> {
    match standing {
        PbStanding::Limited => Ok(Degree::Limited),
        PbStanding::Suspended => Ok(Degree::Suspended),
        _ => Err(Status::invalid_argument("say whether to limit or to suspend the peering")),
    }
}

fn day(text: &str) -> Result<Date, Status> {
    date::day(text.trim()).map_err(|_| {
        Status::invalid_argument(format!(
            "\"{text}\" is not a day; write the day on which you look at it again as YYYY-MM-DD"
        ))
    })
}

fn day_if_any(text: &str) -> Result<Option<Date>, Status> {
    if text.trim().is_empty() { Ok(None) } else { day(text).map(Some) }
}

fn block(blocked: Blocked) -> pb::BlockEntry {
    let Blocked { row, name, hidden, review_due } = blocked;
    pb::BlockEntry {
        node_id: row.node.to_string(),
        name,
        reason: row.reason,
        review_on: row.review_on.map(|day| day.to_string()).unwrap_or_default(),
        at: Some(wire::timestamp(row.at)),
        by: row.by,
        hidden,
        review_due,
    }
}

fn line(Proposed { entry, found }: Proposed) -> pb::TrustLine {
    let (accepted_at, accepted_by) = entry.accepted.unzip();
    pb::TrustLine {
        n: entry.n,
        node_id: entry.node.to_string(),
        name: entry.name,
        proposal: proposal_to_pb(entry.proposal).into(),
        proposal_words: entry.proposal.words().to_owned(),
        reason: entry.reason,
        review_on: entry.review_on.map(|day| day.to_string()).unwrap_or_default(),
        consequence: found.words,
        can_accept: found.possible && accepted_at.is_none(),
        accepted_at: accepted_at.map(wire::timestamp),
        accepted_by: accepted_by.unwrap_or_default(),
    }
}

fn draft(draft: Draft) -> pb::TrustDraft {
    let Draft { row, author_name, author_standing, entries } = draft;
    pb::TrustDraft {
        id: row.id,
        author: row.author.to_string(),
        author_name,
        author_words: row.author.words(),
        author_standing,
        about: row.about,
        made_at: Some(wire::timestamp(row.made_at)),
        imported_at: Some(wire::timestamp(row.imported_at)),
        entries: entries.into_iter().map(line).collect(),
    }
}

#[tonic::async_trait]
impl StandingService for Standings {
    async fn restrict_peer(
        &self,
        request: Request<pb::RestrictPeerRequest>,
    ) -> Reply<pb::RestrictPeerResponse> {
        let who = operator(&request)?;
        let request = request.into_inner();
        let (degree, day) = (degree(request.standing())?, day(&request.review_on)?);
        let peering = told(self.app.restrict(&who, &request.peer, degree, &request.reason, day).await)?;
        let flows = Degree::flows(peering.degree()).to_owned();
        let standing_words = peering.words();
        Ok(Response::new(pb::RestrictPeerResponse { name: peering.name, standing_words, flows }))
    }

    async fn restore_peer(&self, request: Request<pb::RestorePeerRequest>) -> Reply<pb::RestorePeerResponse> {
        let who = operator(&request)?;
        let peering = told(self.app.restore(&who, &request.into_inner().peer).await)?;
        let flows = Degree::flows(peering.degree()).to_owned();
        let standing_words = peering.words();
        Ok(Response::new(pb::RestorePeerResponse { name: peering.name, standing_words, flows }))
    }

    async fn add_block(&self, request: Request<pb::AddBlockRequest>) -> Reply<pb::AddBlockResponse> {
        let who = operator(&request)?;
        let pb::AddBlockRequest { node, reason, review_on, purge } = request.into_inner();
        let day = day_if_any(&review_on)?;
        let (blocked, effect) = told(self.app.add_block(&who, &node, &reason, day, purge).await)?;
        Ok(Response::new(pb::AddBlockResponse {
            block: Some(block(blocked)),
            peering_ended: effect.peering_ended,
            purged: effect.purged,
            kept: effect.kept,
        }))
    }

    async fn list_blocks(&self, request: Request<pb::ListBlocksRequest>) -> Reply<pb::ListBlocksResponse> {
        let all = told(self.app.blocks(&operator(&request)?).await)?;
        Ok(Response::new(pb::ListBlocksResponse { blocks: all.into_iter().map(block).collect() }))
    }

    async fn remove_block(&self, request: Request<pb::RemoveBlockRequest>) -> Reply<pb::RemoveBlockResponse> {
        let who = operator(&request)?;
        let blocked = told(self.app.remove_block(&who, &request.into_inner().node).await)?;
        Ok(Response::new(pb::RemoveBlockResponse { block: Some(block(blocked)) }))
    }

    async fn export_trust(&self, request: Request<pb::ExportTrustRequest>) -> Reply<pb::ExportTrustResponse> {
        let who = operator(&request)?;
        let pb::ExportTrustRequest { reasons, known, about } = request.into_inner();
        let (file, entries) = told(self.app.export_trust(&who, &Export { reasons, known, about }).await)?;
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        Ok(Response::new(pb::ExportTrustResponse { file, entries }))
    }

    async fn import_trust(&self, request: Request<pb::ImportTrustRequest>) -> Reply<pb::ImportTrustResponse> {
        let who = operator(&request)?;
        let list = told(self.app.import_trust(&who, &request.into_inner().file).await)?;
        Ok(Response::new(pb::ImportTrustResponse { list: Some(draft(list)) }))
    }

    async fn list_trust(&self, request: Request<pb::ListTrustRequest>) -> Reply<pb::ListTrustResponse> {
        let who = operator(&request)?;
        let lists = told(self.app.trust_lists(&who, request.into_inner().id).await)?;
        Ok(Response::new(pb::ListTrustResponse { lists: lists.into_iter().map(draft).collect() }))
    }

    async fn accept_trust(&self, request: Request<pb::AcceptTrustRequest>) -> Reply<pb::AcceptTrustResponse> {
        let who = operator(&request)?;
        let pb::AcceptTrustRequest { id, entries, all } = request.into_inner();
        let chosen = if all { None } else { Some(&entries[..]) };
        let done = told(self.app.accept_trust(&who, id, chosen).await)?;
        Ok(Response::new(pb::AcceptTrustResponse { done }))
    }

    async fn drop_trust(&self, request: Request<pb::DropTrustRequest>) -> Reply<pb::DropTrustResponse> {
        let who = operator(&request)?;
        told(self.app.drop_trust(&who, request.into_inner().id).await)?;
        Ok(Response::new(pb::DropTrustResponse {}))
    }
}
