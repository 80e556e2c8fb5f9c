//! Legal holds: what is under one is kept back when it is purged, and then read by nothing.

use cairn_node::store::{HoldRow, OpeningRow};
use cairn_proto::ids::RecordId;
use jiff::{Timestamp, civil::date};

use crate::{
    databases::Db,
    samples::{at, buried, held, hold, new_log, node, opening},
};

contracts!(
    a_record_is_held_once_and_the_newest_basis_counts,
    holds_come_by_the_day_of_their_review,
    what_is_purged_under_a_hold_is_kept_back,
    what_is_kept_back_is_read_by_nothing,
    without_a_hold_nothing_is_kept_back,
    what_was_kept_back_goes_with_its_hold,
    what_is_kept_back_stays_through_a_restart,
    a_hold_does_not_outlast_the_expiry_of_its_record,
    another_receipt_is_owed_for_what_was_kept,
);

/// A hold of record `index` of the log of node `author`, to be looked at again in December `year`.
pub(crate) fn row(log_id: i64, author: u8, index: u64, year: i16) -> HoldRow {
    HoldRow {
        log_id,
        record: RecordId { author: node(author), index },
        basis: "Public Records Act 1958, section 3".into(),
        review_on: date(year, 12, 1),
        at: at(index.cast_signed()),
        by: "records manager".into(),
        kept_back: false,
    }
}

async fn put(db: &Db, row: &HoldRow) {
    let mut tx = db.write().await;
    tx.save_hold(row).await.unwrap();
    tx.commit().await.unwrap();
}

async fn purge(db: &Db, log: i64, index: u64) {
    let mut tx = db.write().await;
    tx.purge(log, index, at(5)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn end(db: &Db, log: i64, index: u64) -> bool {
    let mut tx = db.write().await;
    let kept_back = tx.end_hold(log, index).await.unwrap();
    tx.commit().await.unwrap();
    kept_back
}

async fn kept_back(db: &Db, log: i64, index: u64) -> Option<bool> {
    db.read().await.hold(log, index).await.unwrap().map(|row| row.kept_back)
}

async fn a_record_is_held_once_and_the_newest_basis_counts(db: Db) {
    let log = new_log(&db, 6).await;
    put(&db, &row(log, 6, 3, 2027)).await;
    put(&db, &HoldRow { at: at(99), basis: "another law".into(), ..row(log, 6, 3, 2028) }).await;
    let mut tx = db.read().await;
    let renewed = HoldRow { basis: "another law".into(), ..row(log, 6, 3, 2028) };
    assert_eq!(tx.hold(log, 3).await.unwrap(), Some(renewed));
    assert_eq!((tx.hold(log, 4).await.unwrap(), tx.hold(log + 1, 3).await.unwrap()), (None, None));
}

async fn holds_come_by_the_day_of_their_review(db: Db) {
    let (one, two) = (new_log(&db, 6).await, new_log(&db, 7).await);
    assert_eq!(db.read().await.holds().await.unwrap(), []);
    let rows = [row(two, 7, 3, 2027), row(one, 6, 3, 2028), row(one, 6, 9, 2028), row(two, 7, 1, 2028)];
    for row in rows.iter().rev() {
        put(&db, row).await;
    }
    hold(&db, one, &[opening(3)]).await;
    purge(&db, one, 3).await;
    let mut expected = rows;
    expected[1].kept_back = true;
    assert_eq!(db.read().await.holds().await.unwrap(), expected);
}

async fn what_is_purged_under_a_hold_is_kept_back(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    hold(&db, log, &[opening(3), opening(4)]).await;
    hold(&db, other, &[opening(3)]).await;
    put(&db, &row(log, 6, 3, 2027)).await;
    put(&db, &row(log, 6, 4, 2027)).await;
    let mut tx = db.write().await;
    assert!(tx.purge(log, 3, at(5)).await.unwrap(), "it was held");
    assert!(!tx.purge(log, 3, at(6)).await.unwrap(), "it is not any more");
    tx.commit().await.unwrap();
    purge(&db, other, 3).await;
    assert_eq!((kept_back(&db, log, 3).await, kept_back(&db, log, 4).await), (Some(true), Some(false)));
    assert_eq!((buried(&db, log).await, buried(&db, other).await), (vec![3], vec![3]));
    assert!(!end(&db, other, 3).await, "the record of another log was under no hold");
}

async fn what_is_kept_back_is_read_by_nothing(db: Db) {
    let log = new_log(&db, 6).await;
    let expiring = OpeningRow { expires_at: Some(at(9)), ..opening(3) };
    hold(&db, log, std::slice::from_ref(&expiring)).await;
    put(&db, &row(log, 6, 3, 2027)).await;
    let mut tx = db.write().await;
    tx.set_passable(log, 3, None).await.unwrap();
    tx.purge(log, 3, at(5)).await.unwrap();
    tx.add_openings(log, &[expiring]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(held(&db, log).await.is_empty(), "it does not come back");
    let mut tx = db.read().await;
    let all = (Timestamp::MAX, i64::MAX, i64::MAX.cast_unsigned());
    assert_eq!(tx.newest(None, None, all, 9).await.unwrap(), []);
    assert_eq!(tx.passable(log, &node(2), 0, 9, 9).await.unwrap(), []);
    assert_eq!((tx.held_count(log).await.unwrap(), tx.next_expiry().await.unwrap()), (0, None));
    assert!(tx.is_gone(&node(6), 3).await.unwrap());
}

async fn without_a_hold_nothing_is_kept_back(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[opening(3), opening(4)]).await;
    put(&db, &row(log, 6, 4, 2027)).await;
    assert!(!end(&db, log, 4).await, "it was not withdrawn");
    assert_eq!(held(&db, log).await, [3, 4]);
    for index in [3, 4] {
        purge(&db, log, index).await;
        assert_eq!(kept_back(&db, log, index).await, None);
        assert!(!end(&db, log, index).await, "nothing was kept back");
    }
    // What was never held cannot be kept back, either.
    put(&db, &row(log, 6, 8, 2027)).await;
    purge(&db, log, 8).await;
    assert_eq!(kept_back(&db, log, 8).await, Some(false));
}

async fn what_was_kept_back_goes_with_its_hold(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[opening(3), opening(4)]).await;
    for index in [3, 4] {
        put(&db, &row(log, 6, index, 2027)).await;
        purge(&db, log, index).await;
    }
    assert!(end(&db, log, 3).await);
    assert!(!end(&db, log, 3).await, "it is gone");
    assert_eq!((kept_back(&db, log, 3).await, kept_back(&db, log, 4).await), (None, Some(true)));
    assert_eq!((held(&db, log).await, buried(&db, log).await), (vec![], vec![3, 4]));
}

async fn what_is_kept_back_stays_through_a_restart(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[opening(3)]).await;
    put(&db, &row(log, 6, 3, 2027)).await;
    purge(&db, log, 3).await;
    db.store.forget().await.unwrap();
    let db = db.again().await;
    assert_eq!(kept_back(&db, log, 3).await, Some(true));
    assert!(end(&db, log, 3).await);
    db.store.close().await;
}

async fn a_hold_does_not_outlast_the_expiry_of_its_record(db: Db) {
    let log = new_log(&db, 6).await;
    let expiring = |index, when| OpeningRow { expires_at: Some(at(when)), ..opening(index) };
    hold(&db, log, &[expiring(3, 10), expiring(4, 10), expiring(5, 20)]).await;
    for index in [3, 4, 5] {
        put(&db, &row(log, 6, index, 2027)).await;
    }
    purge(&db, log, 4).await;
    let mut tx = db.write().await;
    assert_eq!(tx.purge_expired(at(10)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(kept_back(&db, log, 3).await, None);
    assert_eq!(kept_back(&db, log, 4).await, Some(true), "withdrawn before it expired");
    assert_eq!(kept_back(&db, log, 5).await, Some(false));
}

async fn another_receipt_is_owed_for_what_was_kept(db: Db) {
    let log = new_log(&db, 6).await;
    let mut tx = db.write().await;
    for index in [3, 4] {
        tx.owe_receipt(log, index, 9, false, at(2)).await.unwrap();
        tx.set_receipt(log, index, 70 + index).await.unwrap();
    }
    assert_eq!(tx.owed_receipts(Timestamp::MAX).await.unwrap(), []);
    tx.owe_again(log, 3, at(7)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    let owed = tx.owed_receipts(Timestamp::MAX).await.unwrap();
    let owed: Vec<_> = owed.iter().map(|row| (row.index, row.held, row.at, row.receipt)).collect();
    assert_eq!(owed, [(3, true, at(7), None)]);
    assert_eq!(tx.purged(log, 4).await.unwrap().unwrap().receipt, Some(74));
}
