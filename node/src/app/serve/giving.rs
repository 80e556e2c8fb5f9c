//! What goes out is counted and written down before it goes, in one transaction: the allowance of the day, the disclosure ledger, and,
//! for records of others, the audit log.

use jiff::Timestamp;

use super::{ServedLog, Whose, used_up};
use crate::{
    app::{App, AppError, actor::VerifiedPeer},
    domain::quota::{self, Allowance},
    store::Tx,
};

/// What is about to go out to a peer.
pub(super) struct Giving {
    /// Of which records.
    pub(super) indices: Vec<u64>,
    /// How much of the day's allowance it takes.
    pub(super) bytes: u64,
    /// Whether only their titles go.
    pub(super) titles: bool,
}

impl App {
    /// What a peer may still fetch today.
    pub(super) async fn allowance_today(
        &self,
        tx: &mut Tx,
        peer: &VerifiedPeer,
        now: Timestamp,
    ) -> Result<Allowance, AppError> {
        Ok(Allowance::new(peer.daily_bytes(), tx.served(&peer.reader().node, quota::day(now)).await?))
    }

    /// Counts and writes down what goes out now.
    pub(super) async fn note_given(
        &self,
        (peer, log): (&VerifiedPeer, &ServedLog),
        allowance: Allowance,
        giving: &Giving,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Giving { indices, bytes, titles } = giving;
        if indices.is_empty() {
            return Ok(());
        }
        let (node, contract) = (&peer.reader().node, peer.contract());
        let mut tx = self.store.write().await?;
        // First: streams to the same peer wait for each other here, so that none of them writes that only a title was told when
        // the record was given.
        let used = tx.count_served(node, quota::day(now), *bytes).await?.saturating_sub(*bytes);
        if used > allowance.used && (Allowance { used, ..allowance }).left() == 0 {
            return Err(used_up(Allowance { used, ..allowance }, now)); // another stream was quicker
        }
        let (done, new) = match titles {
            true => ("told the titles of", tx.add_told(log.id, indices, node, contract, now).await?),
            false => {
                tx.add_to_ledger(log.id, indices, node, contract, now).await?;
                ("passed on", indices.clone())
            }
        };
        if log.whose == Whose::Another && !new.is_empty() {
            self.audit_passed_on(&mut tx, done, &log.origin, node, &new).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
