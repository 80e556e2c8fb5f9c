//! Why a peer was given our records, or was not: from policies, contracts, the ledger and what is known of its reach.

use cairn_proto::ids::RecordId;
use jiff::Timestamp;

use super::{
    App, AppError,
    actor::Operator,
    peering::peering,
    serve::{Terms, terms_of},
};
use crate::{
    domain::{peer::Peering, policy::Reader},
    store::{LogRow, OpeningRow, Tx},
};

/// Why a peer was given a record, or was not.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The record.
    pub record: RecordId,
    /// Its title, where it is still known at home.
    pub title: String,
    /// In words.
    pub words: String,
}

impl App {
    /// Explains for each of our releases, or for one record of ours, why a peer was given it or was not; newest first. For a record of
    /// the peer's: why it is here, or is not.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a peer or a record that is not known, [`AppError::NotOurs`].
    pub async fn explain(&self, _: &Operator, peer: &str, record: &str) -> Result<Vec<Explained>, AppError> {
        let mut tx = self.store.read().await?;
        let own = self.keys.node_id();
        let peer = peering(&self.peer_called(&mut tx, peer).await?)?;
        let peer = Peering { recovered: tx.recovery(&peer.node).await?.is_some(), ..peer };
        let reader = self.reader(&mut tx, &peer).await?;
        let releases = tx.releases().await?;
        let indices: Vec<u64> = match record.trim() {
            "" => releases.iter().rev().map(|release| release.index).collect(),
            name => {
                let id = self.record_called(&mut tx, name).await?;
                if id.author == peer.node {
                    return Ok(vec![self.why_here(&mut tx, id).await?]);
                }
                if id.author != own {
                    return Err(AppError::NotOurs(self.name_of(&mut tx, &id.author).await?));
                }
                vec![id.index]
            }
        };
        let Some(log) = tx.log(&own).await? else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for index in indices {
            let record = RecordId { author: own, index };
            if index >= log.head_size {
                let hint = "our log is not that long; `cairn list` shows what is held";
                return Err(AppError::NotFound { what: "a record", name: record.to_string(), hint });
            }
            let title = self.title_of(&mut tx, &releases, index).await?;
            let words = self.why(&mut tx, &log, index, &peer, reader.as_ref()).await?;
            all.push(Explained { record, title, words });
        }
        Ok(all)
    }

    async fn why(
        &self,
        tx: &mut Tx,
        log: &LogRow,
        index: u64,
        peer: &Peering,
        reader: Option<&Reader>,
    ) -> Result<String, AppError> {
        let given = tx.ledger(log.id, Some(index), Some(&peer.node)).await?.into_iter().next();
        let told = given.as_ref().is_some_and(|row| row.title_only);
        let given = given.map(|row| match told {
            true => format!("{} saw its title in the catalogue on {}", peer.name, minute(row.at)),
            false => format!("it was given to {} on {}", peer.name, minute(row.at)),
        });
        if tx.is_gone(&log.origin, index).await? {
            let given = given.unwrap_or_else(|| format!("{} was never given it", peer.name));
            return Ok(format!("{given}; it was withdrawn or has expired since"));
        }
        let saw = match given {
            Some(given) if !told => return Ok(given),
            Some(saw) => format!("{saw}; "),
            None => String::new(),
        };
        let row = tx.openings(log.id, index, index.saturating_add(1), 1).await?.into_iter().next();
        let Some(row) = row else { return Ok("it is not here".to_owned()) };
        Ok(format!("{saw}{}", self.why_not_yet(tx, &row, peer, reader).await?))
    }

    /// Why a record of a peer is here, or is not.
    async fn why_here(&self, tx: &mut Tx, record: RecordId) -> Result<Explained, AppError> {
        let RecordId { author, index } = record;
        let explained = |words: String| Explained { record, title: String::new(), words };
        let name = self.name_of(tx, &author).await?;
        let Some(log) = tx.log(&author).await?.filter(|log| index < log.frontier.size()) else {
            return Ok(explained(format!("the log of {name} is not that long, as far as it is known here")));
        };
        if !tx.held_among(log.id, &[index]).await?.is_empty() {
            return Ok(explained("it is held here".to_owned()));
        }
        if tx.is_gone(&author, index).await? {
            return Ok(explained("it was withdrawn, has expired or was purged here".to_owned()));
        }
        let followed = tx.subscription(&author).await?;
        Ok(explained(if followed.paused {
            format!("not here: you have paused {name}, from entry {} on; cairn follow resume", log.settled_to)
        } else if index >= log.settled_to {
            "not here yet: it is being asked for, or nothing of it was given so far".to_owned()
        } else if followed.is_narrow() {
            format!(
                "not here: either it is not for us, or it is outside of what you chose to follow ({}); `cairn catalogue show` tells \
                 which",
                followed.what()
            )
        } else {
            "not here: it is not for us, or is none that can be held here".to_owned()
        }))
    }

    async fn why_not_yet(
        &self,
        tx: &mut Tx,
        row: &OpeningRow,
        peer: &Peering,
        reader: Option<&Reader>,
    ) -> Result<String, AppError> {
        let Terms { policy, released_at, sort, .. } = terms_of(row)?;
        let Some(reader) = reader else {
            return Ok(format!("not given: {}", peer.words()));
        };
        if let Err(withheld) = policy.gives(sort, reader, released_at, self.clock.now()) {
            return Ok(format!("not given: {withheld}"));
        }
        let mut words = format!(
            "it is for {}, which gets it when it asks for it: what it follows is its own choice",
            peer.name
        );
        let allowance = peer.allowance(tx.served(&peer.node, self.today()).await?);
        if allowance.left() == 0 {
            words.push_str(&format!(
                "; today it has fetched all the {} bytes that the contract allows, and goes on tomorrow (UTC)",
                allowance.allowed
            ));
        }
        if let Some(pause) = tx.paused().await? {
            words.push_str(&format!("; sharing is paused here since {}", minute(pause.at)));
        } else if peer.recovered {
            words.push_str(&format!("; {}", peer.words()));
        } else if !peer.last_error.is_empty() {
            words.push_str(&format!("; when we called it last: {}", peer.last_error));
        }
        Ok(words)
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
