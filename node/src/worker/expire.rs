//! Purges records at their last moment.

use std::time::Duration;

use crate::app::App;

/// Looks again at least this often, because clocks are set and manual ones are turned.
const LOOK: Duration = Duration::from_secs(60);

/// Purges whatever expires, for ever.
pub async fn run(app: App) {
    let mut records = app.signals.records();
    loop {
        match app.purge_expired().await {
            Ok(0) => {}
            Ok(purged) => tracing::info!(purged, "expired records were purged"),
            Err(error) => tracing::error!(%error, "expired records could not be purged; it is tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(until_next(&app).await) => {}
            _ = records.changed() => {}
        }
    }
}

async fn until_next(app: &App) -> Duration {
    let Ok(Some(next)) = app.next_expiry().await else { return LOOK };
    let wait = next.duration_since(app.clock.now());
    Duration::try_from(wait).unwrap_or(Duration::from_secs(1)).clamp(Duration::from_millis(10), LOOK)
}
