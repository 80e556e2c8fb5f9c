//! Notes beside the database how much of our log was signed, whenever it has grown.

use crate::{
    app::App,
    mark::{self, Mark},
};

/// Notes it for ever.
pub async fn run(app: App) {
    let mut head = app.signals.head();
    let place = mark::place(&app.data_dir);
    loop {
        head.borrow_and_update();
        match app.signed().await {
            Ok(Some(size)) => {
                if let Err(error) = (Mark { size, place: place.clone() }).write(&app.data_dir) {
                    tracing::warn!(%error, "how much was signed could not be noted beside the database");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "our own log could not be read"),
        }
        if head.changed().await.is_err() {
            return;
        }
    }
}
