//! What is followed of whom, and who was told of what without being given it.

use cairn_node::{
    domain::subscription::{Depth, Labels, Subscription},
    store::Tx,
};

use crate::{
    databases::Db,
    expiry::expiring,
    samples::{append, at, hold, leaves, new_log, node, opening},
};

contracts!(
    what_is_followed_comes_back_as_it_was_chosen,
    asking_again_never_skips_anything,
    what_is_held_is_found_among_others,
    a_carrier_that_holds_more_is_asked_again_once,
    who_was_told_only_is_known_until_it_is_given,
    what_went_unseen_is_not_said_to_have_been_here,
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

async fn a_carrier_that_holds_more_is_asked_again_once(db: Db) {
    let (log, other) = (new_log(&db, 6).await, new_log(&db, 7).await);
    let mut tx = db.write().await;
    for log in [log, other] {
        tx.save_carrier(log, &node(3), "").await.unwrap();
        tx.set_carried(log, &node(3), 5).await.unwrap();
    }
    let settled = async |tx: &mut Tx, log: i64| tx.carriers(log).await.unwrap()[0].settled_to;
    tx.carrier_widened(log, &node(3), 0).await.unwrap();
    assert_eq!(settled(&mut tx, log).await, 5, "as it was");
    tx.carrier_widened(log, &node(3), 2).await.unwrap();
    assert_eq!((settled(&mut tx, log).await, settled(&mut tx, other).await), (0, 5));
    tx.set_carried(log, &node(3), 4).await.unwrap();
    tx.carrier_widened(log, &node(3), 2).await.unwrap();
    assert_eq!(settled(&mut tx, log).await, 4, "told before");

    assert_eq!(tx.widened(log).await.unwrap(), 0);
    tx.widen(log).await.unwrap();
    tx.ask_again(log, 1).await.unwrap();
    assert_eq!((tx.widened(log).await.unwrap(), tx.widened(other).await.unwrap()), (2, 0));
    tx.commit().await.unwrap();
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
    let told = tx.add_told(log, &[1, 2, 4], &node(3), &[2; 32], at(5)).await.unwrap();
    assert_eq!(told, [1, 4], "what was given is not told of");
    for again in [&[1_u64, 2, 4][..], &[]] {
        assert!(tx.add_told(log, again, &node(3), &[2; 32], at(6)).await.unwrap().is_empty());
    }
    tx.commit().await.unwrap();
    let ledger = async || {
        let rows = db.read().await.ledger(log, None, Some(&node(3))).await.unwrap();
        rows.iter().map(|row| (row.record.index, row.at, row.title_only)).collect::<Vec<_>>()
    };
    assert_eq!(ledger().await, [(4, at(5), true), (1, at(5), true), (2, at(1), false)]);
    assert!(db.read().await.ledger(log, None, Some(&node(5))).await.unwrap().is_empty());
    let mut tx = db.write().await;
    tx.add_told(log, &[1], &node(5), &[2; 32], at(6)).await.unwrap();
    tx.add_to_ledger(log, &[1, 2, 3], &node(3), &[3; 32], at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let given = [(3, at(9), false), (4, at(5), true), (1, at(5), false), (2, at(1), false)];
    assert_eq!(ledger().await, given, "given now, and in the ledger since it was told");
    let other = db.read().await.ledger(log, Some(1), Some(&node(5))).await.unwrap();
    assert!(other[0].title_only, "what one is given does not count for another");
}

async fn what_went_unseen_is_not_said_to_have_been_here(db: Db) {
    let log = new_log(&db, 6).await;
    hold(&db, log, &[opening(1), expiring(2, 3)]).await;
    let mut tx = db.write().await;
    assert_eq!(
        (tx.purge(log, 0, at(1)).await.unwrap(), tx.purge(log, 1, at(1)).await.unwrap()),
        (false, true)
    );
    assert_eq!(tx.purge_expired(at(4)).await.unwrap(), 1);
    // Once more, when it is long gone: the first word stays.
    assert!(!tx.purge(log, 1, at(5)).await.unwrap() && !tx.purge(log, 0, at(5)).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    let mut held = Vec::new();
    for index in 0..4 {
        held.push(tx.was_held(log, index).await.unwrap());
    }
    assert_eq!(held, [false, true, true, false]);
}
