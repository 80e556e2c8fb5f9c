//! The node's secret keys: files that only their owner can read. Nothing here is ever logged.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use cairn_proto::{identity::Identity, ids::NodeId};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, spki::der::pem::LineEnding},
};

/// Signs records, checkpoints and TLS handshakes.
const SIGNING: &str = "signing.pem";
/// Cosigns other nodes' checkpoints.
const WITNESS: &str = "witness.pem";
/// The signing key after the next rotation, committed to already.
const NEXT: &str = "next-signing.pem";
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

/// The keys of a serving node, with the identity they belong to.
pub struct Keys {
    identity: Identity,
    signing: SigningKey,
    witness: SigningKey,
}

impl Keys {
    /// Reads the keys in `dir` and checks that they are the current ones of `identity`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(dir: &Path, identity: Identity) -> Result<Self, KeyError> {
        let (signing, witness) = (read_key(&dir.join(SIGNING))?, read_key(&dir.join(WITNESS))?);
        let fits = |key: &SigningKey, public: &ed25519_dalek::VerifyingKey| key.verifying_key() == *public;
        let node = identity.node_id();
        if !fits(&signing, &identity.current().signing_key) {
            return Err(KeyError::NotOurs { path: dir.join(SIGNING), node });
        }
        if !fits(&witness, &identity.current().witness_key) {
            return Err(KeyError::NotOurs { path: dir.join(WITNESS), node });
        }
        Ok(Self { identity, signing, witness })
    }

    /// Who we are.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Our NodeId.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        self.identity.node_id()
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

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.node_id())
    }
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

fn read_key(path: &Path) -> Result<SigningKey, KeyError> {
    let mut pem = String::new();
    let read = File::open(path).and_then(|file| file.take(KEY_FILE_BYTES).read_to_string(&mut pem));
    read.map_err(|error| KeyError::File { path: path.to_owned(), error })?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::Malformed(path.to_owned()))
}
