//! A node played by the test: it serves the admin API, says what it is told to say, and remembers what it was asked.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use cairn_proto::pb::{
    admin::{
        AcceptPeerRequest, AcceptPeerResponse, ExperimentEntry, ExplainPeerRequest, ExplainPeerResponse,
        ExportEvidenceRequest, ExportEvidenceResponse, Finding, FindingState, GetExperimentRequest,
        GetExperimentResponse, GetKeysRequest, GetKeysResponse, GetPeerRequest, GetPeerResponse,
        GetPlaceRequest, GetPlaceResponse, GetRecordRequest, GetRecordResponse, GetStatusRequest,
        GetStatusResponse, GetSyncStatusRequest, GetSyncStatusResponse, ImportExperimentRequest,
        ImportExperimentResponse, InvitePeerRequest, InvitePeerResponse, ListExperimentsRequest,
        ListExperimentsResponse, ListPeersRequest, ListPeersResponse, ListRecordsRequest,
        ListRecordsResponse, Peer, PublishRequest, PublishResponse, RemovePeerRequest, RemovePeerResponse,
        RotateKeysRequest, RotateKeysResponse, RunDoctorRequest, RunDoctorResponse, SetPlaceRequest,
        SetPlaceResponse, TestPeerRequest, TestPeerResponse,
        admin_service_server::{AdminService, AdminServiceServer},
    },
    exchange::{ExperimentSummary, Profile, Standing},
};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, UnixListener},
    runtime::Runtime,
};
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::Router},
};

use crate::{fake_learning, fake_release, fake_standing, fake_subscription};

/// What the node was asked: the authorization, the request as debug text, and who asked.
pub(crate) type Asked = Arc<Mutex<Vec<(Option<String>, String, Option<String>)>>>;

/// A running fake node with its data directory.
pub(crate) struct FakeNode {
    _runtime: Runtime,
    dir: TempDir,
    asked: Asked,
}

impl FakeNode {
    /// On a Unix socket.
    pub(crate) fn on_socket() -> Self {
        let (runtime, dir, asked) = parts();
        let socket = dir.path().join("admin.sock");
        let listener = runtime.block_on(async { UnixListener::bind(&socket).unwrap() });
        let stream = UnixListenerStream::new(listener);
        runtime.spawn(services(&asked).serve_with_incoming(stream));
        fs::write(dir.path().join("admin.endpoint"), format!("unix:{}\n", socket.display())).unwrap();
        Self { _runtime: runtime, dir, asked }
    }

    /// On loopback with a token.
    pub(crate) fn on_loopback(token: &str) -> Self {
        let (runtime, dir, asked) = parts();
        let listener = runtime.block_on(async { TcpListener::bind(("127.0.0.1", 0)).await.unwrap() });
        let port = listener.local_addr().unwrap().port();
        let stream = TcpListenerStream::new(listener);
        runtime.spawn(services(&asked).serve_with_incoming(stream));
        fs::write(dir.path().join("admin.endpoint"), format!("http://127.0.0.1:{port}\n")).unwrap();
        fs::write(dir.path().join("admin.token"), format!("{token}\n")).unwrap();
        Self { _runtime: runtime, dir, asked }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The last request and the authorization that came with it.
    pub(crate) fn last(&self) -> (Option<String>, String) {
        let (authorization, request, _) = self.asked.lock().unwrap().last().cloned().unwrap();
        (authorization, request)
    }

    /// Who asked last.
    pub(crate) fn role(&self) -> Option<String> {
        self.asked.lock().unwrap().last().cloned().unwrap().2
    }

    /// The requests of this name so far.
    pub(crate) fn asked(&self, name: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .map(|(_, request, _)| request.clone())
            .filter(|request| request.starts_with(name))
            .collect()
    }
}

fn parts() -> (Runtime, TempDir, Asked) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    (runtime, tempfile::tempdir().unwrap(), Asked::default())
}

/// All services.
fn services(asked: &Asked) -> Router {
    let admin = AdminServiceServer::new(Service(Arc::clone(asked)));
    Server::builder()
        .add_service(admin)
        .add_service(fake_learning::service(asked))
        .add_service(fake_release::service(asked))
        .add_service(fake_standing::service(asked))
        .add_service(fake_subscription::service(asked))
}

/// Remembers a request.
pub(crate) fn note<T: std::fmt::Debug>(asked: &Asked, request: &Request<T>) {
    let token = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let role = request.metadata().get_bin("cairn-role-bin");
    let role = role.map(|role| String::from_utf8(role.to_bytes().unwrap().to_vec()).unwrap());
    asked.lock().unwrap().push((token, format!("{:?}", request.get_ref()), role));
}

/// The service.
struct Service(Asked);

impl Service {
    fn note<T: std::fmt::Debug>(&self, request: &Request<T>) {
        note(&self.0, request);
    }
}

/// The peer that the fake node knows.
fn peer() -> Peer {
    Peer {
        name: "South Tyneside".to_owned(),
        node_id: "cairn1tyneside".to_owned(),
        words: "one two".to_owned(),
        standing: Standing::Active.into(),
        ..Default::default()
    }
}

/// What the node refuses, by a word in the request.
pub(crate) fn refusal(word: &str) -> Option<Status> {
    Some(match word {
        "missing" => Status::not_found("There is no such thing. See `cairn list`."),
        "refused" => Status::failed_precondition("The consent does not cover this."),
        "forbidden" => Status::permission_denied("You may not."),
        "wrong" => Status::invalid_argument("This is not a word I know."),
        "broken" => Status::internal("Something broke."),
        "old" => Status::unimplemented("unknown method"),
        _ => return None,
    })
}

/// Writes the whole service: methods with a plain reply, then the others as they are.
macro_rules! service {
    (
        $($name:ident($request:ident) -> $response:ident = $reply:expr;)+
        ; others { $($others:tt)* }
    ) => {
        #[tonic::async_trait]
        impl AdminService for Service {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                self.note(&request);
                Ok(Response::new($reply))
            })+
            $($others)*
        }
    };
}

service! {
        get_status(GetStatusRequest) -> GetStatusResponse = GetStatusResponse {
            name: "Plymouth Alliance".to_owned(), node_id: "cairn1plymouth".to_owned(), log_size: 7,
            ..Default::default()
        };
        get_place(GetPlaceRequest) -> GetPlaceResponse = GetPlaceResponse { profile: Some(Profile::default()) };
        set_place(SetPlaceRequest) -> SetPlaceResponse = SetPlaceResponse { profile: Some(Profile::default()) };
        invite_peer(InvitePeerRequest) -> InvitePeerResponse = InvitePeerResponse {
            ticket: format!("cairninvite1{}", "q".repeat(300)), ..Default::default()
        };
        accept_peer(AcceptPeerRequest) -> AcceptPeerResponse = AcceptPeerResponse { peer: Some(peer()) };
        list_peers(ListPeersRequest) -> ListPeersResponse = ListPeersResponse { peers: vec![peer()] };
        get_peer(GetPeerRequest) -> GetPeerResponse = GetPeerResponse { peer: Some(peer()) };
        test_peer(TestPeerRequest) -> TestPeerResponse = TestPeerResponse::default();
        explain_peer(ExplainPeerRequest) -> ExplainPeerResponse = ExplainPeerResponse::default();
        remove_peer(RemovePeerRequest) -> RemovePeerResponse = RemovePeerResponse { peer: Some(peer()) };
        list_experiments(ListExperimentsRequest) -> ListExperimentsResponse = ListExperimentsResponse::default();
        list_records(ListRecordsRequest) -> ListRecordsResponse = ListRecordsResponse::default();
        get_sync_status(GetSyncStatusRequest) -> GetSyncStatusResponse = GetSyncStatusResponse::default();
    ; others {

    async fn import_experiment(
        &self,
        request: Request<ImportExperimentRequest>,
    ) -> Result<Response<ImportExperimentResponse>, Status> {
        self.note(&request);
        let text = String::from_utf8(request.into_inner().content).unwrap();
        if let Some(status) = refusal(text.trim()) {
            return Err(status);
        }
        let entry = ExperimentEntry { id: text.trim().to_owned(), version: 1, ..Default::default() };
        Ok(Response::new(ImportExperimentResponse {
            experiment: Some(entry),
            created: true,
            ..Default::default()
        }))
    }

    async fn get_experiment(
        &self,
        request: Request<GetExperimentRequest>,
    ) -> Result<Response<GetExperimentResponse>, Status> {
        self.note(&request);
        let id = request.into_inner().id;
        let hostile = "\u{1b}]0;owned\u{7}A title\u{202e}\u{9b}31m".to_owned();
        let summary = ExperimentSummary { title: hostile, ..Default::default() };
        let reply = GetExperimentResponse { summary: Some(summary), ..Default::default() };
        refusal(&id).map_or(Ok(Response::new(reply)), Err)
    }

    async fn publish(&self, request: Request<PublishRequest>) -> Result<Response<PublishResponse>, Status> {
        self.note(&request);
        let PublishRequest { dry_run, overrides, group, .. } = request.into_inner();
        let overridden = !overrides.is_empty();
        let waits_as = if overridden && !dry_run { 4 } else { 0 };
        let released = !dry_run && waits_as == 0;
        Ok(Response::new(PublishResponse {
            record_id: if released { "cairn1plymouth/7".to_owned() } else { String::new() },
            waits_as,
            preflight: (overridden || !group.is_empty()).then(|| fake_release::preflight(overridden)),
            ..Default::default()
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        self.note(&request);
        let reply = Response::new(GetRecordResponse::default());
        refusal(&request.into_inner().record).map_or(Ok(reply), Err)
    }

    async fn export_evidence(
        &self,
        request: Request<ExportEvidenceRequest>,
    ) -> Result<Response<ExportEvidenceResponse>, Status> {
        self.note(&request);
        let reply =
            ExportEvidenceResponse { pack: b"pack".to_vec(), file_name: "../plymouth-7.cairn".to_owned() };
        refusal(&request.into_inner().record).map_or(Ok(Response::new(reply)), Err)
    }

    async fn get_keys(&self, request: Request<GetKeysRequest>) -> Result<Response<GetKeysResponse>, Status> {
        self.note(&request);
        Ok(Response::new(GetKeysResponse::default()))
    }

    async fn rotate_keys(
        &self,
        request: Request<RotateKeysRequest>,
    ) -> Result<Response<RotateKeysResponse>, Status> {
        self.note(&request);
        Ok(Response::new(RotateKeysResponse::default()))
    }

    async fn run_doctor(
        &self,
        request: Request<RunDoctorRequest>,
    ) -> Result<Response<RunDoctorResponse>, Status> {
        self.note(&request);
        let finding = |check: &str, state: FindingState| Finding {
            check: check.to_owned(),
            state: state.into(),
            found: "so it is.".to_owned(),
            ..Default::default()
        };
        let findings = vec![finding("Disk", FindingState::Mend), finding("Clock", FindingState::Well)];
        Ok(Response::new(RunDoctorResponse { findings }))
    }
    }
}
