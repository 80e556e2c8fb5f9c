//! Peerings and invitations.

use cairn_node::{
    domain::peer::{Side, Standing},
    store::{InvitationRow, PeeringRow, StoreError},
};
use cairn_proto::{envelope, envelope::PayloadType};

use crate::{
    databases::Db,
    samples::{at, key, node},
};

contracts!(
    a_peering_comes_back_as_it_was,
    every_standing_comes_back,
    a_name_belongs_to_one_peer,
    peerings_come_in_the_order_of_their_bytes,
    a_failed_contact_keeps_the_last_good_one,
    an_invitation_is_used_once,
    an_invitation_is_made_once,
);

pub(crate) fn peering(n: u8, name: &str) -> PeeringRow {
    PeeringRow {
        node: node(n),
        name: name.into(),
        endpoint: format!("https://{name}.example:7400"),
        standing: Standing::Active,
        reason: String::new(),
        since: at(0),
        contract: envelope::sign(PayloadType::PeeringContract, vec![n, 0, 255], &[&key(n), &key(n + 1)]),
        invitation: None,
        last_contact: None,
        last_error: String::new(),
        software: "cairn-node/0.1.0".into(),
        by_us: None,
        by_them: None,
    }
}

pub(crate) async fn save(db: &Db, row: &PeeringRow) {
    let mut tx = db.write().await;
    tx.save_peering(row).await.unwrap();
    tx.commit().await.unwrap();
}

async fn note(db: &Db, n: u8, contact: Option<i64>, error: &str) {
    let mut tx = db.write().await;
    tx.note_contact(&node(n), contact.map(at), error).await.unwrap();
    tx.commit().await.unwrap();
}

async fn stored(db: &Db, n: u8) -> Option<PeeringRow> {
    db.read().await.peering(&node(n)).await.unwrap()
}

async fn a_peering_comes_back_as_it_was(db: Db) {
    let bare = peering(1, "aarau");
    save(&db, &bare).await;
    assert_eq!(stored(&db, 1).await, Some(bare));
    let full = PeeringRow {
        endpoint: "https://new.example".into(),
        standing: Standing::Ended(Side::Them),
        reason: "moved".into(),
        since: at(7),
        contract: envelope::sign(PayloadType::PeeringContract, vec![9; 5000], &[&key(3)]),
        invitation: Some(vec![0, 1, 255]),
        last_contact: Some(at(8)),
        last_error: "no route".into(),
        software: "other/2".into(),
        ..peering(1, "bern")
    };
    save(&db, &full).await;
    assert_eq!(stored(&db, 1).await, Some(full.clone()));
    assert_eq!(db.read().await.peerings().await.unwrap(), [full]);
    assert_eq!(stored(&db, 2).await, None);
}

async fn every_standing_comes_back(db: Db) {
    let by = [Side::Us, Side::Them];
    let standings =
        by.map(Standing::Proposed).into_iter().chain([Standing::Active]).chain(by.map(Standing::Ended));
    for standing in standings {
        let row = PeeringRow { standing, ..peering(1, "bern") };
        save(&db, &row).await;
        assert_eq!(stored(&db, 1).await, Some(row));
    }
}

async fn a_name_belongs_to_one_peer(db: Db) {
    save(&db, &peering(1, "bern")).await;
    let refused = db.write().await.save_peering(&peering(2, "bern")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    save(&db, &peering(2, "Bern")).await;
    assert_eq!(stored(&db, 1).await, Some(peering(1, "bern")));
    assert_eq!(stored(&db, 2).await, Some(peering(2, "Bern")));
}

/// Not in that of the language a database server was set up for.
async fn peerings_come_in_the_order_of_their_bytes(db: Db) {
    let names = ["Bern", "Zug-Ost", "aarau", "bern", "zug", "zug-ost", "zugost", "étoile"];
    for (name, n) in names.iter().zip([8, 3, 5, 1, 7, 2, 6, 4]) {
        save(&db, &peering(n, name)).await;
    }
    let rows = db.read().await.peerings().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), names);
}

async fn a_failed_contact_keeps_the_last_good_one(db: Db) {
    let other = peering(2, "other");
    save(&db, &peering(1, "bern")).await;
    save(&db, &other).await;
    note(&db, 1, None, "refused").await;
    let row = stored(&db, 1).await.unwrap();
    assert_eq!((row.last_contact, row.last_error.as_str()), (None, "refused"));
    note(&db, 1, Some(5), "").await;
    let row = stored(&db, 1).await.unwrap();
    assert_eq!((row.last_contact, row.last_error.as_str()), (Some(at(5)), ""));
    note(&db, 1, None, "timed out").await;
    let row = stored(&db, 1).await.unwrap();
    assert_eq!((row.last_contact, row.last_error.as_str()), (Some(at(5)), "timed out"));
    assert_eq!(stored(&db, 2).await, Some(other));
    note(&db, 9, Some(1), "a node without a peering").await;
    assert_eq!(stored(&db, 9).await, None);
}

fn invitation(n: u8) -> InvitationRow {
    InvitationRow { secret_hash: [n; 32], terms: vec![n, 0, 200], expires_at: at(3), used_by: None }
}

async fn invite(db: &Db, row: &InvitationRow) {
    let mut tx = db.write().await;
    tx.add_invitation(row).await.unwrap();
    tx.commit().await.unwrap();
}

async fn accept(db: &Db, secret_hash: u8, by: u8) -> bool {
    let mut tx = db.write().await;
    let first = tx.use_invitation(&[secret_hash; 32], &node(by)).await.unwrap();
    tx.commit().await.unwrap();
    first
}

async fn an_invitation_is_used_once(db: Db) {
    invite(&db, &invitation(1)).await;
    invite(&db, &invitation(2)).await;
    assert_eq!(db.read().await.invitation(&[1; 32]).await.unwrap(), Some(invitation(1)));
    assert_eq!(db.read().await.invitation(&[9; 32]).await.unwrap(), None);
    assert!(!accept(&db, 9, 5).await, "an invitation nobody made");

    let takers = futures::future::join_all((10..18).map(|by| accept(&db, 1, by))).await;
    assert_eq!(takers.iter().filter(|first| **first).count(), 1, "{takers:?}");
    let winner = (10..18).zip(takers).find(|(_, first)| *first).map(|(by, _)| node(by));
    assert!(!accept(&db, 1, 5).await);
    let used = InvitationRow { used_by: winner, ..invitation(1) };
    assert_eq!(db.read().await.invitation(&[1; 32]).await.unwrap(), Some(used));
    assert_eq!(db.read().await.invitation(&[2; 32]).await.unwrap(), Some(invitation(2)));
}

async fn an_invitation_is_made_once(db: Db) {
    invite(&db, &invitation(1)).await;
    let refused = db.write().await.add_invitation(&invitation(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}
