//! Our groups and their members.

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A group of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for; may be empty.
    pub about: String,
    /// The newest record in our log that tells its members.
    pub record: Option<u64>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The group's id.
    pub group: String,
    /// The member.
    pub node: NodeId,
    /// Since when.
    pub since: Timestamp,
    /// Whether it also gets what was released to the group before.
    pub earlier: bool,
}

type Member = (String, Vec<u8>, i64, i64);

fn member((group, node, since, earlier): Member) -> Result<MemberRow, StoreError> {
    let node = NodeId::from_bytes(array("member", &node)?);
    Ok(MemberRow { group, node, since: time(since)?, earlier: earlier != 0 })
}

impl Tx {
    /// Keeps a group, new or changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_group(&mut self, row: &GroupRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO groups_ (id, name, about, record) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET \
             name = excluded.name, about = excluded.about, record = excluded.record",
            &row.id[..],
            &row.name[..],
            &row.about[..],
            row.record.map(int).transpose()?
        )?;
        Ok(())
    }

    /// All groups, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn groups(&mut self) -> Result<Vec<GroupRow>, StoreError> {
        let sql = "SELECT id, name, about, record FROM groups_ ORDER BY id";
        let rows = fetch!(fetch_all, (String, String, String, Option<i64>), self, sql)?;
        let group = |(id, name, about, record): (_, _, _, Option<i64>)| {
            Ok(GroupRow { id, name, about, record: record.map(uint).transpose()? })
        };
        rows.into_iter().map(group).collect()
    }

    /// Takes a member in. Who is one already stays as it is; gives whether it is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_member(&mut self, row: &MemberRow) -> Result<bool, StoreError> {
        let added = execute!(
            self,
            "INSERT INTO members (group_id, node, since, earlier) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            &row.group[..],
            &row.node.as_bytes()[..],
            micros(row.since),
            i64::from(row.earlier)
        )?;
        Ok(added > 0)
    }

    /// A member leaves; gives whether it was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_member(&mut self, group: &str, node: &NodeId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM members WHERE group_id = $1 AND node = $2";
        Ok(execute!(self, sql, group, &node.as_bytes()[..])? > 0)
    }

    /// All members of all groups, by group and then since when.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn members(&mut self) -> Result<Vec<MemberRow>, StoreError> {
        let sql = "SELECT group_id, node, since, earlier FROM members ORDER BY group_id, since, node";
        fetch!(fetch_all, Member, self, sql)?.into_iter().map(member).collect()
    }

    /// The memberships of one node in our groups.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn memberships_of(&mut self, node: &NodeId) -> Result<Vec<MemberRow>, StoreError> {
        let sql = "SELECT group_id, node, since, earlier FROM members WHERE node = $1 ORDER BY group_id";
        let rows = fetch!(fetch_all, Member, self, sql, &node.as_bytes()[..])?;
        rows.into_iter().map(member).collect()
    }

    /// Notes that the record `index` of another's log, in the place of `revises`, says that we belong to a group of its
    /// author; gives whether we join by it. We do not where the record that it revises said so, too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn belong(
        &mut self,
        log_id: i64,
        group: &str,
        index: u64,
        revises: Option<u64>,
    ) -> Result<bool, StoreError> {
        if let Some(before) = revises {
            let sql = "UPDATE memberships SET idx = $1 WHERE log_id = $2 AND group_id = $3 AND idx = $4 AND idx < $1";
            if execute!(self, sql, int(index)?, log_id, group, int(before)?)? > 0 {
                return Ok(false);
            }
        }
        let changed = execute!(
            self,
            "INSERT INTO memberships (log_id, group_id, idx) VALUES ($1, $2, $3) ON CONFLICT (log_id, group_id) \
             DO UPDATE SET idx = excluded.idx WHERE memberships.idx < excluded.idx",
            log_id,
            group,
            int(index)?
        )?;
        Ok(changed > 0)
    }

    /// Forgets that we belong to groups of the author of a log where the record that said so is purged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_memberships(&mut self, log_id: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM memberships WHERE log_id = $1 AND EXISTS \
                   (SELECT 1 FROM tombstones t WHERE t.log_id = memberships.log_id AND t.idx = memberships.idx)";
        execute!(self, sql, log_id)?;
        Ok(())
    }
}
