//! Our groups and their members.

use cairn_node::store::{GroupRow, MemberRow};

use crate::{
    databases::Db,
    samples::{at, node},
};

contracts!(
    a_group_is_kept_and_changed,
    a_member_joins_once_and_leaves_once,
    memberships_are_of_one_node,
    the_newest_word_about_a_group_counts,
    who_belonged_by_the_record_before_does_not_join,
    who_belongs_by_a_purged_record_belongs_no_more,
);

fn group(id: &str, record: Option<u64>) -> GroupRow {
    GroupRow { id: id.into(), name: "Northern circle".into(), about: String::new(), record }
}

fn member(group: &str, who: u8, since: i64, earlier: bool) -> MemberRow {
    MemberRow { group: group.into(), node: node(who), since: at(since), earlier }
}

async fn a_group_is_kept_and_changed(db: Db) {
    let mut tx = db.write().await;
    for row in [group("north", None), group("east", Some(3)), group("north", Some(4))] {
        tx.save_group(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.groups().await.unwrap(), [group("east", Some(3)), group("north", Some(4))]);
}

async fn a_member_joins_once_and_leaves_once(db: Db) {
    let mut tx = db.write().await;
    assert!(tx.add_member(&member("north", 1, 5, false)).await.unwrap());
    assert!(!tx.add_member(&member("north", 1, 9, true)).await.unwrap());
    assert!(tx.add_member(&member("north", 2, 4, true)).await.unwrap());
    assert_eq!(tx.members().await.unwrap(), [member("north", 2, 4, true), member("north", 1, 5, false)]);
    assert!(tx.remove_member("north", &node(1)).await.unwrap());
    assert!(!tx.remove_member("north", &node(1)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.members().await.unwrap(), [member("north", 2, 4, true)]);
}

async fn memberships_are_of_one_node(db: Db) {
    let mut tx = db.write().await;
    for row in [member("north", 1, 1, false), member("east", 1, 2, true), member("east", 2, 3, false)] {
        tx.add_member(&row).await.unwrap();
    }
    let of_one = tx.memberships_of(&node(1)).await.unwrap();
    assert_eq!(of_one, [member("east", 1, 2, true), member("north", 1, 1, false)]);
    assert!(tx.memberships_of(&node(3)).await.unwrap().is_empty());
}

async fn the_newest_word_about_a_group_counts(db: Db) {
    let mut tx = db.write().await;
    for (log, group, index, newer) in [
        (1, "north", 4, true),
        (1, "north", 4, false),
        (1, "north", 3, false),
        (1, "north", 9, true),
        (1, "east", 4, true),
        (2, "north", 1, true),
    ] {
        assert_eq!(tx.belong(log, group, index, None).await.unwrap(), newer, "{log} {group} {index}");
    }
}

async fn who_belonged_by_the_record_before_does_not_join(db: Db) {
    let mut tx = db.write().await;
    for (log, group, index, revises, joins) in [
        (1, "north", 4, Some(2), true), // what it revises was for others
        (1, "north", 6, Some(4), false),
        (1, "north", 6, Some(4), false),  // the same once more
        (1, "north", 9, Some(8), true),   // between them stands one that was for others
        (1, "north", 7, Some(9), false),  // nothing revises a later one
        (1, "north", 12, Some(9), false), // the newest is still the ninth
        (1, "east", 13, Some(12), true),
        (2, "north", 13, Some(12), true),
    ] {
        let joined = tx.belong(log, group, index, revises).await.unwrap();
        assert_eq!(joined, joins, "{log} {group} {index}");
    }
}

async fn who_belongs_by_a_purged_record_belongs_no_more(db: Db) {
    let mut tx = db.write().await;
    for (log, group, index) in [(1, "north", 4), (1, "east", 5), (2, "north", 4)] {
        assert!(tx.belong(log, group, index, None).await.unwrap());
    }
    tx.purge(1, 4, at(9)).await.unwrap();
    tx.forget_memberships(1).await.unwrap();
    tx.forget_memberships(2).await.unwrap();
    for (log, group, index, joins) in [(1, "north", 6, true), (1, "east", 6, false), (2, "north", 6, false)] {
        let revises = Some(if group == "east" { 5 } else { 4 });
        assert_eq!(tx.belong(log, group, index, revises).await.unwrap(), joins, "{log} {group}");
    }
}
