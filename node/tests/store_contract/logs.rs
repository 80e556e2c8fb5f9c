//! Logs: begun once, leaves in their place, the head and how far openings are settled.

use cairn_node::store::StoreError;
use cairn_proto::log::Frontier;

use crate::{
    databases::Db,
    samples::{append, empty_log, leaf, leaves, new_log, node},
};

contracts!(
    a_log_is_begun_once,
    leaves_come_back_in_their_place,
    a_missing_leaf_is_noticed,
    a_leaf_is_written_once,
    logs_do_not_mix,
    head_and_settled_are_kept,
    no_leaves_change_nothing,
);

async fn a_log_is_begun_once(db: Db) {
    assert_eq!(db.read().await.log(&node(1)).await.unwrap(), None);
    assert!(db.read().await.logs().await.unwrap().is_empty());
    let mut ids = Vec::new();
    for n in [1, 2, 1, 3, 2, 1] {
        ids.push(new_log(&db, n).await);
    }
    assert_eq!(ids, [1, 2, 1, 3, 2, 1]);
    let mut tx = db.read().await;
    assert_eq!(tx.log(&node(2)).await.unwrap(), Some(empty_log(2, 2)));
    assert_eq!(tx.logs().await.unwrap(), [empty_log(1, 1), empty_log(2, 2), empty_log(3, 3)]);
}

async fn leaves_come_back_in_their_place(db: Db) {
    let log = new_log(&db, 1).await;
    let mut frontier = Frontier::new();
    for (from, to) in [(0, 3), (3, 4), (4, 301), (301, 400)] {
        let mut tx = db.write().await;
        frontier = append(&mut tx, log, &frontier, &leaves(from..to)).await;
        tx.commit().await.unwrap();
        let stored = db.read().await.log(&node(1)).await.unwrap().unwrap();
        assert_eq!(stored.frontier, frontier);
    }
    let mut tx = db.read().await;
    for (from, to) in [(0, 400), (0, 0), (399, 400), (2, 5), (255, 257), (400, 400)] {
        assert_eq!(tx.leaves(log, from, to).await.unwrap(), leaves(from..to));
    }
}

async fn a_missing_leaf_is_noticed(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    append(&mut tx, log, &Frontier::new(), &leaves(0..10)).await;
    for (from, to) in [(0, 11), (9, 11), (10, 11), (50, 60)] {
        let refused = tx.leaves(log, from, to).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{from}..{to}: {refused:?}");
    }
}

async fn a_leaf_is_written_once(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    let frontier = append(&mut tx, log, &Frontier::new(), &leaves(0..10)).await;
    tx.commit().await.unwrap();

    let mut tx = db.write().await;
    let mut longer = frontier.clone();
    longer.append(leaf(99).hash());
    let refused = tx.append_leaves(log, 9, &[leaf(99), leaf(98)], &longer).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    drop(tx);
    let mut tx = db.read().await;
    assert_eq!(tx.leaves(log, 0, 10).await.unwrap(), leaves(0..10));
    assert!(tx.leaves(log, 10, 11).await.is_err());
    assert_eq!(tx.log(&node(1)).await.unwrap().unwrap().frontier, frontier);
}

async fn logs_do_not_mix(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let mut tx = db.write().await;
    let of_one = append(&mut tx, one, &Frontier::new(), &leaves(0..300)).await;
    let of_two = append(&mut tx, two, &Frontier::new(), &leaves(1000..1300)).await;
    tx.set_head(one, 300, "head of one").await.unwrap();
    tx.set_settled(two, 7).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert_eq!(tx.leaves(one, 0, 300).await.unwrap(), leaves(0..300));
    assert_eq!(tx.leaves(two, 0, 300).await.unwrap(), leaves(1000..1300));
    let logs = tx.logs().await.unwrap();
    assert_eq!((&logs[0].frontier, &logs[1].frontier), (&of_one, &of_two));
    assert_eq!((logs[0].head_size, logs[0].settled_to), (300, 0));
    assert_eq!((logs[1].head_size, logs[1].settled_to), (0, 7));
}

async fn head_and_settled_are_kept(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    tx.set_head(log, 1 << 40, "origin\n1\nroot\n\n— key sig\n").await.unwrap();
    tx.set_settled(log, (1 << 40) - 1).await.unwrap();
    let inside = tx.log_for_update(&node(1)).await.unwrap();
    tx.commit().await.unwrap();
    let after = db.read().await.log(&node(1)).await.unwrap().unwrap();
    assert_eq!(inside, after);
    assert_eq!(after.head_size, 1 << 40);
    assert_eq!(after.settled_to, (1 << 40) - 1);
    assert_eq!(after.checkpoint, "origin\n1\nroot\n\n— key sig\n");
}

async fn no_leaves_change_nothing(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    tx.append_leaves(log, 0, &[], &Frontier::new()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.log(&node(1)).await.unwrap(), Some(empty_log(log, 1)));
}
