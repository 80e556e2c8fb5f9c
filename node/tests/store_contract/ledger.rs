//! What is kept about our own records: who was given them, and what each release rests on.

use cairn_node::store::{ReleaseRow, StoreError};

use crate::{
    databases::Db,
    samples::{at, node},
};

contracts!(
    the_first_disclosure_stays,
    disclosures_are_of_one_record,
    as_many_disclosures_as_a_batch_has,
    releases_come_back_in_order,
    a_release_is_written_once,
);

async fn disclose(db: &Db, indices: &[u64], to: u8, when: i64) {
    let mut tx = db.write().await;
    tx.add_disclosures(indices, &node(to), at(when)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn the_first_disclosure_stays(db: Db) {
    disclose(&db, &[1, 2], 8, 5).await;
    disclose(&db, &[3, 2, 2, 1], 8, 9).await;
    disclose(&db, &[2], 8, 1).await;
    let mut tx = db.read().await;
    assert_eq!(tx.disclosures(1).await.unwrap(), [(node(8), at(5))]);
    assert_eq!(tx.disclosures(2).await.unwrap(), [(node(8), at(5))]);
    assert_eq!(tx.disclosures(3).await.unwrap(), [(node(8), at(9))]);
}

async fn disclosures_are_of_one_record(db: Db) {
    disclose(&db, &[], 1, 0).await;
    disclose(&db, &[4], 200, 7).await;
    disclose(&db, &[4], 2, 7).await;
    disclose(&db, &[4, 5], 3, 6).await;
    let mut tx = db.read().await;
    let expected = [(node(3), at(6)), (node(2), at(7)), (node(200), at(7))];
    assert_eq!(tx.disclosures(4).await.unwrap(), expected);
    assert!(tx.disclosures(6).await.unwrap().is_empty());
}

async fn as_many_disclosures_as_a_batch_has(db: Db) {
    let indices: Vec<u64> = (0..4096).collect();
    disclose(&db, &indices, 1, 0).await;
    for index in [0, 2048, 4095] {
        assert_eq!(db.read().await.disclosures(index).await.unwrap(), [(node(1), at(0))]);
    }
}

fn release(index: u64, experiment_id: Option<&str>) -> ReleaseRow {
    ReleaseRow {
        index,
        experiment_id: experiment_id.map(str::to_owned),
        version: 3,
        card: "{\"purpose\":\"learning\"}".into(),
        authorised_by: "steward".into(),
        consent: "[]".into(),
        consent_salt: [index.to_be_bytes()[7]; 32],
        at: at(index.cast_signed()),
    }
}

async fn releases_come_back_in_order(db: Db) {
    assert!(db.read().await.releases().await.unwrap().is_empty());
    let mut tx = db.write().await;
    for row in [release(11, Some("b")), release(2, None), release(300, Some("b"))] {
        tx.add_release(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let expected = [release(2, None), release(11, Some("b")), release(300, Some("b"))];
    assert_eq!(db.read().await.releases().await.unwrap(), expected);
}

async fn a_release_is_written_once(db: Db) {
    let mut tx = db.write().await;
    tx.add_release(&release(1, None)).await.unwrap();
    tx.commit().await.unwrap();
    let refused = db.write().await.add_release(&release(1, Some("a"))).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(db.read().await.releases().await.unwrap(), [release(1, None)]);
}
