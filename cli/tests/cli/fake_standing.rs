//! How the place stands to others, at the node that the test plays.

use std::sync::Arc;

use cairn_proto::pb::admin::{
    AcceptTrustRequest, AcceptTrustResponse, AddBlockRequest, AddBlockResponse, BlockEntry, DropTrustRequest,
    DropTrustResponse, ExportTrustRequest, ExportTrustResponse, ImportTrustRequest, ImportTrustResponse,
    ListBlocksRequest, ListBlocksResponse, ListTrustRequest, ListTrustResponse, RemoveBlockRequest,
    RemoveBlockResponse, RestorePeerRequest, RestorePeerResponse, RestrictPeerRequest, RestrictPeerResponse,
    TrustDraft,
    standing_service_server::{StandingService, StandingServiceServer},
};
use tonic::{Request, Response, Status};

use crate::fake::{Asked, note};

/// The service.
pub(crate) struct Standing(Asked);

/// The service, remembering what it was asked.
pub(crate) fn service(asked: &Asked) -> StandingServiceServer<Standing> {
    StandingServiceServer::new(Standing(Arc::clone(asked)))
}

fn draft() -> TrustDraft {
    TrustDraft { id: 1, author_name: "Plymouth".to_owned(), ..TrustDraft::default() }
}

fn block() -> BlockEntry {
    BlockEntry { name: "Dorset".to_owned(), ..BlockEntry::default() }
}

macro_rules! answers {
    ($($method:ident($request:ident) -> $response:ident = $answer:expr;)+) => {
        #[tonic::async_trait]
        impl StandingService for Standing {
            $(async fn $method(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                note(&self.0, &request);
                Ok(Response::new($answer))
            })+
        }
    };
}

answers! {
    restrict_peer(RestrictPeerRequest) -> RestrictPeerResponse = RestrictPeerResponse::default();
    restore_peer(RestorePeerRequest) -> RestorePeerResponse = RestorePeerResponse::default();
    add_block(AddBlockRequest) -> AddBlockResponse =
        AddBlockResponse { block: Some(block()), peering_ended: true, ..AddBlockResponse::default() };
    list_blocks(ListBlocksRequest) -> ListBlocksResponse = ListBlocksResponse { blocks: vec![block()] };
    remove_block(RemoveBlockRequest) -> RemoveBlockResponse = RemoveBlockResponse { block: Some(block()) };
    export_trust(ExportTrustRequest) -> ExportTrustResponse =
        ExportTrustResponse { file: b"cairn-trust/v1\n".to_vec(), entries: 2 };
    import_trust(ImportTrustRequest) -> ImportTrustResponse = ImportTrustResponse { list: Some(draft()) };
    list_trust(ListTrustRequest) -> ListTrustResponse = ListTrustResponse { lists: vec![draft()] };
    accept_trust(AcceptTrustRequest) -> AcceptTrustResponse =
        AcceptTrustResponse { done: vec!["Dorset is blocked now".to_owned()] };
    drop_trust(DropTrustRequest) -> DropTrustResponse = DropTrustResponse {};
}
