//! Expiry: at the exact microsecond, once, and as final as any purge.

use cairn_node::store::OpeningRow;

use crate::{
    databases::Db,
    samples::{at, buried, held, hold, new_log, opening},
};

contracts!(
    a_record_expires_at_its_microsecond,
    what_has_expired_does_not_come_back,
    expiry_is_of_all_logs,
    the_next_expiry_is_the_earliest,
);

pub(crate) fn expiring(index: u64, when: i64) -> OpeningRow {
    OpeningRow { expires_at: Some(at(when)), ..opening(index) }
}

async fn purge_expired(db: &Db, now: i64) -> u64 {
    let mut tx = db.write().await;
    let purged = tx.purge_expired(at(now)).await.unwrap();
    tx.commit().await.unwrap();
    purged
}

async fn a_record_expires_at_its_microsecond(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[expiring(1, 10), expiring(2, 11), expiring(3, 10), opening(4)]).await;
    assert_eq!(purge_expired(&db, 9).await, 0);
    assert_eq!(held(&db, log).await, [1, 2, 3, 4]);
    assert_eq!(purge_expired(&db, 10).await, 2);
    assert_eq!(held(&db, log).await, [2, 4]);
    assert_eq!(buried(&db, log).await, [1, 3]);
    assert_eq!(purge_expired(&db, 10).await, 0);
    assert_eq!(purge_expired(&db, 11).await, 1);
    assert_eq!(purge_expired(&db, 1 << 50).await, 0, "what never expires");
    assert_eq!(held(&db, log).await, [4]);
}

async fn what_has_expired_does_not_come_back(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[expiring(1, 10)]).await;
    purge_expired(&db, 10).await;
    hold(&db, log, &[opening(1), opening(2)]).await;
    assert_eq!(held(&db, log).await, [2]);
}

async fn expiry_is_of_all_logs(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    hold(&db, one, &[expiring(1, 10), expiring(2, 30)]).await;
    hold(&db, two, &[expiring(1, 20)]).await;
    // A tombstone that is there already is in nobody's way.
    let mut tx = db.write().await;
    tx.purge(two, 2, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(purge_expired(&db, 25).await, 2);
    assert_eq!((held(&db, one).await, held(&db, two).await), (vec![2], vec![]));
    assert_eq!((buried(&db, one).await, buried(&db, two).await), (vec![1], vec![1, 2]));
}

async fn the_next_expiry_is_the_earliest(db: Db) {
    let log = new_log(&db, 1).await;
    assert_eq!(db.read().await.next_expiry().await.unwrap(), None);
    hold(&db, log, &[opening(0)]).await;
    assert_eq!(db.read().await.next_expiry().await.unwrap(), None);
    hold(&db, log, &[expiring(1, 30), expiring(2, -7)]).await;
    assert_eq!(db.read().await.next_expiry().await.unwrap(), Some(at(-7)));
    purge_expired(&db, 0).await;
    assert_eq!(db.read().await.next_expiry().await.unwrap(), Some(at(30)));
    purge_expired(&db, 30).await;
    assert_eq!(db.read().await.next_expiry().await.unwrap(), None);
}
