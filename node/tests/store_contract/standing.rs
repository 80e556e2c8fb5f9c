//! Limits and suspensions, what peers fetched in a day, and blocks.

use cairn_node::{
    domain::{
        peer::Side,
        restriction::{Degree, Restriction},
    },
    store::BlockRow,
};
use jiff::civil::{Date, date};

use crate::{
    databases::Db,
    peers::{peering, save},
    samples::{at, node},
};

contracts!(
    each_side_holds_back_by_itself,
    the_earliest_settled_index_counts,
    saving_a_peering_leaves_what_holds_it_back,
    bytes_are_counted_for_each_peer_and_day,
    two_who_count_at_once_lose_nothing,
    a_block_comes_back_as_it_was,
);

fn restriction(degree: Degree, reason: &str, review_on: Option<Date>) -> Restriction {
    Restriction { degree, reason: reason.into(), review_on, since: at(4) }
}

async fn hold_back(db: &Db, n: u8, side: Side, restriction: &Restriction, settled_to: u64) {
    let mut tx = db.write().await;
    tx.save_restriction(&node(n), side, restriction, settled_to).await.unwrap();
    tx.commit().await.unwrap();
}

async fn lift(db: &Db, n: u8, side: Side) -> Option<u64> {
    let mut tx = db.write().await;
    let settled_to = tx.lift_restriction(&node(n), side).await.unwrap();
    tx.commit().await.unwrap();
    settled_to
}

async fn held_back(db: &Db, n: u8) -> (Option<Restriction>, Option<Restriction>) {
    let row = db.read().await.peering(&node(n)).await.unwrap().unwrap();
    let listed = db.read().await.peerings().await.unwrap().into_iter().find(|row| row.node == node(n));
    assert_eq!(listed.as_ref(), Some(&row));
    (row.by_us, row.by_them)
}

async fn each_side_holds_back_by_itself(db: Db) {
    save(&db, &peering(1, "bern")).await;
    save(&db, &peering(2, "chur")).await;
    let limited = restriction(Degree::Limited, "we ask first", Some(date(2027, 3, 1)));
    let suspended = restriction(Degree::Suspended, "", None);
    hold_back(&db, 1, Side::Us, &limited, 3).await;
    assert_eq!(held_back(&db, 1).await, (Some(limited.clone()), None));
    hold_back(&db, 1, Side::Them, &suspended, 7).await;
    assert_eq!(held_back(&db, 1).await, (Some(limited.clone()), Some(suspended.clone())));
    assert_eq!(held_back(&db, 2).await, (None, None));
    assert_eq!(lift(&db, 1, Side::Us).await, Some(3));
    assert_eq!(held_back(&db, 1).await, (None, Some(suspended)));
    assert_eq!(lift(&db, 1, Side::Us).await, None);
    assert_eq!(lift(&db, 2, Side::Them).await, None);
    assert_eq!(lift(&db, 1, Side::Them).await, Some(7));
    assert_eq!(held_back(&db, 1).await, (None, None));
}

async fn the_earliest_settled_index_counts(db: Db) {
    save(&db, &peering(1, "bern")).await;
    for (settled_to, reason) in [(5, "one"), (9, "two"), (2, "three"), (4, "four")] {
        hold_back(&db, 1, Side::Us, &restriction(Degree::Limited, reason, None), settled_to).await;
    }
    assert_eq!(held_back(&db, 1).await.0.unwrap().reason, "four");
    assert_eq!(lift(&db, 1, Side::Us).await, Some(2));
}

async fn saving_a_peering_leaves_what_holds_it_back(db: Db) {
    let row = peering(1, "bern");
    save(&db, &row).await;
    let limited = restriction(Degree::Limited, "we ask first", None);
    hold_back(&db, 1, Side::Us, &limited, 0).await;
    save(&db, &row).await;
    assert_eq!(held_back(&db, 1).await, (Some(limited), None));
}

async fn count(db: &Db, n: u8, on: Date, bytes: u64) -> u64 {
    let mut tx = db.write().await;
    let all = tx.count_served(&node(n), on, bytes).await.unwrap();
    tx.commit().await.unwrap();
    all
}

async fn bytes_are_counted_for_each_peer_and_day(db: Db) {
    let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
    assert_eq!(db.read().await.served(&node(1), monday).await.unwrap(), 0);
    assert_eq!(count(&db, 1, monday, 100).await, 100);
    assert_eq!(count(&db, 1, monday, 23).await, 123);
    assert_eq!(count(&db, 2, monday, 5).await, 5);
    let mut dropped = db.write().await;
    assert_eq!(dropped.count_served(&node(1), monday, 1000).await.unwrap(), 1123);
    drop(dropped);
    assert_eq!(db.read().await.served(&node(1), monday).await.unwrap(), 123);
    assert_eq!(count(&db, 1, tuesday, 7).await, 7);
    assert_eq!(db.read().await.served(&node(1), monday).await.unwrap(), 0, "the day before is forgotten");
    assert_eq!(db.read().await.served(&node(2), monday).await.unwrap(), 5, "but for another peer");
}

async fn two_who_count_at_once_lose_nothing(db: Db) {
    let monday = date(2026, 11, 23);
    let counted = futures::future::join_all((0..8).map(|_| count(&db, 1, monday, 10))).await;
    let mut counted = counted;
    counted.sort_unstable();
    assert_eq!(counted, [10, 20, 30, 40, 50, 60, 70, 80]);
}

async fn a_block_comes_back_as_it_was(db: Db) {
    let block = |n: u8, at_micros: i64| BlockRow {
        node: node(n),
        reason: format!("reason {n}"),
        review_on: (n > 1).then(|| date(2027, 3, 1)),
        at: at(at_micros),
        by: "systems steward".into(),
    };
    let keep = async |row: &BlockRow| {
        let mut tx = db.write().await;
        tx.save_block(row).await.unwrap();
        tx.commit().await.unwrap();
    };
    keep(&block(1, 1)).await;
    keep(&block(2, 2)).await;
    assert_eq!(db.read().await.block(&node(1)).await.unwrap(), Some(block(1, 1)));
    assert_eq!(db.read().await.block(&node(3)).await.unwrap(), None);
    assert_eq!(db.read().await.blocks().await.unwrap(), [block(2, 2), block(1, 1)]);

    let again = BlockRow { reason: "another reason".into(), at: at(9), ..block(1, 1) };
    keep(&again).await;
    let kept = BlockRow { at: at(1), ..again };
    assert_eq!(db.read().await.block(&node(1)).await.unwrap(), Some(kept), "since when, stays");
    let mut tx = db.write().await;
    assert!(tx.remove_block(&node(1)).await.unwrap());
    assert!(!tx.remove_block(&node(1)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.blocks().await.unwrap(), [block(2, 2)]);
}
