//! Releases that call for a second person.

use cairn_node::store::RequestRow;

use crate::{databases::Db, samples::at};

contracts!(requests_are_numbered_and_come_newest_first, only_the_first_decision_counts,);

fn request(id: u64) -> RequestRow {
    RequestRow {
        id,
        wish: "{\"card\":\"public\"}".into(),
        experiment: (id == 1).then(|| "walks".into()),
        version: 2,
        asked_by: "steward".into(),
        asked_at: at(7),
        state: "waits".into(),
        decided_by: String::new(),
        decided_at: None,
        reason: String::new(),
        record: None,
    }
}

async fn requests_are_numbered_and_come_newest_first(db: Db) {
    let mut tx = db.write().await;
    assert_eq!(tx.add_request(&request(1)).await.unwrap(), 1);
    assert_eq!(tx.add_request(&request(2)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.requests().await.unwrap(), [request(2), request(1)]);
}

async fn only_the_first_decision_counts(db: Db) {
    let mut tx = db.write().await;
    tx.add_request(&request(1)).await.unwrap();
    let decided = |state: &str, record| RequestRow {
        state: state.into(),
        decided_by: "director".into(),
        decided_at: Some(at(9)),
        reason: "because".into(),
        record,
        ..request(1)
    };
    assert!(tx.decide_request(&decided("released", Some(4))).await.unwrap());
    assert!(!tx.decide_request(&decided("refused", None)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.requests().await.unwrap(), [decided("released", Some(4))]);
}
