//! The disclosure ledger: who was given which record or told of it, when first, and under which contract.

use cairn_proto::ids::{NodeId, RecordId};
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{fetch, insert_many},
    int, micros, time, uint,
};

/// That somebody was given a record, or told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// The record: ours, or one that we passed on.
    pub record: RecordId,
    /// Who was given it.
    pub recipient: NodeId,
    /// SHA-256 of the contract it was given under; none where that was not noted.
    pub contract: Option<[u8; 32]>,
    /// When first.
    pub at: Timestamp,
    /// Whether only its title was told, in a catalogue.
    pub title_only: bool,
}

type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64, i64);

fn ledger_row((origin, idx, recipient, contract, at, told): Row) -> Result<LedgerRow, StoreError> {
    Ok(LedgerRow {
        record: RecordId { author: NodeId::from_bytes(array("log origin", &origin)?), index: uint(idx)? },
        recipient: NodeId::from_bytes(array("recipient", &recipient)?),
        contract: if contract.is_empty() { None } else { Some(array("contract hash", &contract)?) },
        at: time(at)?,
        title_only: told != 0,
    })
}

impl Tx {
    /// Enters into the ledger that `recipient` is given these records of a log. The first time counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_to_ledger(
        &mut self,
        log_id: i64,
        indices: &[u64],
        recipient: &NodeId,
        contract: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if indices.is_empty() {
            return Ok(());
        }
        self.given(log_id, indices, recipient).await?;
        let rows = indices.iter().map(|&index| int(index)).collect::<Result<Vec<_>, _>>()?;
        insert_many!(
            self,
            "INSERT INTO ledger (log_id, idx, recipient, contract, at) ",
            rows,
            |idx| [log_id, idx, recipient.as_bytes().to_vec(), contract.to_vec(), micros(at)],
            " ON CONFLICT DO NOTHING"
        )
    }

    /// The ledger of one log, one record of it or one recipient, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ledger(
        &mut self,
        log_id: i64,
        index: Option<u64>,
        recipient: Option<&NodeId>,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let recipient = recipient.map_or(Vec::new(), |node| node.as_bytes().to_vec());
        let any = i64::from(recipient.is_empty());
        let rows = fetch!(
            fetch_all,
            Row,
            self,
            "SELECT l.origin, d.idx, d.recipient, d.contract, d.at, CAST(CASE WHEN t.idx IS NULL THEN 0 ELSE 1 END AS BIGINT) \
             FROM ledger d JOIN logs l ON l.id = d.log_id \
             LEFT JOIN told t ON t.log_id = d.log_id AND t.idx = d.idx AND t.recipient = d.recipient WHERE d.log_id = $1 AND ($2 < 0 OR d.idx = $2) AND ($3 = 1 OR d.recipient = $4) \
             ORDER BY d.at DESC, d.idx DESC, d.recipient",
            log_id,
            index.map_or(Ok(-1), int)?,
            any,
            recipient
        )?;
        rows.into_iter().map(ledger_row).collect()
    }
}
