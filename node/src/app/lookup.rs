//! Finding things by the names people use for them.

use cairn_proto::ids::{NodeId, RecordId};

use super::{App, AppError};
use crate::store::{PeeringRow, Tx};

/// Shortest beginning of a NodeId that is taken for one: "cairn1" and four characters.
const PREFIX_CHARS: usize = 10;

/// A whole NodeId, as people paste it.
pub(crate) fn looks_like_node(text: &str) -> Option<NodeId> {
    text.parse().ok()
}

impl App {
    /// The peering called `name`, or with a NodeId of which `name` is at least the beginning.
    pub(crate) async fn peer_called(&self, tx: &mut Tx, name: &str) -> Result<PeeringRow, AppError> {
        let name = name.trim();
        let peers = tx.peerings().await?;
        let named = |p: &&PeeringRow| p.name.eq_ignore_ascii_case(name) || p.node.to_string() == name;
        if let Some(peer) = peers.iter().find(named) {
            return Ok(peer.clone());
        }
        let prefix = name.len() >= PREFIX_CHARS && name.starts_with("cairn1");
        let fits: Vec<_> = peers.iter().filter(|p| prefix && p.node.to_string().starts_with(name)).collect();
        match fits[..] {
            [peer] => Ok(peer.clone()),
            [] => Err(AppError::NotFound {
                what: "a peer",
                name: name.chars().take(100).collect(),
                hint: "`cairn peer list` shows all peers",
            }),
            _ => {
                let candidates: Vec<_> = fits.iter().map(|p| p.name.as_str()).collect();
                Err(AppError::Ambiguous { name: name.to_owned(), candidates: candidates.join(", ") })
            }
        }
    }

    /// The record called "cairn1.../INDEX", "NAME/INDEX" or, of our own, "INDEX".
    pub(crate) async fn record_called(&self, tx: &mut Tx, name: &str) -> Result<RecordId, AppError> {
        let name = name.trim();
        let unknown = || AppError::NotFound {
            what: "a record",
            name: name.chars().take(100).collect(),
            hint: "`cairn list` shows all records held here",
        };
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let (author, index) = name.rsplit_once('/').unwrap_or(("", name));
        let index = index.parse().map_err(|_| unknown())?;
        if author.is_empty() {
            return Ok(RecordId { author: self.keys.node_id(), index });
        }
        let own = self.own_name(tx).await?;
        if own.is_some_and(|own| own.eq_ignore_ascii_case(author)) {
            return Ok(RecordId { author: self.keys.node_id(), index });
        }
        Ok(RecordId { author: self.peer_called(tx, author).await?.node, index })
    }

    /// What we call ourselves, if the place has a name.
    pub(crate) async fn own_name(&self, tx: &mut Tx) -> Result<Option<String>, AppError> {
        Ok(self.place_document(tx).await?.map(|place| place.name))
    }

    /// Our name for a node: our own, a peer's, or the beginning of its id.
    pub(crate) async fn name_of(&self, tx: &mut Tx, node: &NodeId) -> Result<String, AppError> {
        if *node == self.keys.node_id() {
            return Ok(self.own_name(tx).await?.unwrap_or_else(|| "this node".to_owned()));
        }
        Ok(tx.peering(node).await?.map_or_else(|| node.short(), |peer| peer.name))
    }
}
