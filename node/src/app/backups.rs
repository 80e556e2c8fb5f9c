//! Backups that the node makes by itself: when the next one is due, which ones go, and what the doctor says of them.

use cairn_proto::ids::NodeId;
use jiff::{SignedDuration, Timestamp};

use super::{
    App,
    doctor::{Finding, State, finding},
    peering::peering,
};
use crate::backup::{self, BackupError, Made, Shelf, Wish};

/// After a failure it is tried again so much later.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);
/// What is on the shelf is looked at again at least this often, for people put things there and take them away.
const LOOK: SignedDuration = SignedDuration::from_hours(1);

/// The checks of the doctor that are about backups.
const CHECK: &str = "backup";

impl App {
    /// Makes the backup that is due and deletes those that are too old. Gives the backup, if one was made, and when there is
    /// something to do again.
    ///
    /// # Errors
    /// Never: that it failed is in the first, and it is tried again at the second.
    pub async fn keep_backups(&self) -> (Option<Result<Made, BackupError>>, Timestamp) {
        let Some(directory) = &self.backup.directory else { return (None, Timestamp::MAX) };
        let shelf = Shelf::of(directory, &self.keys.node_id());
        let now = self.clock.now();
        let made = match self.is_due(&shelf, now) {
            true => {
                let recipients = &self.backup.recipients;
                Some(
                    backup::make(&self.store, &Wish { data_dir: &self.data_dir, directory, recipients }, now)
                        .await,
                )
            }
            false => None,
        };
        // First the new one: what is left if it failed is still the newest there is, unless it is too old to be kept at all.
        let next = match self.remove_old(&shelf, now).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "old backups could not be deleted; it is tried again");
                after(now, AGAIN)
            }
        };
        let next = if matches!(made, Some(Err(_))) { next.min(after(now, AGAIN)) } else { next };
        (made, next.max(after(now, SignedDuration::from_secs(1))))
    }

    /// Deletes what a rehearsal that was cut off has left.
    pub fn clear_up_backups(&self) {
        backup::clear_up(&self.data_dir);
    }

    fn is_due(&self, shelf: &Shelf, now: Timestamp) -> bool {
        let newest = shelf.kept().ok().and_then(|kept| kept.into_iter().next());
        // One from the future was made while the clock was wrong.
        newest.is_none_or(|newest| newest.made_at > now || after(newest.made_at, self.backup.every) <= now)
    }

    /// Deletes what is too old; gives when there is something to do again.
    async fn remove_old(&self, shelf: &Shelf, now: Timestamp) -> Result<Timestamp, BackupError> {
        let keep = SignedDuration::from_hours(i64::from(self.keep_days().await?) * 24);
        let removed = shelf.remove_older(after(now, -keep))?;
        if removed > 0 {
            tracing::info!(removed, "old backups were deleted");
        }
        let kept = shelf.kept()?;
        let due = kept.first().map_or(now, |newest| after(newest.made_at, self.backup.every));
        let goes = kept.last().map_or(Timestamp::MAX, |oldest| after(oldest.made_at, keep));
        Ok(due.min(goes).min(after(now, LOOK)))
    }

    /// For how many days a backup is kept: as the place wants it, and no longer than any contract says, for that is what
    /// our receipts promise.
    async fn keep_days(&self) -> Result<u32, BackupError> {
        let mut days = self.backup.keep_days;
        for row in self.store.read().await?.peerings().await? {
            // A contract that cannot be read is told elsewhere.
            days = peering(&row).map_or(days, |peering| days.min(peering.terms.backup_days));
        }
        Ok(days)
    }

    /// How the backups are.
    pub(super) fn backups(&self) -> Finding {
        let by_hand = format!("cairn-node backup create --data-dir {}", self.data_dir.display());
        if let Some(why) = backup::failure(&self.data_dir) {
            let found = format!("the newest attempt failed at {why}");
            return finding(CHECK, State::Mend, found, format!("once that is mended: {by_hand}"));
        }
        let Some(directory) = &self.backup.directory else {
            let found = "this node makes no backups by itself; [backup] in cairn.toml says how";
            return finding(CHECK, State::Well, found, "");
        };
        let node: NodeId = self.keys.node_id();
        let newest = match Shelf::of(directory, &node).kept() {
            Ok(kept) => kept.into_iter().next(),
            Err(error) => return finding(CHECK, State::Mend, error.to_string(), by_hand),
        };
        let Some(newest) = newest else {
            let found = format!("there is no backup in {} yet", directory.display());
            return finding(CHECK, State::Look, found, by_hand);
        };
        let (now, at) = (self.clock.now(), newest.made_at.strftime("%Y-%m-%d %H:%M UTC"));
        if now.duration_since(newest.made_at) > self.backup.every.saturating_mul(2) {
            let hours = self.backup.every.as_hours();
            let found = format!("the newest backup is of {at}, and one should be made every {hours} hours");
            return finding(
                CHECK,
                State::Mend,
                found,
                format!("look into the node's log, and make one by hand: {by_hand}"),
            );
        }
        finding(CHECK, State::Well, format!("the newest is of {at}, and was rehearsed"), "")
    }
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(by).unwrap_or(end)
}
