//! Blocked identities: refused at once and by whatever way, hidden at once, and heard when they take something back.

use std::sync::Arc;

use cairn_node::{domain::policy::Card, exchange::tls};
use cairn_proto::pb::{
    admin::{
        AddBlockRequest, AddBlockResponse, ExportEvidenceRequest, HolderState, ListBlocksRequest,
        ListRecordsRequest, PublishRequest, RemoveBlockRequest,
    },
    exchange::{PeeringRequest, PullRequest, Standing, WatchRequest, peering_request::Step, refusal::Kind},
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish},
    liar::Liar,
    place::TestPlace,
    story::{Story, peer, peer_with_relay},
    wait::{end_of, soon, until},
};
use rustls::{HandshakeKind, client::Resumption};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::scene::{PHRASE, given};

const WHY: &str = "it passes on what it must not";

async fn block(at: &TestPlace, node: &str, purge: bool) -> AddBlockResponse {
    let (node, reason) = (node.to_owned(), WHY.to_owned());
    let request = AddBlockRequest { node, reason, review_on: String::new(), purge };
    at.standing().add_block(request).await.expect("it can be blocked").into_inner()
}

async fn not_shown(at: &TestPlace) -> Vec<String> {
    let listed = at.admin().list_records(ListRecordsRequest::default()).await.expect("the records");
    listed.into_inner().not_shown
}

fn is_blocked(refused: &tonic::Status) -> bool {
    matches!(refusal(refused), Kind::Blocked(why) if why.reason == WHY)
}

/// ```text
///   Dorset -x- South Tyneside Alliance (blocked)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_block_ends_the_peering_hides_at_once_and_still_hears_withdrawals() {
    let (_story, tyneside, dorset, record) = given().await;
    dorset.import_case("edufi").await;
    let ours = dorset.publish(wish("edufi", Card::Network)).await;
    until("South Tyneside holds it", async || tyneside.holds(&ours).await.then_some(())).await;
    let done = block(&dorset, "South Tyneside Alliance", false).await;
    assert!(done.peering_ended && done.purged == 0);
    let ended = async || tyneside.peering("Dorset").await.filter(|p| p.standing() == Standing::Ended);
    let ended = until("South Tyneside knows why", ended).await;
    assert_eq!(ended.standing_words, format!("ended by them: {WHY}"));
    assert!(!dorset.holds(&record).await && dorset.database_contains(PHRASE));
    let hidden = dorset.record(&record).await.expect_err("hidden");
    assert!(hidden.message().contains("is blocked here"), "{hidden:?}");
    assert!(not_shown(&dorset).await[0].contains("blocked here"));
    let request = ExportEvidenceRequest { record: record.clone() };
    assert!(dorset.admin().export_evidence(request).await.is_err());

    // Both directions of a withdrawal.
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    dorset.withdraw(&ours, "mistake").await.expect("nothing stands in the way");
    for (author, record, holder) in [(&tyneside, &record, "Dorset"), (&dorset, &ours, &*tyneside.name)] {
        until("its receipt has come", async || {
            author.holder(record, holder).await.filter(|h| h.state() == HolderState::Purged)
        })
        .await;
    }
    dorset.forgets(PHRASE).await;

    let again = dorset.accept(&tyneside.ticket().await).await.expect_err("blocked");
    assert!(again.message().contains("cairn block remove"), "{again:?}");
    let lifted = RemoveBlockRequest { node: tyneside.id_text() };
    dorset.standing().remove_block(lifted).await.expect("a block");
    peer(&dorset, &tyneside).await;
    let events = dorset.audit().await.into_iter().filter(|(event, _)| event == "standing").count();
    assert_eq!(events, 2);
}

/// ```text
///   a neighbour (connected, watching and pulling) -x- Plymouth Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn open_connections_streams_and_resumed_sessions_are_refused_at_the_next_call() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    plymouth.publish(profile(Card::Public)).await;
    let neighbour = Liar::spawn().await;
    neighbour.become_peer_of(&plymouth).await;
    let mut open = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;
    open.pull_all().await.expect("a peer");
    let mut heads = open.service.watch(WatchRequest::default()).await.expect("a peer").into_inner();
    soon("a head comes", heads.message()).await.expect("a peer").expect("a head");

    // A client that would resume, if it were let.
    let mut config = tls::client_config(&neighbour.persona.signing).expect("TLS");
    config.resumption = Resumption::in_memory_sessions(8);
    let connect = async || {
        let socket = TcpStream::connect(plymouth.address).await.expect("a connection");
        let connector = TlsConnector::from(Arc::new(config.clone()));
        let mut stream = connector.connect(tls::server_name().expect("a name"), socket).await.expect("TLS");
        // Tickets would come with the first bytes.
        timeout(std::time::Duration::from_millis(200), stream.read_u8()).await.ok();
        stream.get_ref().1.handshake_kind()
    };
    assert_eq!(connect().await, Some(HandshakeKind::Full));

    block(&plymouth, &neighbour.id_text(), false).await;
    let ended = end_of(heads).await.expect("a refusal, not just an end");
    assert!(is_blocked(&ended), "{ended:?}");
    let refused = open.pull_all().await.expect_err("the next call on the open connection");
    assert!(is_blocked(&refused), "{refused:?}");
    assert_eq!(connect().await, Some(HandshakeKind::Full), "nothing is resumed");
    let mut resumed = Caller::with_tls(plymouth.address, config.clone()).await.expect("a connection");
    let refused = resumed.service.pull(PullRequest::default()).await.expect_err("blocked");
    assert!(is_blocked(&refused), "{refused:?}");
    let refused = resumed.first_head().await.expect_err("blocked");
    assert!(is_blocked(&refused), "{refused:?}");
    let proposal = Step::Proposal(neighbour.proposal_to(plymouth.id));
    let refused = resumed.service.peering(PeeringRequest { step: Some(proposal) }).await;
    assert!(is_blocked(&refused.expect_err("blocked")));
    let hello = resumed.hello(&neighbour.persona.identity).await.expect("or it could bring no retraction");
    assert_eq!(hello.relationship.expect("a relationship").standing(), Standing::Ended);
    assert_eq!(plymouth.status().await.waiting_peers, 0);
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance === Dorset
///   (blocked by Dorset)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_blocked_author_comes_through_nobody() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    let public = |case: &str| PublishRequest { relay: Some(true), ..wish(case, Card::Public) };
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    let one = tyneside.publish(public("south-tyneside")).await;
    until("Dorset holds it", async || dorset.holds(&one).await.then_some(())).await;

    let done = block(&dorset, &tyneside.id_text(), false).await;
    assert!(!done.peering_ended && done.block.expect("a block").hidden == 1);
    assert!(!dorset.holds(&one).await);
    let two = tyneside.publish(public("edufi")).await;
    until("Plymouth holds it", async || plymouth.holds(&two).await.then_some(())).await;
    let word = plymouth.publish(profile(Card::Public)).await;
    until("Dorset holds Plymouth's word", async || dorset.holds(&word).await.then_some(())).await;
    assert_eq!(dorset.leaves_of(&tyneside.id).await.len(), 1, "its log was not followed");

    // A withdrawal that a relay brings is honoured all the same.
    tyneside.withdraw(&one, "mistake").await.expect("nothing stands in the way");
    dorset.forgets(PHRASE).await;
    let lifted = RemoveBlockRequest { node: tyneside.id_text() };
    dorset.standing().remove_block(lifted).await.expect("a block");
    until("Dorset holds the second", async || dorset.holds(&two).await.then_some(())).await;
    assert!(!dorset.holds(&one).await);
}

/// ```text
///   Dorset -x- South Tyneside Alliance (blocked, and purged)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_purged_with_a_block_is_in_no_file_and_does_not_come_back() {
    let (_story, tyneside, dorset, record) = given().await;
    let done = block(&dorset, &tyneside.id_text(), true).await;
    assert_eq!((done.purged, done.kept), (1, 0));
    dorset.forgets(PHRASE).await;
    let lifted = RemoveBlockRequest { node: tyneside.id_text() };
    dorset.standing().remove_block(lifted).await.expect("a block");
    peer(&dorset, &tyneside).await;
    let word = tyneside.publish(profile(Card::Network)).await;
    until("Dorset holds its word", async || dorset.holds(&word).await.then_some(())).await;
    assert!(!dorset.holds(&record).await);
    assert!(
        dorset
            .standing()
            .list_blocks(ListBlocksRequest {})
            .await
            .expect("none")
            .into_inner()
            .blocks
            .is_empty()
    );
    let ourselves = AddBlockRequest { node: dorset.id_text(), reason: WHY.into(), ..Default::default() };
    assert!(dorset.standing().add_block(ourselves).await.is_err());
}
