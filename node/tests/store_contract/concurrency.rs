//! Many at once: none is lost, none is written twice.

use cairn_node::store::{OpeningRow, Store, Tx};
use cairn_proto::log::Frontier;
use futures::future::join_all;
use sqlx::Connection as _;

use crate::{
    databases::{Db, on_postgresql},
    holds::row,
    samples::{append, at, buried, held, hold, leaf, new_log, node, opening},
};

contracts!(
    writers_take_turns_on_one_log,
    two_processes_take_turns,
    a_log_is_begun_once_by_many,
    many_logs_are_begun_at_once,
    readers_see_whole_batches_only,
);

/// Writers at once: as many as there are connections to PostgreSQL.
const WRITERS: u64 = 8;
/// Times that each of them appends.
const ROUNDS: u64 = 5;

/// Appends `count` leaves to the log of node 1 wherever it ends now; gives where that was.
async fn add(db: &Db, count: u64) -> u64 {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(1)).await.unwrap();
    let from = log.frontier.size();
    let leaves: Vec<_> = (from..from + count).map(leaf).collect();
    append(&mut tx, log.id, &log.frontier, &leaves).await;
    tokio::task::yield_now().await;
    tx.commit().await.unwrap();
    from
}

async fn writers_take_turns_on_one_log(db: Db) {
    let writers = (1..=WRITERS).map(|count| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..ROUNDS {
                let from = add(&db, count).await;
                taken.extend(from..from + count);
            }
            taken
        })
    });
    let taken = join_all(writers).await.into_iter().flat_map(Result::unwrap);
    let mut taken: Vec<u64> = taken.collect();
    taken.sort_unstable();
    let size = ROUNDS * (1..=WRITERS).sum::<u64>();
    assert_eq!(taken, (0..size).collect::<Vec<_>>());

    let mut frontier = Frontier::new();
    (0..size).for_each(|index| frontier.append(leaf(index).hash()));
    let mut tx = db.read().await;
    let log = tx.log(&node(1)).await.unwrap().unwrap();
    assert_eq!(log.frontier, frontier);
    let expected: Vec<_> = (0..size).map(leaf).collect();
    assert_eq!(tx.leaves(log.id, 0, size).await.unwrap(), expected);
}

/// As the node and a command of its operator.
async fn two_processes_take_turns(db: Db) {
    let other = Db { store: Store::open(&db.url).await.unwrap(), url: db.url.clone() };
    let rounds = |db: Db| async move {
        for _ in 0..10 {
            add(&db, 3).await;
        }
    };
    tokio::join!(rounds(db.clone()), rounds(other.clone()));
    other.store.close().await;
    assert_eq!(db.read().await.log(&node(1)).await.unwrap().unwrap().frontier.size(), 60);
}

async fn a_log_is_begun_once_by_many(db: Db) {
    let ids = join_all((0..WRITERS).map(|_| new_log(&db, 1))).await;
    assert_eq!(ids, [1; 8]);
    assert_eq!(db.read().await.logs().await.unwrap().len(), 1);
}

/// The first contact with several peers may well be in the same moment.
async fn many_logs_are_begun_at_once(db: Db) {
    let mut ids = join_all((1..=8).map(|n| new_log(&db, n))).await;
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
}

async fn readers_see_whole_batches_only(db: Db) {
    new_log(&db, 1).await;
    let writer = async {
        for _ in 0..20 {
            add(&db, 10).await;
        }
    };
    let reader = async {
        for _ in 0..40 {
            let mut tx = db.read().await;
            let log = tx.log(&node(1)).await.unwrap().unwrap();
            let size = log.frontier.size();
            assert_eq!(size % 10, 0);
            tx.leaves(log.id, 0, size).await.unwrap();
            assert!(tx.leaves(log.id, size, size + 1).await.is_err());
        }
    };
    tokio::join!(writer, reader);
}

/// On PostgreSQL a record may arrive, expired, between the two statements of a purge: it is either
/// left for the next one or gets its tombstone.
#[tokio::test]
async fn nothing_expires_without_a_tombstone() {
    on_postgresql(|db| async move {
        let log = new_log(&db, 1).await;
        let expired = |index| OpeningRow { expires_at: Some(at(0)), ..opening(index) };
        hold(&db, log, &[expired(1)]).await;
        let mut tx = db.write().await;
        tx.purge(log, 1, at(0)).await.unwrap();
        tx.add_openings(log, &[expired(2)]).await.unwrap();
        let purging = async {
            let mut tx = db.write().await;
            tx.purge_expired(at(1)).await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::join!(purging, commit_once_another_waits(&db, tx));
        let (held, buried) = (held(&db, log).await, buried(&db, log).await);
        assert!(held.contains(&2) != buried.contains(&2), "held {held:?}, buried {buried:?}");
    })
    .await;
}

/// On PostgreSQL a record may be purged while its hold ends: it is kept back, and goes with the hold, or not at all.
#[tokio::test]
async fn nothing_stays_kept_back_without_its_hold() {
    on_postgresql(|db| async move {
        let log = new_log(&db, 1).await;
        hold(&db, log, &[opening(1)]).await;
        let mut tx = db.write().await;
        tx.save_hold(&row(log, 1, 1, 2027)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await;
        tx.log_for_update(&node(1)).await.unwrap();
        assert!(!tx.end_hold(log, 1).await.unwrap(), "it is not purged yet");
        let purging = async {
            let mut tx = db.write().await;
            tx.purge(log, 1, at(1)).await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::join!(purging, commit_once_another_waits(&db, tx));
        assert_eq!((held(&db, log).await, buried(&db, log).await), (vec![], vec![1]));
        assert!(!db.write().await.end_hold(log, 1).await.unwrap(), "nothing was kept back");
    })
    .await;
}

/// Commits as soon as PostgreSQL says that another transaction waits for a lock.
async fn commit_once_another_waits(db: &Db, tx: Tx) {
    let mut monitor = sqlx::PgConnection::connect(&db.url).await.unwrap();
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut monitor).await.unwrap().0 == 0 {}
    tx.commit().await.unwrap();
    monitor.close().await.unwrap();
}
