//! What leaves and what is taken back, against a node that the test plays.

use std::fs;

use crate::{
    fake::FakeNode,
    program::{cairn, finish, run},
};

#[test]
fn every_command_prints_exactly_one_json_value() {
    let node = FakeNode::on_socket();
    for args in [
        "preflight x --card network --override name@noticed=ship",
        "withdraw 7 --reason mistake --yes",
        "withdraw 7 --reason mistake --dry-run",
        "withdraw status",
        "ledger",
        "ledger 7 --to x",
        "pause --reason y",
        "resume",
        "audit list",
        "release list --waiting",
        "release approve 4 --by dpo",
        "release refuse 4 --reason y",
        "group new Coast --member x",
        "group list",
        "group show coast",
        "group add coast x --earlier no",
        "group remove coast x",
        "policy list",
        "hold x/3 --basis law --review 2027-12-01",
        "hold end x/3",
        "hold list",
    ] {
        let args: Vec<_> = args.split(' ').chain(["--json"]).collect();
        let run = run(node.dir(), &args);
        assert!(run.json().is_object(), "{args:?}");
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{args:?}");
    }
    assert!(node.asked("ApproveReleaseRequest")[0].contains(r#"id: 4, approved_by: "dpo""#));
    assert!(node.asked("HoldRecordRequest")[0].contains(r#"review_on: "2027-12-01""#));
}

#[test]
fn a_finding_stops_a_release_until_it_is_overridden_with_a_reason() {
    let node = FakeNode::on_socket();
    let stopped = run(node.dir(), &["preflight", "x", "--card", "keep-here"]);
    assert_eq!((stopped.code, stopped.err.as_str()), (Some(1), ""));
    assert!(stopped.out.contains("found in it and stops the release\n"), "{}", stopped.out);
    assert!(stopped.out.contains("It cannot leave as it stands."), "{}", stopped.out);
    assert!(stopped.out.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", stopped.out);
    let given = "name@noticed=It is a ship.";
    let clear = run(node.dir(), &["preflight", "x", "--card", "network", "--override", given]);
    assert_eq!(clear.code, Some(0));
    assert!(clear.out.contains("Released because  It is a ship.\n"), "{}", clear.out);

    let dry = ["publish", "x", "--card", "group", "--group", "coast", "--dry-run"];
    let stopped = run(node.dir(), &dry);
    assert_eq!(stopped.code, Some(1), "{}", stopped.out);
    assert!(stopped.out.contains("it cannot leave as it stands"), "{}", stopped.out);
    let waits = run(node.dir(), &["publish", "x", "--card", "public", "--override", given]);
    assert_eq!(waits.code, Some(0), "{}", waits.err);
    assert!(
        waits.out.contains("It waits for a second person, as release 4. Nothing has left."),
        "{}",
        waits.out
    );
    let asked = node.last().1;
    assert!(asked.contains(r#"Override { key: "name@noticed", reason: "It is a ship." }"#), "{asked}");
}

#[test]
fn a_file_is_looked_at_without_being_kept() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("draft.md");
    fs::write(&file, "---\ncairn: experiment/1\n---\n").unwrap();
    let args = ["preflight", file.to_str().unwrap(), "--card", "network"];
    assert_eq!(run(node.dir(), &args).code, Some(1));
    let asked = node.last().1;
    assert!(asked.contains("PreflightFile") && asked.contains("draft.md"), "{asked}");
    fs::write(&file, vec![b'a'; 256 * 1024 + 1]).unwrap();
    let large = run(node.dir(), &args);
    assert!(large.code == Some(5) && large.err.contains("larger than 256 KiB"), "{}", large.err);
    assert_eq!(run(node.dir(), &["preflight", "none.yaml", "--card", "network"]).code, Some(5));
}

#[test]
fn a_record_is_taken_back_only_after_a_yes() {
    let node = FakeNode::on_socket();
    let asked = run(node.dir(), &["withdraw", "7", "--reason", "mistake"]);
    assert!(asked.code == Some(2) && asked.err.contains("say --yes"), "{}", asked.err);
    assert!(node.asked("").is_empty(), "nothing was asked of the node");
    let shown = run(node.dir(), &["withdraw", "7", "--reason", "mistake", "--dry-run"]);
    assert!(shown.out.contains("Nothing was taken back yet."), "{}", shown.out);
    assert!(node.asked("WithdrawRequest").iter().all(|asked| asked.contains("dry_run: true")));
    let args = ["withdraw", "7", "--reason", "consent withdrawn", "--part", "noticed", "--yes"];
    let done = run(node.dir(), &args);
    assert!(done.out.starts_with("Taken back: cairn1plymouth/7\n"), "{}", done.out);
    let asked = node.last().1;
    assert!(
        asked.contains(r#"reason: "consent withdrawn""#) && asked.contains(r#"parts: ["noticed"]"#),
        "{asked}"
    );
    assert_eq!(run(node.dir(), &["withdraw", "missing", "--reason", "other", "--yes"]).code, Some(4));
}

#[test]
fn a_withdrawal_is_followed_node_by_node() {
    let node = FakeNode::on_socket();
    let status = run(node.dir(), &["withdraw", "status", "7"]);
    assert_eq!(status.code, Some(0), "{}", status.err);
    for words in [
        "purged: since 3 days",
        "overdue: for 2 days",
        "passed on by tyneside",
        "A receipt is a statement that its holder answers for, and not",
        "cannot be unread",
    ] {
        assert!(status.out.contains(words), "{words}: {}", status.out);
    }
    assert!(node.last().1.contains(r#"record: "7""#));
    assert!(run(node.dir(), &["withdraw", "--json", "status"]).json().is_object());
}

#[test]
fn two_commands_in_one_are_refused() {
    let node = FakeNode::on_socket();
    for args in [
        &["withdraw", "7", "status"][..],
        &["hold", "x/3", "end", "x/4"],
        &["hold", "--basis", "law", "list"],
    ] {
        let run = run(node.dir(), args);
        assert!(run.code == Some(2) && run.err.contains("two commands in one"), "{args:?} {}", run.err);
    }
    assert!(node.asked("").is_empty(), "nothing was asked of the node");
}

#[test]
fn what_earlier_releases_a_member_gets_must_be_said() {
    let node = FakeNode::on_socket();
    let unsaid = run(node.dir(), &["group", "add", "coast", "x"]);
    assert!(unsaid.code == Some(2) && unsaid.err.contains("with --earlier no"), "{}", unsaid.err);
    assert!(node.asked("").is_empty(), "nothing was asked of the node");
    assert_eq!(run(node.dir(), &["group", "add", "coast", "x", "--earlier", "yes"]).code, Some(0));
    assert!(node.last().1.contains("earlier: Some(true)"), "{}", node.last().1);
}

#[test]
fn a_changed_log_ends_with_1_and_files_are_never_written_over() {
    let node = FakeNode::on_socket();
    let changed = run(node.dir(), &["audit", "verify"]);
    assert!(changed.code == Some(1) && changed.out.contains("Entry 2 was changed."), "{}", changed.out);
    let dir = tempfile::tempdir().unwrap();
    let export =
        |args: &[&str]| finish(cairn().current_dir(dir.path()).arg("--data-dir").arg(node.dir()).args(args));
    let log = export(&["audit", "export"]);
    assert_eq!((log.code, log.err.as_str()), (Some(0), ""));
    assert_eq!(fs::read(dir.path().join("cairn-audit.jsonl")).unwrap(), b"{\"seq\":1}\n{\"seq\":2}\n");
    assert_eq!(export(&["audit", "export"]).code, Some(1));
    let policy = export(&["export", "policy", "7", "--json"]).json();
    assert_eq!(policy, serde_json::json!({"file": "policy.jsonld", "bytes": 2}));
}
