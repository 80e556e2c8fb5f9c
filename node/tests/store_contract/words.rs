//! Records are found by their words once they were indexed, and never again once they were purged.

use cairn_node::store::{OpeningRow, SpanRow, WordsRow};
use jiff::SignedDuration;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    databases::{Db, Sqlite},
    forgetting::holding,
    samples::{at, hold, new_log, opening},
};

contracts!(
    words_and_beginnings_of_words_are_found,
    of_one_log_or_of_all_but_one,
    pages_show_everything_once_and_newest_first,
    what_is_not_indexed_is_known_and_indexed_once,
    what_comes_while_others_are_indexed_is_not_forgotten,
    an_indexing_that_was_cut_off_leaves_everything_to_do,
    words_go_with_their_record,
    what_was_purged_since_it_was_read_is_not_indexed,
    indexing_and_purging_at_once_leave_no_words,
    a_lost_index_of_records_is_made_again,
    any_time_and_any_number_at_a_time,
);

/// An opening that says these words.
fn saying(index: u64, words: &str) -> OpeningRow {
    OpeningRow { envelope: words.as_bytes().to_vec(), ..opening(index) }
}

/// Reads what is to be indexed, at most so many of one log.
async fn unindexed(db: &Db, limit: u32) -> Option<(SpanRow, Vec<WordsRow>)> {
    let (span, openings) = db.read().await.unindexed_records(limit).await.unwrap()?;
    let words = |row: &OpeningRow| {
        WordsRow::new(span.log_id, row.index, &String::from_utf8(row.envelope.clone()).unwrap())
    };
    Some((span, openings.iter().map(words).collect()))
}

async fn enter(db: &Db, (span, words): &(SpanRow, Vec<WordsRow>)) {
    let mut tx = db.write().await;
    tx.index_records(span, words).await.unwrap();
    tx.commit().await.unwrap();
}

/// Indexes everything, so many at a time; gives how many times that took.
async fn index(db: &Db, limit: u32) -> usize {
    let mut times = 0;
    while let Some(some) = unindexed(db, limit).await {
        enter(db, &some).await;
        times += 1;
        assert!(times < 1000, "it comes to no end: {some:?}");
    }
    times
}

/// Logs and indices of what has all these words.
async fn found_of(db: &Db, words: &[&str], only: Option<i64>, but: Option<i64>) -> Vec<(i64, u64)> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let rows = db.read().await.newest_with(&words, only, but, None, 1000).await.unwrap();
    rows.iter().map(|row| (row.held.log_id, row.held.opening.index)).collect()
}

/// Indices of what has all these words.
async fn found(db: &Db, words: &[&str]) -> Vec<u64> {
    found_of(db, words, None, None).await.into_iter().map(|(_, index)| index).collect()
}

async fn purge(db: &Db, log: i64, index: u64) {
    let mut tx = db.write().await;
    tx.purge(log, index, at(9)).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many rows the index has, and how many numbers are given.
async fn rows_of_the_index(db: &Db) -> (i64, i64) {
    let sql = "SELECT (SELECT COUNT(*) FROM record_index), (SELECT COUNT(*) FROM record_index_rows)";
    if db.url.starts_with("sqlite") {
        sqlx::query_as(sql).fetch_one(&mut SqliteConnection::connect(&db.url).await.unwrap()).await.unwrap()
    } else {
        sqlx::query_as(sql).fetch_one(&mut PgConnection::connect(&db.url).await.unwrap()).await.unwrap()
    }
}

async fn words_and_beginnings_of_words_are_found(db: Db) {
    let log = new_log(&db, 1).await;
    hold(
        &db,
        log,
        &[saying(1, "rehab budget of the year"), saying(2, "budgets"), saying(5, "a rehabilitation")],
    )
    .await;
    assert!(found(&db, &["budget"]).await.is_empty(), "openings are kept first");
    index(&db, 100).await;
    assert_eq!(found(&db, &["budget"]).await, [2, 1]);
    assert_eq!(found(&db, &["rehab", "budget"]).await, [1]);
    assert_eq!(found(&db, &["rehab"]).await, [5, 1]);
    assert!(found(&db, &["ehab"]).await.is_empty());
    assert!(found(&db, &["absent"]).await.is_empty());
    // Whatever is no letter separates words, and nothing is read as the syntax of a query.
    assert_eq!(found(&db, &["rehab \" OR budget) & !x:*"]).await, Vec::<u64>::new());
    assert_eq!(found(&db, &["\"rehab\" ', budget*:"]).await, [1]);
    assert!(found(&db, &[]).await.is_empty());
    assert!(found(&db, &["'", "\u{e000}"]).await.is_empty());
    let rows = db.read().await.newest_with(&["rehabil".to_owned()], None, None, None, 9).await.unwrap();
    assert_eq!(rows[0].held.opening, saying(5, "a rehabilitation"));
    assert_eq!((rows.len(), rows[0].held.log_id, rows[0].held.origin), (1, log, crate::samples::node(1)));
}

async fn of_one_log_or_of_all_but_one(db: Db) {
    let logs = [new_log(&db, 1).await, new_log(&db, 2).await, new_log(&db, 3).await];
    for log in logs {
        hold(&db, log, &[saying(1, "spring"), saying(2, "autumn")]).await;
    }
    index(&db, 100).await;
    for log in logs {
        assert_eq!(found_of(&db, &["spring"], Some(log), None).await, [(log, 1)]);
        let others = found_of(&db, &["autumn"], None, Some(log)).await;
        assert!(
            others.len() == 2 && others.iter().all(|(of, index)| *of != log && *index == 2),
            "{others:?}"
        );
    }
    assert!(found_of(&db, &["spring"], Some(logs[0]), Some(logs[0])).await.is_empty());
    assert!(found_of(&db, &["spring"], Some(99), None).await.is_empty());
    assert_eq!(found_of(&db, &["spring"], None, Some(99)).await.len(), 3);
}

async fn pages_show_everything_once_and_newest_first(db: Db) {
    let minutes = |n: u64| at(0) + SignedDuration::from_mins(n.cast_signed());
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    let rows = |times: fn(u64) -> u64| -> Vec<OpeningRow> {
        (0..20).map(|n| OpeningRow { held_since: minutes(times(n)), ..saying(n, "spring") }).collect()
    };
    // Later indices were held earlier in the first, and it is indexed first.
    hold(&db, one, &rows(|n| 2 * (20 - n))).await;
    hold(&db, two, &rows(|n| 2 * n + 1)).await;
    index(&db, 3).await;
    let mut expected: Vec<_> = (0..20).flat_map(|n| [(2 * (20 - n), one, n), (2 * n + 1, two, n)]).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    let expected: Vec<_> = expected.into_iter().map(|(_, log, index)| (log, index)).collect();
    for limit in [1, 7, 39, 40, 100] {
        let (mut below, mut seen) = (None, Vec::new());
        loop {
            let page = db.read().await.newest_with(&["spr".into()], None, None, below, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit as usize);
            below = Some(last.num);
            seen.extend(page.iter().map(|row| (row.held.log_id, row.held.opening.index)));
        }
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

async fn what_is_not_indexed_is_known_and_indexed_once(db: Db) {
    assert_eq!(unindexed(&db, 9).await, None);
    let log = new_log(&db, 1).await;
    let rows: Vec<_> = (10..20).map(|index| saying(index, "spring")).collect();
    hold(&db, log, &rows).await;
    let (span, words) = unindexed(&db, 4).await.unwrap();
    assert_eq!((span, words.len()), (SpanRow { log_id: log, first: 10, last: 19 }, 4));
    enter(&db, &(span, words.clone())).await;
    let (rest, _) = unindexed(&db, 4).await.unwrap();
    assert_eq!((rest.first, rest.last), (14, 19));
    // Entered again, and asked for again by who brings it again: nothing stands there twice.
    enter(&db, &(span, words)).await;
    index(&db, 4).await;
    hold(&db, log, &rows).await;
    assert_eq!(index(&db, 4).await, 1);
    assert_eq!(found(&db, &["spring"]).await.len(), 10);
    assert_eq!(rows_of_the_index(&db).await, (10, 10));
}

async fn what_comes_while_others_are_indexed_is_not_forgotten(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[saying(2, "spring"), saying(6, "spring")]).await;
    let read = unindexed(&db, 9).await.unwrap();
    // Within what was read, beside it under the same beginning, and before it.
    hold(&db, log, &[saying(2, "spring"), saying(4, "autumn")]).await;
    hold(&db, log, &[saying(2, "spring"), saying(9, "autumn")]).await;
    hold(&db, log, &[saying(1, "autumn")]).await;
    enter(&db, &read).await;
    index(&db, 2).await;
    assert_eq!(found(&db, &["spring"]).await, [6, 2]);
    let mut late = found(&db, &["autumn"]).await;
    late.sort_unstable();
    assert_eq!(late, [1, 4, 9]);
}

async fn an_indexing_that_was_cut_off_leaves_everything_to_do(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[saying(1, "spring"), saying(2, "spring")]).await;
    let (span, words) = unindexed(&db, 9).await.unwrap();
    let mut tx = db.write().await;
    tx.index_records(&span, &words).await.unwrap();
    drop(tx);
    assert!(found(&db, &["spring"]).await.is_empty());
    let again = db.again().await;
    index(&again, 9).await;
    assert_eq!(found(&again, &["spring"]).await, [2, 1]);
    again.store.close().await;
}

async fn words_go_with_their_record(db: Db) {
    let log = new_log(&db, 1).await;
    let ending = |index| OpeningRow { expires_at: Some(at(5)), ..saying(index, "spring") };
    hold(&db, log, &[saying(1, "spring"), saying(2, "spring"), ending(3), ending(4), saying(5, "autumn")])
        .await;
    index(&db, 100).await;
    purge(&db, log, 2).await;
    assert_eq!(found(&db, &["spring"]).await, [4, 3, 1]);
    let mut tx = db.write().await;
    assert_eq!(tx.purge_expired(at(5)).await.unwrap(), 2);
    drop(tx);
    assert_eq!(found(&db, &["spring"]).await, [4, 3, 1], "not committed");
    let mut tx = db.write().await;
    assert_eq!(tx.purge_expired(at(5)).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(found(&db, &["spring"]).await, [1]);
    assert_eq!(rows_of_the_index(&db).await, (2, 2));
    hold(&db, log, &[saying(2, "spring"), saying(3, "spring")]).await;
    index(&db, 100).await;
    assert_eq!(found(&db, &["spring"]).await, [1], "what is gone does not come back");
    assert_eq!(found(&db, &["autumn"]).await, [5]);
}

async fn what_was_purged_since_it_was_read_is_not_indexed(db: Db) {
    let log = new_log(&db, 1).await;
    hold(&db, log, &[saying(1, "spring"), saying(2, "spring"), saying(3, "spring")]).await;
    let read = unindexed(&db, 9).await.unwrap();
    purge(&db, log, 2).await;
    enter(&db, &read).await;
    assert_eq!(rows_of_the_index(&db).await, (2, 2));
    assert_eq!(found(&db, &["spring"]).await, [3, 1]);
    assert_eq!(unindexed(&db, 9).await, None);
}

/// Whichever comes first, the other waits for it.
async fn indexing_and_purging_at_once_leave_no_words(db: Db) {
    let log = new_log(&db, 1).await;
    for round in 0..30 {
        let of = |n: u64| 10 * round + n;
        let ending = OpeningRow { expires_at: Some(at(5)), ..saying(of(2), "spring") };
        hold(&db, log, &[saying(of(1), "spring"), ending, saying(of(3), "autumn")]).await;
        let read = unindexed(&db, 9).await.unwrap();
        let purges = async {
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            let mut tx = db.write().await;
            match round % 3 {
                0 => tx.purge_expired(at(5)).await.map(drop).unwrap(),
                _ => tx.purge(log, of(2), at(5)).await.map(drop).unwrap(),
            }
            tx.purge(log, of(1), at(5)).await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::join!(enter(&db, &read), purges);
        index(&db, 9).await;
        assert!(found(&db, &["spring"]).await.is_empty());
        let kept = i64::try_from(round).unwrap() + 1;
        assert_eq!(rows_of_the_index(&db).await, (kept, kept), "only what is held has words");
    }
}

/// The index is not of the schema that migrations know.
async fn a_lost_index_of_records_is_made_again(db: Db) {
    let (one, two) = (new_log(&db, 1).await, new_log(&db, 2).await);
    hold(&db, one, &[saying(3, "spring"), saying(7, "autumn")]).await;
    hold(&db, two, &[saying(1, "spring")]).await;
    index(&db, 9).await;
    hold(&db, two, &[saying(2, "spring")]).await;
    db.store.close().await;
    let sql = "DROP TABLE record_index";
    if db.url.starts_with("sqlite") {
        sqlx::query(sql).execute(&mut SqliteConnection::connect(&db.url).await.unwrap()).await.unwrap();
    } else {
        sqlx::query(sql).execute(&mut PgConnection::connect(&db.url).await.unwrap()).await.unwrap();
    }
    let db = db.again().await;
    assert!(found(&db, &["spring"]).await.is_empty());
    index(&db, 9).await;
    let mut again = found_of(&db, &["spring"], None, None).await;
    again.sort_unstable();
    assert_eq!(again, [(one, 3), (two, 1), (two, 2)]);
    assert_eq!(found(&db, &["autumn"]).await, [7]);
    db.store.close().await;
}

async fn any_time_and_any_number_at_a_time(db: Db) {
    let log = new_log(&db, 1).await;
    let times = ["-000300-01-01T00:00Z", "1970-01-01T00:00Z", "2026-01-01T00:00Z", "9999-01-01T00:00Z"];
    let times = times.map(|time| time.parse().unwrap());
    let rows = times
        .iter()
        .zip(1..)
        .map(|(time, index)| OpeningRow { held_since: *time, ..saying(index, "spring") });
    hold(&db, log, &rows.collect::<Vec<_>>()).await;
    index(&db, 9).await;
    assert_eq!(found(&db, &["spring"]).await, [4, 3, 2, 1]);
    let many: Vec<_> =
        (100..900).map(|index| OpeningRow { held_since: at(1), ..saying(index, "autumn") }).collect();
    hold(&db, log, &many).await;
    index(&db, 300).await;
    assert_eq!(found(&db, &["autumn"]).await, (100..900).rev().collect::<Vec<_>>());
    assert_eq!(rows_of_the_index(&db).await, (804, 804));
}

/// Many records come, are indexed and go: pages of the index split and merge, and no copy stays of words that moved.
#[tokio::test]
async fn words_of_purged_records_are_in_no_file() {
    const ROUNDS: u64 = 4;
    let mark = |index: u64| format!("purged{}{}", index % ROUNDS, "o".repeat(20));
    let text = |index: u64| -> String {
        let mut seed = index * 7919 + 1;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 40
        };
        (0..300).map(|_| format!("{}{:x} ", mark(index), random())).collect()
    };
    let files = Sqlite::new();
    let db = files.open().await;
    let log = new_log(&db, 1).await;
    let nowhere = Vec::<std::path::PathBuf>::new();
    // Only the index has the words, so that it is the index that is looked at.
    hold(&db, log, &(0..200).map(opening).collect::<Vec<_>>()).await;
    while let Some((span, openings)) = db.read().await.unindexed_records(16).await.unwrap() {
        let words = openings.iter().map(|row| WordsRow::new(log, row.index, &text(row.index))).collect();
        enter(&db, &(span, words)).await;
    }
    for round in 0..ROUNDS {
        let mark = mark(round);
        assert_ne!(holding(files.dir(), &mark), nowhere);
        assert_eq!(found(&db, &[&mark]).await.len(), 200 / usize::try_from(ROUNDS).unwrap());
        for index in (0..200).filter(|index| index % ROUNDS == round) {
            purge(&db, log, index).await;
        }
        db.store.forget().await.unwrap();
        assert_eq!(holding(files.dir(), &mark), nowhere, "{mark}");
        assert!(found(&db, &[&mark]).await.is_empty());
    }
    db.store.close().await;
    assert_eq!(holding(files.dir(), "purged"), nowhere);
}

/// One word of one record, from the log's side file and from the database file; also after a crash, at the next start.
#[tokio::test]
async fn one_word_of_one_record_is_in_no_file() {
    for checkpointed in [false, true] {
        let files = Sqlite::new();
        let db = files.open().await;
        let log = new_log(&db, 1).await;
        let nowhere = Vec::<std::path::PathBuf>::new();
        hold(&db, log, &[saying(1, "the kept one"), saying(2, "the purgedword")]).await;
        index(&db, 9).await;
        if checkpointed {
            db.store.forget().await.unwrap();
        }
        assert_ne!(holding(files.dir(), "purgedword"), nowhere);
        purge(&db, log, 2).await;
        db.store.close().await;
        let db = files.open().await;
        assert_eq!(holding(files.dir(), "purgedword"), nowhere);
        assert_ne!(holding(files.dir(), "kept"), nowhere);
        assert_eq!(found(&db, &["the"]).await, [1]);
        db.store.close().await;
    }
}
