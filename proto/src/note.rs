//! Signed notes, byte for byte as C2SP `signed-note` has them.
//!
//! A parsed note prints exactly the bytes it was read from. Deliberately not here: what the text says (see
//! [`crate::checkpoint`]) and signature types Cairn does not use.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    envelope::{InvalidKey, public_key},
    limits::{CHECKPOINT_BYTES, LINE_BYTES, SIGNATURES},
};

/// What every signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "— ";

/// Bytes of a key id.
const KEY_ID_BYTES: usize = 4;

/// A text and who signed it. Nothing in it is trusted before a signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    /// The signed text, with its final newline.
    pub text: String,
    /// One entry a signature line, in order; 1 to 16 of them.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// First four bytes of the key's hash; a hint, not a proof.
    pub key_id: [u8; 4],
    /// The signature proper, in the form its type prescribes.
    pub signature: Vec<u8>,
}

/// Why a text is not a signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidNote {
    /// Longer than [`CHECKPOINT_BYTES`].
    #[error("the note has {0} bytes and at most {CHECKPOINT_BYTES} are accepted")]
    TooLarge(usize),
    /// An ASCII control character other than newline.
    #[error("the note contains a control character")]
    ControlCharacter,
    /// The text or the last signature line does not end.
    #[error("the note does not end in a newline")]
    Unended,
    /// No blank line between a text and signatures.
    #[error("the note has no blank line followed by signatures")]
    NoSignatures,
    /// More than [`SIGNATURES`].
    #[error("the note has {0} signatures and at most {SIGNATURES} are accepted")]
    TooManySignatures(usize),
    /// A line after the blank line that is not a signature.
    #[error("signature line {0} of the note is not an em dash, a key name and a signature")]
    SignatureLine(usize),
    /// A key name that is empty or contains a space or a plus sign.
    #[error("signature line {0} of the note has an unusable key name")]
    KeyName(usize),
    /// Not base64, or no longer than a key id.
    #[error("signature line {0} of the note does not hold a key id and a signature in base64")]
    Base64(usize),
}

impl SignedNote {
    /// Parses a note as strictly as C2SP `signed-note` asks for.
    pub fn parse(note: &str) -> Result<Self, InvalidNote> {
        if note.len() > CHECKPOINT_BYTES {
            return Err(InvalidNote::TooLarge(note.len()));
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(InvalidNote::ControlCharacter);
        }
        let body = note.strip_suffix('\n').ok_or(InvalidNote::Unended)?;
        let (text, lines) = body.rsplit_once("\n\n").ok_or(InvalidNote::NoSignatures)?;
        let count = lines.split('\n').count();
        if count > SIGNATURES {
            return Err(InvalidNote::TooManySignatures(count));
        }
        let signatures = lines.split('\n').zip(1..).map(|(line, number)| signature_line(line, number));
        Ok(Self { text: format!("{text}\n"), signatures: signatures.collect::<Result<_, _>>()? })
    }

    /// The signatures that name this key. Naming is not proving: each has yet to be verified.
    pub fn by(&self, name: &str, kind: KeyKind, key: &VerifyingKey) -> impl Iterator<Item = &[u8]> {
        let key_id = key_id(name, kind, key);
        let named = move |one: &&NoteSignature| one.name == name && one.key_id == key_id;
        self.signatures.iter().filter(named).map(|one| one.signature.as_slice())
    }
}

fn signature_line(line: &str, number: usize) -> Result<NoteSignature, InvalidNote> {
    let rest = line.strip_prefix(SIGNATURE_PREFIX).ok_or(InvalidNote::SignatureLine(number))?;
    let (name, encoded) = rest.split_once(' ').ok_or(InvalidNote::SignatureLine(number))?;
    if !is_key_name(name) {
        return Err(InvalidNote::KeyName(number));
    }
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| InvalidNote::Base64(number))?;
    match bytes.split_first_chunk::<KEY_ID_BYTES>() {
        Some((key_id, signature)) if !signature.is_empty() => {
            Ok(NoteSignature { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
        }
        _ => Err(InvalidNote::Base64(number)),
    }
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|one| one.is_whitespace() || one.is_control() || one == '+')
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), self.signature.as_slice()].concat();
        write!(f, "{SIGNATURE_PREFIX}{} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

/// The signature types Cairn uses; the number is the type byte of C2SP `signed-note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Plain Ed25519 over the text.
    Ed25519 = 0x01,
    /// Timestamped Ed25519 by a witness: `cosignature/v1`.
    CosignatureV1 = 0x04,
}

/// A key by which a note can be verified. As text it is a C2SP vkey, `name+hash+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: VerifyingKey,
}

/// Why a text is not a usable verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidVerifierKey {
    /// Not `name+hash+key`.
    #[error("a verifier key is a name, eight hexadecimal digits and a key in base64, joined by plus signs")]
    Shape,
    /// Empty, too long, or with a space or a plus sign.
    #[error("the verifier key has an unusable name")]
    Name,
    /// A signature type not used here.
    #[error("the verifier key is for signature type {0}, which is not used here")]
    Kind(u8),
    /// The key itself.
    #[error("the verifier key holds an unusable key: {0}")]
    Key(#[from] InvalidKey),
    /// The hash belongs to another name or key.
    #[error("the hash in the verifier key does not fit its name and key")]
    Hash,
}

impl VerifierKey {
    /// A key with a name of 1 to 300 bytes without spaces and plus signs.
    pub fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Result<Self, InvalidVerifierKey> {
        if !is_key_name(name) || name.len() > LINE_BYTES {
            return Err(InvalidVerifierKey::Name);
        }
        Ok(Self { name: name.to_owned(), kind, key })
    }

    /// The name under which it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its signature type.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// First four bytes of SHA-256 of `name || 0x0A || type || key`.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind, &self.key)
    }
}

/// The key id of C2SP `signed-note`: first four bytes of SHA-256 of `name || 0x0A || type || key`.
pub fn key_id(name: &str, kind: KeyKind, key: &VerifyingKey) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind as u8])
        .chain_update(key.as_bytes())
        .finalize();
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest);
    [a, b, c, d]
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let key = [[self.kind as u8].as_slice(), self.key.as_bytes()].concat();
        write!(f, "{}+{id:08x}+{}", self.name, BASE64_STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidVerifierKey;

    fn from_str(text: &str) -> Result<Self, InvalidVerifierKey> {
        let (name, rest) = text.split_once('+').ok_or(InvalidVerifierKey::Shape)?;
        let (hash, key) = rest.split_once('+').ok_or(InvalidVerifierKey::Shape)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| InvalidVerifierKey::Shape)?;
        let (kind, key) = bytes.split_first().ok_or(InvalidVerifierKey::Shape)?;
        let kind = match kind {
            0x01 => KeyKind::Ed25519,
            0x04 => KeyKind::CosignatureV1,
            other => return Err(InvalidVerifierKey::Kind(*other)),
        };
        let verifier = Self::new(name, kind, public_key(key)?)?;
        let expected = format!("{:08x}", u32::from_be_bytes(verifier.id()));
        if hash == expected { Ok(verifier) } else { Err(InvalidVerifierKey::Hash) }
    }
}
