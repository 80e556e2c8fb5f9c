//! What is derived from documents is of their newest versions, and can be derived again.

use cairn_node::store::{Indexed, LinkRow};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    databases::Db,
    samples::{PLAIN, document, facets, filter, found, save, save_note},
};

contracts!(
    links_are_found_from_both_sides,
    a_new_version_replaces_what_was_derived,
    any_number_of_links_facets_and_words,
    what_is_indexed_in_an_older_format_is_indexed_again,
    an_older_derivation_changes_nothing,
    a_lost_index_is_made_again,
    it_is_made_once_by_two_that_start_at_once,
);

fn link(from: &str, relation: &str, to: &str) -> LinkRow {
    let [from_id, relation, to_id] = [from, relation, to].map(String::from);
    LinkRow { from_kind: "note".into(), from_id, relation, to_kind: "note".into(), to_id }
}

/// In the order of their bytes, and not in that of a language.
async fn links_are_found_from_both_sides(db: Db) {
    let of_a = [link("a", "Z", "c"), link("a", "after", "b"), link("a", "after", "c"), link("a", "é", "c")];
    let of_b = [link("b", "after", "c")];
    let shuffled: Vec<LinkRow> = of_a.iter().rev().chain(&of_a).cloned().collect();
    save(&db, &document("note", "a", 1), &Indexed { links: &shuffled, ..PLAIN }).await;
    save(&db, &document("note", "b", 1), &Indexed { links: &of_b, ..PLAIN }).await;
    let mut tx = db.read().await;
    assert_eq!(tx.links_from("note", "a").await.unwrap(), of_a);
    assert_eq!(tx.links_to("note", "b").await.unwrap(), [link("a", "after", "b")]);
    let to_c = [of_a[0].clone(), of_a[2].clone(), of_a[3].clone(), of_b[0].clone()];
    assert_eq!(tx.links_to("note", "c").await.unwrap(), to_c);
    assert!(tx.links_from("note", "c").await.unwrap().is_empty());
    assert!(tx.links_to("session", "c").await.unwrap().is_empty());
}

async fn a_new_version_replaces_what_was_derived(db: Db) {
    let (old, new) = (facets(&[("theme", "old"), ("stage", "one")]), facets(&[("theme", "new")]));
    let (before, after) = ([link("a", "r", "before")], [link("a", "r", "after")]);
    let first = Indexed { cycle: Some("c1"), links: &before, facets: &old, text: "spring", ..PLAIN };
    let second = Indexed { cycle: Some("c2"), links: &after, facets: &new, text: "autumn", ..PLAIN };
    save(&db, &document("note", "a", 1), &first).await;
    save(&db, &document("note", "a", 2), &second).await;
    let mut tx = db.read().await;
    assert_eq!(tx.links_from("note", "a").await.unwrap(), after);
    assert_eq!(tx.facet_values("theme", None).await.unwrap(), ["new"]);
    assert!(tx.facet_values("stage", None).await.unwrap().is_empty());
    drop(tx);
    let [none, old, new] = [vec![], vec![("theme", "old")], vec![("theme", "new")]];
    assert_eq!(found(&db, &["autumn"], &filter(None, Some("c2"), &new)).await, ["a"]);
    assert!(found(&db, &["spring"], &filter(None, None, &none)).await.is_empty());
    assert!(found(&db, &["autumn"], &filter(None, Some("c1"), &none)).await.is_empty());
    assert!(found(&db, &[], &filter(None, None, &old)).await.is_empty());
}

async fn any_number_of_links_facets_and_words(db: Db) {
    let links: Vec<_> = (0..2500).map(|n| link("a", "r", &format!("{n:04}"))).collect();
    let many: Vec<_> = (0..2500).map(|n| ("theme".to_owned(), format!("{n:04}"))).collect();
    let text: String = (0..200_000).map(|n| format!("word{n:06} ")).collect();
    let long = format!("{} end", "x".repeat(100_000));
    save(&db, &document("note", "a", 1), &Indexed { links: &links, facets: &many, text: &long, ..PLAIN })
        .await;
    save_note(&db, "b", &text).await;
    assert_eq!(db.read().await.links_from("note", "a").await.unwrap(), links);
    assert_eq!(db.read().await.facet_values("theme", None).await.unwrap().len(), 2500);
    let all = filter(None, None, &[]);
    assert_eq!(found(&db, &["word000"], &all).await, ["b"]);
    // Of a word without end only its beginning counts, in the index and in the question.
    for word in ["x", &"x".repeat(64), &"x".repeat(65), &"x".repeat(100_001)] {
        assert_eq!(found(&db, &[word, "end"], &all).await, ["a"]);
    }
}

async fn what_is_indexed_in_an_older_format_is_indexed_again(db: Db) {
    for id in ["a", "b", "c"] {
        save_note(&db, id, "old").await;
    }
    save(&db, &document("note", "c", 2), &Indexed { format: 2, ..PLAIN }).await;
    assert!(db.read().await.unindexed_documents(1, 9).await.unwrap().is_empty());
    assert_eq!(db.read().await.unindexed_documents(2, 1).await.unwrap().len(), 1);
    let mut rows = db.read().await.unindexed_documents(2, 9).await.unwrap();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(rows, [document("note", "a", 1), document("note", "b", 1)]);

    let (links, facets) = ([link("a", "r", "b")], facets(&[("theme", "new")]));
    let new =
        Indexed { title: "new", cycle: Some("c"), links: &links, facets: &facets, text: "new", format: 2 };
    let before = db.read().await.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    let mut tx = db.write().await;
    tx.reindex_document("note", "a", &new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.unindexed_documents(2, 9).await.unwrap(), [document("note", "b", 1)]);
    assert_eq!(tx.links_from("note", "a").await.unwrap(), links);
    assert_eq!(tx.document_history("note", "a").await.unwrap().len(), 1);
    let after = tx.find(&[], &filter(None, None, &[]), None, 9).await.unwrap();
    assert_eq!((&after[0], &after[1]), (&before[0], &before[1]), "the order stays");
    assert_eq!(
        (&after[2].title[..], after[2].cycle.as_deref(), after[2].num),
        ("new", Some("c"), before[2].num)
    );
    drop(tx);
    assert_eq!(found(&db, &["new"], &filter(None, Some("c"), &[("theme", "new")])).await, ["a"]);
    assert_eq!(found(&db, &["old"], &filter(None, None, &[])).await, ["b"]);
}

/// A version may have come since the document was read.
async fn an_older_derivation_changes_nothing(db: Db) {
    save(&db, &document("note", "a", 1), &Indexed { text: "new", format: 2, ..PLAIN }).await;
    let mut tx = db.write().await;
    tx.reindex_document("note", "a", &Indexed { text: "old", format: 2, ..PLAIN }).await.unwrap();
    tx.reindex_document("note", "none", &Indexed { text: "old", format: 2, ..PLAIN }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&db, &["new"], &filter(None, None, &[])).await, ["a"]);
    assert!(found(&db, &["old"], &filter(None, None, &[])).await.is_empty());
    assert_eq!(db.read().await.document("note", "none").await.unwrap(), None);
}

/// The text index is not of the schema that migrations know.
async fn a_lost_index_is_made_again(db: Db) {
    save_note(&db, "a", "spring").await;
    lose_index(&db).await;
    let db = db.again().await;
    assert!(found(&db, &["spring"], &filter(None, None, &[])).await.is_empty());
    assert_eq!(db.read().await.unindexed_documents(1, 9).await.unwrap(), [document("note", "a", 1)]);
    let mut tx = db.write().await;
    tx.reindex_document("note", "a", &Indexed { text: "spring", ..PLAIN }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&db, &["spring"], &filter(None, None, &[])).await, ["a"]);
    db.store.close().await;
}

async fn lose_index(db: &Db) {
    db.store.close().await;
    let sql = "DROP TABLE text_index";
    if db.url.starts_with("sqlite") {
        let mut raw = SqliteConnection::connect(&db.url).await.unwrap();
        sqlx::query(sql).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
    } else {
        let mut raw = PgConnection::connect(&db.url).await.unwrap();
        sqlx::query(sql).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
    }
}

async fn it_is_made_once_by_two_that_start_at_once(db: Db) {
    lose_index(&db).await;
    let (one, two) = tokio::join!(db.again(), db.again());
    save_note(&one, "a", "spring").await;
    assert_eq!(found(&two, &["spring"], &filter(None, None, &[])).await, ["a"]);
    one.store.close().await;
    two.store.close().await;
}
