//! Pre-flight: what must not leave does not, and the refusal says why.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{PublishRequest, RecordSource},
    exchange::Purpose,
};
use cairn_tests::{
    desk::{case, profile, wish, wish_for},
    place::TestPlace,
    story::{Story, converge, peer},
};

const ID: &str = "south-tyneside";

/// The case of South Tyneside, with one passage changed.
fn changed(from: &str, to: &str) -> String {
    let text = String::from_utf8(case(ID)).expect("text");
    assert!(text.contains(from), "the case says {from:?}");
    text.replacen(from, to, 1)
}

/// The case of South Tyneside, with a line more in its consent.
fn with_consent_line(line: &str) -> String {
    changed("    given_on:", &format!("    {line}\n    given_on:"))
}

async fn assert_refused(place: &TestPlace, wish: PublishRequest, words: &str) {
    for dry_run in [true, false] {
        let refused = place.try_publish(PublishRequest { dry_run, ..wish.clone() }).await;
        let refused = refused.expect_err(words);
        assert!(
            refused.message().to_lowercase().contains(&words.to_lowercase()),
            "{words:?} is not in {:?}",
            refused.message()
        );
    }
    assert_eq!(place.log_size().await.1, 0, "nothing was appended");
}

/// ```text
///   South Tyneside Alliance (whose contributors did not agree) --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn without_consent_nothing_leaves() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    let (before, _) = changed("cairn", "cairn")
        .split_once("\nconsent:")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("consent");
    let gaps = [
        (before + "\n", "no consent is on record"),
        (changed("    audience: public", "    audience: named peers"), "reaches as far as \"named peers\""),
        (
            changed("purposes: [peer learning, pattern finding", "purposes: [peer learning"),
            "\"pattern finding\"",
        ),
        (with_consent_line("state: refused"), "\"south-tyneside-authors\" was refused"),
        (with_consent_line("state: withdrawn"), "\"south-tyneside-authors\" was withdrawn"),
        (with_consent_line("until: \"2026-11-22\""), "ended on 2026-11-22"),
    ];
    // Each from somebody else: a file does not bring a consent back that was taken back.
    let of = |n: usize, text: &str| text.replace("south-tyneside-authors", &format!("authors-{n}"));
    for ((text, words), n) in gaps.into_iter().zip(0..) {
        tyneside.import(of(n, &text)).await;
        assert_refused(&tyneside, wish(ID, Card::Network), &of(n, words)).await;
    }
    tyneside.import(with_consent_line("until: \"2026-12-31\"")).await;
    let longer = PublishRequest { expires_on: "2027-01-31".into(), ..wish(ID, Card::Network) };
    assert_refused(&tyneside, longer, "before the record would expire").await;
    assert_eq!(dorset.sync(&tyneside.name).await.leaves, 0);

    let record = tyneside.publish(wish(ID, Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let held = dorset.records(RecordSource::Peers).await.remove(0);
    assert_eq!(held.record_id, record);
    let last_moment = held.expires_at.expect("no longer than the consent").seconds;
    assert_eq!(last_moment, "2027-01-01T00:00:00Z".parse::<jiff::Timestamp>().expect("a moment").as_second());
}

/// ```text
///   South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_life_an_unfinished_account_and_a_past_day_stay_at_home() {
    let tyneside = Story::begin().place("South Tyneside Alliance").await;
    tyneside.import(changed("\nscale: place", "\nscale: life")).await;
    assert_refused(&tyneside, wish(ID, Card::Network), "one person's life").await;
    tyneside.import(changed("as_of: \"2021-06\"\n", "")).await;
    assert_refused(&tyneside, wish(ID, Card::Network), "fill in as_of").await;
    tyneside.import(case(ID)).await;
    let past = PublishRequest { expires_on: "2026-11-22".into(), ..wish(ID, Card::Network) };
    assert_refused(&tyneside, past, "its last day is already over").await;
    assert_refused(&tyneside, wish_for(ID, &[]), "no peer is named").await;
    assert_refused(&tyneside, wish_for(ID, &["Nobody"]), "\"Nobody\" is not known here").await;
    assert_refused(&tyneside, wish("another", Card::Network), "\"another\" is not known here").await;
}

/// ```text
///   South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn prohibited_purposes_are_never_released() {
    let tyneside = Story::begin().place("South Tyneside Alliance").await;
    tyneside.import_case(ID).await;
    for (purpose, words) in [
        (Purpose::Ranking, "ranking"),
        (Purpose::PerformanceManagement, "performance management"),
        (Purpose::Inspection, "inspection"),
        (Purpose::FundingDecision, "funding decision"),
        (Purpose::StaffAssessment, "staff assessment"),
        (Purpose::CommercialUse, "commercial use"),
        (Purpose::ModelTraining, "model training"),
    ] {
        let wished = vec![Purpose::PeerLearning.into(), purpose.into()];
        for wish in [wish(ID, Card::Network), profile(Card::Public)] {
            let wish = PublishRequest { purposes: wished.clone(), ..wish };
            assert_refused(&tyneside, wish, &format!("\"{words}\" is never a purpose")).await;
        }
    }
    let other = PublishRequest { purposes: vec![99], ..wish(ID, Card::Network) };
    assert_refused(&tyneside, other, "is not a purpose").await;
}

/// ```text
///   South Tyneside Alliance --- Dorset
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_same_is_not_released_twice_and_a_new_version_names_the_old() {
    let story = Story::begin();
    let tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case(ID).await;
    let first = tyneside.publish(wish(ID, Card::Network)).await;
    let again = tyneside.try_publish(wish(ID, Card::Network)).await.expect_err("the same again");
    assert!(again.message().contains(&first), "{again:?}");

    tyneside.import(changed("state: running", "state: ended as planned")).await;
    let second = tyneside.publish(wish(ID, Card::Network)).await;
    converge(&[&tyneside, &dorset]).await;
    let record = dorset.record(&second).await.expect("held").record.expect("a record");
    assert_eq!((record.references.len(), record.references[0].index), (1, 0));
    assert_eq!(record.references[0].author, tyneside.id_text());
    assert!(dorset.holds(&first).await, "a new version alone does not withdraw the old one");
}
