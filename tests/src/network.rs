//! Real links between nodes: each in a network namespace of its own, all on one switch. Links can be cut and mended, made slow, and
//! made to lose what does not fit. It takes the right to make namespaces; without it the tests say that they were skipped.

use std::{net::SocketAddr, process::Command};

/// Port on which every node listens, each in its own namespace.
const PORT: u16 = 7443;
/// The switch in its namespace.
const SWITCH: &str = "switch";
/// The link by which it is seen what is permitted.
const PROBE: &str = "probe";
/// Makes a missing permission a failure, where it is known to be there.
const REQUIRED: &str = "CAIRN_TEST_REQUIRE_NETWORK";

/// Nodes on one switch. Gone when dropped.
#[derive(Debug)]
pub struct Network {
    tag: String,
    hosts: Vec<Host>,
}

/// A machine on the switch.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its namespace.
    pub namespace: String,
    /// Where a node there listens.
    pub address: SocketAddr,
    port: String,
}

impl Network {
    /// A switch without machines, or `None` where it is not permitted.
    ///
    /// # Panics
    /// When it is not permitted and `CAIRN_TEST_REQUIRE_NETWORK` says that it must be.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "what is permitted the machine says; that it is not is told"
    )]
    pub fn build(name: &str) -> Option<Self> {
        let network = Self { tag: format!("cairn-{}-{name}", std::process::id()), hosts: Vec::new() };
        let switch = network.namespace(SWITCH);
        let made = ip(&["netns", "add", &switch])
            .and_then(|()| ip(&["-n", &switch, "link", "add", SWITCH, "type", "bridge"]))
            .and_then(|()| ip(&["-n", &switch, "link", "set", SWITCH, "up"]))
            // A link that goes nowhere, to see whether links can be made and slowed down at all.
            .and_then(|()| ip(&["-n", &switch, "link", "add", PROBE, "type", "veth", "peer", "name", "end"]))
            .and_then(|()| inside(&switch, &shape(PROBE, "256kbit", "6kb")));
        match made {
            Ok(()) => Some(network),
            Err(error) if std::env::var_os(REQUIRED).is_some() => panic!("no network namespaces: {error}"),
            Err(error) => {
                eprintln!("skipped: no network namespaces can be made here: {error}");
                None
            }
        }
    }

    fn namespace(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    /// Plugs another machine in.
    ///
    /// # Panics
    /// When that fails, as every method here does.
    pub fn plug_in(&mut self) -> Host {
        let n = self.hosts.len() + 1;
        let (namespace, switch) = (self.namespace(&n.to_string()), self.namespace(SWITCH));
        let port = format!("p{n}");
        let address = SocketAddr::from(([10, 77, 0, u8::try_from(n).expect("a small network")], PORT));
        let host = Host { namespace, address, port };
        let (namespace, port) = (host.namespace.as_str(), host.port.as_str());
        let steps: [&[&str]; 3] = [
            &["netns", "add", namespace],
            &["-n", &switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace],
            &["-n", &switch, "link", "set", port, "master", SWITCH, "up"],
        ];
        let with_mask = format!("{}/24", address.ip());
        let inner: [&[&str]; 3] = [
            &["-n", namespace, "link", "set", "lo", "up"],
            &["-n", namespace, "address", "add", &with_mask, "dev", "eth0"],
            &["-n", namespace, "link", "set", "eth0", "up"],
        ];
        steps.into_iter().chain(inner).for_each(|step| ip(step).expect("a machine on the switch"));
        self.hosts.push(host.clone());
        host
    }

    /// Cuts a machine off.
    pub fn cut(&self, host: &Host) {
        ip(&["-n", &self.namespace(SWITCH), "link", "set", &host.port, "down"]).expect("a link to cut");
    }

    /// Mends its link.
    pub fn mend(&self, host: &Host) {
        ip(&["-n", &self.namespace(SWITCH), "link", "set", &host.port, "up"]).expect("a link to mend");
    }

    /// From now on so many bits a second get to a machine, and what does not fit in a short queue is lost.
    pub fn slow_and_lossy(&self, host: &Host, rate: &str, queue_bytes: &str) {
        let shape =
            ["tc", "qdisc", "replace", "dev", &host.port, "root", "tbf", "rate", rate, "burst", "4kb"];
        let shape = [&shape[..], &["limit", queue_bytes]].concat();
        inside(&self.namespace(SWITCH), &shape).expect("a slow link");
    }

    /// How many packets to a machine were lost since its link was made slow.
    #[must_use]
    pub fn lost(&self, host: &Host) -> u64 {
        let switch = self.namespace(SWITCH);
        let shown = Command::new("ip")
            .args(["netns", "exec", &switch, "tc", "-s", "qdisc", "show", "dev", &host.port])
            .output()
            .expect("tc shows");
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        let after = text.split("dropped ").nth(1).expect("a count of dropped packets");
        after.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).expect("a number")
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let namespaces = self.hosts.iter().map(|host| host.namespace.clone());
        for namespace in namespaces.chain([self.namespace(SWITCH)]) {
            ip(&["netns", "del", &namespace]).ok();
        }
    }
}

fn shape<'a>(port: &'a str, rate: &'a str, queue_bytes: &'a str) -> [&'a str; 13] {
    ["tc", "qdisc", "replace", "dev", port, "root", "tbf", "rate", rate, "burst", "4kb", "limit", queue_bytes]
}

fn inside(namespace: &str, command: &[&str]) -> Result<(), String> {
    ip(&[&["netns", "exec", namespace][..], command].concat())
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let done = Command::new("ip").args(arguments).output().map_err(|error| format!("ip: {error}"))?;
    match done.status.success() {
        true => Ok(()),
        false => Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&done.stderr).trim())),
    }
}
