//! Responses, threads and lineage. One use case a method.

use cairn_proto::pb::{
    admin::{self as pb, dialogue_service_server::DialogueService},
    exchange,
};
use tonic::{Request, Response, Status};

use super::{
    auth::operator,
    parse, render,
    status::{Reply, told},
};
use crate::{
    app::{
        App, AppError,
        dialogue::{Entry, Thread},
        lineage::{Lineage, Step},
    },
    domain::{
        dialogue::{Message, Response as Answer},
        record::Body,
    },
    wire,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Dialogue {
    app: App,
}

impl Dialogue {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

fn valid<T, E: Into<AppError>>(result: Result<T, E>) -> Result<T, Status> {
    told(result.map_err(Into::into))
}

fn entry(entry: &Entry) -> pb::ThreadEntry {
    let Entry { record, who, shown, answers, gone } = entry;
    let mut line = pb::ThreadEntry {
        record_id: record.to_string(),
        who: who.clone(),
        answers: answers.map(|record| record.to_string()).unwrap_or_default(),
        gone: gone.clone(),
        ..pb::ThreadEntry::default()
    };
    let Some(shown) = shown else { return line };
    line.kind = shown.record.body.kind().to_owned();
    line.created_at = Some(wire::timestamp(shown.record.created_at));
    line.audience = shown.record.policy.audience.to_string();
    match &shown.record.body {
        Body::Response(response) => line.response = Some(response.into()),
        Body::Message(message) => line.message = Some(message.into()),
        body => line.title = body.title().into_owned(),
    }
    line
}

fn thread(thread: &Thread) -> pb::GetThreadResponse {
    let Thread { root, entries, not_shown } = thread;
    pb::GetThreadResponse {
        root: Some(entry(root)),
        entries: entries.iter().map(entry).collect(),
        not_shown: not_shown.clone(),
    }
}

fn step(step: Step) -> pb::LineageEntry {
    let change = step.change.as_ref();
    pb::LineageEntry {
        record_id: step.record.to_string(),
        steps: step.steps,
        who: step.who,
        title: step.title,
        context: step.context,
        state: step.state,
        what_changed: change.map(|change| change.what_changed.to_string()).unwrap_or_default(),
        why_changed: change.map(|change| change.why_changed.to_string()).unwrap_or_default(),
        context_difference: change.map(|change| change.context_difference.to_string()).unwrap_or_default(),
        gone: step.gone,
    }
}

#[tonic::async_trait]
impl DialogueService for Dialogue {
    async fn respond(&self, request: Request<pb::RespondRequest>) -> Reply<pb::RespondResponse> {
        let who = operator(&request)?;
        let pb::RespondRequest { record, kind, context, account, why, terms } = request.into_inner();
        let said = exchange::Response { kind, context, account, why };
        let response = valid(Answer::try_from(said))?;
        let wish = parse::wish_to_say(terms.unwrap_or_default())?;
        let release = told(self.app.respond(&who, &record, response, wish).await)?;
        Ok(Response::new(pb::RespondResponse { released: Some(render::release(release)) }))
    }

    async fn send_message(&self, request: Request<pb::SendMessageRequest>) -> Reply<pb::SendMessageResponse> {
        let who = operator(&request)?;
        let pb::SendMessageRequest { record, kind, text, terms } = request.into_inner();
        let message = valid(Message::try_from(exchange::Message { kind, text }))?;
        let wish = parse::wish_to_say(terms.unwrap_or_default())?;
        let release = told(self.app.send_message(&who, &record, message, wish).await)?;
        Ok(Response::new(pb::SendMessageResponse { released: Some(render::release(release)) }))
    }

    async fn get_thread(&self, request: Request<pb::GetThreadRequest>) -> Reply<pb::GetThreadResponse> {
        let who = operator(&request)?;
        let found = told(self.app.thread(&who, &request.into_inner().record).await)?;
        Ok(Response::new(thread(&found)))
    }

    async fn get_lineage(&self, request: Request<pb::GetLineageRequest>) -> Reply<pb::GetLineageResponse> {
        let who = operator(&request)?;
        let found = told(self.app.lineage(&who, &request.into_inner().record).await)?;
        let Lineage { record, came_from, led_to, not_shown } = found;
        Ok(Response::new(pb::GetLineageResponse {
            record: Some(step(record)),
            came_from: came_from.into_iter().map(step).collect(),
            led_to: led_to.into_iter().map(step).collect(),
            not_shown,
        }))
    }
}
