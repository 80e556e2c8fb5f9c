//! Reading files that people name: bounded, and with an error for each way it can fail.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// It is not there.
    #[error("There is no file {}. Look at how it is spelt, and in which directory it is.", .0.display())]
    Missing(PathBuf),
    /// It is a directory.
    #[error("{} is a directory. Name the files in it instead.", .0.display())]
    Directory(PathBuf),
    /// It may not be read.
    #[error("You may not read {}. Ask the person it belongs to, or copy it to where you may.", .0.display())]
    Permission(PathBuf),
    /// It is empty.
    #[error("{} is empty. There is nothing to read.", .0.display())]
    Empty(PathBuf),
    /// It is too large.
    #[error("{} is larger than {} KiB, the most that is read. It may be the wrong file.", file.display(), limit / 1024)]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not text.
    #[error("{} is not a text file in UTF-8: the first byte that is not stands in line {line}. It may be the wrong \
             file, such as a word processor's; otherwise save it as plain text in UTF-8.", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Another failure.
    #[error("{} could not be read: {source}.", file.display())]
    Other {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The name under which the standard input is spoken of.
const STDIN: &str = "The standard input";

/// Reads a file of at most `limit` bytes; `-` is the standard input. At most one byte more is ever read.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    if path == Path::new("-") {
        return read_bounded(io::stdin().lock(), Path::new(STDIN), limit);
    }
    let file = File::open(path).map_err(|source| failed(path, source))?;
    if file.metadata().map_err(|source| failed(path, source))?.is_dir() {
        return Err(InputError::Directory(path.to_owned()));
    }
    read_bounded(file, path, limit)
}

/// As [`read`], but the file must be text in UTF-8 and not empty.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let bytes = read(path, limit)?;
    let name = if path == Path::new("-") { Path::new(STDIN) } else { path };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(InputError::Empty(name.to_owned()));
    }
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let before = bytes.iter().take(error.valid_up_to());
            let line = 1 + before.filter(|byte| **byte == b'\n').count();
            Err(InputError::NotText { file: name.to_owned(), line })
        }
    }
}

/// Reads at most one byte more than allowed, so that too large is noticed and nothing more is taken in.
fn read_bounded(source: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let taken = source.take(limit + 1).read_to_end(&mut bytes).map_err(|source| failed(path, source))?;
    if u64::try_from(taken).unwrap_or(u64::MAX) > limit {
        return Err(InputError::TooLarge { file: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// The right words for what the system said.
fn failed(path: &Path, source: io::Error) -> InputError {
    let file = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => InputError::Missing(file),
        io::ErrorKind::PermissionDenied => InputError::Permission(file),
        io::ErrorKind::IsADirectory => InputError::Directory(file),
        _ => InputError::Other { file, source },
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{InputError, read, read_text};

    #[test]
    fn each_failure_has_its_own_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        assert!(matches!(read(&dir.path().join("none"), 10), Err(InputError::Missing(_))));
        assert!(matches!(read(dir.path(), 10), Err(InputError::Directory(_))));
        assert!(matches!(read_text(&file("empty", b" \n"), 10), Err(InputError::Empty(_))));
        assert!(matches!(read(&file("huge", &[b'a'; 11]), 10), Err(InputError::TooLarge { limit: 10, .. })));
        assert_eq!(read(&file("fits", &[b'a'; 10]), 10).unwrap().len(), 10);
        let latin = read_text(&file("latin", b"one\ntwo\ncaf\xe9"), 100);
        assert!(matches!(latin, Err(InputError::NotText { line: 3, .. })));
    }

    #[test]
    fn endless_files_are_refused_at_once() {
        let endless = Path::new("/dev/zero");
        assert!(matches!(read(endless, 1000), Err(InputError::TooLarge { .. })));
    }
}
