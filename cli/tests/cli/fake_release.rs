//! What leaves and what is taken back, at the node that the test plays.

use std::sync::Arc;

use cairn_proto::pb::admin::{
    AddMemberRequest, AddMemberResponse, ApproveReleaseRequest, ApproveReleaseResponse, CreateGroupRequest,
    CreateGroupResponse, EndHoldRequest, EndHoldResponse, ExportAuditRequest, ExportAuditResponse,
    ExportPolicyRequest, ExportPolicyResponse, HoldRecordRequest, HoldRecordResponse, Holder, HolderState,
    ListAuditRequest, ListAuditResponse, ListCardsRequest, ListCardsResponse, ListGroupsRequest,
    ListGroupsResponse, ListHoldsRequest, ListHoldsResponse, ListLedgerRequest, ListLedgerResponse,
    ListReleasesRequest, ListReleasesResponse, ListWithdrawalsRequest, ListWithdrawalsResponse,
    PauseSharingRequest, PauseSharingResponse, Preflight, PreflightFinding, PreflightRequest,
    PreflightResponse, RefuseReleaseRequest, RefuseReleaseResponse, RemoveMemberRequest,
    RemoveMemberResponse, ResumeSharingRequest, ResumeSharingResponse, Sharing, VerifyAuditRequest,
    VerifyAuditResponse, WithdrawRequest, WithdrawResponse, Withdrawal,
    preflight_request::What,
    release_service_server::{ReleaseService, ReleaseServiceServer},
};
use tokio_stream::Iter;
use tonic::{Request, Response, Status};

use crate::fake::{Asked, note, refusal};

/// The service.
pub(crate) struct Release(Asked);

/// The service, remembering what it was asked.
pub(crate) fn service(asked: &Asked) -> ReleaseServiceServer<Release> {
    ReleaseServiceServer::new(Release(Arc::clone(asked)))
}

/// A name that was found, unless it was overridden.
pub(crate) fn preflight(overridden: bool) -> Preflight {
    let finding = PreflightFinding {
        key: "name@noticed".to_owned(),
        what: "a person's name".to_owned(),
        text: "\u{1b}]0;owned\u{7}Ann\u{202e}".to_owned(),
        blocks: true,
        override_reason: if overridden { "It is a ship.".to_owned() } else { String::new() },
        ..PreflightFinding::default()
    };
    Preflight {
        title: "A title".to_owned(),
        findings: vec![finding],
        clear: overridden,
        ..Preflight::default()
    }
}

/// A withdrawal that two holders were told of.
fn withdrawal(record: &str) -> Withdrawal {
    let holder = |name: &str, state: HolderState, words: &str| Holder {
        name: name.to_owned(),
        node_id: format!("cairn1{name}"),
        state: state.into(),
        words: words.to_owned(),
        ..Holder::default()
    };
    Withdrawal {
        record_id: format!("cairn1plymouth/{record}"),
        reason: "mistake".to_owned(),
        holders: vec![
            holder("tyneside", HolderState::Purged, "since 3 days"),
            Holder { via: "tyneside".to_owned(), ..holder("dorset", HolderState::Overdue, "for 2 days") },
        ],
        ..Withdrawal::default()
    }
}

/// Writes the whole service.
macro_rules! service {
    ($($name:ident($request:ident) -> $response:ident |$asked:ident| $reply:expr;)+) => {
        #[tonic::async_trait]
        impl ReleaseService for Release {
            type ExportAuditStream = Iter<std::vec::IntoIter<Result<ExportAuditResponse, Status>>>;

            async fn export_audit(
                &self,
                request: Request<ExportAuditRequest>,
            ) -> Result<Response<Self::ExportAuditStream>, Status> {
                note(&self.0, &request);
                let part = |text: &str| Ok(ExportAuditResponse { content: text.as_bytes().to_vec() });
                Ok(Response::new(tokio_stream::iter(vec![part("{\"seq\":1}\n"), part("{\"seq\":2}\n")])))
            }

            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                note(&self.0, &request);
                let $asked = request.into_inner();
                let reply: Result<$response, Status> = $reply;
                reply.map(Response::new)
            })+
        }
    };
}

service! {
    preflight(PreflightRequest) -> PreflightResponse |asked| {
        let release = match asked.what {
            Some(What::Release(release)) => Some(release),
            Some(What::File(file)) => file.release,
            None => None,
        };
        let page = preflight(!release.unwrap_or_default().overrides.is_empty());
        Ok(PreflightResponse { page: Some(page) })
    };
    list_cards(ListCardsRequest) -> ListCardsResponse |_asked| Ok(ListCardsResponse::default());
    export_policy(ExportPolicyRequest) -> ExportPolicyResponse |_asked| {
        Ok(ExportPolicyResponse { json: "{}".to_owned(), file_name: "../policy.jsonld".to_owned() })
    };
    list_releases(ListReleasesRequest) -> ListReleasesResponse |_asked| Ok(ListReleasesResponse::default());
    approve_release(ApproveReleaseRequest) -> ApproveReleaseResponse |_asked| {
        Ok(ApproveReleaseResponse::default())
    };
    refuse_release(RefuseReleaseRequest) -> RefuseReleaseResponse |_asked| Ok(RefuseReleaseResponse::default());
    withdraw(WithdrawRequest) -> WithdrawResponse |asked| match refusal(&asked.record) {
        Some(status) => Err(status),
        None => Ok(WithdrawResponse { withdrawal: Some(withdrawal(&asked.record)), done: !asked.dry_run }),
    };
    list_withdrawals(ListWithdrawalsRequest) -> ListWithdrawalsResponse |_asked| {
        Ok(ListWithdrawalsResponse { withdrawals: vec![withdrawal("7")] })
    };
    list_ledger(ListLedgerRequest) -> ListLedgerResponse |_asked| Ok(ListLedgerResponse::default());
    list_groups(ListGroupsRequest) -> ListGroupsResponse |_asked| Ok(ListGroupsResponse::default());
    create_group(CreateGroupRequest) -> CreateGroupResponse |_asked| Ok(CreateGroupResponse::default());
    add_member(AddMemberRequest) -> AddMemberResponse |_asked| Ok(AddMemberResponse::default());
    remove_member(RemoveMemberRequest) -> RemoveMemberResponse |_asked| Ok(RemoveMemberResponse::default());
    pause_sharing(PauseSharingRequest) -> PauseSharingResponse |asked| {
        let sharing = Sharing { paused: true, reason: asked.reason, ..Sharing::default() };
        Ok(PauseSharingResponse { sharing: Some(sharing) })
    };
    resume_sharing(ResumeSharingRequest) -> ResumeSharingResponse |_asked| Ok(ResumeSharingResponse::default());
    hold_record(HoldRecordRequest) -> HoldRecordResponse |_asked| Ok(HoldRecordResponse::default());
    end_hold(EndHoldRequest) -> EndHoldResponse |_asked| Ok(EndHoldResponse::default());
    list_holds(ListHoldsRequest) -> ListHoldsResponse |_asked| Ok(ListHoldsResponse::default());
    list_audit(ListAuditRequest) -> ListAuditResponse |_asked| Ok(ListAuditResponse::default());
    verify_audit(VerifyAuditRequest) -> VerifyAuditResponse |_asked| {
        Ok(VerifyAuditResponse { entries: 2, broken: "Entry 2 was changed.".to_owned(), ..Default::default() })
    };
}
