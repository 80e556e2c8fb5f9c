//! Made-up nodes, times, leaves and rows.

use cairn_node::store::{DocumentRow, Filter, HeadRow, Indexed, LogRow, OpeningRow, Tx};
use cairn_proto::{
    ids::NodeId,
    log::{Frontier, Leaf},
};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;

use crate::databases::Db;

/// Microseconds after the beginning of 2026.
pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(1_767_225_600_000_000 + micros).unwrap()
}

pub(crate) fn node(n: u8) -> NodeId {
    NodeId::from_bytes([n; 32])
}

pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// A leaf unlike any other.
pub(crate) fn leaf(index: u64) -> Leaf {
    let mut commitment = [7; 32];
    commitment[..8].copy_from_slice(&index.to_be_bytes());
    Leaf::record(commitment)
}

pub(crate) fn leaves(indices: std::ops::Range<u64>) -> Vec<Leaf> {
    indices.map(leaf).collect()
}

/// Appends to a log as the node does; gives the frontier after it.
pub(crate) async fn append(tx: &mut Tx, log_id: i64, before: &Frontier, leaves: &[Leaf]) -> Frontier {
    let mut frontier = before.clone();
    leaves.iter().for_each(|leaf| frontier.append(leaf.hash()));
    tx.append_leaves(log_id, before.size(), leaves, &frontier).await.unwrap();
    frontier
}

/// Begins the log of node `n`; gives its number.
pub(crate) async fn new_log(db: &Db, n: u8) -> i64 {
    let mut tx = db.write().await;
    let log = tx.log_for_update(&node(n)).await.unwrap();
    tx.commit().await.unwrap();
    log.id
}

/// A log as it is when nothing has been added to it.
pub(crate) fn empty_log(id: i64, n: u8) -> LogRow {
    let frontier = Frontier::new();
    let (checkpoint, heard_at) = (String::new(), Timestamp::UNIX_EPOCH);
    LogRow { id, origin: node(n), frontier, settled_to: 0, head_size: 0, checkpoint, heard_at }
}

/// An opening that never expires, held since `at(index)`.
pub(crate) fn opening(index: u64) -> OpeningRow {
    OpeningRow {
        index,
        salt: [index.to_be_bytes()[7]; 32],
        envelope: format!("envelope {index}").into_bytes(),
        expires_at: None,
        held_since: at(i64::try_from(index).unwrap()),
    }
}

pub(crate) async fn hold(db: &Db, log_id: i64, openings: &[OpeningRow]) {
    let mut tx = db.write().await;
    tx.add_openings(log_id, openings).await.unwrap();
    tx.commit().await.unwrap();
}

/// Indices of the openings held of a log.
pub(crate) async fn held(db: &Db, log_id: i64) -> Vec<u64> {
    let rows = db.read().await.openings(log_id, 0, 1 << 40, u32::MAX).await.unwrap();
    rows.iter().map(|row| row.index).collect()
}

/// Indices of a log that have a tombstone.
pub(crate) async fn buried(db: &Db, log_id: i64) -> Vec<u64> {
    db.read().await.tombstones(log_id, 0, 1 << 40).await.unwrap()
}

/// A version of a document, made at `at(version)`.
pub(crate) fn document(kind: &str, id: &str, version: u64) -> DocumentRow {
    let document = format!("{{\"{kind}\":\"{id} in version {version}\"}}");
    let at = at(version.cast_signed());
    DocumentRow { kind: kind.into(), id: id.into(), version, document, at, by: format!("author {version}") }
}

/// Nothing to find a document by.
pub(crate) const PLAIN: Indexed<'static> =
    Indexed { title: "", cycle: None, links: &[], facets: &[], text: "", format: 1 };

pub(crate) async fn save(db: &Db, row: &DocumentRow, indexed: &Indexed<'_>) {
    let mut tx = db.write().await;
    tx.add_document_version(row, indexed).await.unwrap();
    tx.commit().await.unwrap();
}

/// Saves a note of this id and with these words.
pub(crate) async fn save_note(db: &Db, id: &str, text: &str) {
    save(db, &document("note", id, 1), &Indexed { text, ..PLAIN }).await;
}

pub(crate) fn facets(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(facet, value)| ((*facet).into(), (*value).into())).collect()
}

pub(crate) fn filter(kind: Option<&str>, cycle: Option<&str>, pairs: &[(&str, &str)]) -> Filter {
    Filter { kind: kind.map(Into::into), cycle: cycle.map(Into::into), facets: facets(pairs) }
}

/// Ids of the documents that have all these words, newest first.
pub(crate) async fn found(db: &Db, words: &[&str], filter: &Filter) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| (*word).into()).collect();
    ids(db.read().await.find(&words, filter, None, 1000).await.unwrap())
}

pub(crate) fn ids(heads: Vec<HeadRow>) -> Vec<String> {
    heads.into_iter().map(|head| head.id).collect()
}
