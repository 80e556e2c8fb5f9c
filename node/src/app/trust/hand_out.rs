//! Our own list: whom we blocked and whose peering we hold back, signed, to be handed to another place.

use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
    limits,
    pb::exchange as pb,
    trust::{self, TrustError},
};
use jiff::civil::Date;
use prost::Message as _;

use crate::{
    app::{App, AppError, actor::Operator},
    domain::{audit::Event, peer::Standing, restriction::Degree, text::Line, trust::Proposal},
    store::Tx,
    wire::{self, trust::proposal_to_pb},
};

/// What to hand out.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// Whether to say our reasons.
    pub reasons: bool,
    /// Whether to name our active peers as known.
    pub known: bool,
    /// What the list is for.
    pub about: String,
}

impl App {
    /// Writes our blocks, and what we hold back, as a signed list; gives the file and how many entries it has.
    ///
    /// # Errors
    /// [`AppError::Argument`] when it does not fit into one file.
    pub async fn export_trust(&self, who: &Operator, wish: &Export) -> Result<(Vec<u8>, usize), AppError> {
        let about = Line::optional("about", &wish.about)?.map(|line| line.to_string()).unwrap_or_default();
        let mut tx = self.store.write().await?;
        let entries = self.own_entries(&mut tx, wish).await?;
        let count = entries.len();
        let list = pb::TrustList {
            author: self.keys.node_id().to_string(),
            made_at: Some(wire::timestamp(self.clock.now())),
            about,
            entries,
        };
        let sealed = envelope::sign(PayloadType::TrustList, list.encode_to_vec(), &[&self.keys.signing()]);
        let file = pb::TrustFile { identity: self.keys.identity().events().to_vec(), list: Some(sealed) };
        let file = trust::encode(&file);
        // Whoever takes it in checks the same.
        trust::verify(&file).map_err(|error| too_long(&error))?;
        let words = format!("wrote a list of {count} proposals about others, to hand out");
        self.audit(&mut tx, who.by(), Event::Trust, None, words).await?;
        tx.commit().await?;
        Ok((file, count))
    }

    async fn own_entries(&self, tx: &mut Tx, wish: &Export) -> Result<Vec<pb::TrustEntry>, AppError> {
        let reason = |reason: &str| if wish.reasons { reason.to_owned() } else { String::new() };
        let mut entries = Vec::new();
        for block in tx.blocks().await? {
            let name = tx.peering(&block.node).await?.map(|peer| peer.name).unwrap_or_default();
            let reason = reason(&block.reason);
            entries.push(entry_to_pb(&block.node, Proposal::Block, &name, reason, block.review_on));
        }
        for peer in self.all_peerings(tx).await?.iter().filter(|peer| peer.standing == Standing::Active) {
            match &peer.by_us {
                Some(ours) => {
                    let proposal = match ours.degree {
                        Degree::Limited => Proposal::Limit,
                        Degree::Suspended => Proposal::Suspend,
                    };
                    let reason = reason(&ours.reason);
                    entries.push(entry_to_pb(&peer.node, proposal, &peer.name, reason, ours.review_on));
                }
                None if wish.known => {
                    entries.push(entry_to_pb(&peer.node, Proposal::Known, &peer.name, String::new(), None));
                }
                None => {}
            }
        }
        Ok(entries)
    }
}

fn too_long(error: &TrustError) -> AppError {
    AppError::Argument(format!(
        "the list does not fit into one file, and nothing was written: {error}. At most {} entries and {} bytes fit: leave the \
         reasons or the known peers out",
        limits::TRUST_ENTRIES,
        limits::TRUST_BYTES
    ))
}

fn entry_to_pb(
    node: &NodeId,
    proposal: Proposal,
    name: &str,
    reason: String,
    review_on: Option<Date>,
) -> pb::TrustEntry {
    pb::TrustEntry {
        node_id: node.to_string(),
        proposal: proposal_to_pb(proposal).into(),
        name: name.to_owned(),
        reason,
        review_on: review_on.map(|day| day.to_string()).unwrap_or_default(),
    }
}
