//! Recovering a node whose keys were lost or stolen: the recovery keys name new ones. The node does not serve meanwhile; its peers
//! are asked to confirm it once it does.

use std::path::PathBuf;

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    identity::{self, Identity, IdentityError},
    ids::NodeId,
};
use ed25519_dalek::SigningKey;

use crate::{
    config::Config,
    entropy::{self, EntropyError},
    init::KEYS,
    keys::{self, KeyError, Recovered},
    node::{StartError, lock, own_identity},
    store::{Store, StoreError},
};

/// What becomes of a succession that the node's own key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A thief signed it: the node takes its place back.
    Lift,
    /// It stays: others go on in its place.
    Keep,
}

/// Why a node was not recovered.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The node serves, or its database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The keys cannot be read or written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The recovery keys are not those of this node, or too few.
    #[error(
        "the recovery keys do not recover {node}: {error}. It needs {threshold} of {keys}; give each with --recovery-key FILE. \
         Nothing was changed"
    )]
    Refused {
        /// Which node.
        node: NodeId,
        /// How many are needed.
        threshold: u32,
        /// Of how many.
        keys: usize,
        /// What is wrong.
        error: IdentityError,
    },
    /// Others go on in its place, and nobody said whether that was a thief's word.
    #[error(
        "this node has named who goes on in its place ({by}), and nothing was changed. If whoever stole a key did that, say \
         --succession lift; if the people of this place did, say --succession keep"
    )]
    Succeeded {
        /// Who.
        by: String,
    },
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The database failed.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
}

/// A node that was recovered.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its NodeId, which stays what it was.
    pub node: NodeId,
    /// The index of the first record that the new key signs.
    pub from: u64,
}

/// Recovers the node of `config` with recovery keys in files: new signing, next and witness keys are in force from the end of its
/// log on, or, if a succession is lifted, from where that had frozen it. The recovery keys stay what they are.
///
/// # Errors
/// [`RecoverError`]; nothing was changed then.
pub async fn recover(
    config: &Config,
    recovery_keys: &[PathBuf],
    named: Option<Named>,
) -> Result<Done, RecoverError> {
    let _lock = lock(&config.data_dir).await?;
    let signers = recovery_keys.iter().map(|file| keys::read_key(file)).collect::<Result<Vec<_>, _>>()?;
    let store = Store::open(&config.database_url).await?;
    let identity = own_identity(&store).await?;
    let mut tx = store.write().await?;
    let log = tx.log_for_update(&identity.node_id()).await?;
    let size = log.frontier.size();
    let (from, keeps) = match (identity.succession(), named) {
        (None, _) => (size, false),
        (Some(_), Some(Named::Keep)) => (size, true),
        (Some(succession), Some(Named::Lift)) => (size.min(succession.log_size), false),
        (Some(succession), None) => {
            let by: Vec<_> = succession.nodes().map(|node| node.short()).collect();
            return Err(RecoverError::Succeeded { by: by.join(", ") });
        }
    };
    let fresh = Recovered {
        signing: entropy::signing_key()?,
        witness: entropy::signing_key()?,
        next: entropy::signing_key()?,
    };
    let longer = recovered(&identity, &signers, &fresh, (from, keeps))?;
    // First the keys, beside those that are there: what the database names is never without its key.
    fresh.write(&config.data_dir.join(KEYS))?;
    tx.save_identity(&longer).await?;
    if from < log.head_size {
        // The key that signed the head counts there no more.
        let head =
            Checkpoint { origin: checkpoint::origin(&longer.node_id()), size, root: log.frontier.root() };
        tx.set_head(log.id, size, &checkpoint::sign(&head, &fresh.signing)).await?;
    }
    tx.commit().await?;
    store.close().await;
    keys::finish(&config.data_dir.join(KEYS), &longer)?;
    Ok(Done { node: longer.node_id(), from })
}

fn recovered(
    identity: &Identity,
    signers: &[SigningKey],
    fresh: &Recovered,
    (from, keeps): (u64, bool),
) -> Result<Identity, RecoverError> {
    let signers: Vec<_> = signers.iter().collect();
    let (keys, threshold) = (identity.recovery_keys(), identity.recovery_threshold());
    let event = identity::recovery(
        identity,
        &signers,
        &fresh.signing,
        &fresh.witness.verifying_key(),
        &fresh.next.verifying_key(),
        from,
        keys,
        threshold,
        keeps,
    );
    let refused =
        |error| RecoverError::Refused { node: identity.node_id(), threshold, keys: keys.len(), error };
    identity.extended(&event).map_err(refused)
}
