//! The node's secret keys: files that only their owner can read. Nothing here is ever logged.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use cairn_proto::{
    identity::{self, Identity, IdentityError},
    ids::NodeId,
    pb::exchange::Envelope,
};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding},
};
use sha2::{Digest as _, Sha256};

/// Signs records, checkpoints and TLS handshakes.
const SIGNING: &str = "signing.pem";
/// Cosigns other nodes' checkpoints.
const WITNESS: &str = "witness.pem";
/// The signing key after the next rotation, committed to already.
const NEXT: &str = "next-signing.pem";
/// The signing key after that: made during a rotation.
const AFTER_NEXT: &str = "after-next-signing.pem";
/// New keys during a recovery.
const NEW_SIGNING: &str = "new-signing.pem";
const NEW_WITNESS: &str = "new-witness.pem";
/// The recovery key, which does not belong on this machine for long.
pub const RECOVERY: &str = "RECOVERY-KEY.txt";

/// A key file holds one key of some 120 bytes.
const KEY_FILE_BYTES: u64 = 8 * 1024;

/// Why a key file is no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or written.
    #[error("the key file {path} cannot be used: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// It holds no key.
    #[error("the key file {0} does not hold a PKCS#8 Ed25519 key; restore it from a backup")]
    Malformed(PathBuf),
    /// It holds another key than the identity names.
    #[error(
        "the key in {path} is not the current signing key of {node}; the data directory and the database \
         belong to different nodes"
    )]
    NotOurs {
        /// Which file.
        path: PathBuf,
        /// Whose identity.
        node: NodeId,
    },
    /// The next key is not the one that was committed to.
    #[error(
        "the key in {path} is not the next key to which {node} is committed, so nothing was changed; restore that file from \
         a backup of the keys, or recover the identity with the recovery key"
    )]
    NotCommitted {
        /// Which file.
        path: PathBuf,
        /// Whose identity.
        node: NodeId,
    },
}

/// New keys, before they are written.
pub(crate) struct NewKeys {
    pub(crate) signing: SigningKey,
    pub(crate) witness: SigningKey,
    pub(crate) next: SigningKey,
    pub(crate) recovery: SigningKey,
}

impl NewKeys {
    /// Writes the keys into `dir` and the recovery key, with instructions, to `recovery_file`.
    pub(crate) fn write(&self, dir: &Path, recovery_file: &Path, node: &NodeId) -> Result<(), KeyError> {
        write_key(&dir.join(SIGNING), "", &self.signing)?;
        write_key(&dir.join(WITNESS), "", &self.witness)?;
        write_key(&dir.join(NEXT), "", &self.next)?;
        write_key(recovery_file, &recovery_instructions(node), &self.recovery)
    }
}

fn recovery_instructions(node: &NodeId) -> String {
    format!(
        "Recovery key of the Cairn node\n\
         {node}\n\
         words: {words}\n\n\
         With this key, and only with it, the node can be recovered when its signing key is lost or\n\
         stolen. Whoever has it can take over the node's identity.\n\n\
         1. Print this page or copy it to a medium that is not connected to any network.\n\
         2. Keep it where your organisation keeps its deeds. Tell two people where that is.\n\
         3. Delete this file from this machine. The node does not need it to run.\n\n",
        words = node.words()
    )
}

/// Keys in force, with the identity whose newest event names them.
#[derive(Clone)]
pub struct InForce {
    identity: Arc<Identity>,
    signing: Arc<SigningKey>,
    witness: Arc<SigningKey>,
}

impl InForce {
    /// Who we are.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Signs records, checkpoints, contracts and TLS handshakes.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// Cosigns other nodes' checkpoints.
    #[must_use]
    pub fn witness(&self) -> &SigningKey {
        &self.witness
    }
}

/// The keys of a serving node. Which of them are in force, the identity chain in the database says; a rotation brings new ones
/// while the node serves.
pub struct Keys {
    dir: PathBuf,
    node: NodeId,
    ring: RwLock<Ring>,
}

struct Ring {
    in_force: InForce,
    /// Those of a rotation that is being written, or was and is not in the files yet.
    upcoming: Option<InForce>,
}

impl Keys {
    /// Reads the keys in `dir` that are the current ones of `identity`. A rotation that broke off after it was written to the
    /// database is finished.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(dir: &Path, identity: Identity) -> Result<Self, KeyError> {
        finish(dir, &identity)?;
        let (signing, witness) = (read_key(&dir.join(SIGNING))?, read_key(&dir.join(WITNESS))?);
        let fits = |key: &SigningKey, public: &ed25519_dalek::VerifyingKey| key.verifying_key() == *public;
        let node = identity.node_id();
        if !fits(&signing, &identity.current().signing_key) {
            return Err(KeyError::NotOurs { path: dir.join(SIGNING), node });
        }
        if !fits(&witness, &identity.current().witness_key) {
            return Err(KeyError::NotOurs { path: dir.join(WITNESS), node });
        }
        let in_force =
            InForce { identity: Arc::new(identity), signing: Arc::new(signing), witness: Arc::new(witness) };
        Ok(Self { dir: dir.to_owned(), node, ring: RwLock::new(Ring { in_force, upcoming: None }) })
    }

    fn ring(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        // A poisoned lock only means that a change was cut short; what is in it is whole.
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys in force.
    #[must_use]
    pub fn in_force(&self) -> InForce {
        self.ring().in_force.clone()
    }

    /// The keys that event `seq` of our identity names: those in force, or those of a rotation that was just written.
    #[must_use]
    pub fn of_event(&self, seq: u32) -> Option<InForce> {
        let ring = self.ring();
        let all = [Some(&ring.in_force), ring.upcoming.as_ref()];
        all.into_iter().flatten().find(|keys| keys.identity.seq() == seq).cloned()
    }

    /// Who we are.
    #[must_use]
    pub fn identity(&self) -> Arc<Identity> {
        self.ring().in_force.identity.clone()
    }

    /// Our NodeId.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        self.node
    }

    /// Signs records, checkpoints, contracts and TLS handshakes.
    #[must_use]
    pub fn signing(&self) -> Arc<SigningKey> {
        self.ring().in_force.signing.clone()
    }

    /// Begins a rotation at a size of our log: the key that the last event committed to takes over, and a new one is made and
    /// committed to. Gives the longer identity; nothing counts before that is in the database.
    ///
    /// # Errors
    /// [`KeyError`], for example when the next key is missing or is not the one that was committed to.
    pub(crate) fn begin_rotation(&self, log_size: u64, fresh: SigningKey) -> Result<Arc<Identity>, KeyError> {
        let now = self.in_force();
        let path = self.dir.join(NEXT);
        let new = read_key(&path)?;
        // A key that was made by a rotation that broke off was told to nobody; it is as good as a fresh one.
        let after = self.dir.join(AFTER_NEXT);
        let next = match after.exists() {
            true => read_key(&after)?,
            false => {
                write_key(&after, "", &fresh)?;
                fresh
            }
        };
        let event = identity::rotation(
            &now.identity,
            &now.signing,
            &new,
            &now.witness.verifying_key(),
            &next.verifying_key(),
            log_size,
        );
        let mut events = now.identity.events().to_vec();
        events.push(event);
        let longer = Identity::verify(&events);
        let longer = Arc::new(longer.map_err(|_| KeyError::NotCommitted { path, node: self.node })?);
        let upcoming = InForce { identity: longer.clone(), signing: Arc::new(new), witness: now.witness };
        self.ring.write().unwrap_or_else(PoisonError::into_inner).upcoming = Some(upcoming);
        Ok(longer)
    }

    /// Begins a succession: the same keys, and an identity that names who goes on. Gives the longer identity; nothing counts before
    /// that is in the database.
    pub(crate) fn begin_succession(&self, event: &Envelope) -> Result<Arc<Identity>, IdentityError> {
        let InForce { identity, signing, witness } = self.in_force();
        let longer = Arc::new(identity.extended(event)?);
        let upcoming = InForce { identity: longer.clone(), signing, witness };
        self.ring.write().unwrap_or_else(PoisonError::into_inner).upcoming = Some(upcoming);
        Ok(longer)
    }

    /// Finishes a rotation, or a succession, that is in the database: the new keys are in force, and the old one is gone from the disk.
    ///
    /// # Errors
    /// [`KeyError`]; it is finished at the next start then.
    pub(crate) fn finish_rotation(&self) -> Result<(), KeyError> {
        {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(upcoming) = ring.upcoming.take() {
                ring.in_force = upcoming;
            }
        }
        finish(&self.dir, &self.identity())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.node_id())
    }
}

/// New keys of a node that is being recovered.
pub(crate) struct Recovered {
    pub(crate) signing: SigningKey,
    pub(crate) witness: SigningKey,
    pub(crate) next: SigningKey,
}

impl Recovered {
    /// Writes the keys beside those that are there.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), KeyError> {
        for (file, key) in
            [(NEW_SIGNING, &self.signing), (NEW_WITNESS, &self.witness), (AFTER_NEXT, &self.next)]
        {
            let path = dir.join(file);
            // Left by an attempt that broke off; nobody was told of it.
            fs::remove_file(&path).ok();
            write_key(&path, "", key)?;
        }
        Ok(())
    }
}

/// Brings the files to what the identity says, where a rotation or a recovery did not come to that: each step is one renaming,
/// and what is there under the right name is left alone.
pub(crate) fn finish(dir: &Path, identity: &Identity) -> Result<(), KeyError> {
    let now = identity.current();
    let signs = |key: &SigningKey| key.verifying_key() == now.signing_key;
    let witnesses = |key: &SigningKey| key.verifying_key() == now.witness_key;
    let follows = |key: &SigningKey| {
        Sha256::digest(key.verifying_key().as_bytes()).as_slice() == identity.next_key_hash().as_slice()
    };
    put_in_place(dir, NEXT, SIGNING, signs)?;
    put_in_place(dir, NEW_SIGNING, SIGNING, signs)?;
    put_in_place(dir, NEW_WITNESS, WITNESS, witnesses)?;
    put_in_place(dir, AFTER_NEXT, NEXT, follows)
}

/// Whether the keys that an identity has in force are among these files.
pub(crate) fn are_in<'a>(files: impl Iterator<Item = &'a [u8]>, identity: &Identity) -> bool {
    let keys = files.filter_map(|file| SigningKey::from_pkcs8_pem(std::str::from_utf8(file).ok()?).ok());
    let public: Vec<_> = keys.map(|key| key.verifying_key()).collect();
    let now = identity.current();
    public.contains(&now.signing_key) && public.contains(&now.witness_key)
}

/// Renames a key file to the name under which its key belongs, unless one that fits is there.
fn put_in_place(
    dir: &Path,
    from: &str,
    to: &str,
    fits: impl Fn(&SigningKey) -> bool,
) -> Result<(), KeyError> {
    let holds = |file: &str| read_key(&dir.join(file)).is_ok_and(|key| fits(&key));
    if holds(to) || !holds(from) {
        return Ok(());
    }
    let renamed = fs::rename(dir.join(from), dir.join(to)).and_then(|()| File::open(dir)?.sync_all());
    renamed.map_err(|error| KeyError::File { path: dir.join(from), error })
}

fn write_key(path: &Path, preamble: &str, key: &SigningKey) -> Result<(), KeyError> {
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Malformed(path.to_owned()))?;
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(preamble.as_bytes())?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| KeyError::File { path: path.to_owned(), error })
}

pub(crate) fn read_key(path: &Path) -> Result<SigningKey, KeyError> {
    let mut pem = String::new();
    let read = File::open(path).and_then(|file| file.take(KEY_FILE_BYTES).read_to_string(&mut pem));
    read.map_err(|error| KeyError::File { path: path.to_owned(), error })?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::Malformed(path.to_owned()))
}
