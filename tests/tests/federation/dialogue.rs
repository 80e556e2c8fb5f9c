//! What places say to each other about records: each word reaches those to whom it was said and nobody else, and can be taken back.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::{
    admin::{
        GetLineageRequest, GetLineageResponse, GetThreadRequest, GetThreadResponse, Override,
        PublishResponse, RespondRequest, SayingTerms, SendMessageRequest,
    },
    exchange::{MessageKind, ResponseKind},
};
use cairn_tests::{
    desk::{case, profile, wish, wish_for},
    place::TestPlace,
    story::{converge, peer},
    wait::until,
};
use tonic::Status;

use crate::scene::{arrives, given};

const WHY: &str = "The only worker who knew every village moved away.";

fn stopped(record: &str) -> RespondRequest {
    RespondRequest {
        record: record.to_owned(),
        kind: ResponseKind::Stopped.into(),
        context: "A county with many villages and one team.".to_owned(),
        account: "We began in one village, and people came while they knew who asked.".to_owned(),
        why: WHY.to_owned(),
        terms: None,
    }
}

async fn respond(place: &TestPlace, request: RespondRequest) -> Result<PublishResponse, Status> {
    Ok(place.dialogue().respond(request).await?.into_inner().released.expect("a release"))
}

fn message(record: &str, kind: MessageKind, text: &str) -> SendMessageRequest {
    SendMessageRequest { record: record.to_owned(), kind: kind.into(), text: text.to_owned(), terms: None }
}

async fn send(place: &TestPlace, request: SendMessageRequest) -> Result<PublishResponse, Status> {
    Ok(place.dialogue().send_message(request).await?.into_inner().released.expect("a release"))
}

async fn thread(place: &TestPlace, record: &str) -> GetThreadResponse {
    let request = GetThreadRequest { record: record.to_owned() };
    place.dialogue().get_thread(request).await.expect("a thread").into_inner()
}

/// Who said what kind of thing, in the order of the thread.
fn who_said_what(thread: &GetThreadResponse) -> Vec<(&str, &str)> {
    thread.entries.iter().map(|entry| (&*entry.who, &*entry.kind)).collect()
}

async fn lineage(place: &TestPlace, record: &str) -> GetLineageResponse {
    let request = GetLineageRequest { record: record.to_owned() };
    place.dialogue().get_lineage(request).await.expect("a lineage").into_inner()
}

/// ```text
///   Dorset --- South Tyneside Alliance
///   (stopped what it tried; is asked, and replies)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_for_stopping_is_told_asked_about_and_answered() {
    let (story, tyneside, dorset, record) = given().await;
    let told = respond(&dorset, stopped(&record)).await.expect("told");
    let names: Vec<_> = told.recipients.iter().map(|one| &*one.name).collect();
    assert_eq!(names, [tyneside.name.as_str()], "for the author alone");
    arrives(&told.record_id, &tyneside).await;

    story.pass(jiff::SignedDuration::from_mins(1));
    let question =
        message(&told.record_id, MessageKind::Question, "Could two people have shared the villages?");
    let asked = send(&tyneside, question).await.expect("asked");
    arrives(&asked.record_id, &dorset).await;
    story.pass(jiff::SignedDuration::from_mins(1));
    let reply = message(&asked.record_id, MessageKind::Reply, "We had money for one only.");
    let replied = send(&dorset, reply).await.expect("replied");
    arrives(&replied.record_id, &tyneside).await;

    for place in [&tyneside, &dorset] {
        for named in [&record, &asked.record_id] {
            let thread = thread(place, named).await;
            let expected =
                [("Dorset", "response"), ("South Tyneside Alliance", "question"), ("Dorset", "reply")];
            assert_eq!(who_said_what(&thread), expected);
            assert_eq!(thread.root.as_ref().expect("a root").record_id, record);
            assert_eq!(thread.entries[0].response.as_ref().expect("a response").why, WHY);
            assert_eq!(thread.entries[1].answers, told.record_id);
            assert_eq!(thread.entries[2].answers, asked.record_id);
            assert!(thread.not_shown.is_empty());
        }
    }
    until("it is found by its words", async || {
        let found = tyneside.found("knew every village").await;
        (found == [told.record_id.clone()]).then_some(())
    })
    .await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
///   (takes back what it said)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_taken_back_is_gone_at_the_other_side() {
    let (_story, tyneside, dorset, record) = given().await;
    let told = respond(&dorset, stopped(&record)).await.expect("told").record_id;
    arrives(&told, &tyneside).await;
    let reply = message(&told, MessageKind::Reply, "Thank you for telling us.");
    send(&tyneside, reply).await.expect("replied");
    dorset.withdraw(&told, "other").await.expect("taken back");
    until("it is gone", async || (!tyneside.holds(&told).await).then_some(())).await;
    converge(&[&tyneside, &dorset]).await;
    let thread = thread(&tyneside, &record).await;
    assert_eq!(who_said_what(&thread), [("Dorset", ""), ("South Tyneside Alliance", "reply")]);
    assert_eq!(thread.entries[0].gone, "it was withdrawn or has expired");
    assert!(thread.entries[0].response.is_none());
    assert!(tyneside.found("knew every village").await.is_empty());
}

/// ```text
///   Dorset --- South Tyneside Alliance --- Human Learning Systems Scotland
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_nobody_to_whom_it_was_not_said() {
    let (story, tyneside, dorset, record) = given().await;
    let scotland = story.place("Human Learning Systems Scotland").await;
    peer(&tyneside, &scotland).await;
    converge(&[&tyneside, &dorset, &scotland]).await;
    let asked = send(&dorset, message(&record, MessageKind::Question, "Who paid for it?")).await;
    let asked = asked.expect("asked").record_id;
    arrives(&asked, &tyneside).await;
    let reply = message(&asked, MessageKind::Reply, "The alliance did, out of one budget.");
    let replied = send(&tyneside, reply).await.expect("replied").record_id;
    arrives(&replied, &dorset).await;
    converge(&[&tyneside, &dorset, &scotland]).await;
    for said in [&asked, &replied] {
        assert!(!scotland.holds(said).await);
    }
    assert!(thread(&scotland, &record).await.entries.is_empty());

    let to = vec![scotland.name.clone()];
    let terms = Some(SayingTerms { to, ..Default::default() });
    let refused = respond(&dorset, RespondRequest { terms, ..stopped(&record) }).await.unwrap_err();
    assert!(refused.message().contains("is not known here"), "{refused}");
}

/// ```text
///   Dorset --- South Tyneside Alliance --- Human Learning Systems Scotland
///   (was given it)                          (was not)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_a_record_that_is_not_for_it() {
    let (story, tyneside, dorset, _) = given().await;
    let scotland = story.place("Human Learning Systems Scotland").await;
    peer(&tyneside, &scotland).await;
    tyneside.import_case("edufi").await;
    let narrow = tyneside.publish(wish_for("edufi", &["Dorset"])).await;
    arrives(&narrow, &dorset).await;
    let asked = |to: &str| SendMessageRequest {
        terms: Some(SayingTerms { to: vec![to.to_owned()], ..Default::default() }),
        ..message(&narrow, MessageKind::Question, "What would you look at first?")
    };
    let refused = send(&tyneside, asked(&scotland.name)).await.unwrap_err();
    assert!(refused.message().contains("the record it is about is not for it"), "{refused}");
    let size = tyneside.log_size().await.1;
    let alone = message(&narrow, MessageKind::Question, "What would you look at first?");
    let refused = send(&tyneside, alone).await.unwrap_err();
    assert!(refused.message().contains("--to"), "{refused}");
    assert_eq!(tyneside.log_size().await.1, size, "nothing has left");
    let asked = send(&tyneside, asked(&dorset.name)).await.expect("asked").record_id;
    arrives(&asked, &dorset).await;
}

/// ```text
///   Dorset --- South Tyneside Alliance
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_goes_through_the_same_gate() {
    let (_story, tyneside, dorset, record) = given().await;
    let with = |terms| RespondRequest {
        account: "Call 07700 900123 to hear more of it.".to_owned(),
        terms: Some(terms),
        ..stopped(&record)
    };
    let refused = respond(&dorset, with(SayingTerms::default())).await.unwrap_err();
    assert!(refused.message().contains("phone@account"), "{refused}");
    let dry = respond(
        &dorset,
        RespondRequest {
            terms: Some(SayingTerms { dry_run: true, ..Default::default() }),
            ..stopped(&record)
        },
    );
    let dry = dry.await.expect("a page");
    assert!(dry.record_id.is_empty() && dry.preflight.expect("a page").clear);
    assert_eq!(dorset.log_size().await.1, 0, "nothing has left");
    let reason = "It is a number that was never given to anyone.".to_owned();
    let overrides = vec![Override { key: "phone@account".to_owned(), reason }];
    let told = respond(&dorset, with(SayingTerms { overrides, ..Default::default() })).await.expect("told");
    arrives(&told.record_id, &tyneside).await;
    assert!(dorset.audit().await.iter().any(|(_, words)| words.contains("phone@account")));

    let bare = RespondRequest { why: String::new(), ..stopped(&record) };
    let refused = respond(&dorset, bare).await.unwrap_err();
    assert!(refused.message().contains("say why it was stopped"), "{refused}");
    let who = tyneside.publish(profile(Card::Network)).await;
    arrives(&who, &dorset).await;
    let refused = respond(&dorset, stopped(&who)).await.unwrap_err();
    assert!(refused.message().contains("is a profile"), "{refused}");
    let refused = respond(&tyneside, stopped(&told.record_id)).await.unwrap_err();
    assert!(refused.message().contains("nothing can be said about it"), "{refused}");
    tyneside.withdraw(&record, "mistake").await.expect("taken back");
    until("it is gone", async || (!dorset.holds(&record).await).then_some(())).await;
    let refused = respond(&dorset, stopped(&record)).await.unwrap_err();
    assert!(refused.message().contains("withdrew"), "{refused}");
}

/// ```text
///   Dorset --- South Tyneside Alliance
///   (starts an experiment from a record that it was given)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_a_record_shows_at_both_places() {
    let (_story, tyneside, dorset, record) = given().await;
    let mut file = String::from_utf8(case("dorset")).expect("text");
    file.push_str(&format!(
        "derived_from:\n  - record: {record}\n    what_changed: We began with one village.\n    \
         why_changed: We are fewer people.\n    context_difference: It is a county and not a borough.\n"
    ));
    let experiment = dorset.import(file).await;
    let derived = dorset.publish(wish(&experiment, Card::Network)).await;
    arrives(&derived, &tyneside).await;
    for place in [&tyneside, &dorset] {
        let down = lineage(place, &record).await;
        assert!(down.came_from.is_empty());
        let [led] = &down.led_to[..] else { panic!("{down:?}") };
        assert_eq!((&*led.record_id, &*led.who, led.steps), (&*derived, "Dorset", 1));
        assert_eq!(led.why_changed, "We are fewer people.");
        assert_eq!(led.context_difference, "It is a county and not a borough.");
        assert!(!led.state.is_empty() && !led.context.is_empty());
        let up = lineage(place, &derived).await;
        let [from] = &up.came_from[..] else { panic!("{up:?}") };
        assert_eq!((&*from.record_id, &*from.who), (&*record, "South Tyneside Alliance"));
        assert_eq!(from.what_changed, "We began with one village.");
    }
    tyneside.withdraw(&record, "superseded").await.expect("taken back");
    until("it is gone", async || (!dorset.holds(&record).await).then_some(())).await;
    let up = lineage(&dorset, &derived).await;
    assert_eq!(up.came_from[0].gone, "it was withdrawn or has expired");
    assert!(up.came_from[0].title.is_empty());
}
