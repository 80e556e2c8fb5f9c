//! What needs no node, and what is said where there is none.

use std::{fs, io::Write as _, os::unix::net::UnixListener, path::Path, process::Stdio};

use crate::program::{Install, cairn, finish, run};

#[test]
fn help_names_every_exit_code_and_ends_well() {
    let help = finish(cairn().arg("--help"));
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for line in ["Exit codes:", "  0   done", "  1   ", "  2   ", "  3   ", "  4   ", "  5   ", "  70  "] {
        assert!(help.out.contains(line), "{line}");
    }
    assert!(!help.out.contains("xdg"), "{}", help.out);
    assert_eq!(finish(cairn().arg("--version")).code, Some(0));
}

#[test]
fn wrong_use_ends_with_2_and_shows_the_right_one() {
    let nothing = finish(&mut cairn());
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(2), ""));
    assert!(nothing.err.contains("Usage: cairn") && nothing.err.contains("  publish "), "{}", nothing.err);
    let half = finish(cairn().arg("peer"));
    assert!(half.code == Some(2) && half.err.contains("  invite "), "{}", half.err);
    let unknown = finish(cairn().arg("rank"));
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(2), ""));
    let (code, message) =
        finish(cairn().args(["--json", "publish", "x", "--card", "public", "--purpose", "ranking"]))
            .json_error();
    assert_eq!(code, "usage");
    assert!(message.contains("nothing in Cairn may ever be used for ranking"), "{message}");
}

#[test]
fn a_missing_data_directory_says_how_to_create_a_node() {
    let run = run(Path::new("/nonexistent/place"), &["status"]);
    assert_eq!((run.code, run.out.as_str()), (Some(3), ""));
    assert!(run.err.contains("There is no data directory /nonexistent/place"), "{}", run.err);
    assert!(run.err.contains("cairn --data-dir /nonexistent/place init --name"), "{}", run.err);
}

#[test]
fn the_usual_data_directory_is_used_when_none_is_given() {
    let run = finish(cairn().arg("status"));
    assert!(run.err.contains("/nonexistent/home/.local/share/cairn"), "{}", run.err);
    let run = finish(cairn().env("XDG_DATA_HOME", "/nonexistent/xdg").arg("status"));
    assert!(run.err.contains("/nonexistent/xdg/cairn"), "{}", run.err);
    let run = finish(cairn().env("CAIRN_DATA_DIR", "/nonexistent/env").arg("status"));
    assert!(run.err.contains("There is no data directory /nonexistent/env,"), "{}", run.err);
    let run = finish(cairn().env_remove("HOME").arg("status"));
    assert_eq!(run.code, Some(2));
}

#[test]
fn each_way_not_to_reach_a_node_has_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let said = |expected: &str| {
        let run = run(dir.path(), &["--json", "status"]);
        let (code, message) = run.json_error();
        assert_eq!((code.as_str(), run.code), ("unreachable", Some(3)));
        assert!(message.contains(expected), "{expected}: {message}");
    };
    said("No node was created in");
    fs::write(dir.path().join("cairn.toml"), "").unwrap();
    said("is not running. Start it with\n\n  cairn-node serve --data-dir");
    let endpoint = dir.path().join("admin.endpoint");
    fs::write(&endpoint, "somewhere\n").unwrap();
    said("does not say where the node is: it holds \"somewhere\"");
    fs::write(&endpoint, "http://192.0.2.1:7070\n").unwrap();
    said("does not say where the node is");
    let socket = dir.path().join("admin.sock");
    fs::write(&endpoint, format!("unix:{}\n", socket.display())).unwrap();
    said("It left its address unix:");
    drop(UnixListener::bind(&socket).unwrap());
    said("ended without shutting down");
    fs::write(&endpoint, "http://127.0.0.1:9\n").unwrap();
    said("admin.token is not there");
    fs::write(dir.path().join("admin.token"), "secret\n").unwrap();
    said("It left its address http://127.0.0.1:9 behind");
}

#[test]
fn a_node_that_never_answers_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("admin.sock");
    let _silent = UnixListener::bind(&socket).unwrap();
    fs::write(dir.path().join("admin.endpoint"), format!("unix:{}\n", socket.display())).unwrap();
    let run = run(dir.path(), &["status"]);
    assert_eq!(run.code, Some(3));
    assert!(run.err.contains("did not answer within 5 seconds"), "{}", run.err);
}

#[test]
fn a_file_in_place_of_the_directory_is_said_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let run = run(file.path(), &["status"]);
    assert!(run.code == Some(3) && run.err.contains("is not a directory"), "{}", run.err);
}

#[test]
fn ending_a_peering_without_a_terminal_needs_a_yes() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(dir.path(), &["peer", "remove", "x", "--reason", "y"]);
    assert!(run.code == Some(2) && run.err.contains("say --yes"), "{}", run.err);
}

#[test]
fn evidence_that_proves_nothing_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pack");
    for bytes in
        [&b""[..], b"hello", b"\xff\xfe\x00", b"cairn-evidence/v1\n", b"cairn-evidence/v1\n\xff\xff\xff"]
    {
        fs::write(&file, bytes).unwrap();
        let run = finish(cairn().arg("verify").arg(&file));
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{bytes:?}");
        assert!(
            run.err.contains(" proves nothing: ") && run.err.contains("Do not rely on it."),
            "{}",
            run.err
        );
    }
    let (code, _) = finish(cairn().args(["--json", "verify"]).arg(&file)).json_error();
    assert_eq!(code, "refused");
}

/// The bytes of a frozen file.
fn golden(text: &str) -> Vec<u8> {
    let digits = text.split_whitespace().collect::<String>();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[test]
fn evidence_of_two_logs_says_what_was_signed_and_not_why() {
    let bytes = golden(include_str!("../../../proto/tests/golden/fork.hex"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dorset.cairn-fork");
    fs::write(&file, &bytes).unwrap();
    let run = finish(cairn().arg("verify").arg(&file));
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    for part in ["one node signed two different logs", "It does not prove\n  - why it happened"] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    let json = finish(cairn().args(["--json", "verify"]).arg(&file)).json();
    assert_eq!(
        (&json["fork"], &json["heads"][0]["size"], &json["heads"][1]["size"]),
        (&true.into(), &4.into(), &7.into())
    );
    let mut changed = bytes;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    fs::write(&file, &changed).unwrap();
    let run = finish(cairn().arg("verify").arg(&file));
    assert!(run.code == Some(1) && run.err.contains("proves nothing"), "{}", run.err);
}

#[test]
fn evidence_that_holds_says_what_is_proven_and_what_is_not() {
    let bytes = golden(include_str!("../../../proto/tests/golden/evidence.hex"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("evidence.cairn");
    fs::write(&file, &bytes).unwrap();
    let run = finish(cairn().arg("verify").arg(&file));
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.starts_with("The evidence holds. It proves\n"), "{}", run.out);
    for part in
        ["By whom\n  Author     cairn1", "  Its words  ", "It does not prove\n  - that what the record says"]
    {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    let json = finish(cairn().args(["--json", "verify"]).arg(&file)).json();
    assert_eq!(json["proven"], true);
    assert_eq!(json["record"]["author"], json["author"]["node_id"]);
    assert_eq!(json["checkpoint"]["root"].as_str().map(str::len), Some(64));
    // Not the last bytes: they are a key hint that proves nothing and is not signed.
    for at in [20, bytes.len() / 2] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        assert_eq!(finish(cairn().arg("verify").arg(&file)).code, Some(1), "byte {at}");
    }
}

#[test]
fn evidence_that_cannot_be_read_ends_with_5() {
    let dir = tempfile::tempdir().unwrap();
    let huge = dir.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(1024 * 1024 + 1).unwrap();
    for (file, words) in [
        (huge.as_path(), "is larger than 1024 KiB"),
        (Path::new("/dev/zero"), "is larger than 1024 KiB"),
        (dir.path(), "is a directory"),
        (Path::new("/nonexistent/pack"), "There is no file /nonexistent/pack"),
    ] {
        let run = finish(cairn().arg("verify").arg(file));
        assert_eq!((run.code, run.out.as_str()), (Some(5), ""), "{}", run.err);
        assert!(run.err.contains(words), "{}", run.err);
    }
}

#[test]
fn experiments_that_cannot_be_read_stop_before_any_node_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(dir.path().join(name), bytes).unwrap();
        dir.path().join(name)
    };
    let huge = write("huge.yaml", &vec![b'a'; 256 * 1024 + 1]);
    for (file, words) in [
        (huge, "is larger than 256 KiB"),
        (write("empty.yaml", b"\n"), "is empty"),
        (write("word.doc", b"title: caf\xe9\n"), "is not a text file in UTF-8"),
        (dir.path().to_owned(), "is a directory"),
        (dir.path().join("none.yaml"), "There is no file"),
    ] {
        let run = finish(cairn().args(["--json", "experiment", "import"]).arg(file));
        let (code, message) = run.json_error();
        assert_eq!((code.as_str(), run.code), ("unreadable_input", Some(5)));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn standard_input_is_bounded_too() {
    let mut child = cairn()
        .args(["experiment", "import", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program stops reading after the limit; the rest of the pipe may break, as it should.
    drop(child.stdin.take().unwrap().write_all(&vec![b'a'; 1 << 20]));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("The standard input is larger than 256 KiB"));
}

#[test]
fn init_passes_options_output_and_exit_code_through() {
    let install = Install::with_node("echo \"called: $*\"; echo oops >&2; exit ${FAIL:-0}");
    let place = install.path("usual/share/cairn");
    let called =
        format!("called: init --data-dir {} --name Our Place --admin 127.0.0.1:7444", place.display());
    let init = |json: bool| {
        let mut command = install.cairn();
        command.args(json.then_some("--json")).arg("--data-dir").arg(&place);
        command.args(["init", "--name", "Our Place", "--admin", "127.0.0.1:7444"]);
        command
    };
    let run = finish(&mut init(false));
    assert_eq!((run.code, run.out, run.err.as_str()), (Some(0), format!("{called}\n"), "oops\n"));
    assert!(install.path("usual/share").is_dir(), "directories above the data directory are made");
    let run = finish(init(false).env("FAIL", "17"));
    assert_eq!(run.code, Some(17));
    let run = finish(&mut init(true));
    assert_eq!(run.json()["said"], *called);
    let run = finish(init(true).env("FAIL", "17"));
    assert_eq!(run.json_error(), ("refused".to_owned(), "oops".to_owned()));
}

#[test]
fn without_the_node_program_init_says_what_is_missing() {
    let install = Install::with_node("exit 0");
    fs::remove_file(install.path("cairn-node")).unwrap();
    let run = finish(install.cairn().arg("--data-dir").arg(install.path("d")).args(["init", "--name", "X"]));
    assert!(run.code == Some(1) && run.err.contains("cairn-node was not found"), "{}", run.err);
}

#[test]
fn completions_are_printed_and_as_json() {
    let run = finish(cairn().args(["completions", "bash"]));
    assert!(run.code == Some(0) && run.out.contains("_cairn()") && !run.out.contains("xdg"));
    let run = finish(cairn().args(["--json", "completions", "fish"]));
    assert_eq!(run.json()["shell"], "fish");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child =
        cairn().args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
