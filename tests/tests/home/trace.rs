//! From observation to learning to changed practice to new structure, and back.

use cairn_proto::pb::admin::{TraceDocumentRequest, TraceDocumentResponse};
use cairn_tests::desk::Desk;

use super::table::{a_place, save};

async fn trace(desk: &Desk, kind: &str, id: &str) -> TraceDocumentResponse {
    let request = TraceDocumentRequest { kind: kind.to_owned(), id: id.to_owned() };
    desk.learning().trace_document(request).await.expect("a trace").into_inner()
}

fn ids(steps: &[cairn_proto::pb::admin::TraceStep]) -> Vec<String> {
    let entry = |step: &cairn_proto::pb::admin::TraceStep| {
        let document = step.document.clone().expect("a document");
        format!("{} {}/{}", step.distance, document.kind, document.id)
    };
    steps.iter().map(entry).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_walks_both_ways() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    save(&place, "observation", "id: o\nkind: note\ncycle: c\ntext: Evictions move the bill.\n").await;
    save(&place, "session", "id: s\ntitle: S\ncycle: c\nobservations: [o]\n").await;
    save(&place, "reflection", "id: r\ntitle: R\ncycle: c\nfrom: [session/s]\nwhat_we_learnt: One budget.\n")
        .await;
    save(
        &place,
        "change",
        "id: p\ntitle: P\ncycle: c\nkind: altered\nof: practice\nwhat: Fewer.\nfrom: [reflection/r]\n",
    )
    .await;
    save(
        &place,
        "change",
        "id: t\ntitle: T\ncycle: c\nkind: started\nof: structure\nwhat: Pooled.\nfrom: [change/p]\n",
    )
    .await;
    let from = trace(&place, "observation", "o").await;
    assert!(from.came_from.is_empty());
    assert_eq!(ids(&from.led_to), ["1 session/s", "2 reflection/r", "3 change/p", "4 change/t"]);
    let back = trace(&place, "change", "t").await;
    assert_eq!(ids(&back.came_from), ["1 change/p", "2 reflection/r", "3 session/s", "4 observation/o"]);
    assert!(back.led_to.is_empty());
    let middle = trace(&place, "reflection", "r").await;
    assert_eq!(ids(&middle.came_from), ["1 session/s", "2 observation/o"]);
    assert_eq!(ids(&middle.led_to), ["1 change/p", "2 change/t"]);
    assert_eq!(middle.led_to[1].next, "change/p");
}
