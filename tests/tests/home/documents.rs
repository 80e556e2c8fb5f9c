//! Documents are kept in versions, with who and when; two people do not overwrite each other; what points at nothing
//! is refused.

use cairn_proto::pb::admin::{GetHistoryRequest, GetTemplateRequest, SaveDocumentRequest};
use cairn_tests::desk::Desk;
use tonic::Code;

use super::table::{a_place, by, change, refusal, save, show, try_save, try_show};

async fn history(desk: &Desk, kind: &str, id: &str) -> Vec<(u64, String, Vec<String>)> {
    let request = GetHistoryRequest { kind: kind.to_owned(), id: id.to_owned() };
    let versions = desk.learning().get_history(request).await.expect("a history").into_inner().versions;
    versions.into_iter().map(|version| (version.version, version.by, version.changed)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_keeps_who_and_what() {
    let (_story, place) = a_place().await;
    let first = SaveDocumentRequest {
        kind: "cycle".to_owned(),
        content: b"title: Complex needs\nscale: place\nquestions: [Can we listen first?]\n".to_vec(),
        ..Default::default()
    };
    let saved =
        place.learning().save_document(by("systems steward", first)).await.expect("a cycle").into_inner();
    let id = saved.document.expect("an entry").id;
    assert_eq!(id, "complex-needs");
    let second = SaveDocumentRequest {
        kind: "cycle".to_owned(),
        content: b"purpose: People live the lives they want.\ntitle: Complex lives\n".to_vec(),
        change_id: id.clone(),
        ..Default::default()
    };
    place.learning().save_document(by("Lernbegleiterin für Plymouth", second)).await.expect("a change");
    let history = history(&place, "cycle", &id).await;
    assert_eq!(history[0].1, "systems steward");
    assert_eq!(
        history[1],
        (2, "Lernbegleiterin für Plymouth".to_owned(), vec!["Title".into(), "Purpose".into()])
    );
    let now = show(&place, "cycle", &id).await;
    assert!(now.json.contains("Complex lives") && now.json.contains("Can we listen first?"));
    assert_eq!(now.iteration, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_changes_nothing() {
    let (_story, place) = a_place().await;
    let yaml = "id: a\ntitle: A\nscale: place\nquestions: [Why?]\n";
    save(&place, "cycle", yaml).await;
    let again = try_save(&place, "cycle", yaml).await.expect("the same");
    assert!(again.unchanged && !again.created);
    assert_eq!(history(&place, "cycle", "a").await.len(), 1);
    let only_new = SaveDocumentRequest {
        kind: "cycle".to_owned(),
        content: b"id: a\ntitle: Another\nscale: place\n".to_vec(),
        only_new: true,
        ..Default::default()
    };
    let refused = place.learning().save_document(only_new).await.expect_err("it exists");
    assert_eq!(refused.code(), Code::AlreadyExists);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_made_from_titles_and_never_taken_twice() {
    let (_story, place) = a_place().await;
    let session = "title: Learning meeting\n";
    assert_eq!(save(&place, "session", session).await, "learning-meeting");
    assert_eq!(save(&place, "session", session).await, "learning-meeting-2");
    assert_eq!(save(&place, "session", "title: \"מפגש\"\n").await, "session");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_change_the_same_file_do_not_overwrite_each_other() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: a\ntitle: A\nscale: place\n").await;
    let file = show(&place, "cycle", "a").await.file;
    let mine = file.replace("title: A\n", "title: Mine\n");
    let theirs = file.replace("## Purpose\n", "## Purpose\n\nTheirs.\n");
    assert!(mine != file && theirs != file, "{file}");
    try_save(&place, "cycle", &theirs).await.expect("the first of the two");
    let refused = refusal(&place, "cycle", &mine).await;
    assert_eq!(refused.code(), Code::Aborted);
    for words in ["changed meanwhile", "Version 2", "Purpose", "Title"] {
        assert!(refused.message().contains(words), "{words:?} is not in {:?}", refused.message());
    }
    assert!(show(&place, "cycle", "a").await.json.contains("Theirs."));
    let newest = show(&place, "cycle", "a").await.file.replace("title: A\n", "title: Mine\n");
    try_save(&place, "cycle", &newest).await.expect("made from the newest version");
    assert_eq!(history(&place, "cycle", "a").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_document_is_that_document() {
    let (_story, place) = a_place().await;
    save(
        &place,
        "session",
        "id: s\ntitle: S\nreadings:\n- {by: commissioners, reading: 'Two: lines\n\n  here'}\n",
    )
    .await;
    let file = show(&place, "session", "s").await.file;
    let again = try_save(&place, "session", &file).await.expect("its own file");
    assert!(again.unchanged, "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_template_says_what_each_part_is_for_and_is_refused_only_for_what_it_needs() {
    let (_story, place) = a_place().await;
    for kind in cairn_node::domain::learning::Kind::ALL {
        let request = GetTemplateRequest { kind: kind.word().to_owned(), known: String::new() };
        let file = place.learning().get_template(request).await.expect("a template").into_inner().file;
        assert!(file.starts_with(&format!("---\ncairn: {}/1\n# ", kind.word())), "{file}");
        let refused = refusal(&place, kind.word(), &file).await;
        assert!(refused.message().contains("is missing"), "{}: {}", kind.word(), refused.message());
    }
    let known = r#"{"title": "Known", "scale": "place"}"#.to_owned();
    let request = GetTemplateRequest { kind: "cycle".to_owned(), known };
    let file = place.learning().get_template(request).await.expect("a template").into_inner().file;
    assert_eq!(save(&place, "cycle", &file).await, "known");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_points_at_nothing_is_refused_with_the_line() {
    let (_story, place) = a_place().await;
    let cases = [
        ("entry", "cycle: nowhere\ntext: A note.\n", "line 1: `cycle` refers to the cycle \"nowhere\""),
        (
            "reflection",
            "title: R\nwhat_we_learnt: L\nfrom:\n- session/none\n",
            "line 4: `from[0]` refers to the session",
        ),
        ("map", "title: M\nsystem: none\nseen_by: us\n", "line 2: `system` refers to the system"),
        ("cycle", "id: a\ntitle: A\nscale: place\nfollows: a\n", "goes on from another one"),
        (
            "system",
            "title: S\nscale: place\npeople_served: []\n",
            "`people_served` is missing; a system needs it",
        ),
        (
            "map",
            "title: M\nsystem: s\nseen_by: us\nfactors: [{name: a}]\nlinks: [{from: a, to: b, effect: more}]\n",
            "`links[0].to` \"b\" is none of the factors",
        ),
        (
            "cycle",
            "title: A\nscale: place\nbegan: 2022\nended: 2021\n",
            "line 4: `ended` is 2021, which is before",
        ),
        ("session", "title: S\non: 0202-01-01\n", "is the year right?"),
        ("observation", "kind: note\ntext: x\non: 2027-01-01\n", "still to come"),
        (
            "cycle",
            "title: A\nscale: place\nstages: [{stage: embed, state: skipped}]\n",
            "`stages[0].reason` is missing",
        ),
        ("observation", "kind: number\ntext: fewer\n", "needs its value, question, context"),
        (
            "experiment",
            "title: E\nkind: k\nstate: running\nscale: place\nheadwinds: [{what: x, scale: life}]\n",
            "larger scale",
        ),
    ];
    for (kind, yaml, words) in cases {
        let refused = refusal(&place, kind, yaml).await;
        assert_eq!(refused.code(), Code::InvalidArgument, "{yaml}");
        assert!(refused.message().contains(words), "{words:?} is not in {:?}", refused.message());
    }
    assert_eq!(try_show(&place, "map", "m").await.expect_err("nothing").code(), Code::NotFound);
    let pasted = format!("title: A\nscale: place\npurpose: {}\n", "x".repeat(10 << 20));
    assert!(refusal(&place, "cycle", &pasted).await.message().contains("10485"), "the length is said");
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_of_cycles_have_a_first_one() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: one\ntitle: One\nscale: place\n").await;
    save(&place, "cycle", "id: two\ntitle: Two\nscale: place\nfollows: one\n").await;
    save(&place, "cycle", "id: three\ntitle: Three\nscale: place\nfollows: two\n").await;
    assert_eq!(show(&place, "cycle", "three").await.iteration, 3);
    let refused = change(&place, "cycle", "one", "follows: three\n").await.expect_err("a ring");
    assert!(refused.message().contains("has a first one"), "{}", refused.message());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_stays_what_it_is() {
    let (_story, place) = a_place().await;
    save(&place, "session", "id: a\ntitle: A\n").await;
    save(&place, "session", "id: b\ntitle: B\n").await;
    for id in ["b", "c", ""] {
        let refused = change(&place, "session", "a", &format!("id: \"{id}\"\ntitle: C\n"))
            .await
            .expect_err("a refusal");
        assert!(refused.message().contains("`id` stays a"), "{}", refused.message());
    }
    change(&place, "session", "a", "id: a\ntitle: C\n").await.expect("the same id");
    assert!(show(&place, "session", "b").await.json.contains("\"B\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_faults_are_told_at_once() {
    let (_story, place) = a_place().await;
    let yaml = "title: R\nwhat_we_learnt: L\non: 2030\nfrom: [session/none, observation/none]\n";
    let refused = refusal(&place, "reflection", yaml).await;
    assert_eq!(refused.message().matches("line ").count(), 3, "{}", refused.message());
}
