//! Who decides on a release, and for whom: overrides that need a second person, two stewards at once, and an agency that
//! looks for patterns.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{ApproveReleaseRequest, InvitePeerRequest, Override, PublishRequest},
    exchange::{Purpose, record::Body},
};
use cairn_tests::{
    desk::{case, wish, wish_for},
    story::{Story, converge, peer, peer_on},
};

use crate::preflight::{decide, page};

const ID: &str = "south-tyneside";

/// The case of South Tyneside, with more said of what was noticed.
fn noticing(more: &str) -> String {
    let text = String::from_utf8(case(ID)).expect("text");
    text.replacen("\nnoticed: >-\n", &format!("\nnoticed: >-\n  {more}\n"), 1)
}

/// ```text
///   South Tyneside Alliance (where overrides need two persons) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_override_waits_for_a_second_person_where_a_place_wants_it() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    decide(&mut tyneside, "second_person_for_overrides = false", "second_person_for_overrides = true").await;
    tyneside.import_case("edufi").await;
    assert!(!page(&tyneside, wish("edufi", Card::Network)).await.needs_second_yes, "nothing is overridden");
    tyneside.publish(wish("edufi", Card::Network)).await;

    tyneside.import(noticing("People ring 0191 496 0123.")).await;
    let overriding = PublishRequest {
        overrides: vec![Override { key: "phone@noticed".into(), reason: "It is a public line".into() }],
        ..wish(ID, Card::Network)
    };
    let found = page(&tyneside, overriding.clone()).await;
    assert!(found.needs_second_yes && found.second_yes_because.contains("leave all the same"), "{found:?}");
    let answer = tyneside.try_publish(overriding).await.expect("it waits");
    assert!(answer.waits_as > 0 && answer.record_id.is_empty(), "{answer:?}");
    assert_eq!((tyneside.log_size().await.1, tyneside.status().await.waiting_releases), (1, 1));
    let approve = async |by: &str| {
        let request = ApproveReleaseRequest { id: answer.waits_as, approved_by: by.into() };
        tyneside.release().approve_release(request).await
    };
    approve("Systems Steward").await.expect_err("who asked for it");
    approve("director").await.expect("a second person");
    let audit = tyneside.audit().await;
    let overridden = audit.iter().find(|(event, _)| event == "override").expect("the reason is kept");
    assert!(overridden.1.contains("It is a public line"), "{overridden:?}");
    converge(&[&tyneside, &dorset]).await;
    assert_eq!(dorset.sync(&tyneside.name).await.held, 2);
}

/// Two stewards release the same experiment in the same moment: the second finds that it is out.
///
/// ```text
///   South Tyneside Alliance (two stewards) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_stewards_at_once_release_once() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case(ID).await;
    let other = tyneside.desk().clone();
    let wished = wish(ID, Card::Network);
    let (one, two) = tokio::join!(tyneside.try_publish(wished.clone()), other.try_publish(wished));
    let (first, second) = match (one, two) {
        (Ok(first), Err(second)) | (Err(second), Ok(first)) => (first, second),
        both => panic!("one of them releases: {both:?}"),
    };
    assert!(second.message().contains(&first.record_id), "it is told what is out: {second:?}");
    assert_eq!(tyneside.log_size().await.1, 1);
    converge(&[&tyneside, &dorset]).await;
    assert!(dorset.holds(&first.record_id).await);
}

/// ```text
///   Healthcare Improvement Scotland (an agency; for policy design) --- South Tyneside Alliance --- EDUFI (for peer learning)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_agency_finds_patterns_in_an_unnamed_place() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let agency = story.place("Healthcare Improvement Scotland").await;
    let edufi = story.place("EDUFI").await;
    let purposes =
        |purpose: Purpose| InvitePeerRequest { purposes: vec![purpose.into()], ..Default::default() };
    peer_on(&tyneside, &agency, purposes(Purpose::PatternFinding)).await;
    peer_on(&tyneside, &edufi, purposes(Purpose::PeerLearning)).await;
    let to_both = PublishRequest {
        to: vec![agency.name.clone(), edufi.name.clone()],
        ..wish(ID, Card::PatternFinding)
    };
    let nobody = tyneside.try_publish(wish(ID, Card::PatternFinding)).await.expect_err("which agencies?");
    assert!(!nobody.message().is_empty());

    tyneside.import(noticing("South Tyneside Alliance pays on trust.")).await;
    let named = page(&tyneside, to_both.clone()).await;
    let found: Vec<_> = named.findings.iter().filter(|finding| finding.blocks).collect();
    assert!(!named.clear && found[0].key == "place-name@noticed", "{found:?}");
    tyneside.import_case(ID).await;
    let unnamed = page(&tyneside, to_both.clone()).await;
    assert!(unnamed.clear, "{unnamed:?}");
    assert!(unnamed.policy_words.iter().any(|line| line == "The place may not be named in public."));
    assert!(unnamed.policy_words.iter().any(|line| line == "It may serve pattern finding, policy design."));
    assert_eq!(unnamed.recipients.iter().map(|peer| &*peer.name).collect::<Vec<_>>(), [&*agency.name]);
    assert_eq!(unnamed.withheld[0].name, edufi.name);
    assert_eq!(unnamed.withheld[0].reason, "the peering contract covers none of the purposes");
    assert_eq!(unnamed.later, "Nobody but the peers you named.");

    let released = tyneside.publish(to_both).await;
    converge(&[&tyneside, &agency, &edufi]).await;
    assert!(agency.holds(&released).await && !edufi.holds(&released).await);
    let held = agency.record(&released).await.expect("held").record.expect("a record");
    assert!(!held.policy.expect("a policy").name_place);
    let Some(Body::ExperimentSummary(summary)) = held.body else { panic!("a summary") };
    assert_eq!(summary.whose, "", "it does not say whose it is");
    assert!(!format!("{summary:?}").contains("Tyneside"), "nor does any of its parts");
    let named = tyneside.publish(wish_for(ID, &["EDUFI"])).await;
    converge(&[&tyneside, &edufi]).await;
    let held = edufi.record(&named).await.expect("held").record.expect("a record");
    let Some(Body::ExperimentSummary(summary)) = held.body else { panic!("a summary") };
    assert_eq!(summary.whose, "South Tyneside Alliance", "another card still says so");
}
