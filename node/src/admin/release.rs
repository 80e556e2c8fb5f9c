//! The release service: what leaves, to whom, on whose decision. One use case a method.

use cairn_proto::{
    ids::NodeId,
    pb::admin::{self as pb, preflight_request, release_service_server::ReleaseService},
};
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    holds, parse, preflight, render,
    status::{Reply, told},
    withdrawal,
};
use crate::{app::App, domain::policy::Card};

/// The service.
#[derive(Clone, Debug)]
pub struct Releases {
    app: App,
}

impl Releases {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }

    fn own(&self) -> NodeId {
        self.app.keys.node_id()
    }

    fn group(&self, listed: &crate::app::groups::Listed) -> Option<pb::GroupEntry> {
        Some(preflight::group(&self.own(), listed))
    }

    fn ids(&self, records: &[u64]) -> Vec<String> {
        records.iter().map(|index| preflight::record_id(&self.own(), *index)).collect()
    }
}

fn nothing_said() -> Status {
    Status::invalid_argument("say what to look at: a release, or a file")
}

#[tonic::async_trait]
impl ReleaseService for Releases {
    type ExportAuditStream = withdrawal::AuditStream;

    async fn preflight(&self, request: Request<pb::PreflightRequest>) -> Reply<pb::PreflightResponse> {
        let who = operator(&request)?;
        let page = match request.into_inner().what.ok_or_else(nothing_said)? {
            preflight_request::What::Release(wish) => self.app.preflight(&who, &parse::wish(wish)?).await,
            preflight_request::What::File(pb::PreflightFile { content, file_name, release }) => {
                let wish = parse::wish_for_file(release.unwrap_or_default())?;
                self.app.preflight_file(&who, &file_name, &content, &wish).await
            }
        };
        Ok(Response::new(pb::PreflightResponse { page: Some(preflight::page(&told(page)?)) }))
    }

    async fn list_cards(&self, request: Request<pb::ListCardsRequest>) -> Reply<pb::ListCardsResponse> {
        operator(&request)?;
        let cards =
            Card::ALL.into_iter().map(|card| preflight::card(card, self.app.settings.needs_two(card)));
        Ok(Response::new(pb::ListCardsResponse { cards: cards.collect() }))
    }

    async fn export_policy(
        &self,
        request: Request<pb::ExportPolicyRequest>,
    ) -> Reply<pb::ExportPolicyResponse> {
        let who = operator(&request)?;
        let exported = match request.into_inner().what.ok_or_else(nothing_said)? {
            pb::export_policy_request::What::Record(record) => self.app.policy_of_record(&who, &record).await,
            pb::export_policy_request::What::Release(wish) => {
                self.app.policy_of_wish(&who, &parse::wish_for_file(wish)?).await
            }
        };
        let (json, file_name) = told(exported)?;
        Ok(Response::new(pb::ExportPolicyResponse { json, file_name }))
    }

    async fn list_releases(
        &self,
        request: Request<pb::ListReleasesRequest>,
    ) -> Reply<pb::ListReleasesResponse> {
        let who = operator(&request)?;
        let all = told(self.app.requests(&who, request.into_inner().waiting_only).await)?;
        let releases = all.iter().map(|request| preflight::request(&self.own(), request)).collect();
        Ok(Response::new(pb::ListReleasesResponse { releases }))
    }

    async fn approve_release(
        &self,
        request: Request<pb::ApproveReleaseRequest>,
    ) -> Reply<pb::ApproveReleaseResponse> {
        let who = operator(&request)?;
        let pb::ApproveReleaseRequest { id, approved_by } = request.into_inner();
        let (published, request) = told(self.app.approve(&who, id, &approved_by).await)?;
        Ok(Response::new(pb::ApproveReleaseResponse {
            published: Some(render::release(published)),
            release: Some(preflight::request(&self.own(), &request)),
        }))
    }

    async fn refuse_release(
        &self,
        request: Request<pb::RefuseReleaseRequest>,
    ) -> Reply<pb::RefuseReleaseResponse> {
        let who = operator(&request)?;
        let pb::RefuseReleaseRequest { id, reason } = request.into_inner();
        let request = told(self.app.refuse_release(&who, id, &reason).await)?;
        Ok(Response::new(pb::RefuseReleaseResponse {
            release: Some(preflight::request(&self.own(), &request)),
        }))
    }

    async fn hold_record(&self, request: Request<pb::HoldRecordRequest>) -> Reply<pb::HoldRecordResponse> {
        holds::hold(&self.app, request).await
    }

    async fn end_hold(&self, request: Request<pb::EndHoldRequest>) -> Reply<pb::EndHoldResponse> {
        holds::end(&self.app, request).await
    }

    async fn list_holds(&self, request: Request<pb::ListHoldsRequest>) -> Reply<pb::ListHoldsResponse> {
        holds::list(&self.app, request).await
    }

    async fn list_groups(&self, request: Request<pb::ListGroupsRequest>) -> Reply<pb::ListGroupsResponse> {
        let who = operator(&request)?;
        let all = told(self.app.groups(&who, &request.into_inner().id).await)?;
        let groups = all.iter().map(|listed| preflight::group(&self.own(), listed)).collect();
        Ok(Response::new(pb::ListGroupsResponse { groups }))
    }

    async fn create_group(&self, request: Request<pb::CreateGroupRequest>) -> Reply<pb::CreateGroupResponse> {
        let who = operator(&request)?;
        let pb::CreateGroupRequest { name, id, about, members } = request.into_inner();
        let listed = told(self.app.new_group(&who, &name, &id, &about, &members).await)?;
        Ok(Response::new(pb::CreateGroupResponse { group: self.group(&listed) }))
    }

    async fn add_member(&self, request: Request<pb::AddMemberRequest>) -> Reply<pb::AddMemberResponse> {
        let who = operator(&request)?;
        let pb::AddMemberRequest { group, peer, earlier } = request.into_inner();
        let (listed, gets) = told(self.app.add_member(&who, &group, &peer, earlier).await)?;
        let earlier_records = self.ids(&gets);
        Ok(Response::new(pb::AddMemberResponse { group: self.group(&listed), earlier_records }))
    }

    async fn remove_member(
        &self,
        request: Request<pb::RemoveMemberRequest>,
    ) -> Reply<pb::RemoveMemberResponse> {
        let who = operator(&request)?;
        let pb::RemoveMemberRequest { group, peer } = request.into_inner();
        let (listed, holds) = told(self.app.remove_member(&who, &group, &peer).await)?;
        Ok(Response::new(pb::RemoveMemberResponse { group: self.group(&listed), holds: self.ids(&holds) }))
    }

    async fn withdraw(&self, request: Request<pb::WithdrawRequest>) -> Reply<pb::WithdrawResponse> {
        withdrawal::withdraw(&self.app, request).await
    }

    async fn list_withdrawals(
        &self,
        request: Request<pb::ListWithdrawalsRequest>,
    ) -> Reply<pb::ListWithdrawalsResponse> {
        withdrawal::list_withdrawals(&self.app, request).await
    }

    async fn list_ledger(&self, request: Request<pb::ListLedgerRequest>) -> Reply<pb::ListLedgerResponse> {
        withdrawal::list_ledger(&self.app, request).await
    }

    async fn pause_sharing(
        &self,
        request: Request<pb::PauseSharingRequest>,
    ) -> Reply<pb::PauseSharingResponse> {
        withdrawal::pause(&self.app, request).await
    }

    async fn resume_sharing(
        &self,
        request: Request<pb::ResumeSharingRequest>,
    ) -> Reply<pb::ResumeSharingResponse> {
        withdrawal::resume(&self.app, request).await
    }

    async fn list_audit(&self, request: Request<pb::ListAuditRequest>) -> Reply<pb::ListAuditResponse> {
        withdrawal::list_audit(&self.app, request).await
    }

    async fn verify_audit(&self, request: Request<pb::VerifyAuditRequest>) -> Reply<pb::VerifyAuditResponse> {
        withdrawal::verify_audit(&self.app, request).await
    }

    async fn export_audit(&self, request: Request<pb::ExportAuditRequest>) -> Reply<Self::ExportAuditStream> {
        withdrawal::export_audit(&self.app, request).await
    }
}
