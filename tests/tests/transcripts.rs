//! The manual, executed: every `console` block of README.md and of the pages in `transcripts/` is
//! typed into a shell, with the real programs, and what they say must be what the page says.
//!
//! In a block, a line after `$ ` is typed; the lines below it are the expected output, in which `...`
//! alone stands for any lines and `[..]` for any text within a line; a line after `> ` goes on with what is typed. A
//! line `? 3` expects the exit
//! code 3; without one, 0 is expected. A command that ends in `&` serves a node; the next one is typed
//! when the node answers.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cairn_tests::process::programs;
use sqlx::Connection as _;

/// A command and what it should say.
#[derive(Debug, Default)]
struct Step {
    typed: String,
    expected: Vec<String>,
    code: i32,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The steps of all `console` blocks of a page.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ if line.starts_with("$ ") => {
                steps.push(Step { typed: line[2..].to_owned(), ..Step::default() });
            }
            _ if line.starts_with("> ") => {
                let step = steps.last_mut().unwrap();
                step.typed.push('\n');
                step.typed.push_str(&line[2..]);
            }
            _ if line.starts_with("? ") => steps.last_mut().unwrap().code = line[2..].parse().unwrap(),
            _ => steps.last_mut().unwrap().expected.push(line.to_owned()),
        }
    }
    steps
}

/// One shell script that types every step and marks where its output begins and ends.
fn script(steps: &[Step]) -> String {
    let mut script = String::from("exec 2>&1\n");
    for (step, n) in steps.iter().zip(0..) {
        // A fixed port may be in use on this machine; any free one will do.
        let typed = step.typed.replace("127.0.0.1:7443", "127.0.0.1:0");
        script.push_str(&format!("echo '<<{n}'\n"));
        match typed.strip_suffix('&') {
            Some(served) => {
                let dir = served.split_whitespace().last().unwrap();
                script.push_str(&format!("{served} > {dir}.log 2>&1 &\n"));
                script.push_str(&format!(
                    "until [ -e {dir}/admin.endpoint ]; do read -t 0.05 <> <(:); done; true\n"
                ));
            }
            None => script.push_str(&format!("{typed}\n")),
        }
        script.push_str(&format!("code=$?; echo; echo \"{n}>>$code\"\n"));
    }
    script.push_str("kill $(jobs -p) 2>/dev/null\nwait\n");
    script
}

fn run(script: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("node"), dir.path().join("node")).unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs().display());
    let mut shell = Command::new("bash")
        .current_dir(dir.path())
        .env_clear()
        .env("PATH", path)
        .env("HOME", dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    String::from_utf8(shell.wait_with_output().unwrap().stdout).unwrap()
}

/// What step `n` said, and its exit code.
fn said(output: &str, n: usize) -> (Vec<&str>, i32) {
    let begin = format!("<<{n}\n");
    let (_, rest) =
        output.split_once(&begin).unwrap_or_else(|| panic!("step {n} was not reached:\n{output}"));
    let end = format!("\n{n}>>");
    let (said, rest) = rest.split_once(&end).unwrap_or_else(|| panic!("step {n} did not end:\n{output}"));
    let code = rest.lines().next().unwrap().parse().unwrap();
    (said.trim_end().lines().map(str::trim_end).collect(), code)
}

fn line_fits(expected: &str, line: &str) -> bool {
    let parts: Vec<_> = expected.split("[..]").collect();
    let [first, middle @ .., last] = &parts[..] else { return expected == line };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn fits(expected: &[String], said: &[&str]) -> bool {
    match (expected, said) {
        ([], []) => true,
        ([dots], _) if dots == "..." => true,
        ([dots, later @ ..], _) if dots == "..." => (0..=said.len()).any(|skip| fits(later, &said[skip..])),
        ([line, later @ ..], [first, rest @ ..]) => {
            // A page with one part is a plain line.
            let same = if line.contains("[..]") { line_fits(line, first) } else { line.trim_end() == *first };
            same && fits(later, rest)
        }
        _ => false,
    }
}

fn execute(page: &str) {
    execute_with(page, str::to_owned);
}

/// Executes a page with its text changed.
fn execute_with(page: &str, change: impl Fn(&str) -> String) {
    let text = change(&fs::read_to_string(root().join(page)).unwrap());
    let steps = steps(&text);
    assert!(!steps.is_empty(), "{page} has no console block");
    let output = run(&script(&steps));
    for (step, n) in steps.iter().zip(0..) {
        let (said, code) = said(&output, n);
        let told =
            format!("{page}: $ {}\n--- said, with exit code {code}:\n{}\n", step.typed, said.join("\n"));
        assert_eq!(code, step.code, "{told}");
        assert!(fits(&step.expected, &said), "{told}--- but the page says:\n{}\n", step.expected.join("\n"));
    }
}

#[test]
fn readme() {
    execute("README.md");
}

#[test]
fn peering() {
    execute("tests/transcripts/peering.md");
}

#[test]
fn refusals() {
    execute("tests/transcripts/refusals.md");
}

#[test]
fn mistakes() {
    execute("tests/transcripts/mistakes.md");
}

#[test]
fn withdrawal() {
    execute("tests/transcripts/withdrawal.md");
}

#[test]
fn keys() {
    execute("tests/transcripts/keys.md");
}

#[test]
fn backup() {
    execute("tests/transcripts/backup.md");
}

#[test]
fn relay() {
    execute("tests/transcripts/relay.md");
}

#[test]
fn standing() {
    execute("tests/transcripts/standing.md");
}

#[test]
fn follow() {
    execute("tests/transcripts/follow.md");
}

#[test]
fn succession() {
    execute("tests/transcripts/succession.md");
}

#[test]
fn learning() {
    execute("tests/transcripts/learning.md");
}

#[test]
fn learning_on_postgresql() {
    execute_on_postgresql("learning");
}

#[test]
fn withdrawal_on_postgresql() {
    execute_on_postgresql("withdrawal");
}

#[test]
fn backup_on_postgresql() {
    execute_on_postgresql("backup");
}

#[test]
fn relay_on_postgresql() {
    execute_on_postgresql("relay");
}

/// The same page, typed to the letter, with nodes that keep everything on PostgreSQL.
fn execute_on_postgresql(which: &str) {
    let Some(server) = server() else { return };
    let page = format!("tests/transcripts/{which}.md");
    let name = |n: usize| format!("cairn_{which}_{}_{n}", std::process::id());
    let count = fs::read_to_string(root().join(&page)).unwrap();
    let nodes = count.matches("cairn-node init").count();
    let on_server = |statement: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        });
    };
    for n in 0..nodes {
        on_server(&format!("CREATE DATABASE {}", name(n)));
    }
    let result = std::panic::catch_unwind(|| {
        execute_with(&page, |page| {
            (0..nodes).fold(page.to_owned(), |page, n| {
                let (before, after) = page.split_once("cairn-node init").unwrap();
                let url = server.rsplit_once('/').unwrap().0;
                format!("{before}cairn-node  init --database-url {url}/{}{after}", name(n))
            })
        });
    });
    for n in 0..nodes {
        on_server(&format!("DROP DATABASE {} WITH (FORCE)", name(n)));
    }
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// The server to test on, if there is one. Where it is required, that there is none is a failure.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "which server there is, the machine says; that there is none is told"
)]
fn server() -> Option<String> {
    let server = std::env::var("CAIRN_TEST_POSTGRES_URL").ok();
    let required = std::env::var_os("CAIRN_TEST_REQUIRE_POSTGRES").is_some();
    assert!(server.is_some() || !required, "CAIRN_TEST_POSTGRES_URL names no server, and one is required");
    if server.is_none() {
        eprintln!("skipped: CAIRN_TEST_POSTGRES_URL names no PostgreSQL server");
    }
    server
}

#[test]
fn patterns_fit_what_they_should() {
    let page = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    assert!(fits(&page(&["a", "...", "c [..] e"]), &["a", "b", "b", "c d e"]));
    assert!(fits(&page(&["..."]), &[]));
    assert!(!fits(&page(&["a"]), &["a", "b"]));
    assert!(!fits(&page(&["...", "z"]), &["a", "b"]));
    assert!(!fits(&page(&["c [..] e"]), &["c d f"]));
}

#[test]
fn readme_names_the_two_commands_that_are_run_elsewhere() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let run = fs::read_to_string(root().join(".ci/run")).unwrap();
    for command in
        ["cargo build --release --locked && target/release/cairn demo", "cargo test --workspace --locked"]
    {
        assert!(text.lines().any(|line| line == command), "README.md does not name `{command}`");
        assert!(run.contains(command), ".ci/run does not run `{command}`");
    }
}
