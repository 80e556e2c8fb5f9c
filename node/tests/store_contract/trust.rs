//! Lists of proposals about others.

use cairn_node::{
    domain::trust::Proposal,
    store::{StoreError, TrustEntryRow, TrustListRow},
};
use jiff::civil::date;

use crate::{
    databases::Db,
    samples::{at, node},
};

contracts!(
    a_list_comes_back_as_it_was,
    a_list_is_kept_once,
    what_was_accepted_says_by_whom,
    a_dropped_list_is_gone_with_its_entries,
);

fn list(id: u64, author: u8) -> TrustListRow {
    TrustListRow {
        id,
        author: node(author),
        hash: [u8::try_from(id).unwrap(); 32],
        about: "after the spring meeting".into(),
        made_at: at(1),
        imported_at: at(2),
        by: "systems steward".into(),
    }
}

fn entries() -> Vec<TrustEntryRow> {
    let entry = |(proposal, n): (Proposal, u32)| TrustEntryRow {
        n,
        node: node(10 + u8::try_from(n).unwrap()),
        proposal,
        name: format!("place {n}"),
        reason: if n == 1 { String::new() } else { "a reason".into() },
        review_on: (n == 2).then(|| date(2027, 3, 1)),
        accepted: None,
    };
    Proposal::ALL.into_iter().zip(1..).map(entry).collect()
}

async fn keep(db: &Db, row: &TrustListRow, entries: &[TrustEntryRow]) -> Result<(), StoreError> {
    let mut tx = db.write().await;
    tx.add_trust_list(row, entries).await?;
    tx.commit().await
}

async fn a_list_comes_back_as_it_was(db: Db) {
    keep(&db, &list(1, 5), &entries()).await.unwrap();
    keep(&db, &list(2, 6), &[]).await.unwrap();
    assert_eq!(db.read().await.trust_lists().await.unwrap(), [list(2, 6), list(1, 5)]);
    assert_eq!(db.read().await.trust_entries(1).await.unwrap(), entries());
    assert_eq!(db.read().await.trust_entries(2).await.unwrap(), []);
    assert_eq!(db.read().await.trust_entries(3).await.unwrap(), []);
}

async fn a_list_is_kept_once(db: Db) {
    keep(&db, &list(1, 5), &entries()).await.unwrap();
    let same = TrustListRow { id: 2, ..list(1, 5) };
    assert!(matches!(keep(&db, &same, &[]).await, Err(StoreError::Conflict(_))));
    let taken = TrustListRow { hash: [9; 32], ..list(1, 5) };
    assert!(matches!(keep(&db, &taken, &[]).await, Err(StoreError::Conflict(_))));
    assert_eq!(db.read().await.trust_lists().await.unwrap(), [list(1, 5)]);
}

async fn what_was_accepted_says_by_whom(db: Db) {
    keep(&db, &list(1, 5), &entries()).await.unwrap();
    assert_eq!(db.read().await.known_to(&node(11)).await.unwrap(), []);
    let mut tx = db.write().await;
    tx.accept_trust(1, 1, at(7), "steward").await.unwrap();
    tx.accept_trust(1, 4, at(8), "steward").await.unwrap();
    tx.commit().await.unwrap();
    let rows = db.read().await.trust_entries(1).await.unwrap();
    let accepted: Vec<_> = rows.iter().map(|row| row.accepted.as_ref().map(|(at, _)| *at)).collect();
    assert_eq!(accepted, [Some(at(7)), None, None, Some(at(8))]);
    assert_eq!(rows[0].accepted.as_ref().unwrap().1, "steward");
    assert_eq!(db.read().await.known_to(&node(11)).await.unwrap(), [(node(5), "place 1".to_owned())]);
    assert_eq!(db.read().await.known_to(&node(14)).await.unwrap(), [], "a block is no name");
}

async fn a_dropped_list_is_gone_with_its_entries(db: Db) {
    keep(&db, &list(1, 5), &entries()).await.unwrap();
    keep(&db, &list(2, 5), &entries()).await.unwrap();
    let mut tx = db.write().await;
    assert!(tx.drop_trust_list(1).await.unwrap());
    assert!(!tx.drop_trust_list(1).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.trust_entries(1).await.unwrap(), []);
    assert_eq!(db.read().await.trust_lists().await.unwrap(), [list(2, 5)]);
    assert_eq!(db.read().await.trust_entries(2).await.unwrap(), entries());
}
