//! Uses: what was done here with records of others, told once; and what others say they did with ours.

use cairn_node::{
    domain::uses::Use,
    store::{OpeningRow, UseSaidRow},
};

use crate::{
    databases::Db,
    samples::{at, hold, new_log, node, opening},
};

contracts!(
    the_first_use_counts_and_is_told_once,
    news_waits_until_it_is_old_enough,
    an_author_who_was_told_just_now_waits_for_the_rest,
    what_is_gone_is_not_told,
    as_many_uses_as_a_batch_has,
    what_a_holder_says_is_kept_once,
);

async fn note(db: &Db, log: i64, indices: &[u64], way: Use, when: i64) {
    let mut tx = db.write().await;
    tx.note_use(log, indices, way, at(when)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn take(db: &Db, log: i64, limit: u32, when: i64) -> Vec<(u64, Use)> {
    let mut tx = db.write().await;
    let taken = tx.take_untold(log, limit, at(when)).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

/// Logs whose authors are to be told of what was noted until then.
async fn to_tell(db: &Db, until: i64) -> Vec<i64> {
    let logs = db.read().await.uses_to_tell(at(until)).await.unwrap();
    logs.into_iter().map(|(log, _)| log).collect()
}

async fn the_first_use_counts_and_is_told_once(db: Db) {
    let log = new_log(&db, 1).await;
    note(&db, log, &[], Use::Held, 1).await;
    note(&db, log, &[3, 1], Use::Held, 5).await;
    note(&db, log, &[1], Use::StartingPoint, 6).await;
    note(&db, log, &[3, 1, 3], Use::Held, 2).await;
    assert!(to_tell(&db, 4).await.is_empty(), "a later note changes nothing");
    assert_eq!(take(&db, log, 9, 7).await, [(1, Use::Held), (1, Use::StartingPoint), (3, Use::Held)]);
    note(&db, log, &[1, 3], Use::Held, 8).await;
    assert_eq!(take(&db, log, 9, 9).await, []);
    note(&db, log, &[3], Use::Cited, 8).await;
    assert_eq!(take(&db, log, 9, 9).await, [(3, Use::Cited)]);
}

async fn news_waits_until_it_is_old_enough(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    assert!(to_tell(&db, 1 << 50).await.is_empty());
    note(&db, one, &[1], Use::Held, 20).await;
    note(&db, two, &[1], Use::Held, 10).await;
    note(&db, two, &[2], Use::Held, 30).await;
    assert!(to_tell(&db, 9).await.is_empty());
    assert_eq!(to_tell(&db, 10).await, [two]);
    assert_eq!(to_tell(&db, 20).await, [two, one]);
    let authors = db.read().await.uses_to_tell(at(10)).await.unwrap();
    assert_eq!(authors, [(two, node(2))]);
    assert_eq!(take(&db, two, 9, 31).await, [(1, Use::Held), (2, Use::Held)], "with what is newer");
    assert_eq!(to_tell(&db, 40).await, [one], "what is another's stays");
}

async fn an_author_who_was_told_just_now_waits_for_the_rest(db: Db) {
    let log = new_log(&db, 1).await;
    note(&db, log, &[7], Use::Held, 2).await;
    note(&db, log, &[1, 2], Use::Held, 3).await;
    assert_eq!(take(&db, log, 2, 10).await, [(1, Use::Held), (7, Use::Held)], "the oldest first");
    assert!(to_tell(&db, 9).await.is_empty());
    assert_eq!(to_tell(&db, 10).await, [log]);
    assert_eq!(take(&db, log, 2, 20).await, [(2, Use::Held)]);
    assert!(to_tell(&db, 1 << 50).await.is_empty());
}

async fn what_is_gone_is_not_told(db: Db) {
    let log = new_log(&db, 1).await;
    let expiring = OpeningRow { expires_at: Some(at(9)), ..opening(3) };
    hold(&db, log, &[opening(1), opening(2), expiring]).await;
    note(&db, log, &[1, 2, 3], Use::Held, 1).await;
    let mut tx = db.write().await;
    tx.purge(log, 1, at(2)).await.unwrap();
    tx.purge_expired(at(9)).await.unwrap();
    tx.commit().await.unwrap();
    note(&db, log, &[1, 3], Use::Held, 10).await;
    note(&db, log, &[1, 2], Use::Cited, 10).await;
    assert_eq!(take(&db, log, 9, 11).await, [(2, Use::Held), (2, Use::Cited)]);
}

async fn as_many_uses_as_a_batch_has(db: Db) {
    let log = new_log(&db, 1).await;
    let indices: Vec<u64> = (0..1024).collect();
    note(&db, log, &indices, Use::Held, 1).await;
    assert_eq!(take(&db, log, 1000, 2).await.len(), 1000);
    assert_eq!(take(&db, log, 1000, 3).await.len(), 24);
}

async fn what_a_holder_says_is_kept_once(db: Db) {
    let said = async |holder, uses: &[(u64, Use)], when| {
        let mut tx = db.write().await;
        tx.add_uses_said(&node(holder), uses, at(when)).await.unwrap();
        tx.commit().await.unwrap();
    };
    said(2, &[], 1).await;
    said(2, &[(4, Use::Held), (5, Use::Held), (4, Use::Held)], 2).await;
    said(200, &[(4, Use::Cited)], 3).await;
    said(2, &[(4, Use::Held), (4, Use::StartingPoint)], 4).await;
    let row = |index, holder, way, when| UseSaidRow { index, holder: node(holder), way, at: at(when) };
    let four = [row(4, 2, Use::Held, 2), row(4, 200, Use::Cited, 3), row(4, 2, Use::StartingPoint, 4)];
    let mut tx = db.read().await;
    assert_eq!(tx.uses_said(Some(4)).await.unwrap(), four);
    assert_eq!(tx.uses_said(Some(6)).await.unwrap(), []);
    let [first, others @ ..] = four;
    let all: Vec<_> = [first, row(5, 2, Use::Held, 2)].into_iter().chain(others).collect();
    assert_eq!(tx.uses_said(None).await.unwrap(), all);
}
