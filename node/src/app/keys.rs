//! Key life: what is in force, and the rotation to the key that was committed to. Peers learn of it from the identity chain at
//! the next `Hello`; nothing is copied by hand.

use cairn_proto::ids::NodeId;

use super::{App, AppError, actor::Operator};
use crate::{domain::audit::Event, keys};

/// The keys of this node, as far as anybody may see them.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Whose they are.
    pub node: NodeId,
    /// Words that two people compare.
    pub words: String,
    /// The signing key in force: what it is, and since which index of our log.
    pub signing_key: [u8; 32],
    /// Since which index of our log.
    pub from: u64,
    /// How often keys were changed.
    pub changes: u32,
    /// SHA-256 of the key to which the identity is committed.
    pub next_key_hash: [u8; 32],
    /// How many recovery keys there are, and how many of them can recover the identity together.
    pub recovery: (usize, u32),
    /// Whether a recovery key still lies on this machine.
    pub recovery_here: bool,
}

impl App {
    /// The keys in force.
    #[must_use]
    pub fn keys_shown(&self, _: &Operator) -> Shown {
        let identity = self.keys.identity();
        Shown {
            node: identity.node_id(),
            words: identity.node_id().words(),
            signing_key: identity.current().signing_key.to_bytes(),
            from: identity.current().from,
            changes: u32::try_from(identity.epochs().len().saturating_sub(1)).unwrap_or(u32::MAX),
            next_key_hash: *identity.next_key_hash(),
            recovery: (identity.recovery_keys().len(), identity.recovery_threshold()),
            recovery_here: self.data_dir.join(keys::RECOVERY).exists(),
        }
    }

    /// Puts the next signing key in force, from the present end of our log on, and commits to another one.
    ///
    /// # Errors
    /// [`AppError::Key`]; nothing was changed then.
    pub async fn rotate_keys(&self, who: &Operator) -> Result<Shown, AppError> {
        let fresh = self.entropy.signing_key()?;
        let mut tx = self.write_signed().await?;
        // Nothing is signed while the log is locked; and whoever waits for it looks up which key signs then.
        let log = tx.log_for_update(&self.keys.node_id()).await?;
        self.may_sign(&mut tx).await?;
        let longer = self.keys.begin_rotation(log.frontier.size(), fresh)?;
        tx.save_identity(&longer).await?;
        let words = format!("put the next signing key in force, from record {} on", log.frontier.size());
        self.audit(&mut tx, who.by(), Event::Keys, None, words).await?;
        tx.commit().await?;
        let finished = self.keys.finish_rotation();
        self.signals.keys_changed();
        finished?;
        Ok(self.keys_shown(who))
    }
}
