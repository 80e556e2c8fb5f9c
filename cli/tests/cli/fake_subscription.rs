//! What a place follows, at the node that the test plays.

use std::sync::Arc;

use cairn_proto::pb::admin::{
    FetchRecordsRequest, FetchRecordsResponse, Fetched, ListSubscriptionsRequest, ListSubscriptionsResponse,
    LookAtCatalogueRequest, LookAtCatalogueResponse, PauseFollowingRequest, PauseFollowingResponse,
    ResumeFollowingRequest, ResumeFollowingResponse, SetSubscriptionRequest, SetSubscriptionResponse,
    subscription_service_server::{SubscriptionService, SubscriptionServiceServer},
};
use tonic::{Request, Response, Status};

use crate::fake::{Asked, note};

/// The service.
pub(crate) struct Subscriptions(Asked);

/// The service, remembering what it was asked.
pub(crate) fn service(asked: &Asked) -> SubscriptionServiceServer<Subscriptions> {
    SubscriptionServiceServer::new(Subscriptions(Arc::clone(asked)))
}

macro_rules! answers {
    ($($method:ident($request:ident) -> $response:ident = $answer:expr;)+) => {
        #[tonic::async_trait]
        impl SubscriptionService for Subscriptions {
            $(async fn $method(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                note(&self.0, &request);
                Ok(Response::new($answer))
            })+
        }
    };
}

answers! {
    list_subscriptions(ListSubscriptionsRequest) -> ListSubscriptionsResponse = ListSubscriptionsResponse::default();
    set_subscription(SetSubscriptionRequest) -> SetSubscriptionResponse = SetSubscriptionResponse::default();
    pause_following(PauseFollowingRequest) -> PauseFollowingResponse = PauseFollowingResponse::default();
    resume_following(ResumeFollowingRequest) -> ResumeFollowingResponse = ResumeFollowingResponse::default();
    look_at_catalogue(LookAtCatalogueRequest) -> LookAtCatalogueResponse = LookAtCatalogueResponse::default();
    fetch_records(FetchRecordsRequest) -> FetchRecordsResponse =
        FetchRecordsResponse { fetched: vec![Fetched { index: 3, held: true, words: "held here".to_owned() }] };
}
