//! The release service: one use case a method.

use cairn_proto::pb::admin::{self as pb, release_service_server::ReleaseService};
use tonic::Request;

use super::{status::Reply, withdrawal};
use crate::app::App;

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
}

#[tonic::async_trait]
impl ReleaseService for Releases {
    type ExportAuditStream = withdrawal::AuditStream;

    async fn preflight(&self, _: Request<pb::PreflightRequest>) -> Reply<pb::PreflightResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn list_cards(&self, _: Request<pb::ListCardsRequest>) -> Reply<pb::ListCardsResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn export_policy(&self, _: Request<pb::ExportPolicyRequest>) -> Reply<pb::ExportPolicyResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn list_releases(&self, _: Request<pb::ListReleasesRequest>) -> Reply<pb::ListReleasesResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn approve_release(
        &self,
        _: Request<pb::ApproveReleaseRequest>,
    ) -> Reply<pb::ApproveReleaseResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn refuse_release(&self, _: Request<pb::RefuseReleaseRequest>) -> Reply<pb::RefuseReleaseResponse> {
        Err(tonic::Status::unimplemented("not yet"))
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

    async fn list_groups(&self, _: Request<pb::ListGroupsRequest>) -> Reply<pb::ListGroupsResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn create_group(&self, _: Request<pb::CreateGroupRequest>) -> Reply<pb::CreateGroupResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn add_member(&self, _: Request<pb::AddMemberRequest>) -> Reply<pb::AddMemberResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn remove_member(&self, _: Request<pb::RemoveMemberRequest>) -> Reply<pb::RemoveMemberResponse> {
        Err(tonic::Status::unimplemented("not yet"))
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
