//! Purges records at their last moment, and after every purge clears what the database's files may
//! still hold of it, until that is done.

use std::time::Duration;

use crate::app::App;

/// Looks again at least this often, because clocks are set and manual ones are turned.
const LOOK: Duration = Duration::from_secs(60);
/// Tries again after so long when the files could not be cleared, for example for a long reader.
const AGAIN: Duration = Duration::from_secs(5);

/// Purges whatever expires and clears after every purge, for ever.
pub async fn run(app: App) {
    let (mut records, mut purged) = (app.signals.records(), app.signals.purged());
    // What a crash left is cleared when the store is opened.
    let mut to_clear = false;
    loop {
        match app.purge_expired().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "expired records were purged"),
            Err(error) => tracing::error!(%error, "expired records could not be purged; it is tried again"),
        }
        to_clear |= purged.has_changed().unwrap_or(false);
        purged.borrow_and_update();
        let mut wait = until_next(&app).await;
        if to_clear {
            match app.store.forget().await {
                Ok(()) => to_clear = false,
                Err(error) => {
                    tracing::warn!(%error, "purged records may still be in the database's files; it is tried again");
                    wait = wait.min(AGAIN);
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = records.changed() => {}
            _ = purged.changed() => to_clear = true,
        }
    }
}

async fn until_next(app: &App) -> Duration {
    let Ok(Some(next)) = app.next_expiry().await else { return LOOK };
    let wait = next.duration_since(app.clock.now());
    Duration::try_from(wait).unwrap_or(Duration::from_secs(1)).clamp(Duration::from_millis(10), LOOK)
}
