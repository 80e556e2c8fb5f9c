//! The demo with a `cairn-node` that fails: clear errors, and nothing is left behind.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    os::unix::net::UnixListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::program::{Install, Run, finish};

/// Runs the demo once.
fn demo(install: &Install, args: &[&str]) -> Run {
    finish(install.cairn().env("TMPDIR", install.path("tmp")).args(["demo", "--once"]).args(args))
}

/// Nothing stays in the directory for temporary files.
fn is_clean(install: &Install) -> bool {
    is_empty(&install.path("tmp"))
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

/// `init` makes the directory (its third argument); `serve` does what the script says.
fn serving(serve: &str) -> String {
    format!("if [ \"$1\" = init ]; then mkdir -p \"$3\"; exit 0; fi\n{serve}")
}

#[test]
fn a_node_that_dies_is_named_with_the_end_of_its_log() {
    let install = Install::with_node(&serving("echo 'database is on fire' >&2; exit 3"));
    let run = demo(&install, &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("The node of Plymouth Alliance ended by itself (exit status: 3)"),
        "{}",
        run.err
    );
    assert!(run.err.contains("  database is on fire"), "{}", run.err);
    assert!(run.out.contains("the temporary directory is gone"), "{}", run.out);
    assert!(is_clean(&install));
}

#[test]
fn with_json_a_failure_is_an_object_that_is_not_ok() {
    let install = Install::with_node("echo 'no room left' >&2; exit 9");
    let run = demo(&install, &["--json"]);
    assert_eq!(run.code, Some(1));
    let value = run.json();
    assert_eq!(value["ok"], false);
    for list in ["nodes", "published", "held", "withheld"] {
        assert_eq!(value[list].as_array().map(Vec::len), Some(0), "{list}");
    }
    let problem = value["problems"][0].as_str().unwrap();
    assert!(problem.contains("could not be created") && problem.contains("no room left"), "{problem}");
    assert!(is_clean(&install));
}

#[test]
fn a_port_taken_in_between_is_given_up_for_another_one_once() {
    // The first node takes its port away from itself, by leaving a child that listens there until this test ends.
    let serve = "port=$(cat \"$3/port\"); mkfifo \"$3/up\"; /usr/bin/env python3 -c \"
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', $port)); s.listen()
test = socket.socket(socket.AF_UNIX); test.connect('$3/../../../test'); print('up', flush=True); test.recv(1)\" > \"$3/up\" &
read -r up < \"$3/up\"; echo 'address in use' >&2; exit 1";
    let script = format!(
        "if [ \"$1\" = init ]; then mkdir -p \"$3\"; echo \"${{7##*:}}\" > \"$3/port\"; exit 0; fi\n{serve}"
    );
    if finish(Command::new("/usr/bin/env").args(["python3", "--version"])).code != Some(0) {
        return;
    }
    let install = Install::with_node(&script);
    let _test = UnixListener::bind(install.path("test")).unwrap();
    let run = demo(&install, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("another program took the port in between, twice"), "{}", run.err);
    assert!(is_clean(&install));
}

#[test]
fn a_named_directory_is_kept_and_must_be_empty() {
    let install = Install::with_node(&serving("exit 4"));
    let kept = install.path("kept");
    let run = demo(&install, &["--dir", kept.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains(&format!("Their data is in {}.", kept.display())), "{}", run.out);
    assert!(!is_empty(&kept));
    let again = demo(&install, &["--dir", kept.to_str().unwrap()]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is not empty"), "{}", again.err);
}

#[test]
fn missing_cases_are_said_before_anything_is_started() {
    let install = Install::with_node("exit 1");
    let run = demo(&install, &["--cases", install.path("tmp").to_str().unwrap()]);
    assert_eq!((run.code, run.out.as_str()), (Some(5), ""));
    assert!(run.err.contains("plymouth-alliance.yaml is missing"), "{}", run.err);
}

/// A node that never answers and ends when its standard input closes.
const WAITING_NODE: &str = "exec 9> \"$3/../../../life\"; echo up >&9; exec cat";

/// A demo that waits for such a node; and the node's life, which can be read to its end.
fn waiting_demo(install: &Install) -> (Child, BufReader<File>) {
    let life = install.path("life");
    assert_eq!(finish(Command::new("/usr/bin/env").arg("mkfifo").arg(&life)).code, Some(0));
    let demo = install
        .cairn()
        .env("TMPDIR", install.path("tmp"))
        .arg("demo")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut life = BufReader::new(File::open(life).unwrap());
    let mut up = String::new();
    life.read_line(&mut up).unwrap();
    assert_eq!(up, "up\n");
    (demo, life)
}

/// Sends a signal to a demo that this test started, and waits for its end.
fn signal(demo: &mut Child, signal: &str) -> Option<i32> {
    let sent = finish(Command::new("/bin/kill").args([signal, &demo.id().to_string()]));
    assert_eq!(sent.code, Some(0), "{}", sent.err);
    demo.wait().unwrap().code()
}

/// Waits for the end of a node: nothing holds its life open any more.
fn wait_for_the_end(mut life: BufReader<File>) {
    assert_eq!(life.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn a_request_to_stop_ends_the_nodes_and_removes_the_data() {
    for name in ["-TERM", "-INT", "-HUP"] {
        let install = Install::with_node(&serving(WAITING_NODE));
        let (mut demo, life) = waiting_demo(&install);
        assert_eq!(signal(&mut demo, name), Some(1), "{name}");
        assert!(is_clean(&install), "{name}");
        wait_for_the_end(life);
    }
}

#[test]
fn even_a_killed_demo_leaves_no_node_behind() {
    let install = Install::with_node(&serving(WAITING_NODE));
    let (mut demo, life) = waiting_demo(&install);
    assert_eq!(signal(&mut demo, "-KILL"), None);
    wait_for_the_end(life);
}
