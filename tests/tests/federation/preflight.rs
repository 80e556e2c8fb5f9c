//! What stands before a release: what was found, whose consent covers which part, who gets it, and who has to say yes.

use std::fs;

use cairn_node::{config::FILE, domain::policy::Card};
use cairn_proto::pb::{
    admin::{
        AddMemberRequest, ApproveReleaseRequest, CreateGroupRequest, ImportExperimentRequest,
        ListReleasesRequest, Override, Preflight, PreflightFile, PreflightRequest, PublishRequest,
        RefuseReleaseRequest, preflight_request::What,
    },
    exchange::{ExperimentSummary, record::Body},
};
use cairn_tests::{
    caller::Caller,
    desk::{Desk, case, wish},
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};

const ID: &str = "south-tyneside";

/// The case of South Tyneside, with more said in one part.
fn with(part: &str, more: &str) -> String {
    let text = String::from_utf8(case(ID)).expect("text");
    let from = format!("\n{part}: >-\n");
    assert!(text.contains(&from), "the case has {part}");
    text.replacen(&from, &format!("{from}  {more}\n"), 1)
}

async fn page_of(desk: &Desk, what: What) -> Preflight {
    let answer = desk.release().preflight(PreflightRequest { what: Some(what) }).await;
    answer.expect("a page").into_inner().page.expect("a page")
}

pub(crate) async fn page(desk: &Desk, wish: PublishRequest) -> Preflight {
    page_of(desk, What::Release(wish)).await
}

/// Starts a place again with one line of its configuration changed.
pub(crate) async fn decide(place: &mut TestPlace, from: &str, to: &str) {
    place.stop().await;
    let file = place.dir().join(FILE);
    let text = fs::read_to_string(&file).expect("a configuration");
    assert!(text.contains(from), "the configuration has {from:?}");
    fs::write(&file, text.replace(from, to)).expect("written");
    place.start().await;
}

async fn summary(desk: &Desk, record: &str) -> ExperimentSummary {
    let record = desk.record(record).await.expect("held").record.expect("a record");
    match record.body {
        Some(Body::ExperimentSummary(summary)) => summary,
        other => panic!("a summary, not {other:?}"),
    }
}

async fn audited(place: &TestPlace) -> String {
    let rows = place.app().store.read().await.expect("a readable database").audit(1, 100).await;
    rows.expect("the audit log").into_iter().map(|row| row.entry).collect()
}

/// ```text
///   South Tyneside Alliance (with a telephone number in what it noticed) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_number_blocks_until_somebody_says_why_it_may_leave() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import(with("noticed", "People ring 0191 496 0123.")).await;
    let found = page(&tyneside, wish(ID, Card::Network)).await;
    assert!(!found.clear && found.findings[0].key == "phone@noticed", "{found:?}");
    assert!(found.findings[0].text.contains("496"));
    let refused = tyneside.try_publish(wish(ID, Card::Network)).await.expect_err("a phone number");
    assert!(refused.message().contains("phone@noticed") && !refused.message().contains("496"), "{refused:?}");

    let overriding = |key: &str, reason: &str| PublishRequest {
        overrides: vec![Override { key: key.into(), reason: reason.into() }],
        ..wish(ID, Card::Network)
    };
    let refused = tyneside
        .try_publish(overriding("phone@tried", "It is a public line"))
        .await
        .expect_err("no such key");
    assert!(refused.message().contains("phone@noticed"), "{refused:?}");
    let record = tyneside.publish(overriding("phone@noticed", "It is a public line")).await;
    converge(&[&tyneside, &dorset]).await;
    assert!(dorset.holds(&record).await);
    let told = dorset
        .record(&record)
        .await
        .expect("held")
        .record
        .expect("a record")
        .disclosure
        .expect("a statement");
    assert!(told.statement.contains("kept at home") && !told.statement.contains("public line"), "{told:?}");
    let audit = audited(&tyneside).await;
    assert!(audit.contains("It is a public line") && audit.contains("phone@noticed"), "{audit}");
    assert!(!audit.contains("496"), "what was found is not in the audit log");
}

/// The cases of two places with the same question and numbers that differ by two people.
///
/// ```text
///   South Tyneside Alliance (brings both)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_experiments_together_do_not_show_who_came_or_went() {
    let mut tyneside = Story::begin().place("South Tyneside Alliance").await;
    decide(&mut tyneside, "rule_set = \"default\"", "rule_set = \"ons-10\"").await;
    let figure = |id: &str, value: &str, question: &str| {
        let text = String::from_utf8(case(id)).expect("text");
        format!(
            "{text}\nfigures:\n  - value: {value}\n    question: {question}\n    context: One street.\n    \
             interpretation: Unclear.\n    caveat: One winter.\n"
        )
    };
    let differences = async |id: &str| {
        let found = page(&tyneside, wish(id, Card::Network)).await;
        found.findings.into_iter().filter(|finding| finding.key.starts_with("difference")).collect::<Vec<_>>()
    };
    let asked = "How many people stayed?";
    tyneside.import(figure(ID, "23 people", asked)).await;
    tyneside.import(figure("dorset", "21 people", asked)).await;
    assert!(differences("dorset").await.is_empty(), "nothing has left yet");
    let create = CreateGroupRequest { name: "North".into(), ..Default::default() };
    tyneside.release().create_group(create).await.expect("a group");
    // However few may read both: they can compare.
    let record = tyneside.publish(PublishRequest { group: "north".into(), ..wish(ID, Card::Group) }).await;
    let found = differences("dorset").await;
    assert_eq!(
        found.iter().map(|finding| finding.key.as_str()).collect::<Vec<_>>(),
        ["difference@figures[0]"]
    );
    assert!(found[0].blocks && found[0].mend.contains(&record), "{found:?}");
    let refused = tyneside.try_publish(wish("dorset", Card::Network)).await.expect_err("a small difference");
    assert!(refused.message().contains("difference@figures[0]"), "{refused:?}");

    tyneside.import(figure("dorset", "21 people", "How many people came?")).await;
    assert!(differences("dorset").await.is_empty(), "another question");
    tyneside.import(figure("dorset", "21 people", asked)).await;
    tyneside.withdraw(&record, "mistake").await.expect("nothing stands in the way");
    assert!(differences("dorset").await.is_empty(), "what was withdrawn is not held and cannot be compared");
    tyneside.publish(wish("dorset", Card::Network)).await;
    assert_eq!(differences(ID).await.len(), 1, "whichever leaves first");
}

const NARROW: &str = "cairn: consent/1\nid: teller-1\nwhose: a resident\ncovers: one story\naudience: named peers\n\
                      purposes: [peer learning]\ngiven_on: \"2026-01\"\n";

/// ```text
///   South Tyneside Alliance (one part rests on a narrower consent) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_consent_leaves_its_part_out() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    tyneside.import_case(ID).await;
    let mut learning = tyneside.learning();
    let consent =
        cairn_proto::pb::admin::SaveDocumentRequest { content: NARROW.into(), ..Default::default() };
    learning.save_document(consent).await.expect("a good consent");
    let resting = |part: &str| {
        let text = String::from_utf8(case(ID)).expect("text");
        format!("{text}\nrests_on:\n  - parts: [{part}]\n    consent: teller-1\n")
    };
    let bad = ImportExperimentRequest { content: resting("title").into(), file_name: "case.yaml".into() };
    let refused = tyneside.admin().import_experiment(bad).await.expect_err("the title always leaves");
    assert!(refused.message().contains("choose from"), "{refused:?}");

    tyneside.import(resting("noticed")).await;
    let needed = page(&tyneside, wish(ID, Card::Network)).await;
    assert!(!needed.clear && needed.obstacles[0].contains("noticed"), "{needed:?}");
    tyneside.import(resting("surprised")).await;
    let narrowed = page(&tyneside, wish(ID, Card::Network)).await;
    let line = narrowed.coverage.iter().find(|line| line.consent == "teller-1").expect("its coverage");
    assert!(line.left_out && line.gaps[0].contains("named peers"), "{narrowed:?}");
    let record = tyneside.publish(wish(ID, Card::Network)).await;
    let left = summary(&tyneside, &record).await;
    assert!(left.surprised.is_empty() && !left.noticed.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_figure_leaves_hidden() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let text = String::from_utf8(case(ID)).expect("text");
    let figure = "\nfigures:\n  - value: 3 people\n    question: How many people stayed?\n    context: One street.\n    \
                  interpretation: Unclear.\n    caveat: One winter.\n";
    tyneside.import(text + figure).await;
    let shown = page(&tyneside, wish(ID, Card::Network)).await;
    assert_eq!(shown.numbers[0].before, "3 people");
    let record = tyneside.publish(wish(ID, Card::Network)).await;
    let left = summary(&tyneside, &record).await;
    assert_eq!(left.figures[0].value, shown.numbers[0].after);
    assert!(left.figures[0].value.starts_with("fewer than 8"));
}

/// ```text
///   Dorset --- South Tyneside Alliance --- EDUFI, Melton (both join later, one with what was released before)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn late_members_get_what_was_chosen_when_they_joined() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    let edufi = story.place("EDUFI").await;
    let melton = story.place("Melton").await;
    for place in [&dorset, &edufi, &melton] {
        peer(&tyneside, place).await;
    }
    let to_group = PublishRequest { group: "north".into(), ..wish(ID, Card::Group) };
    tyneside.import_case(ID).await;
    let create =
        CreateGroupRequest { name: "North".into(), members: vec!["Dorset".into()], ..Default::default() };
    tyneside.release().create_group(create).await.expect("a group");
    let recipients = page(&tyneside, to_group.clone()).await.recipients;
    assert_eq!(recipients.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["Dorset"]);
    let record = tyneside.publish(to_group).await;
    story.pass(jiff::SignedDuration::from_hours(1));
    let add = |peer: &str, earlier| AddMemberRequest { group: "north".into(), peer: peer.into(), earlier };
    let refused = tyneside.release().add_member(add("EDUFI", None)).await.expect_err("it must be said");
    assert!(refused.message().contains("--earlier"), "{refused:?}");
    let added = tyneside.release().add_member(add("EDUFI", Some(true))).await.expect("a member").into_inner();
    assert_eq!(added.earlier_records, std::slice::from_ref(&record));
    tyneside.release().add_member(add("Melton", Some(false))).await.expect("a member");
    until("the nodes themselves have it", async || {
        (dorset.holds(&record).await && edufi.holds(&record).await).then_some(())
    })
    .await;
    converge(&[&tyneside, &dorset, &edufi, &melton]).await;
    assert!(!melton.holds(&record).await);
    for (place, gets) in [(&dorset, true), (&edufi, true), (&melton, false)] {
        let mut caller = Caller::with_key(tyneside.address, &place.app().keys.signing()).await;
        let given = caller.pull_all().await.expect("a peer").openings;
        // Besides, each is told that it belongs to the group; the records before that are not for those who joined last.
        let index: u64 = record.rsplit('/').next().expect("an index").parse().expect("a number");
        assert_eq!(given.iter().any(|opening| opening.index == index), gets, "{}", place.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_decide_and_nobody_alone() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    decide(&mut tyneside, "two_persons = []", "two_persons = [\"network\"]").await;
    tyneside.import_case(ID).await;
    assert!(page(&tyneside, wish(ID, Card::Network)).await.needs_second_yes);
    let ask = async || tyneside.try_publish(wish(ID, Card::Network)).await.expect("it waits").waits_as;
    let (first, second) = (ask().await, ask().await);
    assert_eq!((tyneside.log_size().await.1, tyneside.status().await.waiting_releases), (0, 2));
    let approve = async |id, by: &str| {
        let request = ApproveReleaseRequest { id, approved_by: by.into() };
        tyneside.release().approve_release(request).await
    };
    let refused = approve(first, "Systems Steward").await.expect_err("the same role");
    assert!(refused.message().contains("second person"), "{refused:?}");
    let (one, other) = tokio::join!(approve(first, "director"), approve(first, "deputy"));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
    let refuse = RefuseReleaseRequest { id: second, reason: "once is enough".into() };
    tyneside.release().refuse_release(refuse).await.expect("refused");
    assert_eq!(tyneside.log_size().await.1, 1);

    tyneside.import(with("noticed", "And more.")).await;
    let third = ask().await;
    tyneside.import(with("noticed", "And much more.")).await;
    let void = approve(third, "director").await.expect_err("the experiment was changed");
    assert!(void.message().contains("void"), "{void:?}");
    let all =
        tyneside.release().list_releases(ListReleasesRequest::default()).await.expect("them").into_inner();
    let states: Vec<_> = all.releases.iter().map(|release| release.state.as_str()).collect();
    assert_eq!(states, ["void", "refused", "released"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_of_the_pack_is_clear_for_the_network() {
    let story = Story::begin();
    let place = story.place("A Place").await;
    let cases = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../node/cases")).expect("the pack");
    let files = cases
        .map(|entry| entry.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "yaml"));
    for file in files {
        let name = file.display().to_string();
        let content = fs::read(&file).expect("a case");
        let release = Some(PublishRequest { card: Card::Network.name().into(), ..Default::default() });
        let page =
            page_of(&place, What::File(PreflightFile { content, file_name: name.clone(), release })).await;
        for finding in &page.findings {
            println!("{name}: {} {:?}", finding.key, finding.text);
        }
        assert!(page.clear, "{name}: {:?} {:?}", page.obstacles, page.findings);
        assert!(page.findings.iter().all(|finding| !finding.blocks), "{name}");
    }
    assert_eq!(place.log_size().await.1, 0, "nothing was kept or released");
}
