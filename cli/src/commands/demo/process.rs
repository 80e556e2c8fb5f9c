//! The node processes: created, started, watched and certainly ended.
//!
//! Each holds an open pipe to this program as its standard input and ends by itself
//! when that closes, so that none is left behind even if this program is killed.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use cairn_proto::pb::admin::GetStatusResponse;
use tokio::{
    process::{Child, ChildStdin, Command},
    time::{Instant, sleep, timeout},
};

use super::{cast::Place, error::DemoError, house::House};
use crate::{
    client::{DataDir, Node},
    commands::init,
    error::Error,
};

/// How long a node may take from its start to its first answer, on a very busy machine.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How often we look whether it answers.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// How long a node may take to shut down before it is killed.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Lines of a log that are shown when a node ended.
const TAIL_LINES: usize = 12;

/// Bytes of a log that are looked at for its last lines.
const TAIL_BYTES: usize = 16 * 1024;

/// All node processes of the demo.
#[derive(Default)]
pub(crate) struct Troupe(Vec<Process>);

/// One node process. Killed when dropped, should it come to that.
struct Process {
    name: &'static str,
    child: Child,
    /// Closing it tells the node to end.
    stdin: Option<ChildStdin>,
    log: PathBuf,
}

/// A node that answers.
pub(crate) struct Ready {
    /// Its data directory.
    pub(crate) dir: DataDir,
    /// The connection to it.
    pub(crate) node: Node,
    /// What it said of itself first.
    pub(crate) status: GetStatusResponse,
}

impl Troupe {
    /// Waits until any node ends by itself, and says which.
    pub(crate) async fn first_end(&mut self) -> DemoError {
        loop {
            for process in &mut self.0 {
                if let Ok(Some(status)) = process.child.try_wait() {
                    return process.died(status);
                }
            }
            sleep(LOOK_EVERY * 10).await;
        }
    }

    /// Ends all nodes: asks first, kills those that do not listen, and waits until they are gone.
    pub(crate) async fn end(&mut self) {
        for process in &mut self.0 {
            process.stdin.take();
        }
        for mut process in self.0.drain(..) {
            if timeout(END_WITHIN, process.child.wait()).await.is_err() {
                // If even that fails, the process is gone already.
                drop(process.child.kill().await);
            }
        }
    }
}

/// Creates and starts the node of a place, and waits until it answers. A port that another program took in
/// between is given up for another one, once.
pub(crate) async fn start(troupe: &mut Troupe, house: &House, place: &'static Place) -> Result<Ready, Error> {
    let dir = DataDir::new(house.path().join(place.dir));
    for last_try in [false, true] {
        let port = free_port()?;
        create(&dir, place, port).await?;
        let process = serve(&dir, place)?;
        troupe.0.push(process);
        let Some(process) = troupe.0.last_mut() else { continue };
        match ready(process, &dir).await {
            Ok((node, status)) => return Ok(Ready { dir, node, status }),
            Err(DemoError::Died { .. }) if is_taken(port) => {
                troupe.0.pop();
                if last_try {
                    return Err(DemoError::PortTaken { name: place.name, port }.into());
                }
                let failed = |source| DemoError::Directory { dir: dir.path().to_owned(), source };
                fs::remove_dir_all(dir.path()).map_err(failed)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(DemoError::PortTaken { name: place.name, port: 0 }.into())
}

/// A port of loopback that nobody uses now.
fn free_port() -> Result<u16, DemoError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(DemoError::NoPort)?;
    listener.local_addr().map(|address| address.port()).map_err(DemoError::NoPort)
}

/// Whether another program uses the port.
fn is_taken(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}

/// The node's program, which must not use a database that is meant for the user's own node.
fn node_command(what: &str) -> Command {
    let mut command = Command::new(init::program());
    command.arg(what).env_remove("CAIRN_DATABASE_URL");
    command
}

/// Runs `cairn-node init`.
async fn create(dir: &DataDir, place: &'static Place, port: u16) -> Result<(), Error> {
    let finished = node_command("init")
        .arg("--data-dir")
        .arg(dir.path())
        .args(["--name", place.name, "--listen", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| init::missing(&error))?;
    if finished.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&finished.stderr).trim().to_owned();
    Err(DemoError::Init { name: place.name, said }.into())
}

/// Runs `cairn-node serve`. Ctrl-C in the terminal is for this program alone, which then ends the nodes.
fn serve(dir: &DataDir, place: &'static Place) -> Result<Process, Error> {
    let log = dir.path().join("node.log");
    let failed = |source| DemoError::Directory { dir: dir.path().to_owned(), source };
    let file = File::create(&log).map_err(failed)?;
    let mut child = node_command("serve")
        .arg("--data-dir")
        .arg(dir.path())
        .arg("--exit-with-stdin")
        .stdin(Stdio::piped())
        .stdout(file.try_clone().map_err(failed)?)
        .stderr(file)
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| init::missing(&error))?;
    let stdin = child.stdin.take();
    Ok(Process { name: place.name, child, stdin, log })
}

/// Waits until a node answers.
async fn ready(process: &mut Process, dir: &DataDir) -> Result<(Node, GetStatusResponse), DemoError> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        if let Ok(Some(status)) = process.child.try_wait() {
            return Err(process.died(status));
        }
        if let Ok(mut node) = Node::connect(dir, None).await
            && let Ok(status) = node.status().await
        {
            return Ok((node, status));
        }
        if Instant::now() > deadline {
            let (log, tail) = (process.log.clone(), tail(&process.log));
            return Err(DemoError::NotReady {
                name: process.name,
                seconds: READY_WITHIN.as_secs(),
                log,
                tail,
            });
        }
        sleep(LOOK_EVERY).await;
    }
}

impl Process {
    /// It ended by itself.
    fn died(&self, status: ExitStatus) -> DemoError {
        let tail = tail(&self.log);
        DemoError::Died { name: self.name, status: status.to_string(), log: self.log.clone(), tail }
    }
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let end = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default();
    let text = String::from_utf8_lossy(end);
    let lines: Vec<_> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default();
    if tail.is_empty() { "  (it is empty)".to_owned() } else { format!("  {}", tail.join("\n  ")) }
}

#[cfg(test)]
mod tests {
    use super::{free_port, is_taken, tail};

    #[test]
    fn a_free_port_is_free_and_a_used_one_is_taken() {
        assert!(!is_taken(free_port().unwrap()));
        let used = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(is_taken(used.local_addr().unwrap().port()));
    }

    #[test]
    fn the_tail_is_the_last_lines() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("node.log");
        assert_eq!(tail(&log), "  (it is empty)");
        std::fs::write(&log, (1..=30).map(|line| format!("line {line}\n")).collect::<String>()).unwrap();
        let tail = tail(&log);
        assert!(tail.starts_with("  line 19\n") && tail.ends_with("  line 30"), "{tail}");
    }
}
