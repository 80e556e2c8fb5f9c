//! Groups of peers, and who belongs to them.

use cairn_proto::pb::admin::{
    AddMemberResponse, CreateGroupResponse, GroupEntry, ListGroupsResponse, Member, RemoveMemberResponse,
};

use super::named;
use crate::output::{Page, text};

/// The groups.
pub(crate) fn list(reply: &ListGroupsResponse, page: &mut Page) {
    let ListGroupsResponse { groups } = reply;
    if groups.is_empty() {
        page.say("There are no groups yet. Make one with");
        page.blank();
        page.verbatim(2, "cairn group new NAME --member PEER");
    }
    for group in groups {
        page.blank();
        whole(group, page);
    }
}

/// After a group was made.
pub(crate) fn created(reply: &CreateGroupResponse, page: &mut Page) {
    let CreateGroupResponse { group } = reply;
    let group = group.clone().unwrap_or_default();
    whole(&group, page);
    page.blank();
    page.verbatim(
        0,
        &format!("To release to it: cairn publish ID --card group --group {} --dry-run", group.id),
    );
}

/// After a peer came in.
pub(crate) fn added(reply: &AddMemberResponse, page: &mut Page) {
    let AddMemberResponse { group, earlier_records } = reply;
    whole(&group.clone().unwrap_or_default(), page);
    page.list("What the new member receives of what was released before", earlier_records);
    if earlier_records.is_empty() {
        page.blank();
        page.say("The new member receives nothing of what was released before.");
    }
}

/// After a peer left.
pub(crate) fn removed(reply: &RemoveMemberResponse, page: &mut Page) {
    let RemoveMemberResponse { group, holds } = reply;
    whole(&group.clone().unwrap_or_default(), page);
    page.list(
        "What it was given as a member stays with it. You can take it back: cairn withdraw RECORD",
        holds,
    );
}

/// One group.
fn whole(group: &GroupEntry, page: &mut Page) {
    let GroupEntry { id, name, about, members, record_ids } = group;
    page.say(&format!("{name} ({id})"));
    page.indented(2, about);
    page.list("Its members", members.iter().map(member));
    if members.is_empty() {
        page.indented(2, "It has no members.");
    }
    page.list("What was released to it", record_ids);
}

/// A member, since when, and with what.
fn member(member: &Member) -> String {
    let Member { name, node_id, since, earlier } = member;
    let since = text::moment_or(since.as_ref(), "an unknown date");
    let earlier = if *earlier { "with what was released before" } else { "without what was released before" };
    format!("{}, since {since}, {earlier}", named(name, node_id))
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{AddMemberResponse, GroupEntry, Member, RemoveMemberResponse};

    use super::{added, removed};
    use crate::output::page::tests::rendered;

    fn group() -> GroupEntry {
        let member =
            Member { name: "Dorset".to_owned(), node_id: "cairn1d".to_owned(), ..Default::default() };
        GroupEntry {
            id: "coast".to_owned(),
            name: "Coastal towns".to_owned(),
            about: "Care by the sea.".to_owned(),
            members: vec![member],
            record_ids: vec!["cairn1plymouth/7".to_owned()],
        }
    }

    #[test]
    fn a_group_shows_who_belongs_to_it_and_what_a_new_member_receives() {
        let reply = AddMemberResponse { group: Some(group()), earlier_records: vec![] };
        let expected = "\
Coastal towns (coast)
  Care by the sea.

Its members
  - Dorset (cairn1d), since an unknown date, without what
    was released before

What was released to it
  - cairn1plymouth/7

The new member receives nothing of what was released before.
";
        assert_eq!(rendered(|page| added(&reply, page)), expected);
    }

    #[test]
    fn who_leaves_keeps_what_it_has_until_it_is_taken_back() {
        let reply = RemoveMemberResponse { group: Some(group()), holds: vec!["cairn1plymouth/7".to_owned()] };
        let text = rendered(|page| removed(&reply, page));
        assert!(text.contains("back: cairn withdraw RECORD"), "{text}");
        assert!(text.ends_with("\n  - cairn1plymouth/7\n"), "{text}");
    }
}
