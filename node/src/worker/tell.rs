//! Tells authors what was done here with their records, once their news has waited for a day.

use std::time::Duration;

use crate::app::App;

/// Looks again at least this often, for news comes of age without a bell, and clocks are set.
const LOOK: Duration = Duration::from_secs(60);

/// Tells whoever is to be told, for ever.
pub async fn run(app: App) {
    // Whatever happens makes it look: to see that there is nothing to tell costs next to nothing.
    let (mut head, mut peers) = (app.signals.head(), app.signals.peers());
    let mut records = app.signals.records();
    loop {
        match app.tell_uses().await {
            Ok(0) => {}
            Ok(authors) => tracing::info!(authors, "authors are told what was done with their records"),
            Err(error) => {
                tracing::error!(%error, "authors could not be told what was done with their records; it is tried again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            rung = head.changed() => if rung.is_err() { return },
            rung = peers.changed() => if rung.is_err() { return },
            rung = records.changed() => if rung.is_err() { return },
        }
    }
}
