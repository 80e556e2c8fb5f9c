//! Openings and tombstones: what is purged is gone, and does not come back.

use cairn_node::store::{OpeningRow, ReleaseRow};

use crate::{
    databases::Db,
    samples::{at, buried, held, hold, new_log, opening},
};

contracts!(
    what_is_out_under_a_card_is_found_newest_first,
    openings_come_in_order_up_to_the_limit,
    an_opening_that_is_held_stays_as_it_is,
    openings_belong_to_one_log,
    a_purged_record_leaves_a_tombstone,
    a_purged_record_never_comes_back,
    a_purged_record_never_comes_back_in_whatever_order,
    what_was_withdrawn_before_it_came_is_not_kept,
    the_first_tombstone_stays,
    a_large_batch_is_kept_whole,
);

async fn purge(db: &Db, log: i64, index: u64, when: i64) {
    let mut tx = db.write().await;
    tx.purge(log, index, at(when)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn openings_come_in_order_up_to_the_limit(db: Db) {
    let log = new_log(&db, 1).await;
    let full = OpeningRow { expires_at: Some(at(99)), envelope: vec![0; 300_000], ..opening(12) };
    hold(&db, log, &[opening(5), opening(9), full.clone()]).await;
    hold(&db, log, &[opening(7), opening(300)]).await;
    hold(&db, log, &[]).await;
    let mut tx = db.read().await;
    let all = [opening(5), opening(7), opening(9), full, opening(300)];
    assert_eq!(tx.openings(log, 0, 301, 9).await.unwrap(), all);
    assert_eq!(tx.openings(log, 0, 301, 2).await.unwrap(), all[..2]);
    assert_eq!(tx.openings(log, 7, 300, 9).await.unwrap(), all[1..4]);
    assert_eq!(tx.openings(log, 6, 7, 9).await.unwrap(), []);
    assert_eq!(tx.openings(log, 0, 301, 0).await.unwrap(), []);
    assert_eq!(tx.held_count(log).await.unwrap(), 5);
}

async fn an_opening_that_is_held_stays_as_it_is(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[opening(1)]).await;
    let other = OpeningRow { envelope: b"other".to_vec(), held_since: at(77), ..opening(1) };
    hold(&db, log, &[other.clone(), opening(2), OpeningRow { index: 2, ..other }]).await;
    let rows = db.read().await.openings(log, 0, 9, 9).await.unwrap();
    assert_eq!(rows, [opening(1), opening(2)]);
}

async fn openings_belong_to_one_log(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    hold(&db, one, &[opening(0), opening(1)]).await;
    hold(&db, two, &[opening(1), opening(2)]).await;
    purge(&db, one, 1, 5).await;
    assert_eq!((held(&db, one).await, held(&db, two).await), (vec![0], vec![1, 2]));
    assert_eq!((buried(&db, one).await, buried(&db, two).await), (vec![1], vec![]));
    hold(&db, two, &[opening(0)]).await;
    assert_eq!(db.read().await.held_count(two).await.unwrap(), 3);
}

async fn a_purged_record_leaves_a_tombstone(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[opening(1), opening(2), opening(300)]).await;
    purge(&db, log, 300, 5).await;
    purge(&db, log, 2, 5).await;
    assert_eq!(held(&db, log).await, [1]);
    let mut tx = db.read().await;
    assert_eq!(tx.tombstones(log, 0, 301).await.unwrap(), [2, 300]);
    assert_eq!(tx.tombstones(log, 2, 300).await.unwrap(), [2]);
    assert!(tx.tombstones(log, 3, 300).await.unwrap().is_empty());
}

async fn a_purged_record_never_comes_back(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[opening(1), opening(2), opening(3)]).await;
    purge(&db, log, 2, 5).await;
    hold(&db, log, &[opening(2)]).await;
    assert_eq!(held(&db, log).await, [1, 3]);
    hold(&db, log, &[opening(1), opening(2), opening(3), opening(4)]).await;
    assert_eq!(held(&db, log).await, [1, 3, 4]);
    assert_eq!(buried(&db, log).await, [2]);
}

async fn a_purged_record_never_comes_back_in_whatever_order(db: Db) {
    let log = new_log(&db, 1).await;
    purge(&db, log, 1, 5).await;
    purge(&db, log, 9, 5).await;
    hold(&db, log, &[opening(3), opening(9), opening(1), opening(2)]).await;
    assert_eq!(held(&db, log).await, [2, 3]);
}

/// A retraction may travel faster than what it retracts.
async fn what_was_withdrawn_before_it_came_is_not_kept(db: Db) {
    let log = new_log(&db, 1).await;
    purge(&db, log, 2, 5).await;
    hold(&db, log, &[opening(1), opening(2)]).await;
    assert_eq!(held(&db, log).await, [1]);
    let mut tx = db.write().await;
    tx.purge(log, 3, at(6)).await.unwrap();
    tx.add_openings(log, &[opening(3), opening(4)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(held(&db, log).await, [1, 4]);
}

async fn the_first_tombstone_stays(db: Db) {
    let log = new_log(&db, 1).await;
    for when in [5, 9] {
        purge(&db, log, 2, when).await;
    }
    assert_eq!(buried(&db, log).await, [2]);
}

async fn a_large_batch_is_kept_whole(db: Db) {
    let log = new_log(&db, 1).await;
    let rows: Vec<OpeningRow> = (0..4096).map(opening).collect();
    hold(&db, log, &rows).await;
    assert_eq!(db.read().await.openings(log, 0, 4096, 4096).await.unwrap(), rows);
}

fn released(index: u64, card: &str) -> ReleaseRow {
    ReleaseRow {
        index,
        experiment_id: None,
        version: 1,
        card: card.into(),
        authorised_by: "systems steward".into(),
        consent: "{}".into(),
        consent_salt: [1; 32],
        at: at(1),
        overrides: "[]".into(),
        approved_by: String::new(),
    }
}

async fn what_is_out_under_a_card_is_found_newest_first(db: Db) {
    let (log, other) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let openings: Vec<_> = (0..6).map(opening).collect();
    hold(&db, log, &openings).await;
    let mut tx = db.write().await;
    for (index, card) in [(0, "public"), (1, "network"), (2, "public"), (4, "public"), (5, "public")] {
        tx.add_release(&released(index, card)).await.unwrap();
    }
    tx.commit().await.unwrap();
    purge(&db, log, 4, 9).await;
    let mut tx = db.read().await;
    assert_eq!(tx.out_under(log, "public", 9, 9).await.unwrap(), [opening(5), opening(2), opening(0)]);
    assert_eq!(tx.out_under(log, "public", 5, 1).await.unwrap(), [opening(2)]);
    assert_eq!(tx.out_under(log, "group", 9, 9).await.unwrap(), []);
    assert_eq!(tx.out_under(other, "public", 9, 9).await.unwrap(), []);
}
