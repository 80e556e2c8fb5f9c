//! The only source of randomness: salts, nonces, keys, invitation secrets and jitter.

use ed25519_dalek::SigningKey;

/// The operating system refused to give random bytes. Nothing can be signed or salted then.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct EntropyError(getrandom::Error);

/// Where randomness comes from: the operating system, or, in simulations only, a sequence that can be repeated.
#[derive(Clone, Debug)]
pub enum Entropy {
    /// The operating system.
    System,
    /// A sequence that can be repeated. No node that serves anybody is built with it.
    #[cfg(feature = "simulation")]
    Seeded(std::sync::Arc<std::sync::Mutex<seeded::Sequence>>),
}

impl Entropy {
    /// `N` random bytes.
    ///
    /// # Errors
    /// When the operating system has none to give.
    #[expect(clippy::disallowed_methods, reason = "this is the one home of randomness")]
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], EntropyError> {
        let mut out = [0; N];
        match self {
            Self::System => getrandom::fill(&mut out).map_err(EntropyError)?,
            #[cfg(feature = "simulation")]
            Self::Seeded(sequence) => seeded::fill(sequence, &mut out),
        }
        Ok(out)
    }

    /// A new Ed25519 key.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn signing_key(&self) -> Result<SigningKey, EntropyError> {
        Ok(SigningKey::from_bytes(&self.bytes()?))
    }
}

/// `N` random bytes from the operating system.
///
/// # Errors
/// When the operating system has none to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    Entropy::System.bytes()
}

/// A new Ed25519 key.
///
/// # Errors
/// As [`bytes`].
pub fn signing_key() -> Result<SigningKey, EntropyError> {
    Entropy::System.signing_key()
}

#[cfg(feature = "simulation")]
mod seeded {
    //! Randomness that a simulation repeats: SHA-256 of a seed and a counter.

    use std::sync::{Arc, Mutex, PoisonError};

    use sha2::{Digest as _, Sha256};

    use super::Entropy;

    /// How far a sequence has come.
    #[derive(Debug)]
    pub struct Sequence {
        seed: [u8; 32],
        next: u64,
    }

    impl Entropy {
        /// The sequence that begins with `seed`.
        #[must_use]
        pub fn seeded(seed: [u8; 32]) -> Self {
            Self::Seeded(Arc::new(Mutex::new(Sequence { seed, next: 0 })))
        }
    }

    pub(super) fn fill(sequence: &Mutex<Sequence>, out: &mut [u8]) {
        let mut sequence = sequence.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in out.chunks_mut(32) {
            let block = Sha256::new().chain_update(sequence.seed).chain_update(sequence.next.to_be_bytes());
            sequence.next = sequence.next.wrapping_add(1);
            chunk.iter_mut().zip(block.finalize()).for_each(|(byte, random)| *byte = random);
        }
    }
}
