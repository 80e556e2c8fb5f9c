//! The file that goes round: drafted here, agreed to by every successor, signed here last. Whoever has it with all signatures can
//! make it known, so our own comes when everything is decided, in the transaction that puts it in force.

use cairn_proto::{
    envelope,
    identity::{self, Identity, IdentityError, Kind},
    ids::RecordId,
    succession::{self, Proposed},
};

use crate::{
    app::{App, AppError, actor::Operator, lookup::looks_like_node},
    domain::{
        audit::Event,
        record::Body,
        succession::{Succeeded, word},
    },
    store::{LogRow, Tx},
};

/// Records of ours that are looked at together.
const LOOKED_AT: u32 = 256;

impl App {
    /// Drafts who goes on in the place of this node: the file, and what it means. Nothing is signed and nothing changes.
    ///
    /// # Errors
    /// [`AppError`] when somebody is not known here, or cannot be named.
    pub async fn draft_succession(
        &self,
        _: &Operator,
        kind: Kind,
        to: &[String],
    ) -> Result<(Vec<u8>, Succeeded), AppError> {
        self.ask_first().await;
        let mut tx = self.store.read().await?;
        self.refuse_while_closed(&mut tx).await?;
        self.refuse_succeeded(&mut tx, None).await?;
        let mut successors = Vec::new();
        for name in to {
            successors.push(self.successor(&mut tx, name).await?);
        }
        let own = self.keys.identity();
        let size = tx.log(&own.node_id()).await?.map_or(0, |log| log.frontier.size());
        let named: Vec<_> = successors.iter().collect();
        let event = identity::succession(&own, kind, &named, size);
        let proposed = succession::check(&own, event).map_err(cannot)?;
        let told = self.described(&mut tx, &own.node_id(), &proposed.succession, &proposed.signed()).await?;
        Ok((proposed.encode(), told))
    }

    /// The chain of a node that is to go on, as it is known here.
    async fn successor(&self, tx: &mut Tx, name: &str) -> Result<Identity, AppError> {
        let node = match looks_like_node(name.trim()) {
            Some(node) => node,
            None => self.peer_called(tx, name).await?.node,
        };
        self.not_blocked(tx, &node).await?;
        if tx.recovery(&node).await?.is_some() {
            return Err(AppError::Recovered(node));
        }
        let hint = "its node was never reached from here; make it a peer first, and wait until it answers";
        let name = || name.chars().take(100).collect();
        tx.identity(&node).await?.ok_or_else(|| AppError::NotFound {
            what: "the identity of",
            name: name(),
            hint,
        })
    }

    /// What a file means. Nothing changes.
    ///
    /// # Errors
    /// [`AppError::Succession`] when it is not whole.
    pub async fn read_succession(&self, _: &Operator, file: &[u8]) -> Result<Succeeded, AppError> {
        let proposed = succession::verify(file)?;
        let mut tx = self.store.read().await?;
        self.proposed_words(&mut tx, &proposed).await
    }

    async fn proposed_words(&self, tx: &mut Tx, proposed: &Proposed) -> Result<Succeeded, AppError> {
        self.described(tx, &proposed.node.node_id(), &proposed.succession, &proposed.signed()).await
    }

    /// Agrees to go on in the place of another node: gives the file with our signature. It counts only once that node has signed as
    /// well, and it makes nobody our peer.
    ///
    /// # Errors
    /// [`AppError`] when the file is not for us, or we cannot go on in anybody's place.
    pub async fn accept_succession(
        &self,
        who: &Operator,
        file: &[u8],
    ) -> Result<(Vec<u8>, Succeeded), AppError> {
        let mut proposed = succession::verify(file)?;
        let mut tx = self.write_signed().await?;
        self.may_sign(&mut tx).await?;
        self.refuse_succeeded(&mut tx, None).await?;
        self.not_blocked(&mut tx, &proposed.node.node_id()).await?;
        self.is_continuation(&mut tx, &proposed.node).await?;
        let own = self.keys.in_force();
        let mut named = proposed.succession.successors.iter().zip(proposed.signed());
        let Some((ours, signed)) = named.find(|(one, _)| one.node_id() == own.identity().node_id()) else {
            return Err(AppError::Argument(
                "this file does not name this node, and nothing was signed; ask who drafted it".to_owned(),
            ));
        };
        if ours.newest_hash() != own.identity().newest_hash() {
            return Err(AppError::Argument(
                "this node's keys were changed since the file was drafted, and nothing was signed; ask for a new draft"
                    .to_owned(),
            ));
        }
        if !signed {
            envelope::countersign(&mut proposed.event, own.signing());
            let told = self.proposed_words(&mut tx, &proposed).await?;
            let words = format!("agreed to go on in the place of {} ({})", told.name, word(told.kind));
            self.audit(&mut tx, who.by(), Event::Keys, None, words).await?;
        }
        let told = self.proposed_words(&mut tx, &proposed).await?;
        tx.commit().await?;
        Ok((proposed.encode(), told))
    }

    /// Gives up the place of this node to those who have agreed: signs last, and puts it in force. A node whose key signed two logs
    /// may do this: it is its way out.
    ///
    /// # Errors
    /// [`AppError`]; nothing was signed then.
    pub async fn finish_succession(&self, who: &Operator, file: &[u8]) -> Result<Succeeded, AppError> {
        let mut proposed = succession::verify(file)?;
        let mut tx = self.write_signed().await?;
        // Nothing is signed while the log is locked; and whoever waits for it looks up who goes on.
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        self.refuse_while_closed(&mut tx).await?;
        self.refuse_succeeded(&mut tx, None).await?;
        let own = self.keys.in_force();
        if proposed.node.events() != own.identity().events() {
            return Err(AppError::Argument(
                "this file was not drafted here, or keys were changed since; nothing was signed. Draft it anew: cairn \
                 succession draft"
                    .to_owned(),
            ));
        }
        let told = self.proposed_words(&mut tx, &proposed).await?;
        let missing: Vec<_> =
            told.by.iter().filter(|heir| !heir.agreed).map(|heir| heir.name.as_str()).collect();
        if !missing.is_empty() {
            return Err(AppError::Argument(format!(
                "these have not agreed yet, and nothing was signed: {}. Hand them the file: cairn succession accept",
                missing.join(", ")
            )));
        }
        self.nothing_released_since(&mut tx, &log, proposed.succession.log_size).await?;
        envelope::countersign(&mut proposed.event, own.signing());
        let longer = self.keys.begin_succession(&proposed.event).map_err(cannot)?;
        tx.save_identity(&longer).await?;
        let words = format!("gave up this place, {}", told.words());
        self.audit(&mut tx, who.by(), Event::Keys, None, words).await?;
        tx.commit().await?;
        let finished = self.keys.finish_rotation();
        self.tell_succession(&longer, None);
        self.signals.keys_changed();
        finished?;
        Ok(told)
    }

    /// What was released since the draft would be void; what takes back, and words about others' records, are none of that.
    async fn nothing_released_since(&self, tx: &mut Tx, log: &LogRow, size: u64) -> Result<(), AppError> {
        let (here, own) = (log.frontier.size(), self.keys.node_id());
        if size > here {
            return Err(AppError::Argument(format!(
                "the draft freezes the log at {size} entries, and {here} are here; nothing was signed. Draft it anew: cairn \
                 succession draft"
            )));
        }
        let mut from = size;
        loop {
            let rows = tx.openings(log.id, from, here, LOOKED_AT).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            from = last.index.saturating_add(1);
            for row in &rows {
                let (record, _) = self.read_record(&self.keys.identity(), row)?;
                if !matches!(record.body, Body::Retraction(_) | Body::Receipt(_) | Body::Uses(_)) {
                    let released = RecordId { author: own, index: row.index };
                    return Err(AppError::Argument(format!(
                        "record {released} was released since the draft and would be void; nothing was signed. Draft it \
                         anew, so that it counts: cairn succession draft"
                    )));
                }
            }
        }
    }
}

/// Why nobody can be named so.
fn cannot(error: IdentityError) -> AppError {
    AppError::Argument(format!("nothing was signed: {error}"))
}
