//! What the node answers: the log as it stands, changed by the lie that the test set, part by part as the test
//! allows. Not here: setting the lie.

use std::{pin::Pin, sync::Arc};

use cairn_proto::pb::exchange::{
    HelloRequest, HelloResponse, ListOffersRequest, ListOffersResponse, PeeringRequest, PeeringResponse,
    PullRequest, PullResponse, RetractRequest, RetractResponse, WatchRequest, WatchResponse,
    exchange_service_server::ExchangeService,
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use super::{Inner, lock};
use crate::forge::{ForgedLog, Persona};

type Responses<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The announcement of a log of another, with a clock that is far ahead.
fn carried(author: &Persona, log: &ForgedLog) -> WatchResponse {
    let head = log.head();
    WatchResponse {
        origin: author.id().to_string(),
        size: head.size,
        checkpoint: head.checkpoint,
        identity: author.identity.events().to_vec(),
        heard_at: Some(prost_types::Timestamp { seconds: 4_000_000_000, nanos: 0 }),
        author_name: "EDUFI".into(),
        fork: None,
        widened: 0,
    }
}

/// The service.
pub(super) struct Answers(pub(super) Arc<Inner>);

#[tonic::async_trait]
impl ExchangeService for Answers {
    type WatchStream = Responses<WatchResponse>;
    type PullStream = Responses<PullResponse>;

    async fn hello(&self, _: Request<HelloRequest>) -> Result<Response<HelloResponse>, Status> {
        *lock(&self.0.hellos) += 1;
        Ok(Response::new(HelloResponse {
            version: *lock(&self.0.version),
            identity: lock(&self.0.claimed).clone().unwrap_or(self.0.persona.identity.events().to_vec()),
            relationship: Some(lock(&self.0.relationship).clone()),
            software: "liar 1.0".into(),
            ..Default::default()
        }))
    }

    async fn peering(&self, request: Request<PeeringRequest>) -> Result<Response<PeeringResponse>, Status> {
        lock(&self.0.steps).extend(request.into_inner().step);
        Ok(Response::new(PeeringResponse { relationship: Some(lock(&self.0.relationship).clone()) }))
    }

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let (sender, receiver) = mpsc::channel(1);
        let inner = self.0.clone();
        tokio::spawn(async move {
            let (mut heads, mut hang_ups) = (inner.heads.subscribe(), inner.hang_ups.subscribe());
            loop {
                let head = lock(&inner.log).head();
                let told = WatchResponse {
                    origin: inner.persona.id().to_string(),
                    size: head.size,
                    checkpoint: head.checkpoint,
                    ..Default::default()
                };
                let mut all = vec![lock(&inner.announced).clone().unwrap_or(told)];
                all.extend(lock(&inner.carried).iter().map(|(author, log)| carried(author, log)));
                for told in all {
                    if sender.send(Ok(told)).await.is_err() {
                        return;
                    }
                }
                tokio::select! {
                    () = sender.closed() => return,
                    _ = hang_ups.changed() => return,
                    rung = heads.changed() => if rung.is_err() { return },
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn retract(&self, request: Request<RetractRequest>) -> Result<Response<RetractResponse>, Status> {
        lock(&self.0.retractions).push(request.into_inner());
        Ok(Response::new(RetractResponse { receipt: lock(&self.0.receipt).clone() }))
    }

    async fn list_offers(
        &self,
        _: Request<ListOffersRequest>,
    ) -> Result<Response<ListOffersResponse>, Status> {
        Ok(Response::new(lock(&self.0.offers).clone()))
    }

    async fn pull(&self, request: Request<PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let request = request.into_inner();
        let carried = lock(&self.0.carried).clone();
        let carried = carried.into_iter().find(|(author, _)| author.id().to_string() == request.origin);
        let log = carried.map_or_else(|| lock(&self.0.log).clone(), |(_, log)| log);
        let mut parts = log.answer(&request);
        lock(&self.0.pulls).push(request);
        if let Some(lie) = &*lock(&self.0.lie) {
            lie(&log, &mut parts);
        }
        let (sender, receiver) = mpsc::channel(1);
        let inner = self.0.clone();
        tokio::spawn(async move {
            let mut allowed = inner.parts.subscribe();
            for (part, n) in parts.into_iter().zip(0_usize..) {
                tokio::select! {
                    () = sender.closed() => return,
                    rung = allowed.wait_for(|&allowed| n < allowed) => if rung.is_err() { return },
                }
                if sender.send(Ok(PullResponse { part: Some(part) })).await.is_err() {
                    return;
                }
            }
            // Falls silent also when everything was said, if the test wants that.
            tokio::select! {
                () = sender.closed() => {}
                _ = allowed.wait_for(|&allowed| allowed == usize::MAX) => {}
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}
