//! Blocked identities: nothing is taken from them, by whatever way, and nothing is given to them. They are heard with a `Hello`
//! and with retractions only: to believe somebody who takes a record back is safe.

use cairn_proto::ids::NodeId;
use jiff::civil::Date;

use super::{
    App, AppError,
    actor::{Caller, Operator},
    lookup::looks_like_node,
};
use crate::{
    domain::{
        audit::Event,
        peer::{Side, Standing},
        text::Prose,
    },
    store::{BlockRow, Tx},
};

/// Records looked at together for a purge.
const LOOKED_AT: u32 = 256;

/// A block as it is listed.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// The block.
    pub row: BlockRow,
    /// What the node is called here.
    pub name: String,
    /// Records of it that are held and not shown.
    pub hidden: u64,
    /// Whether the day has come on which it is looked at again.
    pub review_due: bool,
}

/// What a block brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Whether a peering, or what was to become one, ended.
    pub peering_ended: bool,
    /// Records that were purged.
    pub purged: u64,
    /// Records that stay unseen under a legal hold.
    pub kept: u64,
}

impl App {
    /// Blocks an identity, or says anew why; with `purge`, what is held of it goes for good.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when nobody is called so, [`AppError::Argument`] for ourselves or a day that is not in the future.
    pub async fn add_block(
        &self,
        who: &Operator,
        name: &str,
        reason: &str,
        review_on: Option<Date>,
        purge: bool,
    ) -> Result<(Blocked, Effect), AppError> {
        let mut tx = self.store.write().await?;
        let node = self.node_called(&mut tx, name).await?;
        let done = self.block(&mut tx, who, &node, reason, review_on, purge).await?;
        tx.commit().await?;
        self.block_rings(&[node], done.1);
        Ok(done)
    }

    /// As [`App::add_block`], within a transaction. The caller commits and has the bells rung.
    pub(super) async fn block(
        &self,
        tx: &mut Tx,
        who: &Operator,
        node: &NodeId,
        reason: &str,
        review_on: Option<Date>,
        purge: bool,
    ) -> Result<(Blocked, Effect), AppError> {
        let reason = Prose::new("reason", reason)?.to_string();
        review_on.map(|day| self.in_the_future(day)).transpose()?;
        if *node == self.keys.node_id() {
            return Err(AppError::Argument("that is your own node; it cannot be blocked".to_owned()));
        }
        let at = tx.block(node).await?.map_or(self.clock.now(), |before| before.at);
        let row = BlockRow { node: *node, reason: reason.clone(), review_on, at, by: who.by().to_owned() };
        tx.save_block(&row).await?;
        let mut effect = Effect::default();
        if let Some(mut peering) = tx.peering(node).await?
            && !matches!(peering.standing, Standing::Ended(_))
        {
            self.end(tx, &mut peering, Side::Us, reason.clone()).await?;
            effect.peering_ended = true;
        }
        if purge {
            (effect.purged, effect.kept) = self.purge_all_of(tx, node).await?;
        }
        let blocked = self.listed_block(tx, row).await?;
        let purged = if purge { format!("; {} of its records purged", effect.purged) } else { String::new() };
        let words = format!("blocked {} ({node}): {reason}{purged}", blocked.name);
        self.audit(tx, who.by(), Event::Standing, None, words).await?;
        Ok((blocked, effect))
    }

    pub(super) fn block_rings(&self, nodes: &[NodeId], effect: Effect) {
        nodes.iter().for_each(|node| self.signals.peers_changed(node));
        if effect.purged > 0 {
            self.signals.records_purged();
        } else {
            self.signals.records_changed();
        }
    }

    /// Purges everything held of a node for good, but for what a law obliges us to keep. Gives how much went and how much stays.
    async fn purge_all_of(&self, tx: &mut Tx, node: &NodeId) -> Result<(u64, u64), AppError> {
        let Some(log) = tx.log(node).await? else { return Ok((0, 0)) };
        let (mut from, mut purged, mut kept) = (0, 0, 0);
        loop {
            let rows = tx.openings(log.id, from, log.frontier.size(), LOOKED_AT).await?;
            let Some(last) = rows.last() else { return Ok((purged, kept)) };
            from = last.index + 1;
            for row in &rows {
                if tx.hold(log.id, row.index).await?.is_some() {
                    kept += 1;
                } else {
                    purged += u64::from(tx.purge(log.id, row.index, self.clock.now()).await?);
                }
            }
        }
    }

    /// Lifts a block. What ended with it stays ended, and what was purged does not come back. Gives the block as it was.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none.
    pub async fn remove_block(&self, who: &Operator, name: &str) -> Result<Blocked, AppError> {
        let mut tx = self.store.write().await?;
        let node = self.node_called(&mut tx, name).await?;
        let row = tx.block(&node).await?.ok_or_else(|| no_block(name))?;
        let blocked = self.listed_block(&mut tx, row).await?;
        tx.remove_block(&node).await?;
        let words = format!("{} ({node}) is no longer blocked", blocked.name);
        self.audit(&mut tx, who.by(), Event::Standing, None, words).await?;
        tx.commit().await?;
        self.signals.keys_changed(); // so that whoever passes its log on is called, and tells of it, again
        self.signals.peers_changed(&node);
        self.signals.records_changed();
        Ok(blocked)
    }

    /// All blocks, the newest first.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn blocks(&self, _: &Operator) -> Result<Vec<Blocked>, AppError> {
        let mut tx = self.store.read().await?;
        let mut all = Vec::new();
        for row in tx.blocks().await? {
            all.push(self.listed_block(&mut tx, row).await?);
        }
        Ok(all)
    }

    async fn listed_block(&self, tx: &mut Tx, row: BlockRow) -> Result<Blocked, AppError> {
        let hidden = match tx.log(&row.node).await? {
            Some(log) => tx.held_count(log.id).await?,
            None => 0,
        };
        let name = self.name_of(tx, &row.node).await?;
        let review_due = row.review_on.is_some_and(|day| day <= self.today());
        Ok(Blocked { row, name, hidden, review_due })
    }

    /// The node that a person means: a peer, a NodeId, or the author of a log held here.
    async fn node_called(&self, tx: &mut Tx, name: &str) -> Result<NodeId, AppError> {
        if let Some(node) = looks_like_node(name.trim()) {
            return Ok(node);
        }
        if let Some(author) = self.known_author(tx, name.trim()).await? {
            return Ok(author);
        }
        Ok(self.peer_called(tx, name).await?.node)
    }

    /// Refuses a caller whose identity is blocked.
    ///
    /// # Errors
    /// [`AppError::Blocked`].
    pub async fn refuse_blocked(&self, caller: &Caller) -> Result<(), AppError> {
        let mut tx = self.store.read().await?;
        self.not_blocked(&mut tx, &caller.node()).await
    }

    /// Refuses what has to do with a blocked identity.
    pub(crate) async fn not_blocked(&self, tx: &mut Tx, node: &NodeId) -> Result<(), AppError> {
        match tx.block(node).await? {
            Some(block) => {
                Err(AppError::Blocked { name: self.name_of(tx, node).await?, reason: block.reason })
            }
            None => Ok(()),
        }
    }
}

fn no_block(name: &str) -> AppError {
    let hint = "`cairn block list` shows all of them";
    AppError::NotFound { what: "a block of", name: name.chars().take(100).collect(), hint }
}
