//! Documents in versions: what was saved is there as it was, once, and all of it or nothing.

use cairn_node::store::{DocumentRow, ErasureRow, HeadRow, Indexed, LinkRow, StoreError, VersionRow};
use futures::future::join_all;

use crate::{
    databases::Db,
    samples::{PLAIN, at, document, facets, filter, found, ids, save},
};

contracts!(
    every_version_stays,
    the_highest_version_is_the_newest,
    a_version_is_written_once,
    kinds_are_apart,
    a_dropped_save_leaves_no_trace,
    text_comes_back_as_it_was,
    a_head_says_what_is_newest,
    writers_at_once_lose_no_version,
    documents_of_a_cycle_come_oldest_first,
    documents_are_counted_by_kind,
    documents_of_a_kind_come_oldest_first,
    one_head_is_found_by_kind_and_id,
    who_locks_decides_by_the_newest,
);

async fn every_version_stays(db: Db) {
    assert_eq!(db.read().await.document("note", "a").await.unwrap(), None);
    assert!(db.read().await.document_history("note", "a").await.unwrap().is_empty());
    for version in 1..=12 {
        save(&db, &document("note", "a", version), &PLAIN).await;
        let mut tx = db.read().await;
        assert_eq!(tx.document("note", "a").await.unwrap(), Some(document("note", "a", version)));
    }
    let mut tx = db.read().await;
    for version in 1..=12 {
        let row = tx.document_version("note", "a", version).await.unwrap();
        assert_eq!(row, Some(document("note", "a", version)));
    }
    for version in [0, 13, u64::MAX] {
        assert_eq!(tx.document_version("note", "a", version).await.unwrap(), None);
    }
    let row = |version: u64| {
        let (at, by) = (at(version.cast_signed()), format!("author {version}"));
        VersionRow { version, at, by, erased: false }
    };
    assert_eq!(tx.document_history("note", "a").await.unwrap(), (1..=12).map(row).collect::<Vec<_>>());
}

/// In whatever order versions come, as from a file.
async fn the_highest_version_is_the_newest(db: Db) {
    for (version, text) in [(1, "one"), (10, "ten"), (9, "nine")] {
        save(&db, &document("note", "a", version), &Indexed { text, title: text, ..PLAIN }).await;
    }
    let mut tx = db.read().await;
    assert_eq!(tx.document("note", "a").await.unwrap(), Some(document("note", "a", 10)));
    let heads = tx.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    assert_eq!(heads.iter().map(|head| (head.version, &head.title[..])).collect::<Vec<_>>(), [(10, "ten")]);
    let history = tx.document_history("note", "a").await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [1, 9, 10]);
    drop(tx);
    assert_eq!(found(&db, &["ten"], &filter(None, None, &[])).await, ["a"]);
    assert!(found(&db, &["nine"], &filter(None, None, &[])).await.is_empty());
}

async fn a_version_is_written_once(db: Db) {
    for version in 1..=2 {
        save(&db, &document("note", "a", version), &Indexed { text: "first", ..PLAIN }).await;
    }
    for version in 1..=2 {
        let other = DocumentRow { document: "other".into(), ..document("note", "a", version) };
        let other = db.write().await.add_document_version(&other, &Indexed { text: "second", ..PLAIN }).await;
        assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");
    }
    assert_eq!(db.read().await.document("note", "a").await.unwrap(), Some(document("note", "a", 2)));
    assert!(found(&db, &["second"], &filter(None, None, &[])).await.is_empty());
    assert_eq!(found(&db, &["first"], &filter(None, None, &[])).await, ["a"]);
}

async fn kinds_are_apart(db: Db) {
    save(&db, &document("note", "a", 1), &PLAIN).await;
    save(&db, &document("session", "a", 5), &PLAIN).await;
    let mut tx = db.read().await;
    assert_eq!(tx.document("note", "a").await.unwrap(), Some(document("note", "a", 1)));
    assert_eq!(tx.document("session", "a").await.unwrap(), Some(document("session", "a", 5)));
    for (kind, id) in [("Note", "a"), ("note", "A"), ("note", "session"), ("", "")] {
        assert_eq!(tx.document(kind, id).await.unwrap(), None);
    }
}

async fn a_dropped_save_leaves_no_trace(db: Db) {
    let links = [link("part of", "b")];
    let old = Indexed { title: "old", text: "old", ..PLAIN };
    save(&db, &document("note", "a", 1), &old).await;
    let mut tx = db.write().await;
    let facets = facets(&[("theme", "new")]);
    let new =
        Indexed { title: "new", cycle: Some("c"), links: &links, facets: &facets, text: "new", format: 2 };
    tx.add_document_version(&document("note", "a", 2), &new).await.unwrap();
    tx.add_document_version(&document("note", "b", 1), &new).await.unwrap();
    assert_eq!(tx.find(&["new".into()], &filter(None, None, &[]), None, 9).await.unwrap().len(), 2);
    drop(tx);

    let mut tx = db.read().await;
    assert_eq!(tx.document("note", "a").await.unwrap(), Some(document("note", "a", 1)));
    assert_eq!(tx.document("note", "b").await.unwrap(), None);
    assert_eq!(tx.document_history("note", "a").await.unwrap().len(), 1);
    assert!(tx.links_from("note", "a").await.unwrap().is_empty());
    assert!(tx.facet_values("theme", None).await.unwrap().is_empty());
    assert!(tx.documents_of_cycle("c").await.unwrap().is_empty());
    drop(tx);
    assert!(found(&db, &["new"], &filter(None, None, &[])).await.is_empty());
    assert_eq!(found(&db, &["old"], &filter(None, None, &[])).await, ["a"]);
}

fn link(relation: &str, to: &str) -> LinkRow {
    let [from_kind, from_id, to_kind] = ["note", "a", "cycle"].map(String::from);
    LinkRow { from_kind, from_id, relation: relation.into(), to_kind, to_id: to.into() }
}

async fn text_comes_back_as_it_was(db: Db) {
    let text = "{\"title\":\"Grüße, Ω \u{1f331}, e\u{301}, a\\u0000b, سلام\",\n\t\"empty\":\"\"}".repeat(1000);
    let mut row = DocumentRow { document: text.clone(), ..document(" Kind ", " Ü/1 ", u64::from(u32::MAX)) };
    row.by = "Åsa \"'\\ ".into();
    save(&db, &row, &Indexed { title: &text[..200], text: &text, ..PLAIN }).await;
    let mut tx = db.read().await;
    assert_eq!(tx.document(" Kind ", " Ü/1 ").await.unwrap(), Some(row));
    assert_eq!(tx.find(&[], &filter(None, None, &[]), None, 9).await.unwrap()[0].title, text[..200]);
}

async fn a_head_says_what_is_newest(db: Db) {
    save(&db, &document("note", "a", 1), &Indexed { title: "before", ..PLAIN }).await;
    save(&db, &document("note", "b", 1), &PLAIN).await;
    let of_c = Indexed { title: "after", cycle: Some("c"), ..PLAIN };
    save(&db, &document("note", "a", 2), &of_c).await;
    let heads = db.read().await.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    assert!(heads[0].num > heads[1].num);
    let head = HeadRow {
        num: heads[0].num,
        kind: "note".into(),
        id: "a".into(),
        version: 2,
        title: "after".into(),
        cycle: Some("c".into()),
        at: at(2),
        by: "author 2".into(),
        erased: false,
        document: document("note", "a", 2).document,
    };
    assert_eq!(heads[0], head);
    assert_eq!(ids(heads), ["a", "b"]);
}

/// Each reads the newest version and adds the next; who comes second is told and tries again.
async fn writers_at_once_lose_no_version(db: Db) {
    let writers = (0..6).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..4 {
                while !add_next(&db).await {}
            }
        })
    });
    join_all(writers).await.into_iter().for_each(Result::unwrap);
    let mut tx = db.read().await;
    let history = tx.document_history("note", "a").await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), (1..=24).collect::<Vec<_>>());
    assert_eq!(tx.find(&[], &filter(None, None, &[]), None, 9).await.unwrap().len(), 1);
    drop(tx);
    assert_eq!(found(&db, &["version24"], &filter(None, None, &[])).await, ["a"]);
    assert!(found(&db, &["version23"], &filter(None, None, &[])).await.is_empty());
}

async fn add_next(db: &Db) -> bool {
    let newest = db.read().await.document("note", "a").await.unwrap();
    let version = newest.map_or(0, |row| row.version) + 1;
    let (mut tx, text) = (db.write().await, format!("version{version}"));
    match tx.add_document_version(&document("note", "a", version), &Indexed { text: &text, ..PLAIN }).await {
        Ok(()) => tx.commit().await.is_ok(),
        Err(StoreError::Conflict(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

async fn documents_of_a_cycle_come_oldest_first(db: Db) {
    let of = |cycle| Indexed { cycle, ..PLAIN };
    for (id, version, cycle) in
        [("a", 1, Some("c")), ("b", 1, Some("c")), ("d", 1, Some("C")), ("e", 1, None), ("a", 2, Some("c"))]
    {
        save(&db, &document("note", id, version), &of(cycle)).await;
    }
    let rows = db.read().await.documents_of_cycle("c").await.unwrap();
    assert_eq!(rows, [document("note", "b", 1), document("note", "a", 2)]);
    save(&db, &document("note", "b", 2), &of(None)).await;
    assert_eq!(db.read().await.documents_of_cycle("c").await.unwrap(), [document("note", "a", 2)]);
    assert!(db.read().await.documents_of_cycle("").await.unwrap().is_empty());
}

async fn documents_are_counted_by_kind(db: Db) {
    for (kind, id, version) in [("note", "a", 1), ("note", "a", 2), ("note", "b", 1), ("cycle", "a", 1)] {
        save(&db, &document(kind, id, version), &PLAIN).await;
    }
    let mut tx = db.read().await;
    assert_eq!(tx.count_documents("note").await.unwrap(), 2);
    assert_eq!(tx.count_documents("cycle").await.unwrap(), 1);
    assert_eq!(tx.count_documents("").await.unwrap(), 0);
}

async fn documents_of_a_kind_come_oldest_first(db: Db) {
    for (kind, id, version) in
        [("note", "b", 1), ("session", "c", 1), ("note", "a", 1), ("note", "b", 2), ("note", "d", 1)]
    {
        save(&db, &document(kind, id, version), &PLAIN).await;
    }
    let mut tx = db.write().await;
    let erasure = ErasureRow { at: at(9), by: "steward".into(), reason: "asked".into() };
    tx.erase_document("note", "d", &erasure).await.unwrap();
    let rows = tx.documents_of_kind("note").await.unwrap();
    assert_eq!(rows, [document("note", "a", 1), document("note", "b", 2)]);
    assert!(tx.documents_of_kind("none").await.unwrap().is_empty());
}

async fn one_head_is_found_by_kind_and_id(db: Db) {
    save(&db, &document("note", "a", 1), &Indexed { title: "one", cycle: Some("c"), ..PLAIN }).await;
    save(&db, &document("note", "a", 2), &Indexed { title: "two", ..PLAIN }).await;
    let mut tx = db.write().await;
    let head = tx.head("note", "a").await.unwrap().unwrap();
    assert_eq!((head.title.as_str(), head.version, head.cycle, head.erased), ("two", 2, None, false));
    assert_eq!(tx.head("session", "a").await.unwrap(), None);
    assert_eq!(tx.head("note", "A").await.unwrap(), None);
    let erasure = ErasureRow { at: at(9), by: "steward".into(), reason: "asked".into() };
    tx.erase_document("note", "a", &erasure).await.unwrap();
    let head = tx.head("note", "a").await.unwrap().unwrap();
    assert_eq!((head.title.as_str(), head.erased), ("", true));
}

async fn who_locks_decides_by_the_newest(db: Db) {
    save(&db, &document("note", "a", 1), &PLAIN).await;
    let one_more = || async {
        let mut tx = db.write().await;
        tx.lock_documents().await.unwrap();
        let newest = tx.document("note", "a").await.unwrap().unwrap().version;
        tx.add_document_version(&document("note", "a", newest + 1), &PLAIN).await.unwrap();
        tx.commit().await.unwrap();
    };
    join_all((0..6).map(|_| one_more())).await;
    assert_eq!(db.read().await.document("note", "a").await.unwrap().unwrap().version, 7);
}
