//! Backs everything up, as often as the place wants it, and deletes backups that are too old.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::App;

/// Looks at the clock at least this often, because clocks are set and manual ones are turned.
const LOOK: Duration = Duration::from_secs(60);

/// Makes backups, for ever.
pub async fn run(app: App) {
    // Whatever happens makes it look at the clock, which costs nothing.
    let (mut head, mut documents) = (app.signals.head(), app.signals.documents());
    let mut next = Timestamp::MIN;
    app.clear_up_backups();
    loop {
        if next <= app.clock.now() {
            let (made, again) = app.keep_backups().await;
            next = again;
            match made {
                None => {}
                Some(Ok(made)) => {
                    let (bytes, rows) = (made.bytes, made.rehearsed.rows);
                    tracing::info!(
                        bytes,
                        rows,
                        "a backup was made, restored into a scratch database and found whole"
                    );
                }
                Some(Err(error)) => tracing::error!(%error, "no backup was made; it is tried again"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            rung = head.changed() => if rung.is_err() { return },
            rung = documents.changed() => if rung.is_err() { return },
        }
    }
}
