//! What is followed of whom, and who was told of what without being given it.

use cairn_node::domain::subscription::{Depth, Labels, Subscription};

use crate::{
    databases::Db,
    samples::{append, at, hold, leaves, new_log, node, opening},
};

contracts!(
    what_is_followed_comes_back_as_it_was_chosen,
    asking_again_never_skips_anything,
    what_is_held_is_found_among_others,
    who_was_told_only_is_known_until_it_is_given,
);

async fn choose(db: &Db, n: u8, subscription: &Subscription) {
    let mut tx = db.write().await;
    tx.save_subscription(&node(n), subscription).await.unwrap();
    tx.commit().await.unwrap();
}

async fn what_is_followed_comes_back_as_it_was_chosen(db: Db) {
    assert_eq!(db.read().await.subscription(&node(1)).await.unwrap(), Subscription::default());
    let labels = Labels::new(&["exploration", "prototype"], &["end of life, at home"], &[], &["roles"]);
    let (paused, depth) = (true, Depth::Newest(7));
    let chosen = Subscription { paused, labels: labels.unwrap(), depth, from: Some(3) };
    choose(&db, 1, &chosen).await;
    choose(&db, 2, &Subscription::default()).await;
    assert_eq!(db.read().await.subscription(&node(1)).await.unwrap(), chosen);
    let changed = Subscription { paused: false, from: None, ..chosen };
    choose(&db, 1, &changed).await;
    let all = db.read().await.subscriptions().await.unwrap();
    assert_eq!(all, [(node(1), changed), (node(2), Subscription::default())]);
}

async fn asking_again_never_skips_anything(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    let mut tx = db.write().await;
    for log in [log, other] {
        let before = tx.log_for_update(&node(if log == other { 7 } else { 6 })).await.unwrap().frontier;
        append(&mut tx, log, &before, &leaves(0..9)).await;
        tx.set_settled(log, 9).await.unwrap();
        tx.save_carrier(log, &node(3), "").await.unwrap();
        tx.set_carried(log, &node(3), 5).await.unwrap();
    }
    tx.ask_again(log, 7).await.unwrap();
    tx.commit().await.unwrap();
    let settled = async |n: u8, log: i64| {
        let mut tx = db.read().await;
        let author = tx.log(&node(n)).await.unwrap().unwrap().settled_to;
        (author, tx.carriers(log).await.unwrap()[0].settled_to)
    };
    assert_eq!((settled(6, log).await, settled(7, other).await), ((7, 5), (9, 5)));
    let mut tx = db.write().await;
    tx.ask_again(log, 2).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((settled(6, log).await, settled(7, other).await), ((2, 2), (9, 5)));
}

async fn what_is_held_is_found_among_others(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[opening(1), opening(4)]).await;
    let mut tx = db.read().await;
    assert_eq!(tx.held_among(log, &[0, 1, 4, 9]).await.unwrap(), [1, 4]);
    assert_eq!(tx.held_among(log + 1, &[1]).await.unwrap(), <[u64; 0]>::default());
}

async fn who_was_told_only_is_known_until_it_is_given(db: Db) {
    let log = new_log(&db, 1).await;
    let mut tx = db.write().await;
    tx.add_to_ledger(log, &[2], &node(3), &[1; 32], at(1)).await.unwrap();
    for _ in 0..2 {
        tx.add_told(log, &[1, 2, 4], &node(3), &[2; 32], at(5)).await.unwrap();
    }
    tx.add_told(log, &[], &node(3), &[2; 32], at(5)).await.unwrap();
    tx.commit().await.unwrap();
    let told = async |index: u64, n: u8| db.read().await.told_only(log, index, &node(n)).await.unwrap();
    assert_eq!(
        [told(1, 3).await, told(2, 3).await, told(4, 3).await, told(4, 5).await],
        [true, false, true, false]
    );
    let ledger = db.read().await.ledger(log, None, Some(&node(3))).await.unwrap();
    let ledger: Vec<_> = ledger.iter().map(|row| (row.record.index, row.at)).collect();
    assert_eq!(ledger, [(4, at(5)), (1, at(5)), (2, at(1))], "who was told is in the ledger as well");
    let mut tx = db.write().await;
    tx.add_to_ledger(log, &[1, 2, 3], &node(3), &[3; 32], at(9)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!([told(1, 3).await, told(4, 3).await], [false, true]);
}
