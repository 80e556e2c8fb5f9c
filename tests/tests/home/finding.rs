//! Everything at home is found: by words, by theme, factor, stage, state, scale and role; ended early like any other.

use cairn_proto::pb::admin::{ListDocumentsRequest, Trait};
use tonic::Code;

use super::table::{a_place, find, found, save};

async fn experiments(desk: &cairn_tests::desk::Desk) {
    for (id, state) in
        [("early", "ended early"), ("planned", "ended as planned"), ("practice", "became practice")]
    {
        let yaml = format!(
            "id: {id}\ntitle: Housing offers\nkind: experiment\nstate: {state}\nscale: place\n\
             themes: [Homelessness]\ndesigned_by: [outreach workers]\ntried: \"Offers without stages, in Łódź café.\"\n"
        );
        save(desk, "experiment", &yaml).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_early_is_found_and_looks_like_any_other() {
    let (_story, place) = a_place().await;
    experiments(&place).await;
    let all = ["experiment/early", "experiment/planned", "experiment/practice"];
    for (words, traits) in [
        ("housing", &[][..]),
        ("cafe stages", &[]),
        ("OFFER", &["theme=homelessness"]),
        ("", &["role=Outreach Workers"]),
        ("", &["scale=place", "theme=homelessness"]),
    ] {
        assert_eq!(found(&place, words, traits).await, all, "{words:?} {traits:?}");
    }
    assert_eq!(found(&place, "", &["state=ended early"]).await, ["experiment/early"]);
    let entries = find(&place, "housing", &[]).await;
    let plain: Vec<_> = entries.iter().map(|e| (&e.title, &e.scale, e.version)).collect();
    assert!(plain.windows(2).all(|pair| pair[0] == pair[1]), "only the state tells them apart: {entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn factors_stages_and_roles_lead_to_what_is_about_them() {
    let (_story, place) = a_place().await;
    save(&place, "system", "id: s\ntitle: S\nscale: place\npeople_served: [{name: residents}]\n").await;
    save(
        &place,
        "map",
        "id: m\ntitle: M\nsystem: s\nseen_by: staff\nfactors: [{name: Trust between teams}]\n",
    )
    .await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    save(&place, "entry", "id: e\ncycle: c\nstage: Co-design\ntext: Who asks?\nby: commissioner\n").await;
    save(&place, "session", "id: x\ntitle: X\ncycle: c\nreadings: [{by: Commissioner, reading: Both.}]\n")
        .await;
    assert_eq!(found(&place, "", &["factor=trust between teams"]).await, ["map/m"]);
    assert_eq!(found(&place, "", &["stage=co-design"]).await, ["entry/e"]);
    assert_eq!(found(&place, "", &["role=commissioner"]).await, ["entry/e", "session/x"]);
    assert_eq!(found(&place, "", &["role=residents"]).await, ["system/s"]);
    let of_cycle = ListDocumentsRequest { cycle: "c".to_owned(), ..Default::default() };
    let all = place.learning().list_documents(of_cycle).await.expect("a list").into_inner().documents;
    assert_eq!(all.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_through_everything_once_and_show_where_it_stands() {
    let (_story, place) = a_place().await;
    for n in 0..12 {
        save(&place, "session", &format!("id: s{n}\ntitle: Number {n}\nquestion: What about the bridge?\n"))
            .await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListDocumentsRequest {
            words: "bridge".to_owned(),
            limit: 5,
            cursor: cursor.clone(),
            excerpts: true,
            ..Default::default()
        };
        let page = place.learning().list_documents(request).await.expect("a page").into_inner();
        assert!(page.excerpts.iter().all(|excerpt| excerpt.contains("bridge")));
        seen.extend(page.documents.into_iter().map(|entry| entry.id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = (0..12).rev().map(|n| format!("s{n}")).collect();
    assert_eq!(seen, expected, "newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_cannot_be_led_astray() {
    let (_story, place) = a_place().await;
    save(&place, "session", "id: s\ntitle: \"Quotes \\\" and ' signs\"\n").await;
    for words in ["\"", "a* OR b", "NEAR(", "'; DROP TABLE documents; --", ":* & | !", "\\", "title:quotes"] {
        find(&place, words, &[]).await;
    }
    assert_eq!(found(&place, "quotes", &[]).await, ["session/s"]);
    let trait_ = Trait { name: "success".to_owned(), value: "yes".to_owned() };
    let request = ListDocumentsRequest { traits: vec![trait_], ..Default::default() };
    let refused = place.learning().list_documents(request).await.expect_err("no such trait");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let request = ListDocumentsRequest { cursor: "x".to_owned(), ..Default::default() };
    assert_eq!(
        place.learning().list_documents(request).await.expect_err("no cursor").code(),
        Code::InvalidArgument
    );
}
