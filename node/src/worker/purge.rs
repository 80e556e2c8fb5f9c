//! Purges records at their last moment, and erases words when the consent they rest on ends. After every purge it
//! clears what the database's files may still hold, until that is done.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::{App, AppError};

/// Looks again at least this often, because clocks are set and manual ones are turned.
const LOOK: Duration = Duration::from_secs(60);
/// Never looks more often than this.
const SOON: Duration = Duration::from_millis(10);
/// Tries again after so long when it could not be done, for example for a full disk or a long reader.
const AGAIN: Duration = Duration::from_secs(5);

/// Purges whatever expires and clears after every purge, for ever.
pub async fn run(app: App) {
    let (mut records, mut purged) = (app.signals.records(), app.signals.purged());
    let mut documents = app.signals.documents();
    let mut consent_ends = app.next_consent_end().await.ok().flatten();
    // What a crash left is cleared when the store is opened; but receipts for it may be owed.
    let mut to_clear = app.owed_receipts().await.is_ok_and(|owed| !owed.is_empty());
    loop {
        // Not looked up for every record that comes in: it reads all consents.
        if documents.has_changed().unwrap_or(false) {
            documents.borrow_and_update();
            consent_ends = app.next_consent_end().await.ok().flatten();
        }
        let ended = consent_ends.is_some_and(|at| at <= app.clock.now());
        let not_ended = ended && !expire_consents(&app).await;
        if ended && !not_ended {
            consent_ends = app.next_consent_end().await.ok().flatten();
        }
        let next = app.next_expiry().await.ok().flatten();
        // Looked up first: to write would make the records that are just coming in wait.
        let due = next.is_some_and(|at| at <= app.clock.now());
        let failed = (due && !purge(&app).await) || not_ended;
        to_clear |= purged.has_changed().unwrap_or(false);
        purged.borrow_and_update();
        let mut wait = if failed { AGAIN } else { until(&app, next.into_iter().chain(consent_ends).min()) };
        if to_clear {
            match clear(&app).await {
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
            _ = documents.changed() => documents.mark_changed(),
            _ = purged.changed() => to_clear = true,
        }
    }
}

/// Clears the database's files, and signs receipts for what was gone before that began.
///
/// # Errors
/// [`AppError`]; it is to be tried again then.
pub async fn clear(app: &App) -> Result<(), AppError> {
    let owed = app.owed_receipts().await?;
    let alone = app.signals.index_alone().await;
    app.store.forget().await?;
    drop(alone);
    app.sign_receipts(&owed).await
}

/// Erases what rested on consents that have ended; false when that failed.
async fn expire_consents(app: &App) -> bool {
    match app.expire_consents().await {
        Ok(count) => {
            tracing::info!(count, "consents have expired; documents that rested on them were erased")
        }
        Err(ref error) => {
            tracing::error!(%error, "expired consents could not be dealt with; it is tried again");
            return false;
        }
    }
    true
}

/// Purges what has expired; false when that failed.
async fn purge(app: &App) -> bool {
    match app.purge_expired().await {
        Ok(count) => tracing::info!(count, "expired records were purged"),
        Err(ref error) => {
            tracing::error!(%error, "expired records could not be purged; it is tried again");
            return false;
        }
    }
    true
}

fn until(app: &App, next: Option<Timestamp>) -> Duration {
    let wait = next.map(|at| at.duration_since(app.clock.now()));
    // A moment that has passed was purged just now; a little later there is more to see.
    wait.map_or(LOOK, |wait| Duration::try_from(wait).unwrap_or_default().clamp(SOON, LOOK))
}
