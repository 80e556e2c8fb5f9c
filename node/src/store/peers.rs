//! Peerings and the invitations that led to them.

use cairn_proto::{envelope, ids::NodeId, pb::exchange::Envelope};
use jiff::Timestamp;
use prost::Message as _;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
    micros, time,
};
use crate::domain::{
    peer::{Side, Standing},
    restriction::Restriction,
};

/// A peering as stored: the signed contract is kept as it is, its terms are read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct PeeringRow {
    /// The other node.
    pub node: NodeId,
    /// Our name for it.
    pub name: String,
    /// Where we reach it.
    pub endpoint: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why it ended.
    pub reason: String,
    /// Since when it stands so.
    pub since: Timestamp,
    /// The contract with the signatures it has.
    pub contract: Envelope,
    /// The invitation's secret, while our proposal is open.
    pub invitation: Option<Vec<u8>>,
    /// Last successful contact.
    pub last_contact: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: String,
    /// Its software.
    pub software: String,
    /// Our limit or suspension of it. To save the row does not change it.
    pub by_us: Option<Restriction>,
    /// Its limit or suspension of us. To save the row does not change it.
    pub by_them: Option<Restriction>,
}

/// An invitation we made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// The ticket without its secret, as encoded bytes.
    pub terms: Vec<u8>,
    /// When it becomes void.
    pub expires_at: Timestamp,
    /// Who used it.
    pub used_by: Option<NodeId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    node_id: Vec<u8>,
    name: String,
    endpoint: String,
    standing: String,
    reason: String,
    since: i64,
    contract: Vec<u8>,
    invitation: Option<Vec<u8>>,
    last_contact: Option<i64>,
    last_error: String,
    software: String,
}

impl TryFrom<Row> for PeeringRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            node: NodeId::from_bytes(array("node id", &row.node_id)?),
            name: row.name,
            endpoint: row.endpoint,
            standing: standing(&row.standing)?,
            reason: row.reason,
            since: time(row.since)?,
            contract: envelope::decode(&row.contract).map_err(StoreError::corrupt)?,
            invitation: row.invitation,
            last_contact: row.last_contact.map(time).transpose()?,
            last_error: row.last_error,
            software: row.software,
            by_us: None,
            by_them: None,
        })
    }
}

impl PeeringRow {
    fn hold_back(&mut self, side: Side, restriction: Restriction) {
        match side {
            Side::Us => self.by_us = Some(restriction),
            Side::Them => self.by_them = Some(restriction),
        }
    }
}

const STANDINGS: [(&str, Standing); 5] = [
    ("proposed by us", Standing::Proposed(Side::Us)),
    ("proposed by them", Standing::Proposed(Side::Them)),
    ("active", Standing::Active),
    ("ended by us", Standing::Ended(Side::Us)),
    ("ended by them", Standing::Ended(Side::Them)),
];

fn standing(text: &str) -> Result<Standing, StoreError> {
    let found = STANDINGS.iter().find(|(name, _)| *name == text).map(|(_, standing)| *standing);
    found.ok_or_else(|| StoreError::corrupt(format!("a standing \"{text}\"")))
}

fn standing_name(standing: Standing) -> &'static str {
    STANDINGS.iter().find(|(_, s)| *s == standing).map_or("", |(name, _)| name)
}

impl Tx {
    /// All peerings, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peerings(&mut self) -> Result<Vec<PeeringRow>, StoreError> {
        let mut rows = fetch!(fetch_all, Row, self, "SELECT * FROM peerings")?;
        // Not ORDER BY: PostgreSQL would order by the rules of whatever language it was set up for.
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let mut rows: Vec<_> = rows.into_iter().map(PeeringRow::try_from).collect::<Result<_, _>>()?;
        for (node, side, restriction) in self.restrictions(None).await? {
            if let Some(row) = rows.iter_mut().find(|row| row.node == node) {
                row.hold_back(side, restriction);
            }
        }
        Ok(rows)
    }

    /// The peering with a node.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peering(&mut self, node: &NodeId) -> Result<Option<PeeringRow>, StoreError> {
        let sql = "SELECT * FROM peerings WHERE node_id = $1";
        let row = fetch!(fetch_optional, Row, self, sql, &node.as_bytes()[..])?;
        let Some(mut row) = row.map(PeeringRow::try_from).transpose()? else { return Ok(None) };
        for (_, side, restriction) in self.restrictions(Some(node)).await? {
            row.hold_back(side, restriction);
        }
        Ok(Some(row))
    }

    /// Keeps a peering, new or changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another peer has the name.
    pub async fn save_peering(&mut self, row: &PeeringRow) -> Result<(), StoreError> {
        let contract = row.contract.encode_to_vec();
        execute!(
            self,
            "INSERT INTO peerings (node_id, name, endpoint, standing, reason, since, contract, invitation, \
             last_contact, last_error, software) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (node_id) DO UPDATE SET name = excluded.name, endpoint = excluded.endpoint, \
             standing = excluded.standing, reason = excluded.reason, since = excluded.since, \
             contract = excluded.contract, invitation = excluded.invitation, \
             last_contact = excluded.last_contact, last_error = excluded.last_error, software = excluded.software",
            &row.node.as_bytes()[..],
            &row.name[..],
            &row.endpoint[..],
            standing_name(row.standing),
            &row.reason[..],
            micros(row.since),
            &contract[..],
            row.invitation.as_deref(),
            row.last_contact.map(micros),
            &row.last_error[..],
            &row.software[..]
        )?;
        Ok(())
    }

    /// Notes how the last contact went: at a time and without error, or with one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_contact(
        &mut self,
        node: &NodeId,
        contact: Option<Timestamp>,
        error: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self,
            "UPDATE peerings SET last_contact = COALESCE($1, last_contact), last_error = $2 WHERE node_id = $3",
            contact.map(micros),
            error,
            &node.as_bytes()[..]
        )?;
        Ok(())
    }

    /// Keeps an invitation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_invitation(&mut self, row: &InvitationRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO invitations (secret_hash, terms, expires_at, used_by) VALUES ($1, $2, $3, NULL)",
            &row.secret_hash[..],
            &row.terms[..],
            micros(row.expires_at)
        )?;
        Ok(())
    }

    /// Finds an invitation by the hash of its secret.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(&mut self, secret_hash: &[u8; 32]) -> Result<Option<InvitationRow>, StoreError> {
        let row = fetch!(
            fetch_optional,
            (Vec<u8>, i64, Option<Vec<u8>>),
            self,
            "SELECT terms, expires_at, used_by FROM invitations WHERE secret_hash = $1",
            &secret_hash[..]
        )?;
        row.map(|(terms, expires_at, used_by)| {
            let used_by = used_by.map(|id| array("node id", &id).map(NodeId::from_bytes)).transpose()?;
            Ok(InvitationRow { secret_hash: *secret_hash, terms, expires_at: time(expires_at)?, used_by })
        })
        .transpose()
    }

    /// Marks an invitation as used; gives whether it was unused until now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_invitation(&mut self, secret_hash: &[u8; 32], by: &NodeId) -> Result<bool, StoreError> {
        let changed = execute!(
            self,
            "UPDATE invitations SET used_by = $1 WHERE secret_hash = $2 AND used_by IS NULL",
            &by.as_bytes()[..],
            &secret_hash[..]
        )?;
        Ok(changed == 1)
    }
}
