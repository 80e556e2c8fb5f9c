//! What is followed of whom, and whom a catalogue told of records.

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int, uint,
};
use crate::domain::subscription::{Depth, Labels, Subscription};

type Row = (Vec<u8>, i64, String, String, String, String, String, Option<i64>);

fn subscription(row: Row) -> Result<(NodeId, Subscription), StoreError> {
    let (node, paused, kinds, themes, scales, factors, depth, from) = row;
    let list = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let labels = Labels::new(&list(&kinds), &list(&themes), &list(&scales), &list(&factors));
    let subscription = Subscription {
        paused: paused != 0,
        labels: labels.map_err(StoreError::corrupt)?,
        depth: Depth::read(&depth).map_err(StoreError::corrupt)?,
        from: from.map(uint).transpose()?,
    };
    Ok((NodeId::from_bytes(array("node id", &node)?), subscription))
}

impl Tx {
    /// What is followed of an author; everything, if nobody chose.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscription(&mut self, author: &NodeId) -> Result<Subscription, StoreError> {
        let sql = "SELECT node_id, paused, kinds, themes, scales, factors, depth, from_idx FROM subscriptions \
                   WHERE node_id = $1";
        let row = fetch!(fetch_optional, Row, self, sql, &author.as_bytes()[..])?;
        Ok(row.map(subscription).transpose()?.map(|(_, subscription)| subscription).unwrap_or_default())
    }

    /// Of whom somebody chose what is followed, and what.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscriptions(&mut self) -> Result<Vec<(NodeId, Subscription)>, StoreError> {
        let sql = "SELECT node_id, paused, kinds, themes, scales, factors, depth, from_idx FROM subscriptions \
                   ORDER BY node_id";
        fetch!(fetch_all, Row, self, sql)?.into_iter().map(subscription).collect()
    }

    /// Saves what is followed of an author.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_subscription(
        &mut self,
        author: &NodeId,
        subscription: &Subscription,
    ) -> Result<(), StoreError> {
        let [kinds, themes, scales, factors] = subscription.labels.lists().map(|(_, list)| {
            list.iter().map(|entry| entry.as_str().to_owned()).collect::<Vec<_>>().join("\n")
        });
        execute!(
            self,
            "INSERT INTO subscriptions (node_id, paused, kinds, themes, scales, factors, depth, from_idx) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (node_id) DO UPDATE SET paused = excluded.paused, \
             kinds = excluded.kinds, themes = excluded.themes, scales = excluded.scales, factors = excluded.factors, \
             depth = excluded.depth, from_idx = excluded.from_idx",
            &author.as_bytes()[..],
            i64::from(subscription.paused),
            kinds,
            themes,
            scales,
            factors,
            subscription.depth.to_string(),
            subscription.from.map(int).transpose()?
        )?;
        Ok(())
    }

    /// Notes that a log's openings from index `from` on are to be asked for again, of its author and of all who pass it on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_again(&mut self, log_id: i64, from: u64) -> Result<(), StoreError> {
        let from = int(from)?;
        execute!(self, "UPDATE logs SET settled_to = $1 WHERE id = $2 AND settled_to > $1", from, log_id)?;
        self.widen(log_id).await?;
        let sql = "UPDATE carriers SET settled_to = $1 WHERE log_id = $2 AND settled_to > $1";
        execute!(self, sql, from, log_id)?;
        Ok(())
    }

    /// Notes that more of a log comes to be here than had been asked for: those to whom it is passed on are told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn widen(&mut self, log_id: i64) -> Result<(), StoreError> {
        execute!(self, "UPDATE logs SET widened = widened + 1 WHERE id = $1", log_id)?;
        Ok(())
    }

    /// How often that was so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn widened(&mut self, log_id: i64) -> Result<u64, StoreError> {
        uint(fetch!(fetch_one, (i64,), self, "SELECT widened FROM logs WHERE id = $1", log_id)?.0)
    }

    /// Notes how often `carrier` says that it was so there. If that is news, what it may pass on is to be asked for again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn carrier_widened(
        &mut self,
        log_id: i64,
        carrier: &NodeId,
        times: u64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE carriers SET widened = $1, settled_to = 0 WHERE log_id = $2 AND carrier = $3 AND widened <> $1";
        execute!(self, sql, int(times)?, log_id, &carrier.as_bytes()[..])?;
        Ok(())
    }

    /// Which of these records a log's copy here holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held_among(&mut self, log_id: i64, indices: &[u64]) -> Result<Vec<u64>, StoreError> {
        let mut held = Vec::new();
        for &index in indices {
            let sql = "SELECT COUNT(*) FROM records WHERE log_id = $1 AND idx = $2";
            if fetch!(fetch_one, (i64,), self, sql, log_id, int(index)?)?.0 > 0 {
                held.push(index);
            }
        }
        Ok(held)
    }

    /// Enters into the ledger that `recipient` is told of these records of a log, without being given them. Of what it was given before it
    /// still counts that it was. Gives those that are new to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_told(
        &mut self,
        log_id: i64,
        indices: &[u64],
        recipient: &NodeId,
        contract: &[u8; 32],
        at: Timestamp,
    ) -> Result<Vec<u64>, StoreError> {
        let known = self.recipient_rows("ledger", log_id, indices, recipient).await?;
        let new: Vec<u64> = indices.iter().copied().filter(|index| !known.contains(index)).collect();
        self.add_to_ledger(log_id, &new, recipient, contract, at).await?;
        let rows = new.iter().map(|&index| int(index)).collect::<Result<Vec<_>, _>>()?;
        if rows.is_empty() {
            return Ok(new);
        }
        insert_many!(
            self,
            "INSERT INTO told (log_id, idx, recipient) ",
            rows,
            |idx| [log_id, idx, recipient.as_bytes().to_vec()],
            " ON CONFLICT DO NOTHING"
        )?;
        Ok(new)
    }

    /// Forgets that `recipient` was only told of these records: it is given them now.
    pub(super) async fn given(
        &mut self,
        log_id: i64,
        indices: &[u64],
        recipient: &NodeId,
    ) -> Result<(), StoreError> {
        let told = self.recipient_rows("told", log_id, indices, recipient).await?;
        for &index in indices.iter().filter(|index| told.contains(index)) {
            let sql = "DELETE FROM told WHERE log_id = $1 AND idx = $2 AND recipient = $3";
            execute!(self, sql, log_id, int(index)?, &recipient.as_bytes()[..])?;
        }
        Ok(())
    }

    /// Records between the first and the last of these that a table has for `recipient`.
    async fn recipient_rows(
        &mut self,
        table: &'static str,
        log_id: i64,
        indices: &[u64],
        recipient: &NodeId,
    ) -> Result<Vec<u64>, StoreError> {
        let (Some(&first), Some(&last)) = (indices.iter().min(), indices.iter().max()) else {
            return Ok(Vec::new());
        };
        let sql = match table {
            "told" => "SELECT idx FROM told WHERE log_id = $1 AND recipient = $2 AND idx >= $3 AND idx <= $4",
            _ => "SELECT idx FROM ledger WHERE log_id = $1 AND recipient = $2 AND idx >= $3 AND idx <= $4",
        };
        let recipient = &recipient.as_bytes()[..];
        let rows = fetch!(fetch_all, (i64,), self, sql, log_id, recipient, int(first)?, int(last)?)?;
        rows.into_iter().map(|(idx,)| uint(idx)).collect()
    }
}
