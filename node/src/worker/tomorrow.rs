//! Waiting for the next day, when a peer has given all that the contract allows in one. Meanwhile its log is followed as ever:
//! heads and leaves are not counted.

use std::time::Duration;

use cairn_proto::{
    ids::NodeId,
    limits,
    pb::exchange::{QuotaExceeded, WatchResponse, refusal::Kind},
};
use jiff::{SignedDuration, Timestamp};

use super::follow::FollowError;
use crate::{
    app::{App, AppError},
    exchange::{client::CallError, status},
};

/// So often the clock is looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Nobody is made to wait longer, whatever it says.
const LONGEST: u32 = 24 * 60 * 60;

/// A head whose openings come later.
#[derive(Debug, Default)]
pub(super) struct Tomorrow {
    waits: Option<(WatchResponse, Timestamp)>,
    why: String,
}

/// The quota that is used up, if a pull broke off for that.
pub(super) fn is_daily_quota(error: &FollowError) -> Option<QuotaExceeded> {
    let FollowError::Call(CallError::Refused(refused)) = error else { return None };
    match status::refusal(refused) {
        Some(Kind::Quota(quota)) if quota.limit == limits::DAILY_BYTES => Some(quota),
        _ => None,
    }
}

impl Tomorrow {
    /// Waits for the day on which the rest of `head` comes, if that is why a pull broke off, and if all its leaves are here: a peer
    /// that keeps leaves back is not followed.
    pub(super) async fn after(
        app: &App,
        author: &NodeId,
        error: &FollowError,
        head: WatchResponse,
    ) -> Result<Option<Self>, AppError> {
        let Some(quota) = is_daily_quota(error) else { return Ok(None) };
        if app.leaves_held(author).await? < head.size {
            return Ok(None);
        }
        let wait = SignedDuration::from_secs(quota.retry_after_seconds.clamp(1, LONGEST).into());
        let at = app.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX);
        Ok(Some(Self { waits: Some((head, at)), why: error.to_string() }))
    }

    /// Why, in words.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    /// Ready when the rest can be asked for; never, if nothing waits.
    pub(super) async fn comes(&mut self, app: &App) -> WatchResponse {
        loop {
            if let Some((head, _)) = self.waits.take_if(|(_, at)| *at <= app.clock.now()) {
                return head;
            }
            match self.waits {
                Some(_) => tokio::time::sleep(LOOK).await,
                None => std::future::pending().await,
            }
        }
    }
}
