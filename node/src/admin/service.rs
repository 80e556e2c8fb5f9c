//! The admin service: one use case a method.

use cairn_proto::pb::admin::{self as pb, admin_service_server::AdminService};
use tonic::{Request, Response};

use super::{
    auth::operator,
    parse, render,
    status::{Reply, told},
};
use crate::{
    app::{App, peering::Offered},
    wire,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Admin {
    app: App,
}

impl Admin {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn get_status(&self, request: Request<pb::GetStatusRequest>) -> Reply<pb::GetStatusResponse> {
        let who = operator(&request)?;
        let status = told(self.app.status(&who).await)?;
        let waiting = told(self.app.requests(&who, true).await)?.len();
        Ok(Response::new(pb::GetStatusResponse {
            name: status.name.unwrap_or_default(),
            node_id: status.node.to_string(),
            words: status.node.words(),
            endpoint: self.app.endpoint.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            database: self.app.store.database().to_owned(),
            log_size: status.log_size,
            active_peers: status.active_peers,
            waiting_peers: status.waiting_peers,
            experiments: u32::try_from(status.experiments).unwrap_or(u32::MAX),
            held_records: status.held_records,
            serving_since: Some(wire::timestamp(self.app.serving_since)),
            paused_since: status.paused_since.map(wire::timestamp),
            waiting_releases: u32::try_from(waiting).unwrap_or(u32::MAX),
            open_withdrawals: u32::try_from(status.open_withdrawals).unwrap_or(u32::MAX),
            cosigned_by: status.cosigned_by.iter().map(render::cosignature).collect(),
            gate_closed: status.gate_closed.unwrap_or_default(),
            succeeded: status.succeeded.unwrap_or_default(),
        }))
    }

    async fn get_place(&self, request: Request<pb::GetPlaceRequest>) -> Reply<pb::GetPlaceResponse> {
        let place = told(self.app.place(&operator(&request)?).await)?;
        Ok(Response::new(pb::GetPlaceResponse { profile: Some(render::profile(place.as_ref())) }))
    }

    async fn set_place(&self, request: Request<pb::SetPlaceRequest>) -> Reply<pb::SetPlaceResponse> {
        let who = operator(&request)?;
        let place = told(self.app.set_place(&who, parse::place_change(request.into_inner())).await)?;
        Ok(Response::new(pb::SetPlaceResponse { profile: Some(render::profile(Some(&place))) }))
    }

    async fn invite_peer(&self, request: Request<pb::InvitePeerRequest>) -> Reply<pb::InvitePeerResponse> {
        let who = operator(&request)?;
        let pb::InvitePeerRequest { purposes, relay, valid_days, daily_mib } = request.into_inner();
        let offer = Offered { purposes: parse::purposes(&purposes)?, relay, daily_mib, valid_days };
        let invitation = told(self.app.invite(&who, &offer).await)?;
        Ok(Response::new(pb::InvitePeerResponse {
            ticket: invitation.ticket,
            words: self.app.keys.node_id().words(),
            expires_at: Some(wire::timestamp(invitation.expires_at)),
            endpoint: self.app.endpoint.to_string(),
        }))
    }

    async fn accept_peer(&self, request: Request<pb::AcceptPeerRequest>) -> Reply<pb::AcceptPeerResponse> {
        let who = operator(&request)?;
        let pb::AcceptPeerRequest { ticket_or_peer, name, depth } = request.into_inner();
        let depth = parse::depth(&depth)?;
        let peering = told(self.app.accept(&who, &ticket_or_peer, &name, depth).await)?;
        Ok(Response::new(pb::AcceptPeerResponse { peer: Some(render::peer(&peering)) }))
    }

    async fn list_peers(&self, request: Request<pb::ListPeersRequest>) -> Reply<pb::ListPeersResponse> {
        let peers = told(self.app.peerings(&operator(&request)?).await)?;
        Ok(Response::new(pb::ListPeersResponse { peers: peers.iter().map(render::peer).collect() }))
    }

    async fn get_peer(&self, request: Request<pb::GetPeerRequest>) -> Reply<pb::GetPeerResponse> {
        let who = operator(&request)?;
        let peering = told(self.app.peering(&who, &request.into_inner().peer).await)?;
        let bytes_today = told(self.app.fetched_today(&who, &peering.node).await)?;
        let known_to = told(self.app.known_to(&who, &peering.node).await)?;
        let peer = pb::Peer { bytes_today, known_to, ..render::peer(&peering) };
        Ok(Response::new(pb::GetPeerResponse { peer: Some(peer) }))
    }

    async fn remove_peer(&self, request: Request<pb::RemovePeerRequest>) -> Reply<pb::RemovePeerResponse> {
        let who = operator(&request)?;
        let pb::RemovePeerRequest { peer, reason } = request.into_inner();
        let peering = told(self.app.remove(&who, &peer, &reason).await)?;
        Ok(Response::new(pb::RemovePeerResponse { peer: Some(render::peer(&peering)) }))
    }

    async fn test_peer(&self, request: Request<pb::TestPeerRequest>) -> Reply<pb::TestPeerResponse> {
        let who = operator(&request)?;
        let findings = told(self.app.test_peer(&who, &request.into_inner().peer).await)?;
        let findings = findings.into_iter().map(render::finding).collect();
        Ok(Response::new(pb::TestPeerResponse { findings }))
    }

    async fn explain_peer(&self, request: Request<pb::ExplainPeerRequest>) -> Reply<pb::ExplainPeerResponse> {
        let who = operator(&request)?;
        let pb::ExplainPeerRequest { peer, record } = request.into_inner();
        let explained = told(self.app.explain(&who, &peer, &record).await)?;
        let explanations = explained.into_iter().map(render::explanation).collect();
        Ok(Response::new(pb::ExplainPeerResponse { explanations }))
    }

    async fn import_experiment(
        &self,
        request: Request<pb::ImportExperimentRequest>,
    ) -> Reply<pb::ImportExperimentResponse> {
        let who = operator(&request)?;
        let pb::ImportExperimentRequest { content, file_name } = request.into_inner();
        let imported = told(self.app.import_experiment(&who, &file_name, &content).await)?;
        Ok(Response::new(pb::ImportExperimentResponse {
            experiment: Some(render::experiment(&self.app.keys.node_id(), &imported.at_home.listed)),
            created: imported.created,
            unchanged: imported.unchanged,
            remarks: imported.remarks,
        }))
    }

    async fn list_experiments(
        &self,
        request: Request<pb::ListExperimentsRequest>,
    ) -> Reply<pb::ListExperimentsResponse> {
        let all = told(self.app.experiments(&operator(&request)?).await)?;
        let own = self.app.keys.node_id();
        let experiments = all.iter().map(|at_home| render::experiment(&own, at_home)).collect();
        Ok(Response::new(pb::ListExperimentsResponse { experiments }))
    }

    async fn get_experiment(
        &self,
        request: Request<pb::GetExperimentRequest>,
    ) -> Reply<pb::GetExperimentResponse> {
        let who = operator(&request)?;
        let (at_home, obstacles) = told(self.app.experiment(&who, &request.into_inner().id).await)?;
        Ok(Response::new(pb::GetExperimentResponse {
            experiment: Some(render::experiment(&self.app.keys.node_id(), &at_home.listed)),
            summary: at_home.summary.as_ref().ok().map(Into::into),
            consents: render::consents(&at_home.consent, self.app.clock.now()),
            obstacles,
        }))
    }

    async fn publish(&self, request: Request<pb::PublishRequest>) -> Reply<pb::PublishResponse> {
        let who = operator(&request)?;
        let wish = parse::wish(request.into_inner())?;
        let release = told(self.app.publish(&who, wish).await)?;
        Ok(Response::new(render::release(release)))
    }

    async fn list_records(&self, request: Request<pb::ListRecordsRequest>) -> Reply<pb::ListRecordsResponse> {
        let who = operator(&request)?;
        let listing = parse::listing(request.into_inner())?;
        let page = told(self.app.records(&who, &listing).await)?;
        Ok(Response::new(pb::ListRecordsResponse {
            records: page.shown.iter().map(render::entry).collect(),
            not_shown: page.not_shown,
            next_cursor: page.next.map(parse::cursor_text).unwrap_or_default(),
        }))
    }

    async fn get_record(&self, request: Request<pb::GetRecordRequest>) -> Reply<pb::GetRecordResponse> {
        let who = operator(&request)?;
        let examined = told(self.app.record(&who, &request.into_inner().record).await)?;
        Ok(Response::new(render::examined(examined)))
    }

    async fn export_evidence(
        &self,
        request: Request<pb::ExportEvidenceRequest>,
    ) -> Reply<pb::ExportEvidenceResponse> {
        let who = operator(&request)?;
        let (pack, file_name) = told(self.app.evidence(&who, &request.into_inner().record).await)?;
        Ok(Response::new(pb::ExportEvidenceResponse { pack, file_name }))
    }

    async fn get_sync_status(
        &self,
        request: Request<pb::GetSyncStatusRequest>,
    ) -> Reply<pb::GetSyncStatusResponse> {
        let all = told(self.app.sync_status(&operator(&request)?).await)?;
        Ok(Response::new(pb::GetSyncStatusResponse { entries: all.iter().map(render::following).collect() }))
    }

    async fn get_keys(&self, request: Request<pb::GetKeysRequest>) -> Reply<pb::GetKeysResponse> {
        let keys = self.app.keys_shown(&operator(&request)?);
        Ok(Response::new(pb::GetKeysResponse { keys: Some(render::keys(&keys)) }))
    }

    async fn rotate_keys(&self, request: Request<pb::RotateKeysRequest>) -> Reply<pb::RotateKeysResponse> {
        let keys = told(self.app.rotate_keys(&operator(&request)?).await)?;
        Ok(Response::new(pb::RotateKeysResponse { keys: Some(render::keys(&keys)) }))
    }

    async fn run_doctor(&self, request: Request<pb::RunDoctorRequest>) -> Reply<pb::RunDoctorResponse> {
        let findings = told(self.app.doctor(&operator(&request)?).await)?;
        Ok(Response::new(pb::RunDoctorResponse {
            findings: findings.into_iter().map(render::finding).collect(),
        }))
    }
}
