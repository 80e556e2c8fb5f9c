//! What a node needs in memory for a thousand peers that watch it and that it watches.

use std::{fs, path::Path, process::Child, time::Duration};

use cairn_proto::pb::exchange::WatchRequest;
use cairn_tests::{caller::Caller, liar::Liar, place::TestPlace, story::Story};
use jiff::SignedDuration;
use tonic::Streaming;

use super::process;

/// Peers.
const PEERS: usize = 1_000;

/// Prints how much more memory the program needs with all peers connected in both directions than with none.
pub(crate) async fn thousand() {
    let program = process::program();
    let story = Story::begin_at("2026-01-05T12:00:00Z");
    let mut place = story.place("Plymouth Alliance").await;
    let mut peers = Vec::with_capacity(PEERS);
    let (mut child, _) = alone(&mut place, &program).await;
    let before = process::resident(&child);
    stop(&mut child);
    place.start().await;
    for _ in 0..PEERS {
        let peer = Liar::spawn().await;
        peer.become_peer_of(&place).await;
        // Strangers may knock once in ten minutes.
        story.pass(SignedDuration::from_mins(10));
        peers.push(peer);
    }
    let (mut child, _) = alone(&mut place, &program).await;
    let mut watching = Vec::with_capacity(PEERS);
    for peer in &peers {
        watching.push(watch(peer, &place).await);
    }
    while connections(&child) < 2 * PEERS {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let with = process::resident(&child);
    println!(
        "{:<44} {:>10.1} MiB more than the {:.1} MiB of a node without peers",
        format!("memory for {PEERS} peers, both ways"),
        (with - before) as f64 / 1024.0,
        before as f64 / 1024.0
    );
    stop(&mut child);
}

/// The program itself serves what a node in this process served before.
async fn alone(place: &mut TestPlace, program: &Path) -> (Child, Duration) {
    place.stop().await;
    let served = process::serve(program, place.dir());
    tokio::time::sleep(Duration::from_secs(1)).await;
    served
}

fn stop(child: &mut Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

async fn watch(
    peer: &Liar,
    place: &TestPlace,
) -> (Caller, Streaming<cairn_proto::pb::exchange::WatchResponse>) {
    let mut caller = Caller::with_key(place.address, &peer.persona.signing).await;
    caller.hello(&peer.persona.identity).await.unwrap();
    let mut heads = caller.service.watch(WatchRequest::default()).await.unwrap().into_inner();
    heads.message().await.unwrap().unwrap();
    (caller, heads)
}

/// Sockets the program has open.
fn connections(child: &Child) -> usize {
    let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
    let is_socket = |link: &fs::DirEntry| {
        fs::read_link(link.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
    };
    open.filter_map(Result::ok).filter(is_socket).count()
}
