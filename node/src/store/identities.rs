//! Identity chains: our own and those of the nodes we know.

use cairn_proto::{envelope, identity::Identity, ids::NodeId};
use prost::Message as _;

use super::{
    StoreError, Tx, array,
    backend::{execute, fetch},
};

/// A stored chain, checked again.
fn chain(rows: &[(Vec<u8>,)]) -> Result<Option<Identity>, StoreError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let events = rows.iter().map(|(bytes,)| envelope::decode(bytes).map_err(StoreError::corrupt));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    Identity::verify(&events).map(Some).map_err(StoreError::corrupt)
}

impl Tx {
    /// Our own NodeId, if this database has been initialised.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn self_id(&mut self) -> Result<Option<NodeId>, StoreError> {
        let row = fetch!(fetch_optional, (Vec<u8>,), self, "SELECT node_id FROM self")?;
        row.map(|(id,)| Ok(NodeId::from_bytes(array("node id", &id)?))).transpose()
    }

    /// Sets our own NodeId; it can be set once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when this database belongs to a node already.
    pub async fn set_self(&mut self, id: &NodeId) -> Result<(), StoreError> {
        execute!(self, "INSERT INTO self (one, node_id) VALUES (1, $1)", &id.as_bytes()[..])?;
        Ok(())
    }

    /// Keeps a verified identity chain and finds it by its current key from now on. Events that
    /// are known stay as they are, and so does the key if a longer chain is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_identity(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let id = identity.node_id();
        for (event, seq) in identity.events().iter().zip(0_i64..) {
            let bytes = event.encode_to_vec();
            execute!(
                self,
                "INSERT INTO identity_events (node_id, seq, envelope) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &id.as_bytes()[..],
                seq,
                &bytes[..]
            )?;
        }
        let key = identity.current().signing_key.to_bytes();
        execute!(
            self,
            "INSERT INTO current_keys (signing_key, node_id) SELECT $1, $2 \
             WHERE NOT EXISTS (SELECT 1 FROM identity_events WHERE node_id = $2 AND seq > $3) \
             ON CONFLICT (node_id) DO UPDATE SET signing_key = excluded.signing_key",
            &key[..],
            &id.as_bytes()[..],
            i64::from(identity.seq())
        )?;
        Ok(())
    }

    /// The identity of a node we know.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored chain does not verify.
    pub async fn identity(&mut self, id: &NodeId) -> Result<Option<Identity>, StoreError> {
        let rows = fetch!(
            fetch_all,
            (Vec<u8>,),
            self,
            "SELECT envelope FROM identity_events WHERE node_id = $1 ORDER BY seq",
            &id.as_bytes()[..]
        )?;
        chain(&rows)
    }

    /// Keeps the chain of a node that says it was recovered, in the place of an earlier such chain.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_recovery(&mut self, identity: &Identity) -> Result<(), StoreError> {
        let id = identity.node_id();
        self.forget_recovery(&id).await?;
        for (event, seq) in identity.events().iter().zip(0_i64..) {
            let bytes = event.encode_to_vec();
            execute!(
                self,
                "INSERT INTO recoveries (node_id, seq, envelope) VALUES ($1, $2, $3)",
                &id.as_bytes()[..],
                seq,
                &bytes[..]
            )?;
        }
        Ok(())
    }

    /// The chain of a node that says it was recovered, while nobody here has confirmed it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored chain does not verify.
    pub async fn recovery(&mut self, id: &NodeId) -> Result<Option<Identity>, StoreError> {
        let sql = "SELECT envelope FROM recoveries WHERE node_id = $1 ORDER BY seq";
        chain(&fetch!(fetch_all, (Vec<u8>,), self, sql, &id.as_bytes()[..])?)
    }

    /// Forgets a recovery that somebody has answered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_recovery(&mut self, id: &NodeId) -> Result<(), StoreError> {
        execute!(self, "DELETE FROM recoveries WHERE node_id = $1", &id.as_bytes()[..])?;
        Ok(())
    }

    /// Sequence number of the newest event of a node's identity; 0 also for a node we do not know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn identity_seq(&mut self, id: &NodeId) -> Result<u32, StoreError> {
        let sql = "SELECT MAX(seq) FROM identity_events WHERE node_id = $1";
        let seq = fetch!(fetch_one, (Option<i64>,), self, sql, &id.as_bytes()[..])?.0;
        u32::try_from(seq.unwrap_or_default()).map_err(StoreError::corrupt)
    }

    /// The node that presents this signing key now, if we know it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn node_with_key(&mut self, key: &[u8; 32]) -> Result<Option<NodeId>, StoreError> {
        let row = fetch!(
            fetch_optional,
            (Vec<u8>,),
            self,
            "SELECT node_id FROM current_keys WHERE signing_key = $1",
            &key[..]
        )?;
        row.map(|(id,)| Ok(NodeId::from_bytes(array("node id", &id)?))).transpose()
    }
}
