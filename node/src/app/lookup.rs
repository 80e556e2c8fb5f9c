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
        if let Some(author) = self.known_author(tx, author).await? {
            return Ok(RecordId { author, index });
        }
        Ok(RecordId { author: self.peer_called(tx, author).await?.node, index })
    }

    /// The author of a log held here whose NodeId alone begins so; an ellipsis at the end is how we show it.
    pub(super) async fn known_author(
        &self,
        tx: &mut Tx,
        beginning: &str,
    ) -> Result<Option<NodeId>, AppError> {
        let beginning = beginning.trim_end_matches('…');
        if beginning.len() < PREFIX_CHARS || !beginning.starts_with("cairn1") {
            return Ok(None);
        }
        let fits = |origin: &NodeId| origin.to_string().starts_with(beginning);
        let mut fitting = tx.logs().await?.into_iter().map(|log| log.origin).filter(fits);
        let first = fitting.next();
        Ok(first.filter(|_| fitting.next().is_none()))
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
        if let Some(peer) = tx.peering(node).await? {
            return Ok(peer.name);
        }
        // Who passes its log on says what it is called: that is a word of theirs, and said as such.
        let carriers = match tx.log(node).await? {
            Some(log) => tx.carriers(log.id).await?,
            None => Vec::new(),
        };
        for carrier in carriers.into_iter().filter(|carrier| !carrier.name.is_empty()) {
            if let Some(peer) = tx.peering(&carrier.node).await? {
                return Ok(format!("{} (so called by {})", carrier.name, peer.name));
            }
        }
        Ok(node.short())
    }
}
