//! Succession: a node names who goes on in its place, and its log is frozen there. It is an event of the identity chain, so that it
//! travels with the chain, and is judged where openings are judged. Trust does not move by it: nobody who goes on becomes a peer, is
//! followed or is given anything before people say so.

mod ceremony;

use cairn_proto::{
    identity::{Identity, Succession},
    ids::NodeId,
};

use super::{App, AppError, actor::Operator, peering::peering};
use crate::{
    domain::{
        peer::{Peering, Standing},
        record::Body,
        succession::{Heir, Succeeded},
    },
    store::Tx,
};

impl App {
    /// Who goes on in the place of a node that we know, if that was said.
    pub(crate) async fn succeeded(&self, tx: &mut Tx, node: &NodeId) -> Result<Option<Succeeded>, AppError> {
        // Most chains are one event long; they need not be checked again for this.
        if tx.identity_seq(node).await? == 0 {
            return Ok(None);
        }
        let identity = tx.identity(node).await?;
        match identity.as_ref().and_then(Identity::succession) {
            Some(succession) => Ok(Some(self.described(tx, node, succession, &[]).await?)),
            None => Ok(None),
        }
    }

    /// A succession as people here are told of it; `signed` says of each successor whether it has agreed, and nothing means that
    /// each has.
    async fn described(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        succession: &Succession,
        signed: &[bool],
    ) -> Result<Succeeded, AppError> {
        let mut by = Vec::new();
        for (heir, at) in succession.nodes().zip(0..) {
            let agreed = signed.get(at).copied().unwrap_or(true);
            by.push(Heir { agreed, ..self.heir(tx, heir).await? });
        }
        Ok(Succeeded {
            node: *node,
            name: self.name_of(tx, node).await?,
            ours: *node == self.keys.node_id(),
            kind: succession.kind,
            log_size: succession.log_size,
            by,
        })
    }

    async fn heir(&self, tx: &mut Tx, node: NodeId) -> Result<Heir, AppError> {
        let ours = node == self.keys.node_id();
        let known = tx.peering(&node).await?.as_ref().map(peering).transpose()?;
        let peer = known.as_ref().is_some_and(|peering| peering.standing == Standing::Active);
        let standing = match (ours, tx.block(&node).await?.is_some(), &known) {
            (true, ..) => "this node".to_owned(),
            (_, true, _) => "blocked here".to_owned(),
            (.., Some(_)) if peer => "a peer here".to_owned(),
            (.., Some(peering)) => format!("no peer here: {}", Peering::words(peering)),
            (.., None) => "no peer here".to_owned(),
        };
        Ok(Heir { node, name: self.name_of(tx, &node).await?, standing, peer, ours, agreed: true })
    }

    /// What is known of successions here, our own first; or that of one node.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a node that is not known.
    pub async fn successions(&self, _: &Operator, node: &str) -> Result<Vec<Succeeded>, AppError> {
        let mut tx = self.store.read().await?;
        let own = self.keys.node_id();
        let nodes: Vec<_> = match super::lookup::looks_like_node(node.trim()) {
            Some(node) => vec![node],
            None if !node.trim().is_empty() => vec![self.peer_called(&mut tx, node).await?.node],
            None => {
                let peers = tx.peerings().await?.into_iter().map(|row| row.node);
                let authors = tx.logs().await?.into_iter().map(|log| log.origin);
                let others: std::collections::BTreeSet<_> =
                    peers.chain(authors).filter(|node| *node != own).collect();
                [own].into_iter().chain(others).collect()
            }
        };
        let mut all = Vec::new();
        for node in nodes {
            all.extend(self.succeeded(&mut tx, &node).await?);
        }
        Ok(all)
    }

    /// Who goes on in the place of this node.
    pub(crate) async fn own_succession(&self, tx: &mut Tx) -> Result<Option<Succeeded>, AppError> {
        self.succeeded(tx, &self.keys.node_id()).await
    }

    /// Once others go on in our place, nothing is signed but what takes back: retractions, and receipts for those of others.
    pub(crate) async fn refuse_succeeded(&self, tx: &mut Tx, body: Option<&Body>) -> Result<(), AppError> {
        if matches!(body, Some(Body::Receipt(_))) {
            return Ok(());
        }
        match self.own_succession(tx).await? {
            Some(succeeded) => Err(AppError::Succeeded(succeeded.names())),
            None => Ok(()),
        }
    }

    /// Tells in the log that a longer chain of a node names who goes on in its place, or does so no more.
    pub(crate) fn tell_succession(&self, longer: &Identity, known: Option<&Identity>) {
        let author = longer.node_id();
        match (longer.succession(), known.and_then(Identity::succession)) {
            (Some(now), None) => {
                let by: Vec<_> = now.nodes().map(|node| node.short()).collect();
                let (by, kind) = (by.join(", "), crate::domain::succession::word(now.kind));
                tracing::warn!(author = %author.short(), by, kind, size = now.log_size,
                    "this author named who goes on in its place; `cairn succession show` says what to do");
            }
            (None, Some(_)) => {
                tracing::warn!(author = %author.short(), "a recovery of this author lifted its succession");
            }
            _ => {}
        }
    }
}
