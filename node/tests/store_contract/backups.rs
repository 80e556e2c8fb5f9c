//! Backups of whole nodes on either database: restored on the other, taken while others write, and refused where the database is
//! damaged.

use std::path::{Path, PathBuf};

use cairn_node::{
    backup::{self, BackupError, Key, Made, Restored, Wanted, Wish},
    config::Config,
    init::{self, NewNode},
    store::Store,
};
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::{
    copying::dump,
    databases::{Db, on_postgresql, on_sqlite},
    samples::{append, at, filter, found, leaf, leaves, new_log, node, opening, save_note},
};

contracts!(
    a_backup_is_of_one_moment_while_others_write,
    a_damaged_database_makes_no_backup,
    a_database_that_belongs_to_a_node_is_not_restored_into,
);

/// A node on a database, with a key for its backups.
struct Scene {
    dir: TempDir,
    key: Key,
}

impl Scene {
    async fn on(db: &Db) -> Self {
        let scene = Self { dir: tempfile::tempdir().unwrap(), key: Key::generate() };
        let new = NewNode {
            data_dir: scene.path("node"),
            name: "Dorset".into(),
            listen: None,
            advertise: None,
            database_url: Some(db.url.clone()),
            admin: None,
        };
        init::init(&new, at(0)).await.unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Backs up the node with this data directory and database.
    async fn back_up(&self, data_dir: &Path, url: &str, second: i64) -> Result<Made, BackupError> {
        let store = Store::open_beside(url).await.unwrap();
        let recipients = [self.key.recipient()];
        let wish = Wish { data_dir, directory: self.dir.path(), recipients: &recipients };
        let made = backup::make(&store, &wish, at(second * 1_000_000)).await;
        store.close().await;
        made
    }

    async fn restore(&self, made: &Made, to: &str, url: Option<&str>) -> Result<Restored, BackupError> {
        let keys = [self.key.clone()];
        let data_dir = self.path(to);
        let wanted = Wanted { file: &made.file, keys: &keys, data_dir: &data_dir, database_url: url };
        backup::restore(&wanted, at(99)).await
    }
}

/// SQLite -> PostgreSQL -> SQLite: what comes out is what went in, but for the gate, which is closed.
#[tokio::test]
async fn a_node_moves_from_one_database_to_the_other_and_back() {
    on_sqlite(|sqlite| async move {
        let scene = Scene::on(&sqlite).await;
        let log = new_log(&sqlite, 4).await;
        let mut tx = sqlite.write().await;
        let row = tx.log_for_update(&node(4)).await.unwrap();
        append(&mut tx, log, &row.frontier, &leaves(0..600)).await;
        tx.commit().await.unwrap();
        save_note(&sqlite, "n", "found by its words again").await;
        let mut before = dump(&mut sqlite.read().await).await;
        on_postgresql(|postgresql| async move {
            let made = scene.back_up(&scene.path("node"), &sqlite.url, 1).await.unwrap();
            let there = scene.restore(&made, "there", Some(&postgresql.url)).await.unwrap();
            assert_eq!(there.node, made.rehearsed.node);
            let config = Config::load(&scene.path("there")).unwrap();
            assert_eq!(config.database_url, postgresql.url);
            let made = scene.back_up(&scene.path("there"), &postgresql.url, 2).await.unwrap();
            scene.restore(&made, "back", None).await.unwrap();
            let url = Config::load(&scene.path("back")).unwrap().database_url;
            assert!(url.starts_with("sqlite://"));
            let back = Db { store: Store::open(&url).await.unwrap(), url };
            let mut after = dump(&mut back.read().await).await;
            let closed = after.insert("gate".into(), Vec::new()).unwrap();
            assert_eq!(closed.len(), 1, "the gate is closed");
            // It is indexed again when the node starts.
            for rows in [&mut before, &mut after] {
                rows.remove("documents");
            }
            assert!(before == after);
            assert_eq!(back.read().await.unindexed_documents(1, 9).await.unwrap().len(), 1);
            assert!(
                found(&back, &["words"], &filter(None, None, &[])).await.is_empty(),
                "by its node, not before"
            );
            back.store.close().await;
        })
        .await;
    })
    .await;
}

/// While a task appends leaves and openings, backups are made; each is whole, or its rehearsal would have said so.
async fn a_backup_is_of_one_moment_while_others_write(db: Db) {
    let scene = Scene::on(&db).await;
    let log = new_log(&db, 4).await;
    let (done, mut stop) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            while !*stop.borrow_and_update() {
                let mut tx = db.write().await;
                let row = tx.log_for_update(&node(4)).await.unwrap();
                let from = row.frontier.size();
                append(&mut tx, log, &row.frontier, &[leaf(from), leaf(from + 1)]).await;
                tx.commit().await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    let mut sizes = Vec::new();
    for second in 1..=3 {
        let made = scene.back_up(&scene.path("node"), &db.url, second).await.unwrap();
        let to = format!("node-{second}");
        scene.restore(&made, &to, None).await.unwrap();
        let store = Store::open(&Config::load(&scene.path(&to)).unwrap().database_url).await.unwrap();
        let size = store.read().await.unwrap().log(&node(4)).await.unwrap().unwrap().frontier.size();
        assert_eq!(size % 2, 0, "whole transactions only");
        sizes.push(size);
        store.close().await;
    }
    done.send_replace(true);
    writer.await.unwrap();
    assert!(sizes.is_sorted() && sizes.first() < sizes.last(), "others wrote meanwhile: {sizes:?}");
}

async fn a_damaged_database_makes_no_backup(db: Db) {
    let scene = Scene::on(&db).await;
    let log = new_log(&db, 4).await;
    let mut tx = db.write().await;
    let row = tx.log_for_update(&node(4)).await.unwrap();
    append(&mut tx, log, &row.frontier, &leaves(0..5)).await;
    // No record has this salt.
    tx.add_openings(log, &[opening(3)]).await.unwrap();
    tx.commit().await.unwrap();
    let refused = scene.back_up(&scene.path("node"), &db.url, 1).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotWhole(_)), "{refused:?}");
    assert!(refused.to_string().contains("record 3 of"), "{refused}");
    assert!(backup::failure(&scene.path("node")).unwrap().contains("does not fit its leaf"));
    let names = |dir: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.into_string().unwrap()).collect()
    };
    assert_eq!(names(scene.dir.path()), ["node"], "nothing is left where backups lie");
    assert!(!names(&scene.path("node")).iter().any(|name| name.starts_with("rehearsal")));
}

async fn a_database_that_belongs_to_a_node_is_not_restored_into(db: Db) {
    let scene = Scene::on(&db).await;
    let made = scene.back_up(&scene.path("node"), &db.url, 1).await.unwrap();
    if db.store.database() == "postgresql" {
        let refused = scene.restore(&made, "again", Some(&db.url)).await.unwrap_err();
        assert!(matches!(refused, BackupError::DatabaseInUse), "{refused:?}");
    }
    let before = dump(&mut db.read().await).await;
    let refused = scene.restore(&made, "node", None).await.unwrap_err();
    assert!(refused.to_string().contains("holds a node already"), "{refused}");
    assert!(!scene.path("again").exists() && scene.path("node").exists());
    assert!(dump(&mut db.read().await).await == before);
}

/// Tables of something else are left alone.
#[tokio::test]
async fn a_database_that_holds_something_else_is_not_restored_into() {
    on_sqlite(|sqlite| async move {
        let scene = Scene::on(&sqlite).await;
        let made = scene.back_up(&scene.path("node"), &sqlite.url, 1).await.unwrap();
        on_postgresql(|db| async move {
            let mut raw = sqlx::PgConnection::connect(&db.url).await.unwrap();
            sqlx::raw_sql("CREATE TABLE library (shelf BIGINT PRIMARY KEY)").execute(&mut raw).await.unwrap();
            sqlx::raw_sql("INSERT INTO library VALUES (7)").execute(&mut raw).await.unwrap();
            let refused = scene.restore(&made, "again", Some(&db.url)).await.unwrap_err();
            assert!(
                matches!(&refused, BackupError::ForeignTable(table) if table == "library"),
                "{refused:?}"
            );
            let left: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM library").fetch_one(&mut raw).await.unwrap();
            raw.close().await.unwrap();
            assert_eq!((left, db.read().await.self_id().await.unwrap()), (1, None), "nothing was committed");
            assert!(!scene.path("again").exists());
        })
        .await;
    })
    .await;
}
