//! A place with its node in a process of its own: the real `cairn-node`, which can be killed at any moment.

use std::{
    fs,
    net::SocketAddr,
    ops::Deref,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
};

use cairn_node::clock::Clock;
use cairn_proto::ids::NodeId;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{desk::Desk, place::make_node, story::free_address, wait::until};

/// What cargo tells this test about itself. Build scripts that look at these would see another world and begin
/// anew, each time in turn with the next `cargo test`.
const OF_THIS_TEST: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// A place. It is also its people's [`Desk`].
#[derive(Debug)]
pub struct TestProcess {
    /// Its NodeId.
    pub id: NodeId,
    /// Where its node answers other nodes.
    pub address: SocketAddr,
    dir: TempDir,
    /// The network namespace it runs in, if not that of the test.
    namespace: Option<String>,
    running: Option<(Child, Desk)>,
}

impl TestProcess {
    /// A new place whose node runs in a process.
    ///
    /// # Panics
    /// When the node cannot be made or started, as every method here does.
    pub async fn spawn(name: &str) -> Self {
        Self::spawn_at(name, free_address(), None).await
    }

    /// A new place whose node runs in a network namespace and listens at an address there.
    pub async fn spawn_at(name: &str, address: SocketAddr, namespace: Option<String>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let id = make_node(dir.path(), name, address, &Clock::System).await;
        let mut place = Self { id, address, dir, namespace, running: None };
        place.start().await;
        place
    }

    /// Starts the node again on the same data.
    pub async fn start(&mut self) {
        let endpoint_file = self.dir.path().join("admin.endpoint");
        // A node that was killed leaves it behind.
        fs::remove_file(&endpoint_file).ok();
        let programs = tokio::task::spawn_blocking(programs).await.expect("the programs");
        let program = programs.join("cairn-node");
        let mut command = match &self.namespace {
            None => Command::new(program),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(program);
                command
            }
        };
        let child = command
            .args(["serve", "--exit-with-stdin", "--data-dir"])
            .arg(self.dir.path())
            .env_remove("CAIRN_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("cairn-node starts");
        let desk = until("the node answers its people", async || {
            let endpoint = fs::read_to_string(&endpoint_file).ok()?;
            Desk::at(endpoint.trim()).await.ok()
        });
        self.running = Some((child, desk.await));
    }

    /// Kills the node: SIGKILL, without a word.
    pub async fn kill(&mut self) {
        let (mut child, _) = self.running.take().expect("a running node");
        child.kill().await.expect("the node is killed");
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Deref for TestProcess {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.running.as_ref().expect("a running node").1
    }
}

/// The directory with `cairn-node` and `cairn` of this very source and profile, built once a test run.
///
/// # Panics
/// When they cannot be built.
#[must_use]
pub fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        // target/PROFILE/deps/THIS
        let this = std::env::current_exe().expect("a running test");
        let profile_dir = this.parent().and_then(Path::parent).expect("a directory of the profile");
        let target = profile_dir.parent().expect("a target directory");
        let mut cargo = std::process::Command::new(env!("CARGO"));
        // The whole workspace, so that the libraries are those that the tests themselves were built with.
        cargo.args([
            "build",
            "--quiet",
            "--workspace",
            "--bin",
            "cairn-node",
            "--bin",
            "cairn",
            "--target-dir",
        ]);
        cargo.arg(target);
        if profile_dir.ends_with("release") {
            cargo.arg("--release");
        }
        for name in OF_THIS_TEST {
            cargo.env_remove(name);
        }
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
        assert!(built.success(), "the programs cannot be built");
        profile_dir.to_owned()
    })
}
