//! Our own id, and the identity chains of nodes: found by id and by the key in force.

use cairn_node::store::StoreError;
use cairn_proto::identity::{Identity, inception, rotation};

use crate::{
    databases::Db,
    samples::{key, node},
};

contracts!(
    the_newest_event_is_counted,
    a_recovery_waits_beside_the_identity,
    our_own_id_is_set_once,
    an_identity_is_found_by_id_and_key,
    after_a_rotation_only_the_new_key_is_found,
    an_older_chain_changes_nothing,
    two_nodes_cannot_have_the_same_key,
);

/// A new node whose keys are `n`, `n + 1` and so on.
fn incepted(n: u8) -> Identity {
    let keys = [key(n), key(n + 1), key(n + 2), key(n + 3)].map(|key| key.verifying_key());
    let (_, event) = inception(&key(n), &keys[1], &keys[2], &keys[3..], 1, [n; 16]);
    Identity::verify(&[event]).unwrap()
}

/// The same node after it has taken key `n + 2` into use, and announced `n + 4`.
fn rotated(identity: &Identity, n: u8) -> Identity {
    let (witness, next) = (key(n + 1).verifying_key(), key(n + 4).verifying_key());
    let event = rotation(identity, &key(n), &key(n + 2), &witness, &next, 5);
    identity.extended(&event).unwrap()
}

fn presented(identity: &Identity) -> [u8; 32] {
    identity.current().signing_key.to_bytes()
}

async fn save(db: &Db, identity: &Identity) {
    let mut tx = db.write().await;
    tx.save_identity(identity).await.unwrap();
    tx.commit().await.unwrap();
}

async fn our_own_id_is_set_once(db: Db) {
    let mut tx = db.write().await;
    assert_eq!(tx.self_id().await.unwrap(), None);
    tx.set_self(&node(1)).await.unwrap();
    assert_eq!(tx.self_id().await.unwrap(), Some(node(1)));
    tx.commit().await.unwrap();
    for again in [1, 2] {
        let refused = db.write().await.set_self(&node(again)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(db.read().await.self_id().await.unwrap(), Some(node(1)));
}

async fn an_identity_is_found_by_id_and_key(db: Db) {
    let (mine, other) = (incepted(10), incepted(20));
    save(&db, &mine).await;
    save(&db, &other).await;
    save(&db, &mine).await;
    let mut tx = db.read().await;
    for identity in [&mine, &other] {
        let id = identity.node_id();
        assert_eq!(tx.identity(&id).await.unwrap().as_ref(), Some(identity));
        assert_eq!(tx.node_with_key(&presented(identity)).await.unwrap(), Some(id));
    }
    assert_eq!(tx.identity(&node(1)).await.unwrap(), None);
    assert_eq!(tx.node_with_key(&[1; 32]).await.unwrap(), None);
}

async fn after_a_rotation_only_the_new_key_is_found(db: Db) {
    let old = incepted(10);
    let new = rotated(&old, 10);
    save(&db, &old).await;
    save(&db, &new).await;
    let mut tx = db.read().await;
    assert_eq!(tx.identity(&old.node_id()).await.unwrap().as_ref(), Some(&new));
    assert_eq!(tx.node_with_key(&presented(&new)).await.unwrap(), Some(new.node_id()));
    assert_eq!(tx.node_with_key(&presented(&old)).await.unwrap(), None);
}

/// Two connections may bring chains of different age at the same time.
async fn an_older_chain_changes_nothing(db: Db) {
    let old = incepted(10);
    let new = rotated(&old, 10);
    save(&db, &new).await;
    save(&db, &old).await;
    let mut tx = db.read().await;
    assert_eq!(tx.identity(&old.node_id()).await.unwrap().as_ref(), Some(&new));
    assert_eq!(tx.node_with_key(&presented(&new)).await.unwrap(), Some(new.node_id()));
    assert_eq!(tx.node_with_key(&presented(&old)).await.unwrap(), None);
}

async fn two_nodes_cannot_have_the_same_key(db: Db) {
    let mine = incepted(10);
    let keys = [11, 12, 13].map(|n| key(n).verifying_key());
    let (_, event) = inception(&key(10), &keys[0], &keys[1], &keys[2..], 1, [99; 16]);
    let thief = Identity::verify(&[event]).unwrap();
    save(&db, &mine).await;
    let refused = db.write().await.save_identity(&thief).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(db.read().await.node_with_key(&presented(&mine)).await.unwrap(), Some(mine.node_id()));
}

async fn the_newest_event_is_counted(db: Db) {
    let mine = incepted(10);
    assert_eq!(db.read().await.identity_seq(&mine.node_id()).await.unwrap(), 0);
    save(&db, &mine).await;
    assert_eq!(db.read().await.identity_seq(&mine.node_id()).await.unwrap(), 0);
    save(&db, &rotated(&mine, 10)).await;
    assert_eq!(db.read().await.identity_seq(&mine.node_id()).await.unwrap(), 1);
}

async fn a_recovery_waits_beside_the_identity(db: Db) {
    let (mine, other) = (incepted(10), incepted(30));
    save(&db, &mine).await;
    let longer = rotated(&mine, 10);
    let mut tx = db.write().await;
    tx.save_recovery(&longer).await.unwrap();
    tx.save_recovery(&mine).await.unwrap();
    tx.save_recovery(&longer).await.unwrap();
    tx.save_recovery(&other).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.write().await;
    let waits = tx.recovery(&mine.node_id()).await.unwrap().unwrap();
    assert_eq!(waits.events(), longer.events());
    assert_eq!(tx.identity_seq(&mine.node_id()).await.unwrap(), 0, "it counts for nothing yet");
    tx.forget_recovery(&mine.node_id()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert!(tx.recovery(&mine.node_id()).await.unwrap().is_none());
    assert!(tx.recovery(&other.node_id()).await.unwrap().is_some());
}
