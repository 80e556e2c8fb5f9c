//! The real program: how long it takes to serve, and what it needs when idle.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Starts of which the median is told.
const RUNS: usize = 9;

pub(crate) fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "-p", "cairn-node", "--bin", "cairn-node"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(built.success());
    // target/release/deps/foundation-HASH -> target/release/cairn-node
    std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("cairn-node")
}

pub(crate) fn serve(program: &Path, dir: &Path) -> (Child, Duration) {
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(["serve", "--exit-with-stdin", "--data-dir"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It says so in its log, which is read on to the end: a full pipe would hold it up.
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let serves = log.by_ref().map_while(Result::ok).any(|line| line.contains("serving"));
    let took = begun.elapsed();
    assert!(serves, "the node does not serve");
    thread::spawn(move || log.for_each(drop));
    (child, took)
}

pub(crate) fn resident(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Start to serving, resident memory when idle, size of the program.
pub(crate) fn idle() {
    let program = program();
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("node");
    let made = Command::new(&program)
        .args(["init", "--name", "Plymouth Alliance", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&dir)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let mut starts = Vec::new();
    let mut memory = 0;
    for _ in 0..RUNS {
        let (mut child, took) = serve(&program, &dir);
        starts.push(took);
        thread::sleep(Duration::from_secs(1));
        memory = resident(&child);
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    let size = fs::metadata(&program).unwrap().len();
    println!("{:<44} {:>10.1} ms", "start to serving", super::median(starts).as_secs_f64() * 1e3);
    println!("{:<44} {:>10.1} MiB", "resident memory, idle", memory as f64 / 1024.0);
    println!("{:<44} {:>10.1} MB", "size of cairn-node", size as f64 / 1e6);
}
