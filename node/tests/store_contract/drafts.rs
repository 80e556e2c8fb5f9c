//! Drafts: texts that wait.

use cairn_node::store::DraftRow;

use crate::{databases::Db, samples::at};

contracts!(
    a_draft_comes_back_as_it_was,
    a_draft_is_replaced,
    a_draft_is_removed_once,
    a_dropped_draft_leaves_no_trace,
);

fn draft(document_id: &str) -> DraftRow {
    DraftRow {
        id: 0,
        kind: "note".into(),
        document_id: document_id.into(),
        base_version: 3,
        text: "title: \"unfinished\n\t\u{1f331}".into(),
        problem: "line 1: a quote is missing".into(),
        at: at(1),
        by: "anna".into(),
    }
}

async fn add(db: &Db, row: &DraftRow) -> DraftRow {
    let mut tx = db.write().await;
    let id = tx.add_draft(row).await.unwrap();
    tx.commit().await.unwrap();
    DraftRow { id, ..row.clone() }
}

async fn a_draft_comes_back_as_it_was(db: Db) {
    assert!(db.read().await.drafts().await.unwrap().is_empty());
    let [first, second] = [add(&db, &draft("a")).await, add(&db, &draft("")).await];
    assert!(first.id < second.id);
    let mut tx = db.read().await;
    assert_eq!(tx.draft(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(tx.drafts().await.unwrap(), [first, second]);
    for id in [0, 99, u64::MAX] {
        assert_eq!(tx.draft(id).await.unwrap(), None);
    }
}

async fn a_draft_is_replaced(db: Db) {
    let [first, second] = [add(&db, &draft("a")).await, add(&db, &draft("a")).await];
    let mut tx = db.write().await;
    assert!(tx.replace_draft(first.id, "new text", "new problem", at(9)).await.unwrap());
    assert!(!tx.replace_draft(99, "new text", "new problem", at(9)).await.unwrap());
    assert!(!tx.replace_draft(u64::MAX, "new text", "new problem", at(9)).await.unwrap());
    tx.commit().await.unwrap();
    let replaced = DraftRow { text: "new text".into(), problem: "new problem".into(), at: at(9), ..first };
    assert_eq!(db.read().await.drafts().await.unwrap(), [replaced, second]);
}

async fn a_draft_is_removed_once(db: Db) {
    let [first, second] = [add(&db, &draft("a")).await, add(&db, &draft("a")).await];
    let mut tx = db.write().await;
    assert!(tx.remove_draft(second.id).await.unwrap());
    assert!(!tx.remove_draft(second.id).await.unwrap());
    assert!(!tx.remove_draft(u64::MAX).await.unwrap());
    tx.commit().await.unwrap();
    let third = add(&db, &draft("b")).await;
    assert!(third.id > second.id, "a number is never used again");
    assert_eq!(db.read().await.drafts().await.unwrap(), [first, third]);
}

async fn a_dropped_draft_leaves_no_trace(db: Db) {
    let first = add(&db, &draft("a")).await;
    let mut tx = db.write().await;
    tx.add_draft(&draft("b")).await.unwrap();
    tx.replace_draft(first.id, "new", "new", at(9)).await.unwrap();
    drop(tx);
    let mut tx = db.write().await;
    tx.remove_draft(first.id).await.unwrap();
    drop(tx);
    assert_eq!(db.read().await.drafts().await.unwrap(), [first]);
}
