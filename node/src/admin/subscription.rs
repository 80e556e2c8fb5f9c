//! What a place follows of others, and what they offer it. One use case a method.

use cairn_proto::pb::admin::{self as pb, subscription_service_server::SubscriptionService};
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    parse,
    status::{Reply, told},
};
use crate::{
    app::{App, catalogue::Fetched, subscriptions::Followed},
    domain::subscription::{Filter, Labels, Offer},
    wire,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    app: App,
}

impl Subscriptions {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

fn shown(followed: Followed) -> pb::Subscription {
    let Followed { node, name, via, subscription } = followed;
    pb::Subscription {
        node_id: node.to_string(),
        name,
        via,
        labels: Some((&subscription.labels).into()),
        paused: subscription.paused,
        depth: subscription.depth.to_string(),
        words: subscription.to_string(),
    }
}

fn labels(labels: Option<&pb::Labels>) -> Result<Option<Labels>, Status> {
    labels.map(Labels::try_from).transpose().map_err(|error| super::status::status(&error.into()))
}

fn entry((offer, held): (Offer, bool)) -> pb::CatalogueEntry {
    let Offer { index, kind, title, themes, scale, created_at, expires_at, bytes } = offer;
    pb::CatalogueEntry {
        index,
        kind: kind.to_string(),
        title: title.to_string(),
        themes: themes.iter().map(ToString::to_string).collect(),
        scale: scale.to_string(),
        created_at: Some(wire::timestamp(created_at)),
        expires_at: expires_at.map(wire::timestamp),
        bytes,
        held,
    }
}

#[tonic::async_trait]
impl SubscriptionService for Subscriptions {
    async fn list_subscriptions(
        &self,
        request: Request<pb::ListSubscriptionsRequest>,
    ) -> Reply<pb::ListSubscriptionsResponse> {
        let who = operator(&request)?;
        let all = told(self.app.followed(&who, &request.into_inner().author).await)?;
        let subscriptions = all.into_iter().map(shown).collect();
        Ok(Response::new(pb::ListSubscriptionsResponse { subscriptions }))
    }

    async fn set_subscription(
        &self,
        request: Request<pb::SetSubscriptionRequest>,
    ) -> Reply<pb::SetSubscriptionResponse> {
        let who = operator(&request)?;
        let request = request.into_inner();
        let (labels, depth) = (labels(request.labels.as_ref())?, parse::depth(&request.depth)?);
        let followed = told(self.app.follow(&who, &request.author, labels, depth).await)?;
        Ok(Response::new(pb::SetSubscriptionResponse { subscription: Some(shown(followed)) }))
    }

    async fn pause_following(
        &self,
        request: Request<pb::PauseFollowingRequest>,
    ) -> Reply<pb::PauseFollowingResponse> {
        let who = operator(&request)?;
        let followed = told(self.app.pause_following(&who, &request.into_inner().author, true).await)?;
        Ok(Response::new(pb::PauseFollowingResponse { subscription: Some(shown(followed)) }))
    }

    async fn resume_following(
        &self,
        request: Request<pb::ResumeFollowingRequest>,
    ) -> Reply<pb::ResumeFollowingResponse> {
        let who = operator(&request)?;
        let followed = told(self.app.pause_following(&who, &request.into_inner().author, false).await)?;
        Ok(Response::new(pb::ResumeFollowingResponse { subscription: Some(shown(followed)) }))
    }

    async fn look_at_catalogue(
        &self,
        request: Request<pb::LookAtCatalogueRequest>,
    ) -> Reply<pb::LookAtCatalogueResponse> {
        let who = operator(&request)?;
        let request = request.into_inner();
        let filter = Filter { labels: labels(request.labels.as_ref())?.unwrap_or_default(), from: 0 };
        let catalogue = told(self.app.look_at_catalogue(&who, &request.author, filter, request.from).await)?;
        Ok(Response::new(pb::LookAtCatalogueResponse {
            name: catalogue.name,
            entries: catalogue.offers.into_iter().map(entry).collect(),
            next: catalogue.next.unwrap_or_default(),
            asked: catalogue.asked,
        }))
    }

    async fn fetch_records(
        &self,
        request: Request<pb::FetchRecordsRequest>,
    ) -> Reply<pb::FetchRecordsResponse> {
        let who = operator(&request)?;
        let pb::FetchRecordsRequest { author, indices } = request.into_inner();
        let all = told(self.app.fetch_records(&who, &author, &indices).await)?;
        let fetched = |Fetched { index, held, words }| pb::Fetched { index, held, words };
        Ok(Response::new(pb::FetchRecordsResponse { fetched: all.into_iter().map(fetched).collect() }))
    }
}
