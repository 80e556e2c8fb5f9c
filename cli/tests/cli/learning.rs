//! Commands for documents against a node that the test plays.

use std::{fs, io::Write as _, process::Stdio};

use serde_json::{Value, json};

use crate::{
    fake::FakeNode,
    fake_learning::{FILE, content},
    program::{Run, cairn, finish, run},
};

/// The parts of a saved document, as they went to the node.
fn parts(asked: &str) -> Value {
    serde_json::from_str(&content(asked)).unwrap()
}

#[test]
fn every_command_prints_exactly_one_json_value() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file.yaml");
    fs::write(&file, "cairn: entry/1\n").unwrap();
    for args in [
        "entry new --cycle c text",
        "entry edit x --stage understand",
        "entry import FILE",
        "observe show x --version 2",
        "observation show x --file",
        "session list",
        "session list --theme x",
        "prompt list",
        "prompt hide x",
        "prompt load FILE",
        "cycle history x",
        "cycle trace x",
        "cycle erase x --reason y --yes",
        "cycle erase x --reason y --dry-run",
        "cycle import FILE --replace",
        "cycle prompts x",
        "map import FILE --system s --seen-by r --title t",
        "experiment declare x",
        "experiment history x",
        "experiment list --state running",
        "consent give x",
        "consent withdraw x --yes",
        "consent refuse x --dry-run",
        "consent renew x --until 2030-01-01",
        "search cold --kind observe",
        "trace change/x",
        "draft list",
        "draft discard 7 --yes",
    ] {
        let words = args.split(' ').map(|word| if word == "FILE" { file.to_str().unwrap() } else { word });
        let args: Vec<_> = words.chain(["--json"]).collect();
        let run = run(node.dir(), &args);
        assert!(run.json().is_object(), "{args:?}");
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{args:?}");
        assert!(run.out.trim_end().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{args:?}");
    }
}

#[test]
fn nothing_in_a_document_reaches_the_terminal_as_a_command() {
    let node = FakeNode::on_socket();
    for args in
        ["entry show x", "entry list", "search x", "trace entry/x", "experiment show x", "cycle prompts x"]
    {
        let args: Vec<_> = args.split(' ').collect();
        let text = run(node.dir(), &args).out;
        assert!(text.contains("]0;ownedA title31m"), "{args:?} {text:?}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{args:?} {text:?}");
    }
}

#[test]
fn parts_arrive_as_they_were_typed() {
    let node = FakeNode::on_socket();
    let text = "She said: 'no' # {a: b}";
    let args = ["session", "new", "--title", text, "--took-part", "a", "--took-part", "b", "--readings"];
    let args: Vec<_> = args.into_iter().chain(["by: us, reading: well, so: it is"]).collect();
    assert_eq!(run(node.dir(), &args).code, Some(0));
    let asked = node.last().1;
    assert_eq!(
        parts(&asked),
        json!({"cairn": "session/1", "title": text, "took_part": ["a", "b"],
               "readings": [{"by": "us", "reading": "well, so: it is"}]})
    );
    assert!(asked.contains("kind: \"session\"") && asked.contains("only_new: true"), "{asked}");
    run(node.dir(), &["reflect", "edit", "r", "--redesign", "", "--on", "2026"]);
    let asked = node.last().1;
    assert_eq!(parts(&asked), json!({"on": "2026", "redesign": null}));
    assert!(asked.contains("change_id: \"r\"") && asked.contains("only_new: false"), "{asked}");
}

#[test]
fn text_comes_through_the_standard_input_and_is_kept_where_it_is_refused() {
    let node = FakeNode::on_socket();
    let piped = |text: &str| -> Run {
        let mut command = cairn();
        command.arg("--data-dir").arg(node.dir()).args(["entry", "new", "--cycle", "c", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    };
    assert_eq!(piped("one\ntwo\n").code, Some(0));
    assert_eq!(parts(&node.last().1)["text"], "one\ntwo");
    let refused = piped("TAKE THIS NOT");
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.starts_with("`text` is not taken.\n\nYour text is kept as draft 7."),
        "{}",
        refused.err
    );
    assert!(node.asked("KeepDraftRequest")[0].contains("TAKE THIS NOT"));
    let typed = run(node.dir(), &["entry", "new", "--cycle", "c", "TAKE THIS NOT"]);
    assert_eq!((typed.code, typed.err.as_str()), (Some(2), "`text` is not taken.\n"));
}

#[test]
fn what_cannot_be_undone_is_asked_for_first() {
    let node = FakeNode::on_socket();
    for args in [
        &["entry", "erase", "x", "--reason", "y"][..],
        &["consent", "withdraw", "x"],
        &["consent", "refuse", "x"],
        &["draft", "discard", "1"],
    ] {
        let run = run(node.dir(), args);
        assert!(run.code == Some(2) && run.err.contains("say --yes"), "{args:?} {}", run.err);
    }
    assert!(node.asked("").is_empty(), "nothing was asked of the node");
    run(node.dir(), &["entry", "erase", "x", "--reason", "y", "--dry-run"]);
    assert!(node.asked("EraseDocumentRequest").iter().all(|asked| asked.contains("dry_run: true")));
    let done = run(node.dir(), &["entry", "erase", "x", "--reason", "y", "--yes"]);
    assert!(done.out.contains("The words of entry/x are erased, in 2 versions."), "{}", done.out);
    run(node.dir(), &["consent", "withdraw", "x", "--yes", "--how", "by letter"]);
    let asked = node.last().1;
    assert!(asked.contains("event: \"withdrawn\"") && asked.contains("how: \"by letter\""), "{asked}");
}

#[test]
fn files_are_written_once_and_never_over() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let export = |args: &[&str]| {
        let mut command = cairn();
        finish(command.current_dir(dir.path()).arg("--data-dir").arg(node.dir()).args(args))
    };
    let first = export(&["cycle", "export", "home"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(
        first.out.contains("home.json (3 bytes, 4 documents). Nothing was sent.\nOne document was left out")
    );
    let again = export(&["cycle", "export", "home"]);
    assert!(again.code == Some(1) && again.err.contains("or say --force"), "{}", again.err);
    let forced = export(&["cycle", "export", "home", "--force", "--json"]).json();
    assert_eq!(forced, json!({"file": "home.json", "bytes": 3, "documents": 4, "left_out": 1}));
    let printed = export(&["cycle", "export", "home", "--output", "-", "--private"]);
    assert_eq!((printed.out.as_str(), printed.code), ("{}\n", Some(0)));
    assert!(printed.err.starts_with("One document was left out"), "{}", printed.err);
    assert!(node.last().1.contains("private: true"));
    let both = export(&["cycle", "export", "home", "--output", "-", "--json"]);
    assert_eq!(both.json_error().0, "usage");
    assert_eq!(export(&["cycle", "table", "links", "--format", "xlsx"]).code, Some(0));
    assert_eq!(fs::read(dir.path().join("table.xlsx")).unwrap(), b"\xff\x00a table");
    assert_eq!(export(&["map", "export", "why", "--output", "why.json"]).code, Some(0));
}

#[test]
fn maps_come_from_kumu_or_from_files() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).display().to_string()
    };
    let kumu = file("kumu.json", r#"{"elements": []}"#);
    let refused = run(node.dir(), &["map", "import", &kumu]);
    assert!(refused.code == Some(2) && refused.err.contains("does not know --system"), "{}", refused.err);
    let read = run(node.dir(), &["map", "import", &kumu, "--system", "s", "--seen-by", "us", "--title", "t"]);
    assert_eq!((read.code, node.asked("ImportMapRequest").len()), (Some(0), 1));
    let ours = file("ours.yaml", "cairn: map/1\n");
    assert_eq!(run(node.dir(), &["map", "import", &ours, &ours]).code, Some(0));
    assert_eq!(node.asked("SaveDocumentRequest").len(), 2);
}

#[test]
fn a_file_is_printed_as_it_is() {
    let node = FakeNode::on_socket();
    assert_eq!(run(node.dir(), &["entry", "show", "x", "--file"]).out, FILE);
}

#[test]
fn an_empty_list_says_what_to_do_next() {
    let node = FakeNode::on_socket();
    let text = run(node.dir(), &["session", "list"]).out;
    assert_eq!(text, "There are no sessions here yet. Begin with\n\n  cairn session new\n");
}
