//! Lists of proposals about others: handed over as files, drafts until a person accepts an entry.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    envelope::{self, PayloadType},
    pb::{
        admin::{
            AcceptTrustRequest, AddBlockRequest, DropTrustRequest, ExportTrustRequest, ImportTrustRequest,
            ListBlocksRequest, ListTrustRequest, RestrictPeerRequest, TrustDraft,
        },
        exchange::{Standing, TrustEntry, TrustFile, TrustList, TrustProposal},
    },
    trust,
};
use cairn_tests::{
    desk::wish,
    forge::Persona,
    place::TestPlace,
    story::{Story, converge, peer},
};
use prost::Message as _;
use tonic::{Code, Status};

const WHY: &str = "it passes on what it must not";

async fn exported(at: &TestPlace, reasons: bool, known: bool) -> Vec<u8> {
    let request = ExportTrustRequest { reasons, known, about: "after the spring meeting".into() };
    at.standing().export_trust(request).await.expect("a list").into_inner().file
}

async fn imported(at: &TestPlace, file: &[u8]) -> Result<TrustDraft, Status> {
    let answer = at.standing().import_trust(ImportTrustRequest { file: file.to_vec() }).await?;
    Ok(answer.into_inner().list.expect("a list"))
}

async fn accepted(at: &TestPlace, id: u64, entries: &[u32]) -> Result<Vec<String>, Status> {
    let request = AcceptTrustRequest { id, entries: entries.to_vec(), all: false };
    Ok(at.standing().accept_trust(request).await?.into_inner().done)
}

async fn blocked(at: &TestPlace) -> usize {
    at.standing().list_blocks(ListBlocksRequest {}).await.expect("the blocks").into_inner().blocks.len()
}

/// ```text
///   Plymouth Alliance --- Dorset --- South Tyneside Alliance
///                            \------ EDUFI
///   (Plymouth blocks South Tyneside and hands its list to Dorset)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_a_draft_that_says_what_it_would_change_and_changes_nothing() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let tyneside = story.place("South Tyneside Alliance").await;
    let edufi = story.place("EDUFI").await;
    let dorset = story.place("Dorset").await;
    for place in [&plymouth, &tyneside, &edufi] {
        peer(&dorset, place).await;
    }
    peer(&plymouth, &edufi).await;
    tyneside.import_case("south-tyneside").await;
    let record = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let request = AddBlockRequest { node: tyneside.id_text(), reason: WHY.into(), ..Default::default() };
    plymouth.standing().add_block(request).await.expect("blocked");
    let (standing, review_on) = (Standing::Limited.into(), "2027-03-01".to_owned());
    let request = RestrictPeerRequest { peer: "EDUFI".into(), standing, reason: WHY.into(), review_on };
    plymouth.standing().restrict_peer(request).await.expect("limited");

    let silent = imported(&dorset, &exported(&plymouth, false, false).await).await.expect("a good list");
    assert!(silent.entries.iter().all(|entry| entry.reason.is_empty()), "reasons only if somebody says so");
    let file = exported(&plymouth, true, true).await;
    let list = imported(&dorset, &file).await.expect("a good list");
    assert_eq!(
        (list.author_name.as_str(), list.about.as_str()),
        (&*plymouth.name, "after the spring meeting")
    );
    let [block, own, limit] = &list.entries[..] else { panic!("{:?}", list.entries) };
    assert_eq!((block.proposal(), limit.proposal()), (TrustProposal::Block, TrustProposal::Limit));
    assert_eq!(block.reason, WHY);
    assert_eq!(
        block.consequence,
        "you are an active peer of South Tyneside Alliance, which would end; 1 record of it is held here and would be hidden"
    );
    assert!(limit.consequence.contains("which would be limited"), "{limit:?}");
    assert!(own.consequence.contains("your own node") && !own.can_accept, "{own:?}");
    assert_eq!(imported(&dorset, &file).await.expect("the same list").id, list.id, "taken in once");

    // Nothing has changed, and nothing does until somebody says so.
    assert_eq!((blocked(&dorset).await, dorset.status().await.active_peers), (0, 3));
    assert!(dorset.holds(&record).await);
    let refused = accepted(&dorset, list.id, &[block.n, own.n]).await.expect_err("all or nothing");
    assert!(refused.message().contains("nothing was done"), "{refused:?}");
    assert_eq!(blocked(&dorset).await, 0);

    let done = accepted(&dorset, list.id, &[block.n]).await.expect("accepted");
    assert_eq!(done, ["South Tyneside Alliance is blocked now"]);
    assert_eq!((blocked(&dorset).await, dorset.status().await.active_peers), (1, 2));
    assert!(!dorset.holds(&record).await);
    let ended = dorset.peering(&tyneside.name).await.expect("a peering").standing_words;
    assert_eq!(ended, format!("ended by us: on the word of Plymouth Alliance: {WHY}"));
    assert_eq!(dorset.peering("EDUFI").await.expect("a peering").standing(), Standing::Active);
    let again = accepted(&dorset, list.id, &[block.n]).await.expect_err("accepted already");
    assert_eq!(again.code(), Code::InvalidArgument);

    let all = AcceptTrustRequest { id: list.id, entries: Vec::new(), all: true };
    let done = dorset.standing().accept_trust(all).await.expect("the rest").into_inner().done;
    assert_eq!(done.len(), 1, "{done:?}");
    assert_eq!(dorset.peering("EDUFI").await.expect("a peering").standing(), Standing::Limited);
    dorset.standing().drop_trust(DropTrustRequest { id: list.id }).await.expect("dropped");
    let gone = dorset.standing().list_trust(ListTrustRequest { id: list.id }).await.expect_err("gone");
    assert_eq!((gone.code(), blocked(&dorset).await), (Code::NotFound, 1));
    let events: Vec<_> = dorset.audit().await.into_iter().filter(|(event, _)| event == "trust").collect();
    assert_eq!(events.len(), 5, "{events:?}");
}

/// ```text
///   a stranger hands a list to Dorset, and somebody has meddled with another
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_changed_or_signed_by_another_is_refused() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    let stranger = Persona::new();
    let entry = |node: &TestPlace, proposal: TrustProposal| TrustEntry {
        node_id: node.id_text(),
        proposal: proposal.into(),
        name: "A neighbour".into(),
        ..Default::default()
    };
    let list = TrustList {
        author: stranger.id().to_string(),
        entries: vec![entry(&plymouth, TrustProposal::Known)],
        ..Default::default()
    };
    let file = |list: &TrustList, signer: &Persona| {
        let sealed = envelope::sign(PayloadType::TrustList, list.encode_to_vec(), &[&signer.signing]);
        trust::encode(&TrustFile { identity: stranger.identity.events().to_vec(), list: Some(sealed) })
    };
    let good = file(&list, &stranger);
    let name = good.windows(11).position(|window| window == b"A neighbour").expect("its name");
    let mut changed = good.clone();
    changed[name] = b'B';
    for bad in [changed, file(&list, &Persona::new()), b"cairn-trust/v1\n".to_vec(), Vec::new()] {
        let refused = imported(&dorset, &bad).await.expect_err("not whole");
        assert!(refused.message().contains("nothing was kept of it"), "{refused:?}");
    }
    let unreadable = TrustList { about: "two\nlines".into(), ..list.clone() };
    assert!(imported(&dorset, &file(&unreadable, &stranger)).await.is_err());
    let kept = dorset.standing().list_trust(ListTrustRequest { id: 0 }).await.expect("none").into_inner();
    assert!(kept.lists.is_empty());

    let draft = imported(&dorset, &good).await.expect("a good list");
    assert!(draft.author_standing.contains("a stranger to you"), "{draft:?}");
    accepted(&dorset, draft.id, &[1]).await.expect("a name does no harm");
    assert!(dorset.peerings().await.is_empty(), "and opens nothing");
    plymouth.accept(&dorset.ticket().await).await.expect("the ticket is good");
    let request = || cairn_proto::pb::admin::GetPeerRequest { peer: plymouth.id_text() };
    let known = cairn_tests::wait::until("the proposal has arrived", async || {
        Some(dorset.admin().get_peer(request()).await.ok()?.into_inner().peer?.known_to)
    })
    .await;
    assert_eq!(known.len(), 1, "{known:?}");
    assert!(known[0].ends_with("knows it as \"A neighbour\""), "{known:?}");
}
