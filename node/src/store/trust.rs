//! Lists of proposals about others, as drafts, and what was accepted of them.

use cairn_proto::ids::NodeId;
use jiff::{Timestamp, civil::Date};

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch, insert_many},
    int, micros,
    standing::{day, day_text},
    time, uint,
};
use crate::domain::trust::Proposal;

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustListRow {
    /// Its number here, from 1.
    pub id: u64,
    /// Who made it.
    pub author: NodeId,
    /// SHA-256 of what was signed.
    pub hash: [u8; 32],
    /// What it is for.
    pub about: String,
    /// When it was made, by its author's clock.
    pub made_at: Timestamp,
    /// When it was taken in.
    pub imported_at: Timestamp,
    /// By whom.
    pub by: String,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustEntryRow {
    /// Its number in the list, from 1.
    pub n: u32,
    /// The node it is about.
    pub node: NodeId,
    /// What is proposed.
    pub proposal: Proposal,
    /// What the list's author calls it.
    pub name: String,
    /// Why, in the author's words.
    pub reason: String,
    /// When the author looks at it again.
    pub review_on: Option<Date>,
    /// When it was accepted here, and by whom.
    pub accepted: Option<(Timestamp, String)>,
}

type List = (i64, Vec<u8>, Vec<u8>, String, i64, i64, String);
type Entry = (i64, Vec<u8>, String, String, String, String, Option<i64>, String);

fn list((id, author, hash, about, made_at, imported_at, by): List) -> Result<TrustListRow, StoreError> {
    Ok(TrustListRow {
        id: uint(id)?,
        author: NodeId::from_bytes(array("author", &author)?),
        hash: array("hash", &hash)?,
        about,
        made_at: time(made_at)?,
        imported_at: time(imported_at)?,
        by,
    })
}

fn entry(row: Entry) -> Result<TrustEntryRow, StoreError> {
    let (n, node, proposal, name, reason, review_on, accepted_at, accepted_by) = row;
    let known = Proposal::ALL.into_iter().find(|known| known.word() == proposal);
    Ok(TrustEntryRow {
        n: u32::try_from(n).map_err(StoreError::corrupt)?,
        node: NodeId::from_bytes(array("node id", &node)?),
        proposal: known.ok_or_else(|| StoreError::corrupt(format!("a proposal \"{proposal}\"")))?,
        name,
        reason,
        review_on: day(&review_on)?,
        accepted: accepted_at.map(|at| Ok::<_, StoreError>((time(at)?, accepted_by))).transpose()?,
    })
}

impl Tx {
    /// Keeps a list with its entries.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is here already, or its number is taken.
    pub async fn add_trust_list(
        &mut self,
        row: &TrustListRow,
        entries: &[TrustEntryRow],
    ) -> Result<(), StoreError> {
        let id = int(row.id)?;
        execute!(
            self,
            "INSERT INTO trust_lists (id, author, hash, about, made_at, imported_at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            &row.author.as_bytes()[..],
            &row.hash[..],
            &row.about[..],
            micros(row.made_at),
            micros(row.imported_at),
            &row.by[..]
        )?;
        if entries.is_empty() {
            return Ok(());
        }
        insert_many!(
            self,
            "INSERT INTO trust_entries (list_id, n, node_id, proposal, name, reason, review_on, accepted_by) ",
            entries,
            |entry| [
                id,
                i64::from(entry.n),
                &entry.node.as_bytes()[..],
                entry.proposal.word(),
                &entry.name[..],
                &entry.reason[..],
                day_text(entry.review_on),
                ""
            ],
            ""
        )
    }

    /// All lists, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trust_lists(&mut self) -> Result<Vec<TrustListRow>, StoreError> {
        let sql =
            "SELECT id, author, hash, about, made_at, imported_at, by_whom FROM trust_lists ORDER BY id DESC";
        fetch!(fetch_all, List, self, sql)?.into_iter().map(list).collect()
    }

    /// The entries of a list, in its order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn trust_entries(&mut self, list_id: u64) -> Result<Vec<TrustEntryRow>, StoreError> {
        let sql = "SELECT n, node_id, proposal, name, reason, review_on, accepted_at, accepted_by FROM trust_entries \
                   WHERE list_id = $1 ORDER BY n";
        fetch!(fetch_all, Entry, self, sql, int(list_id)?)?.into_iter().map(entry).collect()
    }

    /// Notes that an entry was accepted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_trust(
        &mut self,
        list_id: u64,
        n: u32,
        at: Timestamp,
        by: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "UPDATE trust_entries SET accepted_at = $1, accepted_by = $2 WHERE list_id = $3 AND n = $4",
            micros(at),
            by,
            int(list_id)?,
            i64::from(n)
        )?;
        Ok(())
    }

    /// Who knows a node, and under which name, by accepted entries: the lists' authors with their names for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn known_to(&mut self, node: &NodeId) -> Result<Vec<(NodeId, String)>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (Vec<u8>, String),
            self,
            "SELECT l.author, e.name FROM trust_entries e JOIN trust_lists l ON l.id = e.list_id \
             WHERE e.node_id = $1 AND e.proposal = $2 AND e.accepted_at IS NOT NULL ORDER BY e.list_id",
            &node.as_bytes()[..],
            Proposal::Known.word()
        )?;
        let row =
            |(author, name): (Vec<u8>, String)| Ok((NodeId::from_bytes(array("author", &author)?), name));
        rows.into_iter().map(row).collect()
    }

    /// Forgets a list and its entries; gives whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_trust_list(&mut self, id: u64) -> Result<bool, StoreError> {
        execute!(self, "DELETE FROM trust_entries WHERE list_id = $1", int(id)?)?;
        Ok(execute!(self, "DELETE FROM trust_lists WHERE id = $1", int(id)?)? > 0)
    }
}
