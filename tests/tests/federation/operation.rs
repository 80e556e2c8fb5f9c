//! Running a node: one process a data directory, the right keys, and only its own people at its desk.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use cairn_node::{
    clock::Clock,
    config::AdminListen,
    node::{Node, StartError},
};
use cairn_proto::pb::admin::{GetStatusRequest, admin_service_client::AdminServiceClient};
use cairn_tests::{place::TestPlace, story::Story};
use tokio_stream::StreamExt as _;
use tonic::{Code, Request, transport::Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

async fn start_again(place: &TestPlace, story: &Story) -> Result<Node, StartError> {
    Node::bind(place.config(), story.clock.clone()).await
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_on_the_same_data_directory_refuses() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let refused = start_again(&plymouth, &story).await.expect_err("one is running");
    assert!(matches!(refused, StartError::Running(_)), "{refused}");
    assert!(refused.to_string().contains("another node is already running"), "{refused}");
    assert_eq!(plymouth.status().await.name, "Plymouth Alliance", "the first is not disturbed");

    plymouth.stop().await;
    assert!(!plymouth.dir().join("admin.endpoint").exists(), "nothing points at a node that is down");
    start_again(&plymouth, &story).await.expect("now there is none").shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_the_wrong_keys_refuses() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let other = story.place("South Tyneside Alliance").await;
    plymouth.stop().await;
    for key in ["signing.pem", "witness.pem"] {
        let file = plymouth.dir().join("keys").join(key);
        let right = fs::read(&file).expect("a key");
        fs::copy(other.dir().join("keys").join(key), &file).expect("another key");
        let refused = start_again(&plymouth, &story).await.expect_err("the key of another node");
        assert!(refused.to_string().contains("is not the current signing key of"), "{refused}");
        fs::write(&file, "not a key").expect("nonsense");
        let refused = start_again(&plymouth, &story).await.expect_err("no key");
        assert!(refused.to_string().contains("restore it from a backup"), "{refused}");
        fs::write(&file, right).expect("the right key");
    }
    start_again(&plymouth, &story).await.expect("the right keys").shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_the_database_of_another_refuses() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    let mut other = story.place("South Tyneside Alliance").await;
    plymouth.stop().await;
    other.stop().await;
    for file in other.database_files() {
        let name: PathBuf = file.file_name().expect("a name").into();
        fs::copy(&file, plymouth.dir().join(name)).expect("a copy");
    }
    let refused = start_again(&plymouth, &story).await.expect_err("another node's database");
    assert!(refused.to_string().contains("belong to different nodes"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_come_near_keys_and_desk() {
    let plymouth = Story::begin().place("Plymouth Alliance").await;
    assert_eq!(mode(plymouth.dir().join("keys")), 0o700);
    for file in
        ["keys/signing.pem", "keys/witness.pem", "keys/next-signing.pem", "RECOVERY-KEY.txt", "admin.sock"]
    {
        assert_eq!(mode(plymouth.dir().join(file)), 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback_the_desk_needs_the_token() {
    let story = Story::begin();
    let mut plymouth = story.place("Plymouth Alliance").await;
    plymouth.stop().await;
    let mut config = plymouth.config();
    config.admin = AdminListen::Loopback(([127, 0, 0, 1], 0).into());
    let node = Node::bind(config, Clock::System).await.expect("it starts");
    let channel = Endpoint::from_shared(node.admin().to_owned()).expect("an address").connect().await;
    let mut admin = AdminServiceClient::new(channel.expect("it answers"));
    let token_file = plymouth.dir().join("admin.token");
    let token = fs::read_to_string(&token_file).expect("a token");
    assert_eq!(mode(&token_file), 0o600);

    let long = format!("Bearer {token}0");
    for wrong in ["", "Bearer ", "Bearer 00", &token[..], &long] {
        let refused = admin.get_status(with_token(wrong)).await.expect_err("not the token");
        assert_eq!(refused.code(), Code::Unauthenticated, "{wrong:?}");
    }
    assert!(admin.get_status(GetStatusRequest {}).await.is_err(), "no token at all");
    let right = admin.get_status(with_token(&format!("Bearer {token}"))).await.expect("the token");
    assert_eq!(right.into_inner().name, "Plymouth Alliance");
    drop(admin);
    node.shutdown().await;
}

fn with_token(value: &str) -> Request<GetStatusRequest> {
    let mut request = Request::new(GetStatusRequest {});
    request.metadata_mut().insert("authorization", value.parse().expect("a header"));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_reflection_answer() {
    let plymouth = Story::begin().place("Plymouth Alliance").await;
    let socket = format!("unix:{}", plymouth.dir().join("admin.sock").display());
    let channel = Endpoint::from_shared(socket).expect("an address").connect().await.expect("it answers");
    let mut health = HealthClient::new(channel.clone());
    for service in ["", "cairn.admin.v1.AdminService", "cairn.exchange.v1.ExchangeService"] {
        let asked = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(asked).await.expect("an answer").into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service:?}");
    }
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let question = ServerReflectionRequest { host: String::new(), message_request };
    let mut reflection = ServerReflectionClient::new(channel);
    let answers = reflection.server_reflection_info(tokio_stream::once(question)).await.expect("an answer");
    let answer = answers.into_inner().next().await.expect("one").expect("a good one").message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("a list: {answer:?}") };
    let names: Vec<_> = list.service.iter().map(|one| one.name.as_str()).collect();
    assert!(names.contains(&"cairn.admin.v1.AdminService"), "{names:?}");
    assert!(names.contains(&"cairn.exchange.v1.ExchangeService"), "{names:?}");
}
