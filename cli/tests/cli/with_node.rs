//! Commands against a node that the test plays: what is asked, what is shown, how it ends.

use std::fs;

use serde_json::json;

use crate::{
    fake::FakeNode,
    program::{cairn, finish, run},
};

#[test]
fn over_a_socket_no_token_is_sent() {
    let node = FakeNode::on_socket();
    let run = run(node.dir(), &["status"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.starts_with("Plymouth Alliance\n\nNodeId "), "{}", run.out);
    assert_eq!(node.last().0, None);
}

#[test]
fn over_loopback_the_token_is_sent() {
    let node = FakeNode::on_loopback("s3cret");
    assert_eq!(run(node.dir(), &["status"]).code, Some(0));
    assert_eq!(node.last().0.as_deref(), Some("Bearer s3cret"));
}

#[test]
fn who_asks_is_said_with_every_call() {
    let node = FakeNode::on_loopback("s3cret");
    let asked_by = |command: &mut std::process::Command| {
        let run = finish(command.arg("--data-dir").arg(node.dir()));
        assert_eq!(run.code, Some(0), "{}", run.err);
        node.role()
    };
    assert_eq!(asked_by(cairn().arg("status")), None);
    assert_eq!(asked_by(cairn().env("LOGNAME", "bea").args(["cycle", "list"])).as_deref(), Some("bea"));
    assert_eq!(asked_by(cairn().env("USER", "ann").args(["cycle", "list"])).as_deref(), Some("ann"));
    let given = asked_by(cairn().env("CAIRN_AS", "nurse").env("USER", "ann").arg("status"));
    assert_eq!(given.as_deref(), Some("nurse"));
    let given = asked_by(cairn().args(["entry", "show", "x", "--as", "Pflegekraft für Ä"]));
    assert_eq!(given.as_deref(), Some("Pflegekraft für Ä"));
}

#[test]
fn json_is_one_value_with_the_names_of_the_schema() {
    let node = FakeNode::on_socket();
    let status = run(node.dir(), &["status", "--json"]).json();
    assert_eq!(status["node_id"], "cairn1plymouth");
    assert_eq!(status["log_size"], json!(7));
    assert_eq!(status["held_records"], json!(0));
    assert_eq!(
        run(node.dir(), &["inbox", "--json"]).json(),
        json!({"records": [], "next_cursor": "", "not_shown": []})
    );
    assert_eq!(
        run(node.dir(), &["peer", "list", "--json"]).json()["peers"][0]["standing"],
        "STANDING_ACTIVE"
    );
}

#[test]
fn every_command_prints_exactly_one_json_value() {
    let node = FakeNode::on_socket();
    for args in [
        "place show",
        "place set --name X",
        "peer invite",
        "peer accept cairninvite1q",
        "peer show x",
        "peer test x",
        "peer explain x 3",
        "peer remove x --reason y --yes",
        "experiment list",
        "experiment show x",
        "publish x --card public",
        "publish profile --card network --dry-run",
        "inbox",
        "list",
        "show 1",
        "sync status",
        "doctor",
        "keys show",
        "keys rotate --yes",
    ] {
        let args: Vec<_> = args.split(' ').chain(["--json"]).collect();
        let run = run(node.dir(), &args);
        assert!(run.json().is_object(), "{args:?}");
        assert_eq!(run.err, "", "{args:?}");
    }
}

#[test]
fn what_the_node_refuses_ends_with_its_sentence_and_the_right_code() {
    let node = FakeNode::on_socket();
    for (word, exit, name, sentence) in [
        ("missing", 4, "not_found", "There is no such thing. See `cairn list`."),
        ("refused", 1, "refused", "The consent does not cover this."),
        ("forbidden", 1, "refused", "You may not."),
        ("wrong", 2, "usage", "This is not a word I know."),
        ("broken", 70, "internal", "Something broke."),
    ] {
        let plain = run(node.dir(), &["experiment", "show", word]);
        assert_eq!((plain.code, plain.out.as_str()), (Some(exit), ""), "{word}");
        assert_eq!(plain.err, format!("{sentence}\n"));
        let json = run(node.dir(), &["experiment", "show", word, "--json"]);
        assert_eq!(json.json_error(), (name.to_owned(), sentence.to_owned()));
    }
    let old = run(node.dir(), &["show", "old"]);
    assert!(old.err.contains("it is older than this command"), "{}", old.err);
}

#[test]
fn nothing_in_a_record_reaches_the_terminal_as_a_command() {
    let node = FakeNode::on_socket();
    let text = run(node.dir(), &["experiment", "show", "x"]).out;
    assert!(text.starts_with("]0;ownedA title31m\n"), "{text:?}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    let run = run(node.dir(), &["experiment", "show", "x", "--json"]);
    assert!(run.out.trim_end().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", run.out);
    assert_eq!(run.json()["summary"]["title"], "\u{1b}]0;owned\u{7}A title\u{202e}\u{9b}31m");
}

#[test]
fn a_check_up_that_finds_something_to_mend_ends_with_1() {
    let node = FakeNode::on_socket();
    let run = run(node.dir(), &["doctor"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    assert!(run.out.starts_with("Needs mending\n  - Disk: so it is.\n"), "{}", run.out);
}

#[test]
fn files_go_to_the_node_as_they_are() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).display().to_string()
    };
    let (one, two) = (file("one.yaml", "dorset"), file("two.yaml", "edufi"));
    let single = run(node.dir(), &["experiment", "import", &one, "--json"]).json();
    assert_eq!(single["experiment"]["id"], "dorset");
    let several = run(node.dir(), &["experiment", "import", &one, &two, "--json"]).json();
    assert_eq!(several[1]["experiment"]["id"], "edufi");
    let bad = file("bad.yaml", "wrong");
    let stopped = run(node.dir(), &["experiment", "import", &one, &bad, &two]);
    assert_eq!(stopped.code, Some(2));
    assert!(stopped.out.contains("dorset: "), "{}", stopped.out);
    assert!(stopped.err.contains("1 of 3 files were taken in"), "{}", stopped.err);
}

#[test]
fn evidence_is_written_once_and_never_over() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let export = || {
        let mut command = cairn();
        command.current_dir(dir.path()).arg("--data-dir").arg(node.dir()).args(["export", "evidence", "7"]);
        finish(&mut command)
    };
    assert_eq!(export().code, Some(0));
    assert_eq!(fs::read(dir.path().join("plymouth-7.cairn")).unwrap(), b"pack");
    let again = export();
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("Nothing was written over."), "{}", again.err);
    let nowhere = run(node.dir(), &["export", "evidence", "7", "--out", "/nonexistent/x"]);
    assert!(
        nowhere.code == Some(1) && nowhere.err.contains("The directory is not there."),
        "{}",
        nowhere.err
    );
    let missing = run(node.dir(), &["export", "evidence", "missing"]);
    assert_eq!(missing.code, Some(4));
}

#[test]
fn words_arrive_as_the_request() {
    let node = FakeNode::on_socket();
    run(
        node.dir(),
        &["place", "set", "--scale", "borough", "--theme", "a", "--theme", "b", "--contact", "role=x@y"],
    );
    let asked = node.last().1;
    assert!(asked.contains(r#"name: None, scale: Some("borough")"#), "{asked}");
    assert!(
        asked.contains(r#"themes: ["a", "b"]"#) && asked.contains(r#"role: "role", reach: "x@y""#),
        "{asked}"
    );
    run(
        node.dir(),
        &["peer", "invite", "--purpose", "peer learning", "--purpose", "research", "--valid-days", "7"],
    );
    let asked = node.last().1;
    assert!(
        asked.contains("relay: false, valid_days: 7") && asked.contains("PeerLearning, Research"),
        "{asked}"
    );
    run(node.dir(), &["peer", "remove", "South Tyneside", "--reason", "It is over.", "--yes"]);
    assert!(node.last().1.contains(r#"peer: "South Tyneside", reason: "It is over.""#));
    run(node.dir(), &["inbox", "--peer", "x", "--limit", "3"]);
    assert!(node.last().1.contains("source: Peers, peer: \"x\", limit: 3"), "{}", node.last().1);
}
