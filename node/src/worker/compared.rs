//! Keeps up to date whose heads are compared with what peers hold of them, for all connections at once.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// For each author that is compared already, this long is waited before others come to them: every peer is asked anew then, and
/// the more there are, the more that costs.
const GATHER: Duration = Duration::from_millis(50);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(60);

/// Looks again whenever a peering changed or another author's log came, for ever.
pub async fn run(app: App) {
    let (mut peers, mut followed) = (app.signals.peers(), app.signals.followed());
    loop {
        peers.borrow_and_update();
        let compared = app.renew_compared().await;
        let wait = match &compared {
            Ok(authors) => GATHER.saturating_mul(u32::try_from(*authors).unwrap_or(u32::MAX)),
            Err(error) => {
                tracing::error!(%error, "whose heads are compared could not be read; it is tried again");
                AGAIN
            }
        };
        tokio::time::sleep(wait).await;
        if compared.is_err() {
            continue;
        }
        loop {
            tokio::select! {
                rung = peers.changed() => if rung.is_err() { return } else { break },
                origin = followed.recv() => match origin {
                    Ok(origin) if app.signals.compared().borrow().contains(&origin) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}
