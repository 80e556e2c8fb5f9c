//! What the people of the place ask about logs: the gate before our key, and authors who signed two.

use cairn_proto::pb::admin::{self as pb, integrity_service_server::IntegrityService};
use tonic::Request;

use super::{
    auth::operator,
    status::{Reply, told},
};
use crate::{
    app::{App, forks::Forked, gate::Closed},
    wire,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Integrity {
    app: App,
}

impl Integrity {
    /// Answers for `app`.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

#[tonic::async_trait]
impl IntegrityService for Integrity {
    async fn get_gate(&self, request: Request<pb::GetGateRequest>) -> Reply<pb::GetGateResponse> {
        let closed = told(self.app.gate(&operator(&request)?).await)?;
        Ok(pb::GetGateResponse { closed: closed.map(gate) }.into())
    }

    async fn open_gate(&self, request: Request<pb::OpenGateRequest>) -> Reply<pb::OpenGateResponse> {
        let who = operator(&request)?;
        told(self.app.open_gate(&who, &request.into_inner().reason).await)?;
        Ok(pb::OpenGateResponse {}.into())
    }

    async fn list_forks(&self, request: Request<pb::ListForksRequest>) -> Reply<pb::ListForksResponse> {
        let own = self.app.keys.node_id();
        let all = told(self.app.forks(&operator(&request)?).await)?;
        let entry = |Forked { name, node, found_at, sizes: (smaller, larger), file }| pb::ForkEntry {
            name,
            node_id: node.to_string(),
            found_at: Some(wire::timestamp(found_at)),
            smaller,
            larger,
            ours: node == own,
            evidence: file,
        };
        Ok(pb::ListForksResponse { forks: all.into_iter().map(entry).collect() }.into())
    }
}

fn gate(Closed { row, here, answers }: Closed) -> pb::ClosedGate {
    let answer = |(name, holds)| pb::GateAnswer { name, holds };
    pb::ClosedGate {
        since: Some(wire::timestamp(row.at)),
        reason: row.reason,
        size_then: row.size,
        size_now: here,
        answers: answers.into_iter().map(answer).collect(),
    }
}
