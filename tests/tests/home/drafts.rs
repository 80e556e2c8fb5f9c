//! What somebody wrote is kept, also when it cannot be taken in yet, and outlives a restart.

use cairn_proto::pb::admin::{
    DiscardDraftRequest, Draft, GetDraftRequest, KeepDraftRequest, ListDraftsRequest,
};
use cairn_tests::desk::Desk;
use tonic::Code;

use super::table::a_place;

async fn keep(desk: &Desk, draft: Draft) -> Draft {
    let kept = desk.learning().keep_draft(KeepDraftRequest { draft: Some(draft) }).await.expect("kept");
    kept.into_inner().draft.expect("a draft")
}

fn broken() -> Draft {
    Draft {
        kind: "session".to_owned(),
        text: "---\ntitle: [\n".to_owned(),
        problem: "line 2: not closed".to_owned(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_outlives_a_restart() {
    let (_story, mut place) = a_place().await;
    let kept = keep(&place, broken()).await;
    place.stop().await;
    place.start().await;
    let again =
        place.learning().get_draft(GetDraftRequest { id: kept.id }).await.expect("there").into_inner();
    assert_eq!(again.draft.expect("a draft").text, broken().text);
    let longer = keep(&place, Draft { text: "---\ntitle: x\n".to_owned(), ..kept.clone() }).await;
    assert_eq!(longer.id, kept.id);
    let all = place.learning().list_drafts(ListDraftsRequest {}).await.expect("a list").into_inner().drafts;
    assert_eq!(all.len(), 1);
    assert!(all[0].text.is_empty() && all[0].problem.contains("line 2"), "lists show no text");
    place.learning().discard_draft(DiscardDraftRequest { id: kept.id }).await.expect("gone");
    let gone = place.learning().get_draft(GetDraftRequest { id: kept.id }).await.expect_err("gone");
    assert_eq!(gone.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_has_bounds() {
    let (_story, place) = a_place().await;
    let pasted = Draft { text: "x".repeat(300_000), ..broken() };
    let refused = place.learning().keep_draft(KeepDraftRequest { draft: Some(pasted) }).await;
    assert!(refused.expect_err("too long").message().contains("300000"));
    let odd = Draft { text: "a\0b".to_owned(), document_id: "../x".to_owned(), ..broken() };
    let refused = place.learning().keep_draft(KeepDraftRequest { draft: Some(odd.clone()) }).await;
    assert!(refused.expect_err("no id").message().contains("is not an id"));
    assert_eq!(keep(&place, Draft { document_id: String::new(), ..odd }).await.text, "a\u{2400}b");
    let poem = Draft { kind: "poem".to_owned(), ..broken() };
    let refused = place.learning().keep_draft(KeepDraftRequest { draft: Some(poem) }).await;
    assert_eq!(refused.expect_err("no kind").code(), Code::InvalidArgument);
}
