//! Evidence packs: one file with which anyone can check a record offline.

use cairn_proto::{evidence, ids::RecordId, log::inclusion_plan, pb::exchange as pb};

use super::{App, AppError, actor::Operator};
use crate::{
    domain::audit::Event,
    store::{StoreError, Tx},
};

impl App {
    /// The evidence pack of a record held here, and a file name for it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when it is not held.
    pub async fn evidence(&self, who: &Operator, name: &str) -> Result<(Vec<u8>, String), AppError> {
        let mut tx = self.store.write().await?;
        let id = self.record_called(&mut tx, name).await?;
        let pack = self.pack(&mut tx, &id).await?;
        if id.author != self.keys.node_id() {
            self.audit(&mut tx, who.by(), Event::Access, Some(id), "took evidence of it".to_owned()).await?;
            tx.commit().await?;
        }
        Ok(pack)
    }

    /// The evidence pack of a record as it stands in this transaction, and a file name for it.
    pub(crate) async fn pack(&self, tx: &mut Tx, id: &RecordId) -> Result<(Vec<u8>, String), AppError> {
        let row = self.held(tx, id).await?;
        let log = tx.log(&id.author).await?.ok_or_else(|| StoreError::corrupt("a record without its log"))?;
        let plan = inclusion_plan(id.index, log.head_size).map_err(|_| {
            AppError::Argument(format!(
                "the signed head held here ends before record {}; try again when `cairn sync status` says up to date",
                id.index
            ))
        })?;
        let proof = tx.proof(log.id, &plan).await?;
        let identity = tx.identity(&id.author).await?;
        let identity = identity.ok_or_else(|| StoreError::corrupt("a log of an unknown author"))?;
        let pack = pb::EvidencePack {
            identity: identity.events().to_vec(),
            envelope: row.opening.envelope,
            salt: row.opening.salt.to_vec(),
            index: id.index,
            inclusion_proof: proof.iter().map(|hash| hash.to_vec()).collect(),
            checkpoint: self.dressed(tx, &log).await?,
            witnesses: self.witness_identities(tx, &log).await?,
        };
        let short: String = id.author.to_string().chars().take(14).collect();
        Ok((evidence::encode(&pack), format!("{short}-{}.cairn-evidence", id.index)))
    }
}
