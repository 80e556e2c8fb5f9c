//! The one way to wait: for a condition, with a deadline. Nothing waits for time to pass.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tonic::{Status, Streaming};

/// Far longer than anything takes on a busy machine; a story that needs it has failed.
const DEADLINE: Duration = Duration::from_secs(45);
/// How often one looks.
const LOOK: Duration = Duration::from_millis(10);

/// Looks until there is something to see, and gives it back.
///
/// # Panics
/// When there is nothing to see for too long; `what` says what was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            sleep(LOOK).await;
        }
    };
    match timeout(DEADLINE, looking).await {
        Ok(seen) => seen,
        Err(_) => panic!("waited {} s in vain until {what}", DEADLINE.as_secs()),
    }
}

/// Waits for something that must come by itself.
///
/// # Panics
/// When it does not come; `what` says what was waited for.
pub async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    match timeout(DEADLINE, coming).await {
        Ok(come) => come,
        Err(_) => panic!("waited {} s in vain until {what}", DEADLINE.as_secs()),
    }
}

/// What a stream ends with, whatever it still tells; `None` for an end without a word.
pub async fn end_of<T>(mut stream: Streaming<T>) -> Option<Status> {
    soon("the stream ends", async {
        loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(status) => return Some(status),
            }
        }
    })
    .await
}
