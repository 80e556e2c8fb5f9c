//! Makes records findable by their words, while others come in. What a crash left undone is done at the next start.

use std::time::Duration;

use crate::app::App;

/// Tries again after so long when it could not be done, for example for a full disk.
const AGAIN: Duration = Duration::from_secs(5);

/// Indexes whatever came and is not indexed, for ever.
pub async fn run(app: App) {
    let (mut records, mut head) = (app.signals.records(), app.signals.head());
    loop {
        match app.index_records().await {
            Ok(true) => {
                // So that who waits for the same connection or the same thread comes in between.
                tokio::task::yield_now().await;
                continue;
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "records could not be made findable by their words; it is tried again");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        }
        tokio::select! {
            rung = records.changed() => if rung.is_err() { return },
            rung = head.changed() => if rung.is_err() { return },
        }
    }
}
