//! Paging through records, newest first.

use cairn_node::store::{HeldRow, OpeningRow};
use jiff::Timestamp;

use crate::{
    databases::Db,
    samples::{at, hold, new_log, node, opening},
};

contracts!(
    pages_show_everything_once,
    one_log_or_all_but_one,
    a_record_comes_with_where_it_belongs,
    what_comes_meanwhile_disturbs_no_page,
);

type Place = (Timestamp, i64, u64);

/// Above everything.
fn top() -> Place {
    (Timestamp::MAX, i64::MAX, i64::MAX.cast_unsigned())
}

fn place(row: &HeldRow) -> Place {
    (row.opening.held_since, row.log_id, row.opening.index)
}

/// Three logs with equal times within a log and across logs, added in no order.
async fn filled(db: &Db) -> Vec<Place> {
    let mut places = Vec::new();
    for n in 1..=3_u8 {
        let log = new_log(db, n).await;
        let index_and_time = |i: u64| (i, at((i / 4 * u64::from(n % 2)).cast_signed()));
        let rows = (0..23)
            .map(index_and_time)
            .map(|(index, held_since)| OpeningRow { held_since, ..opening(index) });
        let rows: Vec<OpeningRow> = rows.collect();
        places.extend(rows.iter().map(|row| (row.held_since, log, row.index)));
        hold(db, log, &rows).await;
    }
    places.sort_by(|a, b| b.cmp(a));
    places
}

async fn paged(db: &Db, only: Option<i64>, but: Option<i64>, limit: u32) -> Vec<Place> {
    let (mut below, mut places) = (top(), Vec::new());
    loop {
        let page = db.read().await.newest(only, but, below, limit).await.unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        assert!(page.iter().all(|row| place(row) < below), "a record is shown again");
        let Some(last) = page.last() else { return places };
        below = place(last);
        places.extend(page.iter().map(place));
    }
}

async fn pages_show_everything_once(db: Db) {
    assert!(paged(&db, None, None, 5).await.is_empty());
    let places = filled(&db).await;
    for limit in [1, 2, 7, 23, 69, 70, 1000] {
        assert_eq!(paged(&db, None, None, limit).await, places, "pages of {limit}");
    }
}

async fn one_log_or_all_but_one(db: Db) {
    let places = filled(&db).await;
    for log in 1..=3 {
        let only: Vec<Place> = places.iter().filter(|place| place.1 == log).copied().collect();
        assert_eq!(paged(&db, Some(log), None, 4).await, only);
        let but: Vec<Place> = places.iter().filter(|place| place.1 != log).copied().collect();
        assert_eq!(paged(&db, None, Some(log), 4).await, but);
        assert!(paged(&db, Some(log), Some(log), 4).await.is_empty());
    }
    assert!(paged(&db, Some(99), None, 4).await.is_empty());
    assert_eq!(paged(&db, None, Some(99), 4).await, places);
}

async fn a_record_comes_with_where_it_belongs(db: Db) {
    new_log(&db, 1).await;
    let log = new_log(&db, 2).await;
    let row = OpeningRow { expires_at: Some(at(50)), ..opening(3) };
    hold(&db, log, std::slice::from_ref(&row)).await;
    let rows = db.read().await.newest(None, None, top(), 9).await.unwrap();
    assert_eq!(rows, [HeldRow { origin: node(2), log_id: log, opening: row }]);
}

async fn what_comes_meanwhile_disturbs_no_page(db: Db) {
    let places = filled(&db).await;
    let first = db.read().await.newest(None, None, top(), 10).await.unwrap();
    hold(&db, 1, &[OpeningRow { held_since: at(1000), ..opening(100) }]).await;
    let below = place(first.last().unwrap());
    let rest = db.read().await.newest(None, None, below, 1000).await.unwrap();
    let seen: Vec<Place> = first.iter().chain(&rest).map(place).collect();
    assert_eq!(seen, places);
}
