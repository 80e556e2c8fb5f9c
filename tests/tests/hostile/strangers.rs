//! Strangers: whoever is not an active peer learns who the node is, may propose, and gets nothing else.

use std::error::Error as _;

use cairn_node::domain::policy::Card;
use cairn_proto::pb::exchange::{PullRequest, Standing, WatchRequest, refusal::Kind};
use cairn_tests::{
    caller::{Caller, refusal, without_certificate},
    desk::{profile, wish},
    forge::Persona,
    liar::Liar,
    place::TestPlace,
    story::{Story, converge, peer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::{Code, Status};

/// A place with something that is for everyone.
async fn public_place(story: &Story) -> TestPlace {
    let plymouth = story.place("Plymouth Alliance").await;
    plymouth.import_case("plymouth-alliance").await;
    plymouth.publish(wish("plymouth-alliance", Card::Public)).await;
    plymouth
}

fn assert_not_a_peer(status: &Status, words: &str) {
    match refusal(status) {
        Kind::NotAPeer(why) => {
            assert!(why.reason.contains(words), "{why:?}");
            assert_eq!(why.standing(), Standing::Unspecified);
            assert_eq!(status.code(), Code::PermissionDenied);
        }
        other => panic!("another refusal: {other:?}"),
    }
}

/// ```text
///   Plymouth Alliance <- a stranger with a good identity
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_greeted_and_given_nothing_not_even_what_is_public() {
    let plymouth = public_place(&Story::begin()).await;
    let stranger = Persona::new();
    let mut caller = Caller::with_key(plymouth.address, &stranger.signing).await;

    let hello = caller.hello(&stranger.identity).await.expect("a greeting");
    assert!(hello.relationship.is_none());
    assert_eq!((hello.version, hello.limits.expect("limits").leaf_batch), (1, 256));
    let watched = caller.service.watch(WatchRequest::default()).await.expect_err("a stranger");
    assert_not_a_peer(&watched, "does not know the caller");
    let pulled = caller.pull_all().await.expect_err("a stranger");
    assert_not_a_peer(&pulled, "does not know the caller");
    assert!(plymouth.record("0").await.expect("our own").disclosures.is_empty());
}

/// ```text
///   Plymouth Alliance <- a caller whose key is nobody's
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_belongs_to_no_identity_gets_nothing() {
    let plymouth = public_place(&Story::begin()).await;
    let nobody = Persona::new().signing;
    let mut caller = Caller::with_key(plymouth.address, &nobody).await;
    let hello = caller.hello_in(1, 1, &[]).await.expect_err("no identity");
    assert_not_a_peer(&hello, "does not know the caller");
    assert_not_a_peer(&caller.first_head().await.expect_err("nobody"), "does not know the caller");
    assert_not_a_peer(&caller.pull_all().await.expect_err("nobody"), "does not know the caller");
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance <- someone with South Tyneside's identity chain
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_identity_of_a_peer_is_no_use_without_its_key() {
    let story = Story::begin();
    let plymouth = public_place(&story).await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    let thief = Persona::new();
    let mut caller = Caller::with_key(plymouth.address, &thief.signing).await;

    let claimed = caller.hello(&tyneside.app().keys.identity()).await.expect_err("another key");
    assert_not_a_peer(&claimed, "not the current signing key");
    assert_not_a_peer(&caller.pull_all().await.expect_err("a thief"), "does not know the caller");
    let mut forged = thief.identity.events().to_vec();
    forged[0].payload[10] ^= 1;
    let forged = caller.hello_in(1, 1, &forged).await.expect_err("a forged chain");
    assert_not_a_peer(&forged, "does not verify");
    let long = vec![thief.identity.events()[0].clone(); 1025];
    assert_not_a_peer(&caller.hello_in(1, 1, &long).await.expect_err("too long"), "too long");
}

/// ```text
///   Plymouth Alliance <- a caller without a certificate
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_nobody_comes_in() {
    let plymouth = public_place(&Story::begin()).await;
    let persona = Persona::new();
    match Caller::with_tls(plymouth.address, without_certificate(&persona.signing)).await {
        Err(_) => {}
        // In TLS 1.3 the refusal shows at the first call only.
        Ok(mut caller) => {
            let refused = caller.hello(&persona.identity).await.expect_err("no certificate");
            // A status with a source was made on this side, because the connection broke.
            assert!(refused.source().is_some(), "the node did not answer: {refused:?}");
        }
    }
    assert!(
        Caller::with_key(plymouth.address, &persona.signing).await.hello(&persona.identity).await.is_ok()
    );
}

/// ```text
///   Plymouth Alliance <- callers of other versions
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn versions_are_agreed_on_or_refused_with_the_one_that_is_needed() {
    let plymouth = public_place(&Story::begin()).await;
    let persona = Persona::new();
    let events = persona.identity.events();
    let mut caller = Caller::with_key(plymouth.address, &persona.signing).await;
    for (version, min_version) in [(0, 0), (99, 2), (u32::MAX, u32::MAX)] {
        let refused = caller.hello_in(version, min_version, events).await.expect_err("no common version");
        match refusal(&refused) {
            Kind::Version(needed) => assert_eq!((needed.min_version, needed.version), (1, 1)),
            other => panic!("another refusal: {other:?}"),
        }
    }
    assert_eq!(caller.hello_in(99, 1, events).await.expect("a common version").version, 1);
}

/// ```text
///   a neighbour --- Plymouth Alliance --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_gets_no_log_but_ours_and_no_more_than_there_is() {
    let story = Story::begin();
    let plymouth = public_place(&story).await;
    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    tyneside.publish(profile(Card::Public)).await;
    converge(&[&plymouth, &tyneside]).await;
    let neighbour = Liar::spawn().await;
    neighbour.become_peer_of(&plymouth).await;
    let mut caller = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;

    let other = PullRequest { origin: tyneside.id_text(), ..Default::default() };
    let refused = caller.service.pull(other).await.expect_err("the log of another");
    assert!(matches!(refusal(&refused), Kind::NotInAudience(_)), "{refused:?}");
    let watched =
        WatchRequest { origins: vec![tyneside.id_text()], relayed: true, ..WatchRequest::default() };
    let refused = caller.service.watch(watched).await.expect_err("the log of another");
    assert!(matches!(refusal(&refused), Kind::NotInAudience(_)), "{refused:?}");
    let nonsense = PullRequest { origin: "nonsense".into(), ..Default::default() };
    let refused = caller.service.pull(nonsense).await.expect_err("not an id");
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    for (from_size, openings_from) in [(9, 0), (0, u64::MAX)] {
        let beyond = PullRequest { from_size, openings_from, ..Default::default() };
        let mut parts = caller.service.pull(beyond).await.expect("a stream").into_inner();
        let refused = parts.message().await.expect_err("more than there is");
        assert!(matches!(refusal(&refused), Kind::Refresh(r) if r.size == 1), "{refused:?}");
    }
}

/// ```text
///   South Tyneside Alliance --- Plymouth Alliance <- noise, and connections that say nothing
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn noise_and_silence_on_the_port_do_not_stop_the_service() {
    let story = Story::begin();
    let plymouth = public_place(&story).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(plymouth.address).await.expect("a connection"));
    }
    for noise in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0; 70_000], &[0xff; 9]]
    {
        let mut socket = TcpStream::connect(plymouth.address).await.expect("a connection");
        // The node may have closed it before all was said.
        socket.write_all(noise).await.ok();
        socket.shutdown().await.ok();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.ok();
        assert!(answer.len() < 100, "at most a TLS alert comes back");
    }
    for part in 1..5 {
        // The beginning of a handshake, and then nothing.
        let hello = &[22_u8, 3, 1, 2, 0, 1, 0, 1, 252][..part * 2];
        let mut socket = TcpStream::connect(plymouth.address).await.expect("a connection");
        socket.write_all(hello).await.expect("sent");
        silent.push(socket);
    }

    let tyneside = story.place("South Tyneside Alliance").await;
    peer(&plymouth, &tyneside).await;
    converge(&[&plymouth, &tyneside]).await;
    assert_eq!(tyneside.status().await.held_records, 1);
    assert_eq!(silent.len(), 104);
}
