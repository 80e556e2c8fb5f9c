//! Getting to know each other: each two places become peers by ticket.

use std::time::Duration;

use cairn_proto::pb::{
    admin::{AcceptPeerRequest, InvitePeerRequest, ListPeersRequest, Peer},
    exchange::Standing,
};
use tokio::time::{Instant, sleep};

use super::{
    cast::{PLYMOUTH, SCOTLAND, SOUTH_TYNESIDE},
    error::DemoError,
    stage::{Actor, Stage},
};
use crate::{client::answer, error::Error};

/// Who invites whom.
const PAIRS: [(usize, usize); 3] =
    [(PLYMOUTH, SOUTH_TYNESIDE), (PLYMOUTH, SCOTLAND), (SOUTH_TYNESIDE, SCOTLAND)];

/// How long two nodes on one machine may take to agree.
const AGREED_WITHIN: Duration = Duration::from_secs(30);

/// How often we look.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// All three pairs.
pub(crate) async fn introduce(stage: &mut Stage<'_>) -> Result<(), Error> {
    stage
        .chapter("Becoming peers: one invites with a ticket, both compare words by telephone, both accept")?;
    for (host, guest) in PAIRS {
        let (Some(host), Some(guest)) = (stage.actors.get(host), stage.actors.get(guest)) else { continue };
        let (seen_by_host, seen_by_guest) = pair(host, guest).await?;
        let agree = seen_by_host == guest.words && seen_by_guest == host.words;
        let (host, guest) = (host.place.name, guest.place.name);
        if !agree {
            stage.report.problem(format!("{host} and {guest} do not see each other's words."));
        }
        let verdict = if agree { "each sees the words the other reads out" } else { "the words differ" };
        stage.tell(|page| page.indented(2, &format!("{host} and {guest}: {verdict}.")))?;
    }
    Ok(())
}

/// Makes peers of two; returns the words each sees for the other.
async fn pair(host: &Actor, guest: &Actor) -> Result<(String, String), Error> {
    let mut host_admin = host.node.admin.clone();
    let mut guest_admin = guest.node.admin.clone();
    let invitation = answer(host_admin.invite_peer(InvitePeerRequest::default()))
        .await
        .map_err(|error| error.at(host.place.name))?;
    let request = AcceptPeerRequest {
        ticket_or_peer: invitation.ticket,
        name: host.place.name.to_owned(),
        depth: String::new(),
    };
    answer(guest_admin.accept_peer(request)).await.map_err(|error| error.at(guest.place.name))?;
    let waiting = |peer: &Peer| peer.waits_for_us || peer.standing == i32::from(Standing::Active);
    if wait_for(host, guest, waiting).await?.waits_for_us {
        let name = guest.place.name.to_owned();
        let request = AcceptPeerRequest { ticket_or_peer: guest.node_id.clone(), name, depth: String::new() };
        answer(host_admin.accept_peer(request)).await.map_err(|error| error.at(host.place.name))?;
    }
    let active = |peer: &Peer| peer.standing == i32::from(Standing::Active);
    let seen_by_host = wait_for(host, guest, active).await?;
    let seen_by_guest = wait_for(guest, host, active).await?;
    Ok((seen_by_host.words, seen_by_guest.words))
}

/// Waits until one sees the other as wanted.
async fn wait_for(one: &Actor, other: &Actor, wanted: impl Fn(&Peer) -> bool) -> Result<Peer, Error> {
    let deadline = Instant::now() + AGREED_WITHIN;
    let mut admin = one.node.admin.clone();
    loop {
        let reply =
            answer(admin.list_peers(ListPeersRequest {})).await.map_err(|error| error.at(one.place.name))?;
        let found = reply.peers.into_iter().find(|peer| peer.node_id == other.node_id);
        match found {
            Some(peer) if wanted(&peer) => return Ok(peer),
            found if Instant::now() > deadline => {
                let state = found.map(|peer| format!(" ({} {})", peer.standing_words, peer.last_error));
                let what = format!(
                    "The peering of {} with {}{}",
                    one.place.name,
                    other.place.name,
                    state.unwrap_or_default()
                );
                return Err(DemoError::Late { what, seconds: AGREED_WITHIN.as_secs() }.into());
            }
            _ => sleep(LOOK_EVERY).await,
        }
    }
}
