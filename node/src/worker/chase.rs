//! Asks holders of what we withdrew, or of what we passed on and its author withdrew, for their receipts, again and again, also those who are no peers any more. An active
//! peer hears of a retraction by following our log, so it is asked only when its receipt has not come by itself.

use std::{collections::HashMap, time::Duration};

use cairn_proto::{
    ids::{NodeId, RecordId},
    pb::exchange::RetractResponse,
};
use futures::{StreamExt as _, stream};
use tokio::time::Instant;

use super::follow::{Backoff, FollowError};
use crate::{
    app::{App, withdrawals::Open},
    entropy,
    exchange::client,
};

/// How long an active peer has to purge and send its receipt by itself.
const BY_ITSELF: Duration = Duration::from_secs(10);
/// Looks again at least this often, for time passes and records become overdue.
const LOOK: Duration = Duration::from_secs(60);

/// Holders that are asked at the same time.
const AT_ONCE: usize = 8;

/// When a holder is asked next, and how often it was asked since the node began to serve.
struct Turn {
    at: Instant,
    times: u32,
}

/// Asks for receipts, for ever.
pub async fn run(app: App, backoff: Backoff) {
    let (mut head, mut peers) = (app.signals.head(), app.signals.peers());
    let mut turns: HashMap<(RecordId, NodeId), Turn> = HashMap::new();
    loop {
        head.borrow_and_update();
        peers.borrow_and_update();
        let open = match app.open_withdrawals().await {
            Ok(open) => open,
            Err(error) => {
                tracing::error!(%error, "open withdrawals could not be read; it is tried again");
                Vec::new()
            }
        };
        turns.retain(|(record, node), _| open.iter().any(|o| o.record == *record && o.node == *node));
        let mut due = Vec::new();
        for open in &open {
            let first = if open.active { BY_ITSELF } else { Duration::ZERO };
            let begin = || Turn { at: soon(first), times: 0 };
            let turn = turns.entry((open.record, open.node)).or_insert_with(begin);
            if !open.active && turn.times == 0 {
                // It was a peer when this turn was set, and does not hear of it by itself any more.
                turn.at = turn.at.min(Instant::now());
            }
            if turn.at <= Instant::now() {
                due.push(open);
                turn.times = turn.times.saturating_add(1);
                let jitter = entropy::bytes::<1>().map_or(0, |[byte]| byte);
                turn.at = soon(backoff.delay(turn.times, jitter));
            }
        }
        // One that cannot be reached does not keep the others waiting.
        stream::iter(due).for_each_concurrent(AT_ONCE, |open| ask(&app, open)).await;
        let next = turns.values().map(|turn| turn.at.saturating_duration_since(Instant::now())).min();
        tokio::select! {
            () = tokio::time::sleep(next.map_or(LOOK, |next| next.min(LOOK))) => {}
            rung = head.changed() => if rung.is_err() { return },
            rung = peers.changed() => if rung.is_err() { return },
        }
    }
}

/// Asks one holder, and notes whether it answered.
async fn ask(app: &App, open: &Open) {
    let answered = match hand_over(app, open).await {
        Ok(answered) => answered,
        Err(error) => {
            let why = error.for_the_log();
            tracing::info!(peer = %open.node.short(), index = open.record.index, why, "a holder could not be asked for its receipt");
            false
        }
    };
    if let Err(error) = app.note_asked(open, answered).await {
        tracing::error!(%error, "it could not be noted that a holder was asked");
    }
}

/// Hands the retraction over, if it is here; gives whether it was.
async fn hand_over(app: &App, open: &Open) -> Result<bool, FollowError> {
    let Some(request) = app.retraction_of(open).await? else { return Ok(false) };
    let mut peer = client::connect(app, &open.node, &open.endpoint).await?;
    let mut request = tonic::Request::new(request);
    request.set_timeout(client::ANSWER);
    let RetractResponse { receipt } = peer.service.retract(request).await?.into_inner();
    if let Some(receipt) = receipt {
        app.receive_receipt(&peer.identity, &receipt).await?;
    }
    Ok(true)
}

fn soon(after: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(after).unwrap_or(now)
}
