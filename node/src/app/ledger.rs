//! Who was given what: the disclosure ledger, answerable in one question.

use cairn_proto::ids::NodeId;

use super::{App, AppError, actor::Operator, lookup::looks_like_node};
use crate::{domain::peer::Standing, store::LedgerRow};

/// A line of the ledger.
#[derive(Clone, Debug)]
pub struct Given {
    /// What was given, to whom, when and under which contract.
    pub row: LedgerRow,
    /// The recipient, by our name.
    pub name: String,
    /// Title of the record, where it is known at home.
    pub title: String,
    /// Whether the recipient is a peer now.
    pub peer_now: bool,
    /// Whether the record was withdrawn or has expired since.
    pub gone: bool,
}

impl App {
    /// The ledger of our log, of one record, or of one recipient, newest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record or a peer that is not known.
    pub async fn ledger(&self, _: &Operator, record: &str, recipient: &str) -> Result<Vec<Given>, AppError> {
        let mut tx = self.store.read().await?;
        let own = self.keys.node_id();
        let index = match record.trim() {
            "" => None,
            name => {
                let id = self.record_called(&mut tx, name).await?;
                if id.author != own {
                    return Err(AppError::NotOurs(self.name_of(&mut tx, &id.author).await?));
                }
                Some(id.index)
            }
        };
        let recipient = match recipient.trim() {
            "" => None,
            name => Some(match looks_like_node(name) {
                Some(node) => node,
                None => self.peer_called(&mut tx, name).await?.node,
            }),
        };
        let Some(log) = tx.log(&own).await? else { return Ok(Vec::new()) };
        let peerings = self.all_peerings(&mut tx).await?;
        let active =
            |node: &NodeId| peerings.iter().any(|p| p.node == *node && p.standing == Standing::Active);
        let releases = tx.releases().await?;
        let mut all = Vec::new();
        for row in tx.ledger(log.id, index, recipient.as_ref()).await? {
            all.push(Given {
                name: self.name_of(&mut tx, &row.recipient).await?,
                title: self.title_of(&mut tx, &releases, row.record.index).await?,
                peer_now: active(&row.recipient),
                gone: tx.is_gone(&own, row.record.index).await?,
                row,
            });
        }
        Ok(all)
    }
}
