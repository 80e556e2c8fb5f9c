//! Relay: what may be passed on to whom, what others pass on, and nothing of it is left of what is purged.

use cairn_node::store::{CarrierRow, OpeningRow};

use crate::{
    databases::Db,
    samples::{at, hold, new_log, node, opening},
};

contracts!(
    what_may_be_passed_on_to_a_reader_is_found_in_order,
    what_is_not_held_is_not_passed_on,
    what_was_purged_is_not_passed_on,
    what_has_expired_is_not_passed_on,
    logs_are_told_to_those_who_may_get_or_got_something,
    each_carrier_is_settled_for_itself,
);

/// A log of another with records 0 to 4: 1 for anyone, 2 for nodes 3 and 4, 4 for node 4.
async fn passable(db: &Db) -> i64 {
    let log = new_log(db, 6).await;
    let openings: Vec<_> = (0..5).map(opening).collect();
    hold(db, log, &openings).await;
    let mut tx = db.write().await;
    tx.set_passable(log, 1, None).await.unwrap();
    tx.set_passable(log, 2, Some(&[node(3), node(4)])).await.unwrap();
    for _ in 0..2 {
        tx.set_passable(log, 4, Some(&[node(4)])).await.unwrap(); // told twice
    }
    tx.set_passable(log, 3, Some(&[])).await.unwrap();
    tx.commit().await.unwrap();
    log
}

async fn found(db: &Db, log: i64, reader: u8, from: u64, to: u64, limit: u32) -> Vec<u64> {
    let rows = db.read().await.passable(log, &node(reader), from, to, limit).await.unwrap();
    rows.iter().map(|row| row.index).collect()
}

async fn what_may_be_passed_on_to_a_reader_is_found_in_order(db: Db) {
    let log = passable(&db).await;
    assert_eq!(found(&db, log, 4, 0, 9, 9).await, [1, 2, 4]);
    assert_eq!(found(&db, log, 3, 0, 9, 9).await, [1, 2]);
    assert_eq!(found(&db, log, 9, 0, 9, 9).await, [1]);
    assert_eq!(found(&db, log, 4, 2, 4, 9).await, [2]);
    assert_eq!(found(&db, log, 4, 0, 9, 2).await, [1, 2]);
    assert_eq!(found(&db, log + 1, 4, 0, 9, 9).await, <[u64; 0]>::default());
    let rows = db.read().await.passable(log, &node(9), 0, 9, 9).await.unwrap();
    assert_eq!(rows, [opening(1)]);
}

async fn what_is_not_held_is_not_passed_on(db: Db) {
    let log = passable(&db).await;
    let mut tx = db.write().await;
    tx.set_passable(log, 7, None).await.unwrap();
    tx.commit().await.unwrap();
    hold(&db, log, &[opening(7)]).await;
    assert_eq!(found(&db, log, 9, 0, 9, 9).await, [1], "what was said before it was held does not count");
}

async fn what_was_purged_is_not_passed_on(db: Db) {
    let log = passable(&db).await;
    let mut tx = db.write().await;
    tx.purge(log, 1, at(9)).await.unwrap();
    tx.purge(log, 2, at(9)).await.unwrap();
    tx.set_passable(log, 2, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&db, log, 4, 0, 9, 9).await, [4]);
    assert!(!db.read().await.is_passable(log, &node(3)).await.unwrap());
}

async fn what_has_expired_is_not_passed_on(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[OpeningRow { expires_at: Some(at(5)), ..opening(1) }]).await;
    let mut tx = db.write().await;
    tx.set_passable(log, 1, None).await.unwrap();
    tx.purge_expired(at(5)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.passable(log, &node(3), 0, 9, 9).await.unwrap(), []);
    assert!(!tx.is_passable(log, &node(3)).await.unwrap());
}

async fn logs_are_told_to_those_who_may_get_or_got_something(db: Db) {
    let (given, other) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let log = passable(&db).await;
    let mut tx = db.write().await;
    tx.add_to_ledger(given, &[3], &node(4), &[1; 32], at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    for (at, reader, told) in [(given, 4, true), (log, 4, true), (other, 4, false), (given, 9, false)] {
        assert_eq!(tx.is_passable(at, &node(reader)).await.unwrap(), told, "{at} {reader}");
    }
    assert!(tx.is_passable(log, &node(9)).await.unwrap(), "anyone may get record 1");
}

async fn each_carrier_is_settled_for_itself(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    let mut tx = db.write().await;
    for (log, carrier) in [(log, 2), (log, 1), (other, 2)] {
        tx.save_carrier(log, &node(carrier), "South Tyneside").await.unwrap();
    }
    tx.set_carried(log, &node(2), 9).await.unwrap();
    tx.set_carried(log, &node(3), 9).await.unwrap(); // who carries nothing is not made to
    tx.save_carrier(log, &node(2), "South Tyneside Alliance").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    let row = |n, name: &str, settled_to| CarrierRow { node: node(n), name: name.into(), settled_to };
    let of_log = [row(1, "South Tyneside", 0), row(2, "South Tyneside Alliance", 9)];
    assert_eq!(tx.carriers(log).await.unwrap(), of_log);
    assert_eq!(tx.carriers(other).await.unwrap(), [row(2, "South Tyneside", 0)]);
    let carried = [tx.carried_by(&node(2)).await.unwrap(), tx.carried_by(&node(3)).await.unwrap()];
    assert_eq!(carried, [2, 0]);
}
