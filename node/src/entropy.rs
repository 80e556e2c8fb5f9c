//! The only source of randomness: salts, nonces, keys, invitation secrets and jitter.

use ed25519_dalek::SigningKey;

/// The operating system refused to give random bytes. Nothing can be signed or salted then.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes: {0}")]
pub struct EntropyError(getrandom::Error);

/// `N` random bytes from the operating system.
///
/// # Errors
/// When the operating system has none to give.
#[expect(clippy::disallowed_methods, reason = "this is the one home of randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(EntropyError)?;
    Ok(out)
}

/// A new Ed25519 key.
///
/// # Errors
/// As [`bytes`].
pub fn signing_key() -> Result<SigningKey, EntropyError> {
    Ok(SigningKey::from_bytes(&bytes()?))
}
