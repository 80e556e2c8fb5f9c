//! What is of one person's life stays at home: it can be kept and found there, leaves in no release, and stands in no
//! account or export unless its own people ask for it.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::{CycleFormat, EraseDocumentRequest, ExportCycleRequest, ExportCycleResponse};
use cairn_tests::desk::{Desk, case, wish};
use tonic::Status;

use super::table::{a_place, found, save};

async fn export(
    desk: &Desk,
    id: &str,
    format: CycleFormat,
    private: bool,
) -> Result<ExportCycleResponse, Status> {
    let request = ExportCycleRequest { id: id.to_owned(), format: format.into(), private };
    Ok(desk.learning().export_cycle(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_is_kept_and_found_at_home_and_never_released() {
    let (_story, place) = a_place().await;
    let life =
        String::from_utf8(case("dorset")).expect("text").replace("\nscale: place\n", "\nscale: life\n");
    save(&place, "experiment", &life).await;
    assert_eq!(found(&place, "", &["scale=life"]).await, ["experiment/dorset"]);
    for card in [Card::Network, Card::Public] {
        let refused = place.try_publish(wish("dorset", card)).await.expect_err("it stays");
        assert!(
            refused.message().contains("one person's life, which stays at home"),
            "{}",
            refused.message()
        );
    }
    assert_eq!(place.log_size().await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_documents_stay_out_of_exports_unless_asked_for() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    save(&place, "observation", "id: o\nkind: note\ncycle: c\nsensitive: yes\ntext: The zinnia matter.\n")
        .await;
    let life =
        "id: l\ntitle: L\nkind: k\nstate: running\nscale: life\ncycle: c\ntried: The begonia matter.\n";
    save(&place, "experiment", life).await;
    save(
        &place,
        "session",
        "id: s\ntitle: S\ncycle: c\nobservations: [o]\nexperiments: [l]\nquestion: Why?\n",
    )
    .await;
    for format in [CycleFormat::Json, CycleFormat::Markdown, CycleFormat::Html] {
        let file = export(&place, "c", format, false).await.expect("a file");
        let text = String::from_utf8(file.content).expect("text");
        assert!(!text.contains("zinnia") && !text.contains("begonia"), "{text}");
        assert!(!text.contains("observation/o"), "nor does anything refer to them");
        assert_eq!((file.documents, file.left_out), (2, 2));
        let all = export(&place, "c", format, true).await.expect("a file");
        let text = String::from_utf8(all.content).expect("text");
        assert!(text.contains("zinnia") && text.contains("begonia"));
        assert_eq!((all.documents, all.left_out), (4, 0));
    }
    save(&place, "cycle", "id: p\ntitle: P\nscale: life\n").await;
    let refused = export(&place, "p", CycleFormat::Json, false).await.expect_err("it stays");
    assert!(refused.message().contains("stays at home"), "{}", refused.message());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_life_is_of_that_life_whatever_it_says_of_itself() {
    let (_story, place) = a_place().await;
    save(&place, "system", "id: s\ntitle: S\nscale: life\npeople_served: [{name: a resident}]\n").await;
    save(&place, "cycle", "id: l\ntitle: L\nscale: life\nsystem: s\n").await;
    let named = String::from_utf8(case("dorset"))
        .expect("text")
        .replace("\nscale: place\n", "\nscale: place\ncycle: l\n");
    save(&place, "experiment", &named).await;
    let refused = place.try_publish(wish("dorset", Card::Network)).await.expect_err("it stays");
    assert!(refused.message().contains("one person's life"), "{}", refused.message());

    save(&place, "map", "id: m\ntitle: M\nsystem: s\nseen_by: us\nin_words: The zinnia matter.\n").await;
    save(&place, "reflection", "id: r\ntitle: R\ncycle: l\nwhat_we_learnt: The zinnia matter.\n").await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    save(&place, "change", "id: x\ntitle: X\ncycle: c\nkind: altered\nwhat: Y\nfrom: [reflection/r]\n").await;
    let file = export(&place, "c", CycleFormat::Json, false).await.expect("a file");
    let text = String::from_utf8(file.content).expect("text");
    assert!(!text.contains("zinnia") && !text.contains("reflection/r"), "{text}");
    assert_eq!((file.documents, file.left_out), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_is_not_released() {
    let (_story, place) = a_place().await;
    let text = String::from_utf8(case("dorset")).expect("text");
    save(&place, "experiment", &format!("{text}\nsensitive: yes\n")).await;
    let refused = place.try_publish(wish("dorset", Card::Network)).await.expect_err("it stays");
    assert!(refused.message().contains("marked as sensitive"), "{}", refused.message());
    assert_eq!(place.log_size().await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_for_a_board_holds_no_consents() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    let consent = "id: teller-1\nwhose: a zinnia grower\ncovers: one story\naudience: network\npurposes: [research]\ngiven_on: 2021\n";
    save(&place, "consent", consent).await;
    save(&place, "observation", "kind: story\ncycle: c\nconsent: [teller-1]\ntext: The tulip matter.\n")
        .await;
    let page = String::from_utf8(export(&place, "c", CycleFormat::Html, true).await.expect("a page").content);
    let page = page.expect("text");
    assert!(page.contains("tulip") && !page.contains("zinnia"), "{page}");
    let file =
        String::from_utf8(export(&place, "c", CycleFormat::Json, false).await.expect("a file").content);
    assert!(file.expect("text").contains("zinnia"), "a file to move a cycle with holds them");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belonged_to_a_life_stays_when_nobody_knows_any_more_that_it_did() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: l\ntitle: L\nscale: life\n").await;
    let named = String::from_utf8(case("dorset"))
        .expect("text")
        .replace("\nscale: place\n", "\nscale: place\ncycle: l\n");
    save(&place, "experiment", &named).await;
    let erase = EraseDocumentRequest {
        kind: "cycle".to_owned(),
        id: "l".to_owned(),
        reason: "asked for".to_owned(),
        dry_run: false,
    };
    place.learning().erase_document(erase).await.expect("done");
    place.try_publish(wish("dorset", Card::Network)).await.expect_err("it stays");
    assert_eq!(place.log_size().await.1, 0);
}
