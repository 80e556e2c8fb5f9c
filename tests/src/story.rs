//! A story: places that share a clock, and how they come together.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
};

use cairn_node::clock::Clock;
use cairn_proto::pb::{admin::InvitePeerRequest, exchange::Standing};
use jiff::{SignedDuration, Timestamp};

use crate::{desk::Desk, place::TestPlace, wait::until};

/// When every story begins: a Monday at noon.
const BEGINNING: &str = "2026-11-23T12:00:00Z";
/// Ports below those that systems hand out, so that a node that is down keeps its own.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The time of a story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The clock of all its places.
    pub clock: Clock,
}

impl Story {
    /// Begins on a Monday at noon.
    ///
    /// # Panics
    /// Never: the beginning is a constant.
    #[must_use]
    pub fn begin() -> Self {
        Self::begin_at(BEGINNING)
    }

    /// Begins at another moment.
    ///
    /// # Panics
    /// When `at` is no moment.
    #[must_use]
    pub fn begin_at(at: &str) -> Self {
        let at: Timestamp = at.parse().expect("a moment");
        Self { clock: Clock::manual(at) }
    }

    /// A new place with a running node.
    pub async fn place(&self, name: &str) -> TestPlace {
        TestPlace::spawn(self, name).await
    }

    /// Time passes.
    pub fn pass(&self, by: SignedDuration) {
        self.clock.advance(by);
    }
}

/// Two places become peers as people do it: one hands over a ticket, the other accepts it, and the
/// first accepts the proposal that comes of it.
pub async fn peer(a: &Desk, b: &Desk) {
    peer_on(a, b, InvitePeerRequest::default()).await;
}

/// Two places become peers, each of whom may pass on the other's records.
pub async fn peer_with_relay(a: &Desk, b: &Desk) {
    peer_on(a, b, InvitePeerRequest { relay: true, ..Default::default() }).await;
}

/// Two places become peers on these terms.
pub async fn peer_on(a: &Desk, b: &Desk, terms: InvitePeerRequest) {
    let ticket = a.ticket_for(terms).await;
    b.accept(&ticket).await.expect("the ticket is good");
    let (a_id, b_id) = (a.node_id().await, b.node_id().await);
    until("the proposal has arrived", async || a.peering(&b_id).await.filter(|p| p.waits_for_us)).await;
    a.accept(&b_id).await.expect("the proposal waits");
    for (desk, other) in [(a, &b_id), (b, &a_id)] {
        until("the peering is active", async || {
            desk.peering(other).await.filter(|p| p.standing() == Standing::Active)
        })
        .await;
    }
}

/// Waits until each place has followed every active peer among `places` to its newest head.
pub async fn converge(places: &[&Desk]) {
    until("everyone is up to date", async || {
        for author in places {
            let (author_id, size) = author.log_size().await;
            for reader in places {
                if !reader.is_up_to_date_with(&author_id, size).await {
                    return None;
                }
            }
        }
        Some(())
    })
    .await;
}

/// A loopback address that nobody listens on.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let width = PORTS.end - PORTS.start;
    let begin = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(width)).unwrap_or(0);
    for _ in 0..width {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + begin.wrapping_add(step) % width;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port is free");
}
