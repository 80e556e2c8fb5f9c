//! Withdrawals: our own with what holders say, and the receipts that we owe.

use cairn_node::store::{AskedRow, PurgeRow, ReceiptRow, StoreError, WithdrawalRow};

use crate::{
    databases::Db,
    samples::{at, new_log, node},
};

contracts!(
    a_record_is_withdrawn_once,
    the_newest_word_of_a_holder_counts,
    how_often_a_holder_was_asked_is_counted,
    receipts_are_owed_until_they_are_signed,
    what_was_passed_on_and_is_gone_is_found_with_its_retraction,
    what_is_purged_is_gone_for_good,
    the_newest_time_an_author_was_heard_stays,
);

fn withdrawal(index: u64, retraction: u64) -> WithdrawalRow {
    WithdrawalRow {
        index,
        retraction,
        reason: "mistake".into(),
        note: "a street was named".into(),
        parts: "noticed\nfigures".into(),
        replaced_by: Some(retraction - 1),
        at: at(7),
        by: "systems steward".into(),
    }
}

async fn a_record_is_withdrawn_once(db: Db) {
    let mut tx = db.write().await;
    tx.add_withdrawal(&withdrawal(3, 9)).await.unwrap();
    tx.add_withdrawal(&WithdrawalRow { replaced_by: None, ..withdrawal(4, 12) }).await.unwrap();
    tx.commit().await.unwrap();
    let again = db.write().await.add_withdrawal(&withdrawal(3, 13)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let all = db.read().await.withdrawals().await.unwrap();
    assert_eq!(all, [WithdrawalRow { replaced_by: None, ..withdrawal(4, 12) }, withdrawal(3, 9)]);
}

fn receipt(index: u64, holder: u8, outcome: &str) -> ReceiptRow {
    let day = jiff::civil::date(2026, 12, 28);
    ReceiptRow {
        index,
        holder: node(holder),
        outcome: outcome.into(),
        at: at(8),
        backups_until: day,
        basis: if outcome == "exception" { "Public Records Act 1958".into() } else { String::new() },
        review_on: (outcome == "exception").then_some(day),
        passed_on_to: vec![node(7), node(9)],
        received_at: at(10),
        said: index + 40,
    }
}

async fn the_newest_word_of_a_holder_counts(db: Db) {
    let (log, other) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let mut tx = db.write().await;
    for row in [receipt(3, 2, "exception"), receipt(3, 5, "never held"), receipt(3, 2, "purged")] {
        tx.save_receipt(log, &row).await.unwrap();
    }
    tx.save_receipt(log, &ReceiptRow { passed_on_to: Vec::new(), ..receipt(1, 2, "exception") })
        .await
        .unwrap();
    tx.save_receipt(other, &receipt(3, 2, "exception")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.receipts(other).await.unwrap(), [receipt(3, 2, "exception")]);
    let all = db.read().await.receipts(log).await.unwrap();
    let first = ReceiptRow { passed_on_to: Vec::new(), ..receipt(1, 2, "exception") };
    assert_eq!(all, [first, receipt(3, 2, "purged"), receipt(3, 5, "never held")]);
}

async fn how_often_a_holder_was_asked_is_counted(db: Db) {
    let (log, other) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let mut tx = db.write().await;
    for (when, answered) in [(1, false), (2, true), (3, false)] {
        tx.note_asked(log, 3, &node(2), at(when), answered).await.unwrap();
    }
    tx.note_asked(log, 3, &node(4), at(1), false).await.unwrap();
    tx.note_asked(other, 3, &node(4), at(1), false).await.unwrap();
    tx.commit().await.unwrap();
    let row = |holder, times, last, reached: Option<i64>| AskedRow {
        index: 3,
        holder: node(holder),
        times,
        last_at: at(last),
        reached_at: reached.map(at),
    };
    assert_eq!(db.read().await.asked(log).await.unwrap(), [row(2, 3, 3, Some(2)), row(4, 1, 1, None)]);
}

async fn receipts_are_owed_until_they_are_signed(db: Db) {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(6)).await.unwrap().id;
    tx.owe_receipt(log, 4, 5, true, at(2)).await.unwrap();
    tx.owe_receipt(log, 1, 9, false, at(3)).await.unwrap();
    tx.owe_receipt(log, 4, 8, false, at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let row = |index, retraction, held, when, receipt| PurgeRow {
        log_id: log,
        origin: node(6),
        index,
        retraction,
        held,
        at: at(when),
        receipt,
        brought: None,
    };
    let (four, one) = (row(4, 5, true, 2, None), row(1, 9, false, 3, None));
    let mut tx = db.write().await;
    assert_eq!(tx.owed_receipts(at(2)).await.unwrap(), std::slice::from_ref(&four));
    assert_eq!(tx.owed_receipts(jiff::Timestamp::MAX).await.unwrap(), [four, one.clone()]);
    tx.set_receipt(log, 4, 77).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.owed_receipts(at(9)).await.unwrap(), [one]);
    assert_eq!(tx.purged(log, 4).await.unwrap(), Some(row(4, 5, true, 2, Some(77))));
    assert_eq!(tx.purged(log, 5).await.unwrap(), None);
}

async fn what_was_passed_on_and_is_gone_is_found_with_its_retraction(db: Db) {
    let log = new_log(&db, 6).await;
    let mut tx = db.write().await;
    for index in [4, 1] {
        tx.owe_receipt(log, index, 9, true, at(2)).await.unwrap();
    }
    tx.keep_retraction(log, 4, b"the signed retraction").await.unwrap();
    tx.add_to_ledger(log, &[4, 7], &node(3), &[1; 32], at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let found = db.read().await.purged_after_passing_on().await.unwrap();
    let found: Vec<_> = found.iter().map(|row| (row.log_id, row.index, row.brought.as_deref())).collect();
    assert_eq!(found, [(log, 4, Some(&b"the signed retraction"[..]))]);
}

async fn what_is_purged_is_gone_for_good(db: Db) {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(6)).await.unwrap().id;
    assert!(!tx.purge(log, 3, at(1)).await.unwrap(), "it was not held");
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert!(tx.is_gone(&node(6), 3).await.unwrap());
    assert!(!tx.is_gone(&node(6), 4).await.unwrap() && !tx.is_gone(&node(7), 3).await.unwrap());
}

async fn the_newest_time_an_author_was_heard_stays(db: Db) {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(6)).await.unwrap();
    assert_eq!(log.heard_at, jiff::Timestamp::UNIX_EPOCH);
    tx.note_heard(log.id, at(9)).await.unwrap();
    tx.note_heard(log.id, at(4)).await.unwrap();
    assert_eq!(tx.log(&node(6)).await.unwrap().unwrap().heard_at, at(9));
}
