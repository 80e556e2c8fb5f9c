//! Paging through documents, newest first.

use cairn_node::store::{Filter, HeadRow, Indexed};

use crate::{
    databases::Db,
    samples::{PLAIN, document, facets, filter, found, ids, save},
};

contracts!(
    pages_show_everything_once,
    the_last_saved_is_first,
    what_comes_meanwhile_disturbs_no_page,
    finding_goes_on_below_the_last_one_seen,
);

const COUNT: usize = 60;

/// Documents of two kinds, three cycles and four themes; gives their ids, newest first.
async fn filled(db: &Db) -> Vec<String> {
    let mut tx = db.write().await;
    for n in 0..COUNT {
        let (kind, cycle) = (["note", "session"][n % 2], ["c1", "c2", "c3"][n % 3]);
        let facets = facets(&[("theme", ["t1", "t2", "t3", "t4"][n % 4]), ("state", "open")]);
        let indexed = Indexed { cycle: Some(cycle), facets: &facets, text: "every one", ..PLAIN };
        // All of one moment: the order is that of saving.
        tx.add_document_version(&document(kind, &format!("{n}"), 1), &indexed).await.unwrap();
    }
    tx.commit().await.unwrap();
    (0..COUNT).rev().map(|n| format!("{n}")).collect()
}

async fn paged(db: &Db, filter: &Filter, limit: u64) -> Vec<String> {
    let (mut below, mut seen) = (None, Vec::new());
    loop {
        let page = db.read().await.find(&[], filter, below, limit).await.unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        assert!(page.windows(2).all(|pair| pair[0].num > pair[1].num), "out of order");
        let Some(last) = page.last() else { return seen };
        below = Some(last.num);
        seen.extend(ids(page));
    }
}

async fn pages_show_everything_once(db: Db) {
    assert!(paged(&db, &filter(None, None, &[]), 5).await.is_empty());
    let all = filled(&db).await;
    let every = |step: usize, from: usize| -> Vec<String> {
        all.iter().filter(|id| id.parse::<usize>().unwrap() % step == from).cloned().collect()
    };
    for limit in [1, 7, 59, 60, 1000] {
        assert_eq!(paged(&db, &filter(None, None, &[]), limit).await, all, "pages of {limit}");
        assert_eq!(paged(&db, &filter(None, None, &[("state", "open")]), limit).await, all);
        assert_eq!(paged(&db, &filter(Some("note"), None, &[]), limit).await, every(2, 0));
        assert_eq!(paged(&db, &filter(None, Some("c2"), &[]), limit).await, every(3, 1));
        assert_eq!(paged(&db, &filter(None, None, &[("theme", "t4")]), limit).await, every(4, 3));
        assert_eq!(paged(&db, &filter(Some("session"), Some("c3"), &[]), limit).await, every(6, 5));
        let mixed = filter(Some("note"), Some("c1"), &[("state", "open"), ("theme", "t3")]);
        assert_eq!(paged(&db, &mixed, limit).await, every(12, 6));
    }
    for nothing in [
        filter(Some("none"), None, &[]),
        filter(None, Some("C1"), &[]),
        filter(None, None, &[("theme", "t1"), ("theme", "t2")]),
        filter(None, None, &[("state", "t1")]),
        filter(None, None, &[("theme", "T1")]),
    ] {
        assert!(paged(&db, &nothing, 9).await.is_empty(), "{nothing:?}");
    }
    let mut tx = db.read().await;
    assert_eq!(ids(tx.find(&[], &filter(None, None, &[]), Some(u64::MAX), u64::MAX).await.unwrap()), all);
    assert!(tx.find(&[], &filter(None, None, &[]), Some(0), 9).await.unwrap().is_empty());
}

/// Whatever times it bears, and also if it is of long ago.
async fn the_last_saved_is_first(db: Db) {
    for (id, version) in [("a", 9), ("B", 5), ("ä", 7), ("a", 10), ("c", 1)] {
        save(&db, &document("note", id, version), &Indexed { text: "every one", ..PLAIN }).await;
    }
    let all = filter(None, None, &[]);
    assert_eq!(ids(db.read().await.find(&[], &all, None, 9).await.unwrap()), ["c", "a", "ä", "B"]);
    assert_eq!(found(&db, &["every"], &all).await, ["c", "a", "ä", "B"]);
}

async fn what_comes_meanwhile_disturbs_no_page(db: Db) {
    let all = filled(&db).await;
    for filter in [filter(None, None, &[]), filter(None, None, &[("state", "open")])] {
        let first = db.read().await.find(&[], &filter, None, 10).await.unwrap();
        let new = format!("new {}", first[0].num);
        let facets = facets(&[("state", "open")]);
        save(&db, &document("note", &new, 1), &Indexed { facets: &facets, ..PLAIN }).await;
        let below = first.last().map(|head: &HeadRow| head.num);
        let rest = db.read().await.find(&[], &filter, below, 1000).await.unwrap();
        let seen = [ids(first), ids(rest)].concat();
        assert!(!seen.contains(&new));
        assert_eq!(seen.into_iter().filter(|id| !id.starts_with("new")).collect::<Vec<_>>(), all);
    }
}

async fn finding_goes_on_below_the_last_one_seen(db: Db) {
    let all = filled(&db).await;
    for words in [vec![], vec!["every".to_owned()]] {
        let (mut seen, mut below) = (Vec::new(), None);
        loop {
            let page = db.read().await.find(&words, &filter(None, None, &[]), below, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            below = Some(last.num);
            seen.extend(ids(page));
        }
        assert_eq!(seen, all);
    }
}
