//! Erasing a document: its words are gone from everywhere and do not come back; that it was stays.

use std::path::PathBuf;

use cairn_node::store::{DocumentRow, DraftRow, ErasureRow, Indexed, LinkRow, StoreError};

use crate::{
    databases::{Db, Sqlite},
    forgetting::holding,
    samples::{PLAIN, at, document, facets, filter, found, ids, save, save_note},
};

contracts!(
    the_words_of_all_versions_go,
    an_erased_document_is_not_found,
    links_to_it_stay,
    drafts_of_it_go,
    it_does_not_come_back,
    the_first_erasure_counts,
    a_dropped_erasure_changes_nothing,
);

fn erasure(when: i64) -> ErasureRow {
    ErasureRow { at: at(when), by: "anna".into(), reason: "asked for it".into() }
}

async fn erase(db: &Db, kind: &str, id: &str) {
    let mut tx = db.write().await;
    tx.erase_document(kind, id, &erasure(7)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn the_words_of_all_versions_go(db: Db) {
    for version in 1..=2 {
        let indexed = Indexed { title: "title", cycle: Some("c"), ..PLAIN };
        save(&db, &document("note", "a", version), &indexed).await;
        save(&db, &document("note", "b", version), &indexed).await;
    }
    assert_eq!(db.read().await.erasure("note", "a").await.unwrap(), None);
    erase(&db, "note", "a").await;
    let empty = |version| DocumentRow { document: String::new(), ..document("note", "a", version) };
    let mut tx = db.read().await;
    assert_eq!(tx.document("note", "a").await.unwrap(), Some(empty(2)));
    assert_eq!(tx.document_version("note", "a", 1).await.unwrap(), Some(empty(1)));
    let history = tx.document_history("note", "a").await.unwrap();
    assert!(history.len() == 2 && history.iter().all(|row| row.erased));
    assert!(tx.document_history("note", "b").await.unwrap().iter().all(|row| !row.erased));
    assert_eq!(tx.documents_of_cycle("c").await.unwrap(), [empty(2), document("note", "b", 2)]);
    assert_eq!(tx.count_documents("note").await.unwrap(), 1);
    assert_eq!(tx.erasure("note", "a").await.unwrap(), Some(erasure(7)));
    assert_eq!(tx.erasure("session", "a").await.unwrap(), None);
    let heads = tx.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    let seen: Vec<_> = heads.iter().map(|head| (&head.id[..], &head.title[..], head.erased)).collect();
    assert_eq!(seen, [("b", "title", false)]);
    let head = tx.head("note", "a").await.unwrap().unwrap();
    assert_eq!((&head.title[..], head.erased), ("", true));
    assert_eq!((head.version, head.at, head.cycle.as_deref()), (2, at(2), Some("c")));
}

async fn an_erased_document_is_not_found(db: Db) {
    let facets = facets(&[("theme", "rare"), ("stage", "early")]);
    save(&db, &document("note", "a", 1), &Indexed { facets: &facets, text: "calm", ..PLAIN }).await;
    save(&db, &document("note", "b", 1), &Indexed { facets: &facets[1..], text: "calm", ..PLAIN }).await;
    erase(&db, "note", "a").await;
    let all = filter(None, None, &[]);
    assert_eq!(found(&db, &["calm"], &all).await, ["b"]);
    assert_eq!(found(&db, &[], &all).await, ["b"]);
    assert_eq!(found(&db, &[], &filter(Some("note"), None, &[("stage", "early")])).await, ["b"]);
    let mut tx = db.read().await;
    assert!(tx.facet_values("theme", None).await.unwrap().is_empty());
    assert_eq!(tx.facet_values("stage", Some("note")).await.unwrap(), ["early"]);
    assert_eq!(ids(tx.find(&[], &filter(None, None, &[("stage", "early")]), None, 9).await.unwrap()), ["b"]);
    assert!(tx.unindexed_documents(1, 9).await.unwrap().is_empty());
    assert_eq!(tx.unindexed_documents(2, 9).await.unwrap(), [document("note", "b", 1)]);
}

async fn links_to_it_stay(db: Db) {
    let link = |from: &str, to: &str| LinkRow {
        from_kind: "note".into(),
        from_id: from.into(),
        relation: "after".into(),
        to_kind: "note".into(),
        to_id: to.into(),
    };
    save(&db, &document("note", "a", 1), &Indexed { links: &[link("a", "b")], ..PLAIN }).await;
    save(&db, &document("note", "b", 1), &Indexed { links: &[link("b", "a")], ..PLAIN }).await;
    erase(&db, "note", "a").await;
    let mut tx = db.read().await;
    assert_eq!(tx.links_to("note", "a").await.unwrap(), [link("b", "a")]);
    assert!(tx.links_to("note", "b").await.unwrap().is_empty());
}

fn draft(kind: &str, document_id: &str, text: &str) -> DraftRow {
    let [kind, document_id, text, problem, by] = [kind, document_id, text, "", "anna"].map(String::from);
    DraftRow { id: 0, kind, document_id, base_version: 1, text, problem, at: at(1), by }
}

async fn drafts_of_it_go(db: Db) {
    save_note(&db, "a", "calm").await;
    let mut tx = db.write().await;
    for (kind, id) in [("note", "a"), ("note", "b"), ("note", ""), ("session", "a"), ("note", "a")] {
        tx.add_draft(&draft(kind, id, "text")).await.unwrap();
    }
    tx.commit().await.unwrap();
    erase(&db, "note", "a").await;
    let drafts = db.read().await.drafts().await.unwrap();
    let left: Vec<_> = drafts.iter().map(|draft| (&draft.kind[..], &draft.document_id[..])).collect();
    assert_eq!(left, [("note", "b"), ("note", ""), ("session", "a")]);
}

/// Not as another version, not as an old one, not by indexing it again, and not if it comes only later.
async fn it_does_not_come_back(db: Db) {
    save_note(&db, "a", "calm").await;
    erase(&db, "note", "a").await;
    erase(&db, "note", "later").await;
    for row in [document("note", "a", 1), document("note", "a", 2), document("note", "later", 1)] {
        let refused = db.write().await.add_document_version(&row, &PLAIN).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Erased { kind, id } if *kind == row.kind && *id == row.id));
        assert!(refused.to_string().contains("use another id"), "{refused}");
    }
    let mut tx = db.write().await;
    tx.reindex_document("note", "a", &Indexed { title: "calm", text: "calm", format: 9, ..PLAIN })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(found(&db, &["calm"], &filter(None, None, &[])).await.is_empty());
    let mut tx = db.read().await;
    assert_eq!(tx.document("note", "a").await.unwrap().unwrap().document, "");
    assert_eq!(tx.document("note", "later").await.unwrap(), None);
    drop(tx);
    save(&db, &document("session", "a", 1), &PLAIN).await;
}

async fn the_first_erasure_counts(db: Db) {
    save_note(&db, "a", "calm").await;
    for when in [7, 9] {
        let mut tx = db.write().await;
        tx.erase_document("note", "a", &erasure(when)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(db.read().await.erasure("note", "a").await.unwrap(), Some(erasure(7)));
}

async fn a_dropped_erasure_changes_nothing(db: Db) {
    save_note(&db, "a", "calm").await;
    let mut tx = db.write().await;
    tx.erase_document("note", "a", &erasure(7)).await.unwrap();
    drop(tx);
    assert_eq!(db.read().await.document("note", "a").await.unwrap(), Some(document("note", "a", 1)));
    assert_eq!(db.read().await.erasure("note", "a").await.unwrap(), None);
    assert_eq!(found(&db, &["calm"], &filter(None, None, &[])).await, ["a"]);
}

/// Saves a document that has the mark in its text, title, facets, links, words and a draft, twice.
async fn save_marked(db: &Db, id: &str, mark: &str, words: usize) {
    let mut seed = id.bytes().fold(7_u64, |seed, byte| seed * 31 + u64::from(byte));
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seed >> 40
    };
    let text: Vec<String> = (0..words).map(|_| format!("{mark}{:x}", random())).collect();
    let text = text.join(" ");
    let facets = facets(&[("theme", &format!("{mark} theme {id}")), ("stage", "early")]);
    let link = LinkRow {
        from_kind: "note".into(),
        from_id: id.into(),
        relation: format!("{mark} relation"),
        to_kind: "note".into(),
        to_id: "x".into(),
    };
    let title = format!("{mark} title");
    let mut tx = db.write().await;
    for version in 1..=2 {
        let row = DocumentRow { document: text.clone(), ..document("note", id, version) };
        let links = std::slice::from_ref(&link);
        let indexed = Indexed { title: &title, links, facets: &facets, text: &text, ..PLAIN };
        tx.add_document_version(&row, &indexed).await.unwrap();
    }
    tx.add_draft(&draft("note", id, &format!("{mark} draft"))).await.unwrap();
    tx.commit().await.unwrap();
}

fn nowhere() -> Vec<PathBuf> {
    Vec::new()
}

#[tokio::test]
async fn an_erased_document_is_in_no_file() {
    for words in [1, 20, 2_000] {
        for checkpointed in [false, true] {
            let files = Sqlite::new();
            let db = files.open().await;
            for (id, mark) in [("a", "kept"), ("b", "purged"), ("c", "kept")] {
                save_marked(&db, id, mark, words).await;
            }
            if checkpointed {
                db.store.forget().await.unwrap();
            }
            assert_ne!(holding(files.dir(), "purged"), nowhere());
            erase(&db, "note", "b").await;
            db.store.forget().await.unwrap();
            assert_eq!(holding(files.dir(), "purged"), nowhere());
            assert_eq!(found(&db, &["kept"], &filter(None, None, &[])).await, ["c", "a"]);
            db.store.close().await;
            assert_eq!(holding(files.dir(), "purged"), nowhere());
        }
    }
}

/// Many documents of many long words come and go: pages of the text index split and merge, also those
/// that hold only the beginnings by which others are found.
#[tokio::test]
async fn no_copy_stays_of_words_that_moved() {
    const ROUNDS: usize = 4;
    let mark = |round| format!("purged{round}{}", "o".repeat(40));
    let files = Sqlite::new();
    let db = files.open().await;
    for n in 0..120 {
        save_marked(&db, &format!("{n}"), &mark(n % ROUNDS), 1_500).await;
    }
    for round in 0..ROUNDS {
        let mark = mark(round);
        assert_ne!(holding(files.dir(), &mark), nowhere());
        for n in (0..120).filter(|n| n % ROUNDS == round) {
            erase(&db, "note", &format!("{n}")).await;
        }
        db.store.forget().await.unwrap();
        assert_eq!(holding(files.dir(), &format!("purged{round}o")), nowhere());
        save_marked(&db, &format!("new {round}"), "kept", 1_500).await;
    }
    assert_eq!(found(&db, &["kept"], &filter(None, None, &[])).await.len(), ROUNDS);
    db.store.close().await;
}
