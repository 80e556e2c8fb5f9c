//! Texts while they are being written: in files of the data directory, until they are saved.
//!
//! Whatever happens to the editor, the terminal or the machine, the text is there still.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::{client::DataDir, commands::experiment::LARGEST_FILE, error::Error, input};

/// The directory for texts that are being written.
const DRAFTS: &str = "drafts";

/// A text that is being written.
pub(super) struct Kept {
    path: PathBuf,
    /// Whether it was begun earlier.
    pub(super) resumed: bool,
}

impl Kept {
    /// The file of this name: the one that was begun earlier, or a new one with this text.
    pub(super) fn open(dir: &DataDir, name: &str, text: &str, fresh: bool) -> Result<Self, Error> {
        let dir = dir.path().join(DRAFTS);
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|source| failed(&dir, source))?;
        let path = dir.join(name);
        if path.exists() {
            if !fresh {
                return Ok(Self { path, resumed: true });
            }
            put_aside(&path)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written =
            file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|source| failed(&path, source))?;
        Ok(Self { path, resumed: false })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in it; nothing if it was emptied, or saved from another terminal meanwhile.
    pub(super) fn read(&self) -> Result<String, Error> {
        match input::read_text(&self.path, LARGEST_FILE) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(input::InputError::Empty(_) | input::InputError::Missing(_)) => Ok(String::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes it away: it is kept elsewhere, or there was nothing in it.
    pub(super) fn remove(self) -> Result<(), Error> {
        let mut copy = self.path.as_os_str().to_owned();
        copy.push("~");
        // Some editors keep the text before under this name; most do not.
        drop(fs::remove_file(copy));
        match fs::remove_file(&self.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(&self.path, source)),
            _ => Ok(()),
        }
    }
}

/// The name of the file in which a document is changed.
pub(super) fn name(kind: &str, id: &str) -> String {
    format!("{kind}-{id}.md")
}

/// Takes away what was begun with a document whose words were erased: also copies that were put aside or that an
/// editor made.
pub(super) fn forget(dir: &DataDir, kind: &str, id: &str) -> Result<(), Error> {
    let dir = dir.path().join(DRAFTS);
    let begun = name(kind, id);
    let Ok(files) = fs::read_dir(&dir) else { return Ok(()) };
    for file in files.flatten() {
        let found = file.file_name();
        let found = found.to_string_lossy();
        if found.trim_start_matches(['.', '#']).starts_with(&begun) {
            fs::remove_file(file.path()).map_err(|source| failed(&file.path(), source))?;
        }
    }
    Ok(())
}

/// Moves a file to the same name with a number that is free.
fn put_aside(path: &Path) -> Result<(), Error> {
    let numbered = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        PathBuf::from(name)
    };
    let free = (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(0));
    fs::rename(path, &free).map_err(|source| failed(&free, source))
}

fn failed(path: &Path, source: io::Error) -> Error {
    let next = "Texts that are being written are kept beside your node. Run the command as the user that runs the node, \
                and see that there is room on the disk.";
    Error::Write { file: path.to_owned(), source, next }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::{Kept, forget, name};
    use crate::client::DataDir;

    #[test]
    fn a_text_stays_until_it_is_taken_away_and_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::new(dir.path().to_owned());
        let first = Kept::open(&data, "new-entry.md", "one", false).unwrap();
        assert!(!first.resumed);
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(first.path()), mode(&dir.path().join("drafts"))), (0o600, 0o700));
        let again = Kept::open(&data, "new-entry.md", "two", false).unwrap();
        assert!(again.resumed && again.read().unwrap() == "one");
        let fresh = Kept::open(&data, "new-entry.md", "three", true).unwrap();
        assert!(!fresh.resumed && fresh.read().unwrap() == "three");
        assert_eq!(fs::read_to_string(dir.path().join("drafts/new-entry.md.1")).unwrap(), "one");
        Kept::open(&data, "new-entry.md", "four", true).unwrap().remove().unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("drafts/new-entry.md.2")).unwrap(), "three");
        assert!(!dir.path().join("drafts/new-entry.md").exists());
    }

    #[test]
    fn what_was_erased_is_not_in_a_file_either() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::new(dir.path().to_owned());
        forget(&data, "entry", "x").unwrap();
        Kept::open(&data, &name("entry", "x"), "one", false).unwrap();
        Kept::open(&data, &name("entry", "x"), "two", true).unwrap();
        Kept::open(&data, &name("entry", "xy"), "other", false).unwrap();
        for copy in ["entry-x.md~", ".entry-x.md.swp", "#entry-x.md#"] {
            fs::write(dir.path().join("drafts").join(copy), "copy").unwrap();
        }
        forget(&data, "entry", "x").unwrap();
        let left = fs::read_dir(dir.path().join("drafts")).unwrap().map(|file| file.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["entry-xy.md"]);
    }
}
