//! Calls peers that somebody wants to try, and says what was found on the way; and those that somebody wants to ask something.

use cairn_proto::{ids::NodeId, limits};
use jiff::SignedDuration;
use tokio::{sync::mpsc, task::JoinSet};

use super::catalogue;
use crate::{
    app::{
        App, AppError,
        doctor::{Finding, State, finding},
        probe::{Probe, Wish},
    },
    domain::{
        peer::{Peering, Seen, SeenStanding, Standing},
        restriction::Degree,
    },
    exchange::client::{self, CallError, Peer},
    wire::{self, contract},
};

/// A clock this far off makes times of records misleading (protocol, Limits: 60 minutes).
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(60);

const CALL_THEM: &str = "call the other place by telephone";
const UPGRADE: &str = "upgrade the older of the two";

/// Calls whoever is to be called, for ever.
pub async fn run(app: App, mut probes: mpsc::Receiver<Probe>) {
    let mut tasks = JoinSet::new();
    while let Some(Probe { node, endpoint, wish }) = probes.recv().await {
        while tasks.try_join_next().is_some() {}
        let app = app.clone();
        tasks.spawn(async move {
            grant(&app, &node, &endpoint, wish).await;
        });
    }
}

async fn grant(app: &App, node: &NodeId, endpoint: &str, wish: Wish) {
    let whom = (node, endpoint);
    // Whoever asked may have gone.
    match wish {
        Wish::Test(answer) => drop(answer.send(call(app, node, endpoint).await)),
        Wish::Look { author, filter, from, answer } => {
            drop(answer.send(catalogue::look(app, whom, &author, &filter, from).await));
        }
        Wish::Fetch { author, indices, answer } => {
            drop(answer.send(catalogue::fetch(app, whom, &author, indices).await));
        }
    }
}

async fn call(app: &App, node: &NodeId, endpoint: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match client::connect(app, node, endpoint).await {
        Ok(peer) => {
            findings.push(finding("connection", State::Well, format!("{endpoint} answers over TLS 1.3"), ""));
            if let Err(error) = answered(app, node, &peer, &mut findings).await {
                findings.push(finding("peering", State::Mend, error.to_string(), CALL_THEM));
            }
        }
        Err(error) => findings.push(unanswered(&error)),
    }
    findings
}

/// What kept us from hearing the peer.
fn unanswered(error: &CallError) -> Finding {
    let (check, mend) = match error {
        CallError::Unreachable { .. } | CallError::Endpoint(_) => (
            "connection",
            "ask the other place whether its node runs and under which address; look whether a firewall is in between",
        ),
        CallError::Tls(_) => ("TLS", "look at the keys of this node: cairn doctor"),
        CallError::Impostor { .. } => (
            "identity",
            "another node answers there: ask the other place for its address, and do not go on until it is clear",
        ),
        CallError::Version { .. } | CallError::Old { .. } => ("versions", UPGRADE),
        CallError::Refused(_) | CallError::Unreadable(_) => ("answer", CALL_THEM),
    };
    finding(check, State::Mend, error.to_string(), mend)
}

async fn answered(
    app: &App,
    node: &NodeId,
    peer: &Peer,
    findings: &mut Vec<Finding>,
) -> Result<(), AppError> {
    let identity = match app.met(&peer.identity, &peer.hello).await {
        Ok(()) => {
            let found = format!("it holds the key of {} ({})", node.short(), node.words());
            finding("identity", State::Well, found, "")
        }
        Err(error) => finding("identity", State::Mend, error.to_string(), CALL_THEM),
    };
    findings.push(identity);
    let (version, software) = (peer.hello.version, &peer.hello.software);
    let software: String = software.chars().filter(|c| !c.is_control()).take(limits::LINE_BYTES).collect();
    findings.push(match peer.refuse_old(app) {
        Ok(()) => {
            let found = format!("both speak version {version} of the protocol; it runs {software}");
            finding("versions", State::Well, found, "")
        }
        Err(error) => finding("versions", State::Mend, error.to_string(), UPGRADE),
    });
    findings.push(clock(app, peer)?);
    let ours = app.relationship(node).await?;
    let theirs = contract::seen(peer.hello.relationship.clone())?;
    if let Some(ours) = ours {
        findings.push(standing(&ours, &theirs));
        let purposes: Vec<_> = ours.terms.purposes.iter().map(|purpose| purpose.words()).collect();
        let relay = if ours.terms.relay { "may" } else { "may not" };
        let found = format!("for {}; records {relay} be passed on", purposes.join(", "));
        findings.push(finding("contract", State::Well, found, ""));
    }
    Ok(())
}

fn clock(app: &App, peer: &Peer) -> Result<Finding, AppError> {
    let Some(theirs) = &peer.hello.now else {
        return Ok(finding("clock", State::Look, "it does not tell its time", ""));
    };
    let ahead = wire::time("now", theirs)?.duration_since(app.clock.now());
    let found = match ahead.as_secs() {
        0 => "both clocks agree to the second".to_owned(),
        seconds if seconds > 0 => format!("its clock is {seconds} s ahead of ours"),
        seconds => format!("its clock is {} s behind ours", seconds.abs()),
    };
    Ok(match ahead.abs() > CLOCK_OFF {
        true => finding("clock", State::Mend, found, "set both clocks by NTP"),
        false => finding("clock", State::Well, found, ""),
    })
}

fn standing(ours: &Peering, theirs: &Seen) -> Finding {
    let same = theirs.contract_hash == Some(ours.contract_hash);
    let there = match theirs.standing {
        SeenStanding::Stranger => "it does not know us",
        SeenStanding::Proposed => "there it waits for an answer",
        SeenStanding::Active => "there it is active",
        SeenStanding::Restricted(Degree::Limited) => "there it is limited",
        SeenStanding::Restricted(Degree::Suspended) => "there it is suspended",
        SeenStanding::Ended => "there it is over",
    };
    let found = format!("here: {}; {there}", ours.words());
    match (ours.standing, theirs.standing, same) {
        (Standing::Active, _, true) if ours.degree().is_some() => {
            let found = format!("{found}; {}", Degree::flows(ours.degree()));
            finding(
                "peering",
                State::Look,
                found,
                "whoever holds back can lift that: talk to each other; cairn peer restore",
            )
        }
        (Standing::Active, SeenStanding::Active, true) => finding("peering", State::Well, found, ""),
        (Standing::Active, SeenStanding::Active, false) => {
            let found = format!("{found}, but under another contract");
            finding("peering", State::Mend, found, "end it on both sides and make a new one")
        }
        (Standing::Active, SeenStanding::Stranger | SeenStanding::Ended, _) => {
            finding("peering", State::Mend, found, "end it here and make a new one, if both want that")
        }
        _ => finding("peering", State::Look, found, "a person on one side has to act: cairn peer list"),
    }
}
