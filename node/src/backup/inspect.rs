//! Whether a restored database is whole: counted, and everything that proves itself proven anew.

use std::collections::BTreeMap;

use cairn_proto::{
    checkpoint,
    identity::Identity,
    log::{Frontier, Leaf, commitment},
};
use ed25519_dalek::Signature;

use super::{BackupError, fill::Contents};
use crate::{
    domain::audit::{BEGINNING, chained, signed},
    keys,
    store::{LogRow, Tx},
};

/// Leaves, and audit entries, looked at together.
const AT_ONCE: u64 = 1024;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inspected {
    /// Logs whose every leaf was hashed.
    pub(super) logs: u64,
    /// Records that fit their leaf.
    pub(super) records: u64,
    /// How many records our own log has.
    pub(super) own_size: u64,
}

fn not_whole(what: impl Into<String>) -> BackupError {
    BackupError::NotWhole(what.into())
}

/// Looks at everything.
pub(super) async fn inspect(tx: &mut Tx, contents: &Contents) -> Result<Inspected, BackupError> {
    let mut rows = 0_u64;
    for table in tx.tables().await? {
        rows = rows.saturating_add(tx.count_rows(&table).await?);
    }
    if rows != contents.rows {
        return Err(not_whole(format!(
            "{rows} rows are in the database, and {} were in the file",
            contents.rows
        )));
    }
    if tx.self_id().await? != Some(contents.node) {
        return Err(not_whole("the database is not of the node that the file names"));
    }
    let own =
        tx.identity(&contents.node).await?.ok_or_else(|| not_whole("the node's identity is missing"))?;
    if !keys::are_in(contents.files.values().map(Vec::as_slice), &own) {
        return Err(not_whole("the keys in force are not among its files"));
    }
    let mut seen = Inspected::default();
    for log in tx.logs().await? {
        let records = inspect_log(tx, &log).await?;
        seen = Inspected {
            logs: seen.logs.saturating_add(1),
            records: seen.records.saturating_add(records),
            own_size: if log.origin == contents.node { log.frontier.size() } else { seen.own_size },
        };
    }
    inspect_audit(tx, &own).await?;
    Ok(seen)
}

/// Hashes every leaf, compares with frontier and signed head, and every record with its leaf; gives how many records.
async fn inspect_log(tx: &mut Tx, log: &LogRow) -> Result<u64, BackupError> {
    let broken = |what: &str| not_whole(format!("the log of {}: {what}", log.origin.short()));
    let (size, mut frontier, mut records) = (log.frontier.size(), Frontier::new(), 0_u64);
    let mut at_head = (log.head_size == 0).then(|| frontier.root());
    while frontier.size() < size {
        let from = frontier.size();
        let to = from.saturating_add(AT_ONCE).min(size);
        let leaves = tx.leaves(log.id, from, to).await?;
        records = records.saturating_add(inspect_records(tx, log, from, &leaves).await?);
        for leaf in leaves {
            frontier.append(leaf.hash());
            if frontier.size() == log.head_size {
                at_head = Some(frontier.root());
            }
        }
    }
    if frontier != log.frontier {
        return Err(broken("its leaves do not add up to what was noted"));
    }
    if tx.held_count(log.id).await? != records {
        return Err(broken("it has records without a leaf"));
    }
    let at_head = at_head.ok_or_else(|| broken("its head has more leaves than are there"))?;
    if log.head_size == 0 {
        return Ok(records);
    }
    let author = tx.identity(&log.origin).await?.ok_or_else(|| broken("its author's identity is missing"))?;
    match checkpoint::verify(&log.checkpoint, &author) {
        Ok(head) if head.size == log.head_size && head.root == at_head => Ok(records),
        Ok(_) => Err(broken("the signed head does not fit the leaves")),
        Err(_) => Err(broken("its head is not signed by its author")),
    }
}

/// Compares the records of these leaves with them; gives how many there are.
async fn inspect_records(tx: &mut Tx, log: &LogRow, from: u64, leaves: &[Leaf]) -> Result<u64, BackupError> {
    let leaves: BTreeMap<u64, &Leaf> = (from..).zip(leaves).collect();
    let (mut next, end) = (from, from.saturating_add(leaves.len() as u64));
    let mut records = 0_u64;
    loop {
        // A few at a time: a record may have some hundred KiB.
        let rows = tx.openings(log.id, next, end, 64).await?;
        let Some(last) = rows.last().map(|row| row.index) else { return Ok(records) };
        for row in rows {
            let leaf = leaves.get(&row.index);
            if leaf.is_none_or(|leaf| *leaf.commitment() != commitment(&row.salt, &row.envelope)) {
                let (author, index) = (log.origin.short(), row.index);
                return Err(not_whole(format!("record {index} of {author} does not fit its leaf")));
            }
            records = records.saturating_add(1);
        }
        next = last.saturating_add(1);
    }
}

/// Checks that each entry of the audit log follows from the one before it and is signed by the node.
async fn inspect_audit(tx: &mut Tx, own: &Identity) -> Result<(), BackupError> {
    let (mut seq, mut before) = (1, BEGINNING);
    let at_once = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    loop {
        let rows = tx.audit(seq, at_once).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let signature = Signature::from_bytes(&row.signature);
            let epochs = own.epochs();
            let by_us = epochs
                .iter()
                .any(|epoch| epoch.signing_key.verify_strict(&signed(&row.hash), &signature).is_ok());
            if row.seq != seq || row.hash != chained(&before, seq, &row.entry) || !by_us {
                return Err(not_whole(format!(
                    "entry {seq} of the audit log does not follow from those before it"
                )));
            }
            (seq, before) = (seq.saturating_add(1), row.hash);
        }
    }
}
