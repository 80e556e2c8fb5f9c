//! What is kept in versions: our profile and our experiments.

use cairn_node::store::{ExperimentRow, StoreError};

use crate::{databases::Db, samples::at};

contracts!(
    the_newest_profile_counts,
    the_newest_version_of_an_experiment_counts,
    a_version_is_written_once,
    experiments_come_in_the_order_of_their_bytes,
    text_comes_back_as_it_was,
);

fn experiment(id: &str, version: u64) -> ExperimentRow {
    let document = format!("{{\"id\":\"{id}\",\"version\":{version}}}");
    ExperimentRow { id: id.into(), version, document, at: at(version.cast_signed()) }
}

async fn add(db: &Db, rows: &[ExperimentRow]) {
    let mut tx = db.write().await;
    for row in rows {
        tx.add_experiment_version(row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn the_newest_profile_counts(db: Db) {
    assert_eq!(db.read().await.place().await.unwrap(), None);
    // Ten and more: versions are numbers, not text.
    for n in 1..=12 {
        let mut tx = db.write().await;
        tx.add_place_version(&format!("version {n}"), at(-n)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.read().await.place().await.unwrap(), Some(format!("version {n}")));
    }
}

async fn the_newest_version_of_an_experiment_counts(db: Db) {
    assert_eq!(db.read().await.experiment_count().await.unwrap(), 0);
    add(&db, &[experiment("a", 1), experiment("b", 1), experiment("a", 10), experiment("a", 9)]).await;
    let mut tx = db.read().await;
    assert_eq!(tx.experiment("a").await.unwrap(), Some(experiment("a", 10)));
    assert_eq!(tx.experiment("b").await.unwrap(), Some(experiment("b", 1)));
    assert_eq!(tx.experiment("A").await.unwrap(), None);
    assert_eq!(tx.experiments().await.unwrap(), [experiment("a", 10), experiment("b", 1)]);
    assert_eq!(tx.experiment_count().await.unwrap(), 2);
}

async fn a_version_is_written_once(db: Db) {
    add(&db, &[experiment("a", 1), experiment("a", 2)]).await;
    let other = ExperimentRow { document: "other".into(), ..experiment("a", 2) };
    let refused = db.write().await.add_experiment_version(&other).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(db.read().await.experiment("a").await.unwrap(), Some(experiment("a", 2)));
}

/// Not in that of the language a database server was set up for.
async fn experiments_come_in_the_order_of_their_bytes(db: Db) {
    let ids = ["-x", "B", "Z-a", "a", "a-b", "aa", "b", "é"];
    for id in ids.iter().rev() {
        add(&db, &[experiment(id, 1)]).await;
    }
    let rows = db.read().await.experiments().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ids);
}

async fn text_comes_back_as_it_was(db: Db) {
    let document = "{\"title\":\"Grüße, Ω \u{1f331}, e\u{301}, a\\u0000b\",\n\t\"empty\":\"\"}".repeat(1000);
    let row = ExperimentRow { id: " Ü/1 ".into(), version: u64::from(u32::MAX), document, at: at(1) };
    add(&db, std::slice::from_ref(&row)).await;
    assert_eq!(db.read().await.experiment(" Ü/1 ").await.unwrap(), Some(row));
}
