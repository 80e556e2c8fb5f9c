//! Declarations on experiments.

use cairn_node::store::{DeclarationRow, StoreError};

use crate::{databases::Db, samples::at};

contracts!(declarations_come_oldest_first, a_moment_has_one_declaration);

fn declaration(experiment: &str, version: u64, when: i64) -> DeclarationRow {
    let envelope = vec![0, 255, u8::try_from(version).unwrap()];
    DeclarationRow { experiment_id: experiment.into(), version, at: at(when), envelope }
}

async fn add(db: &Db, row: &DeclarationRow) {
    let mut tx = db.write().await;
    tx.add_declaration(row).await.unwrap();
    tx.commit().await.unwrap();
}

async fn declarations_come_oldest_first(db: Db) {
    assert!(db.read().await.declarations("a").await.unwrap().is_empty());
    let rows = [declaration("a", 2, 1), declaration("a", 2, 5), declaration("a", 1, 9)];
    for row in rows.iter().rev() {
        add(&db, row).await;
    }
    add(&db, &declaration("b", 1, 5)).await;
    db.write().await.add_declaration(&declaration("a", 3, 3)).await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.declarations("a").await.unwrap(), rows);
    assert_eq!(tx.declarations("b").await.unwrap(), [declaration("b", 1, 5)]);
    assert!(tx.declarations("A").await.unwrap().is_empty());
}

async fn a_moment_has_one_declaration(db: Db) {
    add(&db, &declaration("a", 1, 1)).await;
    let refused = db.write().await.add_declaration(&declaration("a", 2, 1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(db.read().await.declarations("a").await.unwrap(), [declaration("a", 1, 1)]);
}
