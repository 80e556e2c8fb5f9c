//! Who goes on in the place of a node: the file that goes round, and what is known. One use case a method.

use cairn_proto::{
    identity::Kind,
    pb::admin::{self as pb, succession_service_server::SuccessionService},
};
use tonic::Request;

use super::{
    auth::operator,
    status::{Reply, told},
};
use crate::{
    app::App,
    domain::succession::{Heir, Succeeded},
};

/// The service.
#[derive(Clone, Debug)]
pub struct Successions {
    app: App,
}

impl Successions {
    /// Answers for `app`.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

fn heir(heir: Heir) -> pb::SuccessorEntry {
    let Heir { node, name, standing, peer, ours, agreed } = heir;
    pb::SuccessorEntry { name, node_id: node.to_string(), words: node.words(), standing, peer, ours, agreed }
}

fn entry(succeeded: Succeeded) -> pb::SuccessionEntry {
    let summary = succeeded.words();
    let Succeeded { node, name, ours, kind, log_size, by } = succeeded;
    pb::SuccessionEntry {
        name,
        node_id: node.to_string(),
        words: node.words(),
        ours,
        kind: kind.into(),
        log_size,
        successors: by.into_iter().map(heir).collect(),
        summary,
    }
}

#[tonic::async_trait]
impl SuccessionService for Successions {
    async fn draft_succession(
        &self,
        request: Request<pb::DraftSuccessionRequest>,
    ) -> Reply<pb::DraftSuccessionResponse> {
        let who = operator(&request)?;
        let request = request.into_inner();
        let kind: Kind = request.kind();
        let (file, succession) = told(self.app.draft_succession(&who, kind, &request.to).await)?;
        Ok(pb::DraftSuccessionResponse { file, succession: Some(entry(succession)) }.into())
    }

    async fn read_succession(
        &self,
        request: Request<pb::ReadSuccessionRequest>,
    ) -> Reply<pb::ReadSuccessionResponse> {
        let who = operator(&request)?;
        let succession = told(self.app.read_succession(&who, &request.into_inner().file).await)?;
        Ok(pb::ReadSuccessionResponse { succession: Some(entry(succession)) }.into())
    }

    async fn accept_succession(
        &self,
        request: Request<pb::AcceptSuccessionRequest>,
    ) -> Reply<pb::AcceptSuccessionResponse> {
        let who = operator(&request)?;
        let (file, succession) = told(self.app.accept_succession(&who, &request.into_inner().file).await)?;
        Ok(pb::AcceptSuccessionResponse { file, succession: Some(entry(succession)) }.into())
    }

    async fn finish_succession(
        &self,
        request: Request<pb::FinishSuccessionRequest>,
    ) -> Reply<pb::FinishSuccessionResponse> {
        let who = operator(&request)?;
        let succession = told(self.app.finish_succession(&who, &request.into_inner().file).await)?;
        Ok(pb::FinishSuccessionResponse { succession: Some(entry(succession)) }.into())
    }

    async fn list_successions(
        &self,
        request: Request<pb::ListSuccessionsRequest>,
    ) -> Reply<pb::ListSuccessionsResponse> {
        let who = operator(&request)?;
        let all = told(self.app.successions(&who, &request.into_inner().node).await)?;
        Ok(pb::ListSuccessionsResponse { successions: all.into_iter().map(entry).collect() }.into())
    }
}
