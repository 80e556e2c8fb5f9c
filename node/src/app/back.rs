//! Our own log comes back from peers who hold it: after this database was put back to an older state.

use super::{App, AppError, peering::peering, receive::Checked, relay::Route};
use crate::{
    domain::{text::Line, withdrawal::Retraction},
    store::{Tx, WithdrawalRow},
};

impl App {
    /// Keeps records of ours that a peer gives back. It holds them, so it is in the disclosure ledger again; what was withdrawn
    /// after this database's state is withdrawn here again, so that its holders are asked.
    pub(super) async fn receive_back(
        &self,
        tx: &mut Tx,
        route: &Route,
        checked: &Checked,
    ) -> Result<(), AppError> {
        let log = tx.log_for_update(&route.origin()).await?;
        tx.add_openings(log.id, &checked.rows).await?;
        tx.add_record_links(log.id, &checked.links).await?;
        let indices: Vec<u64> = checked.rows.iter().map(|row| row.index).collect();
        if let Some(holder) = tx.peering(&route.carrier).await?.as_ref().map(peering).transpose()? {
            let (contract, now) = (holder.contract_hash, self.clock.now());
            tx.add_to_ledger(log.id, &indices, &holder.node, &contract, now).await?;
        }
        let known = tx.withdrawals().await?;
        for (index, at, said) in &checked.retractions {
            if !known.iter().any(|row| row.index == said.target) {
                tx.add_withdrawal(&withdrawal(*index, *at, said)).await?;
            }
        }
        Ok(tx.set_carried(log.id, &route.carrier, checked.settled_to.min(log.frontier.size())).await?)
    }
}

/// A withdrawal of ours, from what it said to its holders. Who took it back was known at home only.
fn withdrawal(retraction: u64, at: jiff::Timestamp, said: &Retraction) -> WithdrawalRow {
    WithdrawalRow {
        index: said.target,
        retraction,
        reason: said.reason.words().to_owned(),
        note: said.note.as_ref().map(ToString::to_string).unwrap_or_default(),
        parts: said.parts.iter().map(Line::as_str).collect::<Vec<_>>().join("\n"),
        replaced_by: said.replaced_by,
        at,
        by: "known before this database was put back".to_owned(),
    }
}
