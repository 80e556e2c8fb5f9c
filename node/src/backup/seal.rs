//! Sealing: the age file format (age-encryption.org/v1), so that a backup can be opened with `age` itself where there is no
//! `cairn-node`. The secret key stays with the operator; the node knows recipients only.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Cursor, Read, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use age::{
    DecryptError, Decryptor, Encryptor,
    secrecy::ExposeSecret as _,
    stream::{StreamReader, StreamWriter},
    x25519,
};
use jiff::Timestamp;

use super::BackupError;

/// The header has some 100 bytes a recipient. More than this is no header.
const HEADER_BYTES: u64 = 64 * 1024;
/// Begins the last line of a header.
const LAST_LINE: &[u8] = b"\n--- ";
/// Begins the line for a recipient. There may be others, which mean nothing.
const STANZA: &[u8] = b"\n-> X25519 ";
/// Begins every such file.
const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";
/// A key file is a few lines.
const KEY_FILE_BYTES: u64 = 64 * 1024;

/// Why a text is no recipient, or a file has no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// No recipient.
    #[error("\"{0}\" is no age recipient: it is the line \"public key\" of a key file and begins with age1")]
    Recipient(String),
    /// A secret key where a recipient belongs.
    #[error(
        "that is a secret key, which belongs on no node: name its public key, which begins with age1. Whoever read it here \
             can open the backups: make a new one"
    )]
    Secret,
    /// No key in the file.
    #[error("{path} has no key that opens backups: it is a text with a line that begins with AGE-SECRET-KEY-1, as \
             `cairn-node backup key` writes it", path = .0.display())]
    NoKey(PathBuf),
    /// The file cannot be read.
    #[error("{path} cannot be read: {why}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// Who can open a backup.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(x25519::Recipient);

impl FromStr for Recipient {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(InvalidKey::Secret);
        }
        let shown = || InvalidKey::Recipient(text.chars().take(80).collect());
        text.parse().map(Self).map_err(|_| shown())
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A secret key that opens backups. It is never shown but in the file it is written to.
#[derive(Clone)]
pub struct Key(x25519::Identity);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(of {})", self.recipient())
    }
}

impl Key {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Who it makes of whoever holds it.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// The text of its file, as age-keygen writes it.
    #[must_use]
    pub fn file_text(&self, now: Timestamp) -> String {
        let secret = self.0.to_string();
        format!("# created: {now:.0}\n# public key: {}\n{}\n", self.recipient(), secret.expose_secret())
    }

    /// The keys in a file.
    ///
    /// # Errors
    /// [`InvalidKey`].
    pub fn read(path: &Path) -> Result<Vec<Self>, InvalidKey> {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(KEY_FILE_BYTES).read_to_string(&mut text));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(InvalidKey::NoKey(path.to_owned()));
            }
            Err(error) => return Err(InvalidKey::File { path: path.to_owned(), why: error.to_string() }),
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Result<Vec<_>, _> = lines.map(|line| line.parse().map(Self)).collect();
        keys.ok().filter(|keys| !keys.is_empty()).ok_or_else(|| InvalidKey::NoKey(path.to_owned()))
    }
}

/// Encrypts what is written, to all of these.
pub(super) fn seal<W: Write>(out: W, recipients: &[Recipient]) -> io::Result<StreamWriter<W>> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    // Fails only without recipients, or with kinds of them that cannot be together.
    Encryptor::with_recipients(recipients).map_err(|_| io::ErrorKind::InvalidInput)?.wrap_output(out)
}

/// What a sealed file is read through.
type Sealed<R> = BufReader<io::Chain<Cursor<Vec<u8>>, R>>;

/// Decrypts what is read, if one of the keys opens it. `path` is what it is called.
pub(super) fn unseal<R: Read>(
    mut sealed: R,
    path: &Path,
    keys: &[Key],
) -> Result<StreamReader<Sealed<R>>, BackupError> {
    let header = header(&mut sealed, path)?;
    let sealed = BufReader::new(Cursor::new(header).chain(sealed));
    let not_sealed = |error| match error {
        DecryptError::Io(error) => BackupError::Damaged { path: path.to_owned(), error },
        _ => BackupError::NotSealed(path.to_owned()),
    };
    let sealed = Decryptor::new_buffered(sealed).map_err(not_sealed)?;
    sealed.decrypt(keys.iter().map(|key| &key.0 as &dyn age::Identity)).map_err(|error| match error {
        DecryptError::NoMatchingKeys => BackupError::WrongKey(path.to_owned()),
        // The key opened it, but the header's check sum says that another line of it was changed.
        _ => BackupError::Damaged { path: path.to_owned(), error: io::ErrorKind::InvalidData.into() },
    })
}

/// How many keys open a sealed file.
pub(super) fn count_recipients(mut sealed: impl Read, path: &Path) -> Result<usize, BackupError> {
    let header = header(&mut sealed, path)?;
    let end = header.windows(LAST_LINE.len()).position(|bytes| bytes == LAST_LINE).unwrap_or_default();
    Ok(header.get(..end).unwrap_or_default().windows(STANZA.len()).filter(|bytes| *bytes == STANZA).count())
}

/// The first bytes of a sealed file, in which its whole header is; so that no file makes the reader look for its end for ever.
fn header(sealed: &mut impl Read, path: &Path) -> Result<Vec<u8>, BackupError> {
    let mut header = Vec::new();
    sealed.take(HEADER_BYTES).read_to_end(&mut header).map_err(BackupError::file(path))?;
    let ends = header.windows(LAST_LINE.len()).any(|bytes| bytes == LAST_LINE);
    if !header.starts_with(FIRST_LINE) || !ends {
        return Err(BackupError::NotSealed(path.to_owned()));
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_it_is_written() {
        let key = Key::generate();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key.txt");
        std::fs::write(&file, key.file_text(Timestamp::UNIX_EPOCH)).unwrap();
        let read = Key::read(&file).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].recipient(), key.recipient());
        assert_eq!(key.recipient().to_string().parse(), Ok(key.recipient()));
        assert!(!format!("{key:?}").contains("SECRET"));
        for bad in ["", "# only a comment\n", "AGE-SECRET-KEY-1QQQ\n", "age1qqq\n"] {
            std::fs::write(&file, bad).unwrap();
            assert!(matches!(Key::read(&file), Err(InvalidKey::NoKey(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_key_is_no_recipient_and_is_not_repeated() {
        let text = Key::generate().file_text(Timestamp::UNIX_EPOCH);
        let secret = text.lines().last().unwrap();
        let refused = secret.parse::<Recipient>().unwrap_err();
        assert_eq!(refused, InvalidKey::Secret);
        assert!(!refused.to_string().contains("SECRET-KEY-1"));
    }

    #[test]
    fn a_header_without_end_is_refused_after_its_bound() {
        let path = Path::new("hostile.age");
        let endless = [FIRST_LINE, b"-> X25519 "].concat();
        let endless = Cursor::new(endless).chain(io::repeat(b'a'));
        assert!(matches!(unseal(endless, path, &[Key::generate()]), Err(BackupError::NotSealed(_))));
    }
}
