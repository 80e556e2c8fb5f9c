//! The editor: what is written there is never lost.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    fake::FakeNode,
    fake_learning::{FILE, TEMPLATE, content},
    program::{Run, cairn, finish},
};

/// Runs a command with an editor that is a shell script; the file is its $1.
fn edited(dir: &Path, script: &str, args: &[&str]) -> Run {
    let place = tempfile::tempdir().unwrap();
    let editor = place.path().join("our editor");
    fs::write(&editor, script).unwrap();
    finish(
        cairn()
            .env("EDITOR", format!("/bin/sh '{}'", editor.display()))
            .arg("--data-dir")
            .arg(dir)
            .args(args),
    )
}

fn kept(node: &FakeNode, name: &str) -> PathBuf {
    node.dir().join("drafts").join(name)
}

fn none_kept(node: &FakeNode) -> bool {
    fs::read_dir(node.dir().join("drafts")).unwrap().next().is_none()
}

#[test]
fn what_is_written_is_saved_and_the_file_goes() {
    let node = FakeNode::on_socket();
    let run = edited(node.dir(), "echo 'New words.' >> \"$1\"", &["entry", "new", "--edit"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let asked = node.last().1;
    assert!(content(&asked).ends_with("New words.\n") && asked.contains("only_new: true"), "{asked}");
    assert!(none_kept(&node));
    let known =
        edited(node.dir(), "cat \"$1\" >&2; echo x >> \"$1\"", &["entry", "new", "--edit", "--cycle", "c"]);
    assert!(known.err.contains(r#"{"cycle":"c"}"#), "{}", known.err);
}

#[test]
fn an_unchanged_text_changes_nothing() {
    let node = FakeNode::on_socket();
    for args in [&["entry", "new", "--edit"][..], &["entry", "edit", "x"]] {
        let run = edited(node.dir(), "true", args);
        assert_eq!((run.code, run.out.as_str()), (Some(0), "Nothing was changed.\n"), "{}", run.err);
    }
    let emptied = edited(node.dir(), ": > \"$1\"", &["entry", "edit", "x"]);
    assert_eq!(emptied.out, "Nothing was changed.\n");
    let json = edited(node.dir(), "echo noise", &["entry", "edit", "x", "--json"]);
    assert_eq!(json.json()["unchanged"], true);
    assert!(node.asked("SaveDocumentRequest").is_empty() && none_kept(&node));
}

#[test]
fn a_crash_of_the_editor_loses_nothing() {
    let node = FakeNode::on_socket();
    let crash = edited(node.dir(), "echo 'Precious.' >> \"$1\"; kill -9 $$", &["entry", "new", "--edit"]);
    assert_eq!(crash.code, Some(1));
    let file = kept(&node, "new-entry.md");
    assert!(crash.err.contains(&format!("Your text is in {}.", file.display())), "{}", crash.err);
    assert!(crash.err.contains("\n  cairn entry new --edit"), "{}", crash.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{TEMPLATE}Precious.\n"));
    let on = edited(node.dir(), "echo 'More.' >> \"$1\"", &["entry", "new", "--edit"]);
    assert!(on.code == Some(0) && on.err.contains("you go on with it"), "{}", on.err);
    assert_eq!(content(&node.last().1), format!("{TEMPLATE}Precious.\nMore.\n"));
    assert!(none_kept(&node));
    edited(node.dir(), "echo 'Old.' >> \"$1\"; exit 3", &["entry", "new", "--edit"]);
    edited(node.dir(), "exit 3", &["entry", "new", "--edit", "--fresh"]);
    assert!(!file.exists() && kept(&node, "new-entry.md.1").exists(), "the old one is put aside");
}

#[test]
fn a_conflict_keeps_the_text_as_a_draft() {
    let node = FakeNode::on_socket();
    let run = edited(node.dir(), "echo 'SOMEBODY ELSE' >> \"$1\"", &["entry", "edit", "x"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.err,
        "It was changed meanwhile.\n\nYour text is kept as draft 7. To go on with it:\n\n  cairn draft edit 7\n"
    );
    let draft = &node.asked("KeepDraftRequest")[0];
    for part in
        ["kind: \"entry\"", "document_id: \"x\"", "based_on: 2", "It was changed meanwhile.", "SOMEBODY ELSE"]
    {
        assert!(draft.contains(part), "{part}: {draft}");
    }
    assert!(none_kept(&node));
    let shown = finish(cairn().arg("--data-dir").arg(node.dir()).args(["draft", "show", "7"]));
    assert!(shown.out.contains("Draft 7, for entry/x") && shown.out.contains("\nOld.\n"), "{}", shown.out);
    let again = edited(node.dir(), "sed -n 2p \"$1\" >&2", &["draft", "edit", "7"]);
    assert!(
        again
            .err
            .contains("cairn: entry/1 # Not taken in: It was changed meanwhile. The newest version is 3")
    );
    assert!(again.code == Some(1) && again.err.contains("Your text is kept as draft 7."), "{}", again.err);
    let done = edited(node.dir(), "sed -i 's/SOMEBODY ELSE/Both./' \"$1\"", &["draft", "edit", "7"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let saved = content(&node.asked("SaveDocumentRequest").pop().unwrap());
    assert!(saved.contains("Both.") && !saved.contains("Not taken in"), "{saved}");
    assert_eq!(node.asked("DiscardDraftRequest"), ["DiscardDraftRequest { id: 7 }"]);
    assert!(none_kept(&node));
}

#[test]
fn another_id_in_the_text_changes_no_other_document() {
    let node = FakeNode::on_socket();
    let run = edited(node.dir(), "sed -i 's/^id: x/id: y/' \"$1\"", &["entry", "edit", "x"]);
    assert!(run.code == Some(2) && run.err.contains("write `id: x`"), "{}", run.err);
    assert!(run.err.contains("cairn draft edit 7") && node.asked("SaveDocumentRequest").is_empty());
}

#[test]
fn a_text_that_the_node_cannot_keep_stays_in_its_file() {
    let node = FakeNode::on_socket();
    let run = edited(node.dir(), "echo 'TAKE THIS NOT, KEEP THIS NOT' >> \"$1\"", &["entry", "edit", "x"]);
    assert_eq!(run.code, Some(2));
    let file = kept(&node, "entry-x.md");
    assert!(run.err.contains(&format!("Your text is in {}.", file.display())), "{}", run.err);
    assert!(run.err.ends_with("\n  cairn entry edit x\n"), "{}", run.err);
    assert!(fs::read_to_string(&file).unwrap().starts_with(FILE));
}

#[test]
fn a_node_that_stops_meanwhile_loses_nothing() {
    let node = FakeNode::on_socket();
    let stop = format!("echo 'Late.' >> \"$1\"; rm '{}'", node.dir().join("admin.sock").display());
    let run = edited(node.dir(), &stop, &["--json", "entry", "edit", "x"]);
    let (code, message) = run.json_error();
    assert_eq!((code.as_str(), run.code), ("unreachable", Some(3)));
    assert!(message.contains("Your text is in ") && message.contains("cairn entry edit x"), "{message}");
    assert!(fs::read_to_string(kept(&node, "entry-x.md")).unwrap().ends_with("Late.\n"));
}

#[test]
fn without_terminal_or_editor_it_says_what_to_do() {
    let node = FakeNode::on_socket();
    let plain = |args: &[&str]| finish(cairn().arg("--data-dir").arg(node.dir()).args(args));
    let new = plain(&["observe", "new"]);
    assert!(new.code == Some(2) && new.err.contains("cairn observe new --kind note"), "{}", new.err);
    let edit = plain(&["observe", "edit", "x"]);
    assert!(edit.code == Some(2) && edit.err.contains("the variable EDITOR"), "{}", edit.err);
    assert!(none_kept(&node));
    let missing = finish(
        cairn()
            .env("VISUAL", "no-such-editor")
            .arg("--data-dir")
            .arg(node.dir())
            .args(["entry", "edit", "x"]),
    );
    assert!(
        missing.code == Some(1) && missing.err.contains("no-such-editor did not end well"),
        "{}",
        missing.err
    );
}
