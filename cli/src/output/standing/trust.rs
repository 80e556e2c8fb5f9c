//! Lists of proposals about others, and what each would change here.

use cairn_proto::pb::admin::{
    AcceptTrustResponse, DropTrustResponse, ExportTrustResponse, ImportTrustResponse, ListTrustResponse,
    TrustDraft, TrustLine,
};

use crate::output::{Page, text};

/// What to do with a list that was written.
pub(crate) fn exported(reply: &ExportTrustResponse) -> String {
    let entries = text::count(reply.entries, "entry", "entries");
    format!("It has {entries} and is signed by you. Nothing was sent: hand it over yourself.")
}

/// After a list was taken in.
pub(crate) fn imported(reply: &ImportTrustResponse, page: &mut Page) {
    let ImportTrustResponse { list } = reply;
    let list = list.clone().unwrap_or_default();
    page.say("Taken in as a draft. Nothing has changed.");
    page.blank();
    draft(&list, |_| true, page);
    if list.entries.iter().any(|line| line.can_accept) {
        page.blank();
        page.say("To do what some of it proposes:");
        page.blank();
        page.verbatim(2, &format!("cairn trust accept {} ENTRY", list.id));
    }
}

/// All lists, in a few lines each.
pub(crate) fn list(reply: &ListTrustResponse, page: &mut Page) {
    let ListTrustResponse { lists } = reply;
    if lists.is_empty() {
        page.say("No list of another place is kept here.");
    }
    for one in lists {
        page.blank();
        head(one, page);
        let open = one.entries.iter().filter(|line| line.can_accept).count();
        let entries = text::count(one.entries.len() as u64, "entry", "entries");
        page.indented(2, &format!("{entries}, of which {open} could be accepted"));
    }
}

/// One list, with what each entry would change.
pub(crate) fn whole(reply: &ListTrustResponse, page: &mut Page) {
    for one in &reply.lists {
        draft(one, |_| true, page);
    }
}

/// The chosen entries; with none chosen, all that can be accepted.
pub(crate) fn chosen(reply: &ListTrustResponse, entries: &[u32], page: &mut Page) {
    let among = |line: &TrustLine| match entries {
        [] => line.can_accept,
        entries => entries.contains(&line.n),
    };
    for one in &reply.lists {
        draft(one, among, page);
    }
}

/// After entries were accepted.
pub(crate) fn accepted(reply: &AcceptTrustResponse, page: &mut Page) {
    let AcceptTrustResponse { done } = reply;
    if done.is_empty() {
        page.say("There was nothing to accept, and nothing has changed.");
    }
    for words in done {
        page.bullet(0, words);
    }
}

/// After a list was forgotten.
pub(crate) fn dropped(_: &DropTrustResponse, page: &mut Page) {
    page.say("The list is forgotten. What was accepted of it stays.");
}

/// Who made a list and what for.
fn head(list: &TrustDraft, page: &mut Page) {
    let TrustDraft { id, author_name, author_standing, about, made_at, imported_at, .. } = list;
    page.say(&format!("List {id} of {author_name}"));
    page.fields(
        2,
        &[
            ("About", about.clone()),
            ("Its author", author_standing.clone()),
            ("Its author's words", list.author_words.clone()),
            ("Made", text::moment_or(made_at.as_ref(), "")),
            ("Taken in", text::moment_or(imported_at.as_ref(), "")),
        ],
    );
}

fn draft(list: &TrustDraft, among: impl Fn(&TrustLine) -> bool, page: &mut Page) {
    head(list, page);
    if list.entries.is_empty() {
        page.indented(2, "It proposes nothing.");
    }
    for line in list.entries.iter().filter(|line| among(line)) {
        page.blank();
        entry(line, page);
    }
}

/// One entry.
fn entry(line: &TrustLine, page: &mut Page) {
    let TrustLine { n, node_id, name, proposal_words, reason, review_on, consequence, .. } = line;
    let called = if name.is_empty() { text::short_id(node_id) } else { format!("{name} (so called there)") };
    let accepted = line.accepted_at.as_ref();
    let accepted = accepted.map(|at| format!("{}, by {}", text::moment(at), line.accepted_by));
    page.say(&format!("{n}. {called}: {proposal_words}"));
    page.fields(
        3,
        &[
            ("Why", if reason.is_empty() { "not said".to_owned() } else { reason.clone() }),
            ("They look at it again on", review_on.clone()),
            ("Here", consequence.clone()),
            ("Accepted", accepted.unwrap_or_default()),
            ("NodeId", node_id.clone()),
        ],
    );
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::admin::{ListTrustResponse, TrustDraft, TrustLine};

    use super::{chosen, whole};
    use crate::output::page::tests::rendered;

    fn lists() -> ListTrustResponse {
        let line = |n: u32, can_accept: bool, consequence: &str| TrustLine {
            n,
            node_id: format!("cairn1node{n}"),
            name: "Dorset".to_owned(),
            proposal_words: "block it".to_owned(),
            consequence: consequence.to_owned(),
            can_accept,
            ..Default::default()
        };
        let entries = vec![line(1, true, "it would end"), line(2, false, "it is your own node")];
        let author_name = "Plymouth Alliance".to_owned();
        ListTrustResponse { lists: vec![TrustDraft { id: 4, author_name, entries, ..Default::default() }] }
    }

    #[test]
    fn each_entry_says_what_it_would_change_here() {
        let expected = "\
List 4 of Plymouth Alliance

1. Dorset (so called there): block it
   Why     not said
   Here    it would end
   NodeId  cairn1node1

2. Dorset (so called there): block it
   Why     not said
   Here    it is your own node
   NodeId  cairn1node2
";
        assert_eq!(rendered(|page| whole(&lists(), page)), expected);
        let all = rendered(|page| chosen(&lists(), &[], page));
        assert!(all.contains("it would end") && !all.contains("your own node"), "{all}");
        let second = rendered(|page| chosen(&lists(), &[2], page));
        assert!(!second.contains("it would end") && second.contains("your own node"), "{second}");
    }
}
