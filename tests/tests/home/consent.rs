//! A story belongs to its teller: without consent it is not taken in, and when consent ends its words are gone from
//! every version, from the search, and from the database's files.

use cairn_proto::pb::admin::{
    Draft, EraseDocumentRequest, KeepDraftRequest, ListDraftsRequest, RecordConsentEventRequest,
    RecordConsentEventResponse,
};
use cairn_tests::{desk::Desk, wait::until};
use jiff::SignedDuration;
use tonic::{Code, Status};

use super::table::{a_place, change, found, refusal, save, show, try_save, try_show};

const CONSENT: &str = "id: teller-1\nwhose: a resident\ncovers: one story\naudience: named peers\n\
                       purposes: [peer learning]\ngiven_on: 2026-11\n";
/// A word that stands nowhere else.
const WORD: &str = "xylophonic";

async fn event(desk: &Desk, event: &str, dry_run: bool) -> Result<RecordConsentEventResponse, Status> {
    let request = RecordConsentEventRequest {
        id: "teller-1".to_owned(),
        event: event.to_owned(),
        dry_run,
        ..Default::default()
    };
    Ok(desk.learning().record_consent_event(request).await?.into_inner())
}

async fn a_story(desk: &Desk, consent: &str) {
    save(desk, "consent", consent).await;
    let yaml = format!(
        "id: a-story\nkind: story\nconsent: [teller-1]\ntold_by: a resident\ntext: The {WORD} door.\n"
    );
    save(desk, "observation", &yaml).await;
    change(desk, "observation", "a-story", &format!("text: The {WORD} door was shut.\n"))
        .await
        .expect("a change");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_needs_its_tellers_consent() {
    let (_story, place) = a_place().await;
    let refused = refusal(&place, "observation", "kind: story\ntext: Once.\n").await;
    assert!(refused.message().contains("a story belongs to its teller"), "{}", refused.message());
    save(&place, "consent", &CONSENT.replace("given_on: 2026-11\n", "given_on: 2026-11\nstate: refused\n"))
        .await;
    let refused = refusal(&place, "observation", "kind: story\ntext: Once.\nconsent: [teller-1]\n").await;
    assert!(refused.message().contains("rests on a consent that has ended"), "{}", refused.message());
    try_save(
        &place,
        "observation",
        "kind: story\ntext: Once.\nconsent_not_needed: It is in a published report.\n",
    )
    .await
    .expect("a story that is public");
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawal_erases_the_words_everywhere() {
    let (_story, place) = a_place().await;
    a_story(&place, CONSENT).await;
    assert_eq!(found(&place, WORD, &[]).await, ["observation/a-story"]);
    assert!(place.database_contains(WORD.as_bytes()));

    let shown = event(&place, "withdrawn", true).await.expect("what would happen");
    assert!(!shown.done);
    assert_eq!(shown.erased.len(), 1);
    assert_eq!(found(&place, WORD, &[]).await, ["observation/a-story"], "only shown");

    let done = event(&place, "withdrawn", false).await.expect("done");
    assert!(done.done && done.standing.contains("withdrawn"), "{}", done.standing);
    assert!(found(&place, WORD, &[]).await.is_empty());
    let erased = show(&place, "observation", "a-story").await;
    assert!(erased.erasure.contains("has ended (withdrawn)"), "{}", erased.erasure);
    assert!(erased.json.is_empty() && erased.file.is_empty() && erased.blocks.is_empty());
    until("the files hold the word no more", async || {
        (!place.database_contains(WORD.as_bytes())).then_some(())
    })
    .await;

    let back = refusal(&place, "observation", "id: a-story\nkind: note\ntext: The same again.\n").await;
    assert!(back.message().contains("does not come back"), "{}", back.message());
    assert_eq!(show(&place, "consent", "teller-1").await.json.matches("withdrawn").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_runs_out_takes_the_words_with_it() {
    let (story, place) = a_place().await;
    a_story(&place, &format!("{CONSENT}until: 2026-11-30\n")).await;
    story.pass(SignedDuration::from_hours(24 * 6));
    assert_eq!(found(&place, WORD, &[]).await, ["observation/a-story"]);
    story.pass(SignedDuration::from_hours(48));
    // The worker looks again whenever something changes, and by itself within a minute.
    save(&place, "session", "title: Something else\n").await;
    until("the words are gone", async || found(&place, WORD, &[]).await.is_empty().then_some(())).await;
    let erased = show(&place, "observation", "a-story").await;
    assert!(erased.erasure.contains("has expired"), "{}", erased.erasure);
    assert!(show(&place, "consent", "teller-1").await.json.contains("expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_in_a_consent_erases_nothing() {
    let (_story, place) = a_place().await;
    a_story(&place, CONSENT).await;
    for slip in
        ["until: 2026-11-22\n", "events: [{event: given, on: 2026-11}, {event: withdrawn, on: 2026-11}]\n"]
    {
        let refused = change(&place, "consent", "teller-1", slip).await.expect_err("a refusal");
        assert!(refused.message().contains("cairn consent withdraw teller-1"), "{}", refused.message());
    }
    assert_eq!(found(&place, WORD, &[]).await, ["observation/a-story"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_needs_a_reason_and_leaves_a_trace() {
    let (_story, place) = a_place().await;
    a_story(&place, CONSENT).await;
    let erase = |kind: &str, id: &str, reason: &str, dry_run| EraseDocumentRequest {
        kind: kind.to_owned(),
        id: id.to_owned(),
        reason: reason.to_owned(),
        dry_run,
    };
    let no_reason = place.learning().erase_document(erase("observation", "a-story", " ", false)).await;
    assert_eq!(no_reason.expect_err("a refusal").code(), Code::InvalidArgument);
    let consent = place.learning().erase_document(erase("consent", "teller-1", "tidy", false)).await;
    assert!(consent.expect_err("a refusal").message().contains("is not erased"));
    let shown = place.learning().erase_document(erase("observation", "a-story", "asked", true)).await;
    assert_eq!(shown.expect("shown").into_inner().versions, 2);
    assert!(try_show(&place, "observation", "a-story").await.expect("there").json.contains(WORD));
    place.learning().erase_document(erase("observation", "a-story", "asked for", false)).await.expect("done");
    assert!(show(&place, "observation", "a-story").await.erasure.contains("asked for"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_does_not_bring_back_what_was_taken_back() {
    let (_story, place) = a_place().await;
    save(&place, "consent", CONSENT).await;
    event(&place, "withdrawn", false).await.expect("done");
    let refused = refusal(&place, "consent", CONSENT).await;
    assert!(refused.message().contains("so it would hold again"), "{}", refused.message());
    let whole =
        CONSENT.lines().map(|line| format!("  {line}\n")).collect::<String>().replacen("  id", "- id", 1);
    let experiment = format!("title: E\nkind: k\nstate: running\nscale: place\ntried: T\nconsent:\n{whole}");
    let refused = refusal(&place, "experiment", &experiment).await;
    assert!(refused.message().contains("cairn consent renew teller-1"), "{}", refused.message());
    event(&place, "renewed", false).await.expect("given again");
    assert!(show(&place, "consent", "teller-1").await.json.contains("renewed"));
    save(
        &place,
        "experiment",
        "title: E\nkind: k\nstate: running\nscale: place\ntried: T\nconsent: [teller-1]\n",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_with_the_consent_it_names() {
    let (_story, place) = a_place().await;
    save(&place, "consent", CONSENT).await;
    let draft =
        |text: &str| Draft { kind: "observation".to_owned(), text: text.to_owned(), ..Default::default() };
    for text in
        ["kind: story\nconsent: [teller-1]\ntext: [\n", "kind: story\nconsent: [teller-12]\ntext: [\n"]
    {
        place.learning().keep_draft(KeepDraftRequest { draft: Some(draft(text)) }).await.expect("kept");
    }
    event(&place, "withdrawn", false).await.expect("done");
    let left = place.learning().list_drafts(ListDraftsRequest {}).await.expect("a list").into_inner().drafts;
    assert_eq!(left.len(), 1, "only the other one is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_hold_nobodys_words() {
    let (_story, place) = a_place().await;
    save(&place, "consent", CONSENT).await;
    let story = format!("kind: story\nconsent: [teller-1]\ntext: The {WORD} door.\n");
    assert_eq!(save(&place, "observation", &story).await, "observation-2026-11-23");
    assert_eq!(save(&place, "observation", &story).await, "observation-2026-11-23-2");
    event(&place, "withdrawn", false).await.expect("done");
    until("the files hold the word no more", async || {
        (!place.database_contains(WORD.as_bytes())).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_ends_after_it_was_given_and_each_takes_its_own_words() {
    let (story, place) = a_place().await;
    let backwards = refusal(&place, "consent", &format!("{CONSENT}until: 2020-01-01\n")).await;
    assert!(
        backwards.message().contains("`until` is 2020-01-01, which is before"),
        "{}",
        backwards.message()
    );
    for (id, until) in [("one", "2026-11-30"), ("two", "2026-11-30"), ("three", "2026-12-31")] {
        let consent = CONSENT.replace("teller-1", id);
        save(&place, "consent", &format!("{consent}until: {until}\n")).await;
        let yaml = format!("id: {id}\nkind: story\nconsent: [{id}]\ntext: The {WORD} door.\n");
        save(&place, "observation", &yaml).await;
    }
    story.pass(SignedDuration::from_hours(24 * 9));
    save(&place, "session", "title: Something else\n").await;
    let one_is_left = async || (found(&place, WORD, &[]).await == ["observation/three"]).then_some(());
    until("two of three are gone", one_is_left).await;
}
