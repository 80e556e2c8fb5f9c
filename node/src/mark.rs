//! The mark: a small file beside the database that says how much of our log was signed, and where. A database that is older than its
//! mark was put back from a copy; a mark from another place means that the directory was copied. It is written after the fact and may
//! lag behind, which is harmless.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// The file in the data directory.
const FILE: &str = "last-signed";
/// Two short lines.
const FILE_BYTES: u64 = 1024;
/// Names the machine, where the system has it.
const MACHINE: &str = "/etc/machine-id";

/// How much of our log was signed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Records in our log.
    pub size: u64,
    /// The machine and the directory, as a hash.
    pub place: String,
}

impl Mark {
    /// The mark in `dir`; `None` without one, or when it cannot be read as one.
    #[must_use]
    pub fn read(dir: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(dir.join(FILE)).ok()?.take(FILE_BYTES).read_to_string(&mut text).ok()?;
        let (size, place) = text.trim_end().split_once('\n')?;
        Some(Self { size: size.parse().ok()?, place: place.to_owned() })
    }

    /// Writes the mark in `dir` in the place of an earlier one.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let temporary = dir.join(FILE).with_extension("new");
        let mut file = File::create(&temporary)?;
        writeln!(file, "{}\n{}", self.size, self.place)?;
        fs::rename(&temporary, dir.join(FILE))
    }
}

/// Names this machine and this directory: a copy of the directory has another name.
#[must_use]
pub fn place(dir: &Path) -> String {
    let machine = fs::read(MACHINE).unwrap_or_default();
    let inode = fs::metadata(dir).map(|found| found.ino()).unwrap_or_default();
    let digest = Sha256::new().chain_update(&machine).chain_update(inode.to_be_bytes()).finalize();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_a_copy_of_the_directory_is_told_apart() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(Mark::read(one.path()), None);
        for size in [3, 4] {
            Mark { size, place: place(one.path()) }.write(one.path()).unwrap();
        }
        let mark = Mark::read(one.path()).unwrap();
        assert_eq!((mark.size, mark.place.as_str()), (4, place(one.path()).as_str()));
        assert_ne!(place(one.path()), place(two.path()));
        fs::write(one.path().join(FILE), "x\ny\n").unwrap();
        assert_eq!(Mark::read(one.path()), None);
    }
}
