//! Forks: a node that signed two heads that no single log can have. The evidence is kept, told to peers, and ends the taking in of
//! new records of that node; what it withdraws is followed all the same.

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    fork::{self, Fork},
    identity::Identity,
    ids::NodeId,
    log::{Hash, consistency_plan, root_plan},
    pb::exchange as pb,
};
use jiff::Timestamp;
use prost::Message as _;

use super::{App, AppError, actor::Operator, receive::ReceiveError};
use crate::store::{ForkRow, LogRow, StoreError, Tx};

/// A node that signed two logs, as people are told of it.
#[derive(Clone, Debug)]
pub struct Forked {
    /// Our name for it.
    pub name: String,
    /// Which node.
    pub node: NodeId,
    /// When it was found, or told, here.
    pub found_at: Timestamp,
    /// Sizes of the two heads.
    pub sizes: (u64, u64),
    /// The file with which anybody can check it.
    pub file: Vec<u8>,
}

impl App {
    /// Compares a signed head with the leaves held here. A head that the log held here cannot have, and that its author signed all
    /// the same, is evidence, and is kept as such.
    ///
    /// # Errors
    /// [`ReceiveError::Fork`] then.
    pub async fn compare_head(
        &self,
        author: &Identity,
        head: &Checkpoint,
        note: &str,
    ) -> Result<(), AppError> {
        let mut tx = self.store.read().await?;
        let Some(log) = tx.log(&author.node_id()).await? else { return Ok(()) };
        if head.size == 0 || head.size > log.frontier.size() {
            return Ok(()); // its leaves will tell
        }
        let own = root(&mut tx, &log, head.size).await?;
        if own == head.root {
            return Ok(());
        }
        // Leaves beyond the newest head that is held are of a head that never came to be kept.
        if head.size <= log.head_size {
            let mut evidence = evidence(author, note, &log.checkpoint);
            if head.size < log.head_size {
                let plan = consistency_plan(head.size, log.head_size).map_err(StoreError::corrupt)?;
                evidence.root = own.to_vec();
                evidence.consistency_proof = bytes(tx.proof(log.id, &plan).await?);
            }
            drop(tx);
            self.take_fork(&evidence).await?;
        }
        Err(ReceiveError::Fork { size: head.size }.into())
    }

    /// Compares the head of a log that a peer holds with the one held here. A larger one shows nothing by itself.
    ///
    /// # Errors
    /// [`ReceiveError`] for one that does not verify, or contradicts ours.
    pub async fn compare_told(&self, origin: &str, size: u64, note: &str) -> Result<(), AppError> {
        let Ok(node) = origin.parse() else { return Err(ReceiveError::OutOfTurn.into()) };
        let Some(author) = self.store.read().await?.identity(&node).await? else { return Ok(()) };
        let head = self.check_head(&author, size, note)?;
        self.compare_head(&author, &head, note).await?;
        self.take_cosignatures(&author, &head, note).await
    }

    /// The newest head that is held of a node's log.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn held_head(&self, author: &Identity) -> Result<Option<Checkpoint>, AppError> {
        let log = self.store.read().await?.log(&author.node_id()).await?.filter(|log| log.head_size > 0);
        let head = log.map(|log| checkpoint::verify(&log.checkpoint, author)).transpose();
        Ok(head.map_err(ReceiveError::from)?)
    }

    /// Keeps evidence of a head that is larger than the one held and contradicts it: `root` is what its log had at the size held
    /// here, as its leaves showed, and `proof` leads from there to that head.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn leaves_contradict(
        &self,
        author: &Identity,
        note: &str,
        root: Hash,
        proof: Vec<Hash>,
    ) -> Result<(), AppError> {
        let Some(log) = self.store.read().await?.log(&author.node_id()).await? else { return Ok(()) };
        let mut evidence = evidence(author, &log.checkpoint, note);
        evidence.root = root.to_vec();
        evidence.consistency_proof = bytes(proof);
        self.take_fork(&evidence).await
    }

    /// Takes evidence, found here or told by a peer: checked by the identity that is known here, and kept for good. Of a node
    /// that nobody here knows nothing is kept.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn take_fork(&self, evidence: &pb::ForkEvidence) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        let Ok(Fork { author, .. }) = fork::check(evidence) else {
            tracing::warn!("evidence of a fork proved nothing and was dropped");
            return Ok(());
        };
        let origin = author.node_id();
        let Some(known) = tx.identity(&origin).await? else { return Ok(()) };
        if fork::check_for(&known, evidence).is_err() {
            return Ok(()); // what a recovery has made void
        }
        let row = ForkRow { origin, found_at: self.clock.now(), evidence: evidence.encode_to_vec() };
        if tx.save_fork(&row).await? {
            tx.commit().await?;
            tracing::error!(author = %origin.short(), "this author signed two different logs; `cairn fork list` tells more");
            self.signals.log_followed(origin);
        }
        Ok(())
    }

    /// Whether a node is known to have signed two logs. What a recovery that was accepted here has made void does not count, and
    /// is forgotten.
    pub(crate) async fn is_forked(&self, tx: &mut Tx, origin: &NodeId) -> Result<bool, AppError> {
        let Some(row) = tx.fork(origin).await? else { return Ok(false) };
        let evidence = read(&row)?;
        let known = tx.identity(origin).await?;
        Ok(known.is_none_or(|known| fork::check_for(&known, &evidence).is_ok()))
    }

    /// The evidence against those of `nodes` who signed two logs.
    pub(crate) async fn forks_among(
        &self,
        tx: &mut Tx,
        concerned: impl Fn(&NodeId) -> bool,
    ) -> Result<Vec<(NodeId, pb::ForkEvidence)>, AppError> {
        let rows = tx.forks().await?;
        rows.iter().filter(|row| concerned(&row.origin)).map(|row| Ok((row.origin, read(row)?))).collect()
    }

    /// Every node that is known to have signed two logs.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn forks(&self, _: &Operator) -> Result<Vec<Forked>, AppError> {
        let mut tx = self.store.read().await?;
        let mut all = Vec::new();
        for row in tx.forks().await? {
            let evidence = read(&row)?;
            let Ok(fork) = fork::check(&evidence) else { continue };
            if !self.is_forked(&mut tx, &row.origin).await? {
                continue;
            }
            all.push(Forked {
                name: self.name_of(&mut tx, &row.origin).await?,
                node: row.origin,
                found_at: row.found_at,
                sizes: (fork.smaller.size, fork.larger.size),
                file: fork::encode(&evidence),
            });
        }
        Ok(all)
    }
}

/// The root that a log had at `size` leaves, 1 at least.
async fn root(tx: &mut Tx, log: &LogRow, size: u64) -> Result<Hash, AppError> {
    if size == log.frontier.size() {
        return Ok(log.frontier.root());
    }
    let plan = root_plan(size).map_err(StoreError::corrupt)?;
    let root = tx.proof(log.id, &plan).await?;
    Ok(root.first().copied().ok_or_else(|| StoreError::corrupt("a log without a root"))?)
}

fn evidence(author: &Identity, smaller: &str, larger: &str) -> pb::ForkEvidence {
    pb::ForkEvidence {
        identity: author.events().to_vec(),
        smaller: smaller.to_owned(),
        larger: larger.to_owned(),
        ..Default::default()
    }
}

fn bytes(proof: Vec<Hash>) -> Vec<Vec<u8>> {
    proof.iter().map(|hash| hash.to_vec()).collect()
}

fn read(row: &ForkRow) -> Result<pb::ForkEvidence, StoreError> {
    pb::ForkEvidence::decode(&row.evidence[..]).map_err(StoreError::corrupt)
}
