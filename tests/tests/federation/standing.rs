//! Graduated peers: each side limits or suspends by itself and lifts its own, the other side reads why, and withdrawals wait
//! for nothing.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        ExplainPeerRequest, FindingState, HolderState, Peer, RestorePeerRequest, RestrictPeerRequest,
        TestPeerRequest,
    },
    exchange::{PullRequest, Standing, WatchRequest, refusal::Kind},
};
use cairn_tests::{
    caller::{Caller, refusal},
    desk::{profile, wish, wish_for},
    forge::ForgedLog,
    liar::Liar,
    place::TestPlace,
    story::{Story, converge, peer, peer_with_relay},
    wait::{end_of, soon, until},
};
use jiff::SignedDuration;
use tonic::{Code, Status};

use crate::scene::{PHRASE, arrives};

const WHY: &str = "the contact there has left; we wait for the next one";
const DAY: &str = "2027-03-01";

async fn try_restrict(at: &TestPlace, peer: &str, standing: Standing, day: &str) -> Result<String, Status> {
    let (peer, reason, review_on) = (peer.to_owned(), WHY.to_owned(), day.to_owned());
    let request = RestrictPeerRequest { peer, standing: standing.into(), reason, review_on };
    Ok(at.standing().restrict_peer(request).await?.into_inner().standing_words)
}

async fn restrict(at: &TestPlace, peer: &TestPlace, standing: Standing) {
    try_restrict(at, &peer.id_text(), standing, DAY).await.expect("an active peer");
}

async fn try_restore(at: &TestPlace, peer: &TestPlace) -> Result<String, Status> {
    let request = RestorePeerRequest { peer: peer.id_text() };
    Ok(at.standing().restore_peer(request).await?.into_inner().standing_words)
}

async fn restore(at: &TestPlace, peer: &TestPlace) {
    try_restore(at, peer).await.expect("something to lift");
}

/// Waits until a place sees its peering so, in words.
async fn sees(at: &TestPlace, peer: &TestPlace, words: &str) -> Peer {
    until(&format!("{} sees {words:?}", at.name), async || {
        at.peering(&peer.id_text()).await.filter(|peer| peer.standing_words.contains(words))
    })
    .await
}

/// ```text
///   South Tyneside Alliance -(limits)- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn while_limited_profiles_and_what_is_public_flow_and_the_rest_comes_after() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    for case in ["south-tyneside", "edufi", "mayday-trust"] {
        tyneside.import_case(case).await;
        dorset.import_case(case).await;
    }
    let before = tyneside.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;

    restrict(&tyneside, &dorset, Standing::Limited).await;
    let there = sees(&dorset, &tyneside, &format!("limited by them: {WHY} (looked at again on {DAY})")).await;
    assert_eq!(there.standing(), Standing::Limited);
    let said = there.by_them.expect("their limit");
    assert_eq!((said.reason.as_str(), said.review_on.as_str(), there.by_us), (WHY, DAY, None));

    let named = tyneside.publish(wish_for("south-tyneside", &["Dorset"])).await;
    let theirs = dorset.publish(wish("edufi", Card::Network)).await;
    let who = tyneside.publish(profile(Card::Network)).await;
    let public = tyneside.publish(wish("mayday-trust", Card::Public)).await;
    let public_there = dorset.publish(wish("mayday-trust", Card::Public)).await;
    arrives(&who, &dorset).await;
    arrives(&public, &dorset).await;
    arrives(&public_there, &tyneside).await;
    assert!(dorset.holds(&before).await, "what was there before stays");
    assert!(!dorset.holds(&named).await && !tyneside.holds(&theirs).await);
    let request = ExplainPeerRequest { peer: "Dorset".into(), record: named.clone() };
    let explained = tyneside.admin().explain_peer(request).await.expect("an answer").into_inner();
    assert!(
        explained.explanations[0].words.contains("the peering is limited: only profiles"),
        "{explained:?}"
    );
    let tested = dorset.admin().test_peer(TestPeerRequest { peer: tyneside.name.clone() }).await;
    let findings = tested.expect("an answer").into_inner().findings;
    let found = findings.iter().find(|f| f.check == "peering").expect("it was looked at");
    assert!(found.state() == FindingState::Look && found.found.contains("there it is limited"), "{found:?}");

    let refused = try_restore(&dorset, &tyneside).await.expect_err("it is not Dorset's to lift");
    assert!(refused.message().contains("Only they can lift that"), "{refused:?}");
    restore(&tyneside, &dorset).await;
    sees(&dorset, &tyneside, "active: both sides accepted").await;
    arrives(&named, &dorset).await;
    arrives(&theirs, &tyneside).await;
    let audit = tyneside.audit().await;
    let told = audit.iter().filter(|(event, _)| event == "standing").map(|(_, words)| words.as_str());
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("limited by us") && told[0].contains("open again"), "{told:?}");
}

/// ```text
///   South Tyneside Alliance -(limits, then suspends)- Dorset (suspends)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn each_side_lifts_its_own_and_the_stricter_word_counts() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let mut dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    restrict(&tyneside, &dorset, Standing::Limited).await;
    restrict(&dorset, &tyneside, Standing::Suspended).await;
    let both = sees(&tyneside, &dorset, "suspended by them").await;
    assert!(both.standing_words.starts_with("limited by us"), "{}", both.standing_words);
    assert_eq!(both.standing(), Standing::Suspended);
    let record = tyneside.publish(wish("south-tyneside", Card::Public)).await;

    // What each decided outlives a restart, and is met anew.
    dorset.stop().await;
    dorset.start().await;
    restore(&dorset, &tyneside).await;
    sees(&dorset, &tyneside, "limited by them").await;
    arrives(&record, &dorset).await;
    let network = tyneside.publish(wish("edufi", Card::Network)).await;
    let word = tyneside.publish(profile(Card::Public)).await;
    arrives(&word, &dorset).await;
    assert!(!dorset.holds(&network).await, "the other's limit stays");
    restrict(&tyneside, &dorset, Standing::Suspended).await;
    sees(&dorset, &tyneside, "suspended by them").await;
    restore(&tyneside, &dorset).await;
    arrives(&network, &dorset).await;
    let nothing = try_restore(&tyneside, &dorset).await.expect_err("nothing is held back");
    assert!(nothing.message().contains("neither limited nor suspended"), "{nothing:?}");
}

/// ```text
///   South Tyneside Alliance -(suspends)- Dorset, then the other way round
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_reaches_a_suspended_peer_and_its_receipt_comes_back() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    let one = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    let two = tyneside.publish(wish("edufi", Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let purged = async |record: &str| {
        until("Dorset says that it has purged", async || {
            tyneside.holder(record, "Dorset").await.filter(|h| h.state() == HolderState::Purged)
        })
        .await;
        assert!(!dorset.holds(record).await);
    };
    restrict(&tyneside, &dorset, Standing::Suspended).await;
    sees(&dorset, &tyneside, "suspended by them").await;
    tyneside.withdraw(&one, "mistake").await.expect("nothing stands in the way");
    purged(&one).await;
    dorset.forgets(PHRASE).await;

    restore(&tyneside, &dorset).await;
    restrict(&dorset, &tyneside, Standing::Suspended).await;
    sees(&tyneside, &dorset, "suspended by them").await;
    tyneside.withdraw(&two, "mistake").await.expect("nothing stands in the way");
    purged(&two).await;
}

/// ```text
///   a neighbour (watches, and pulls without reading on) -(suspended)- Plymouth Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn open_streams_end_with_every_change_of_standing() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let neighbour = Liar::spawn().await;
    neighbour.become_peer_of(&plymouth).await;
    let mut log = ForgedLog::new(plymouth.id, &plymouth.app().keys.signing());
    for n in 0..600 {
        log.add(&format!("{n}: {}", "long words ".repeat(1400)));
    }
    plymouth.adopt(&log).await;
    for standing in [Standing::Limited, Standing::Suspended] {
        let mut caller = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;
        caller.hello(&neighbour.persona.identity).await.expect("a peer");
        let mut heads = caller.service.watch(WatchRequest::default()).await.expect("a peer").into_inner();
        soon("a head comes", heads.message()).await.expect("a peer").expect("a head");
        let pull = caller.service.pull(PullRequest::default()).await.expect("a peer").into_inner();
        try_restrict(&plymouth, &neighbour.id_text(), standing, DAY).await.expect("an active peer");
        let ended = end_of(heads).await.expect("a refusal, not just an end");
        assert!(matches!(refusal(&ended), Kind::NotAPeer(_)), "{ended:?}");
        let ended = end_of(pull).await.expect("a refusal, not everything");
        assert!(matches!(refusal(&ended), Kind::NotAPeer(_)), "{ended:?}");
    }

    // Suspended, it hears why, on the old connection and on a new one.
    let mut caller = Caller::with_key(plymouth.address, &neighbour.persona.signing).await;
    let hello = caller.hello(&neighbour.persona.identity).await.expect("a Hello is always answered");
    let told = hello.relationship.expect("a relationship");
    assert_eq!((told.standing(), told.reason.as_str()), (Standing::Suspended, WHY));
    assert_eq!(told.review_on, DAY);
    let refused = caller.pull_all().await.expect_err("suspended");
    let Kind::NotAPeer(why) = refusal(&refused) else { panic!("another refusal: {refused:?}") };
    assert_eq!(why.standing(), Standing::Suspended);
    assert!(why.reason.contains(WHY) && why.reason.contains(DAY), "{why:?}");
}

/// ```text
///   South Tyneside Alliance === Plymouth Alliance =(limited)= Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_passed_on_to_a_limited_peer_but_withdrawals() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let plymouth = story.place("Plymouth Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &plymouth).await;
    peer_with_relay(&plymouth, &dorset).await;
    for case in ["south-tyneside", "edufi"] {
        tyneside.import_case(case).await;
    }
    let public =
        |case: &str| cairn_proto::pb::admin::PublishRequest { relay: Some(true), ..wish(case, Card::Public) };
    let record = tyneside.publish(public("south-tyneside")).await;
    arrives(&record, &dorset).await;

    restrict(&plymouth, &dorset, Standing::Limited).await;
    sees(&dorset, &plymouth, "limited by them").await;
    let later = tyneside.publish(public("edufi")).await;
    arrives(&later, &plymouth).await;
    let word = plymouth.publish(profile(Card::Public)).await;
    arrives(&word, &dorset).await;
    assert!(!dorset.holds(&later).await, "public, and passed on all the same");
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    until("Dorset has purged", async || (!dorset.holds(&record).await).then_some(())).await;
    restore(&plymouth, &dorset).await;
    arrives(&later, &dorset).await;
}

/// ```text
///   South Tyneside Alliance -(suspended, for more than a week, and past the day)- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_a_suspended_author_sent_goes_stale_and_the_doctor_knows_the_day() {
    let (story, tyneside, dorset, record) = crate::scene::given().await;
    let today = "2026-11-23";
    let refused = try_restrict(&dorset, &tyneside.name, Standing::Limited, today).await.expect_err("today");
    assert!(refused.message().contains("is not in the future"), "{refused:?}");
    restrict(&dorset, &tyneside, Standing::Suspended).await;
    sees(&tyneside, &dorset, "suspended by them").await;
    assert!(dorset.holds(&record).await, "fresh for now");
    story.pass(SignedDuration::from_hours(24 * 8));
    let hidden = dorset.record(&record).await.expect_err("nothing was heard for a week");
    assert!(hidden.message().contains("is held, and not shown"), "{hidden:?}");
    let due = async || dorset.doctor().await.into_iter().find(|finding| finding.check == "standing");
    assert!(due().await.is_none());
    story.pass(SignedDuration::from_hours(24 * 100));
    let found = due().await.expect("the day has come");
    assert!(
        found.found.contains("suspended by us") && found.mend.contains("cairn peer restore"),
        "{found:?}"
    );

    dorset.remove(&tyneside.name, "we go separate ways").await;
    let over = try_restrict(&dorset, &tyneside.name, Standing::Limited, "2028-01-01").await;
    assert_eq!(over.expect_err("it has ended").code(), Code::FailedPrecondition);
    assert!(sees(&dorset, &tyneside, "ended by us").await.by_us.is_none());
}
