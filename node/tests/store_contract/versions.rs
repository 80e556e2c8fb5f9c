//! What is kept in versions: our profile. Documents have contracts of their own.

use crate::{databases::Db, samples::at};

contracts!(the_newest_profile_counts);

async fn the_newest_profile_counts(db: Db) {
    assert_eq!(db.read().await.place().await.unwrap(), None);
    // Ten and more: versions are numbers, not text.
    for n in 1..=12 {
        let mut tx = db.write().await;
        tx.add_place_version(&format!("version {n}"), at(-n)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.read().await.place().await.unwrap(), Some(format!("version {n}")));
    }
}
