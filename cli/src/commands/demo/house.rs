//! Where the demo keeps its data: a temporary directory, or one that was named and is kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{error::DemoError, report::Report};
use crate::{client::DataDir, commands::Session, error::Error, output::Page};

/// The directory of the demo.
pub(crate) enum House {
    /// Goes away with the demo.
    Temporary(TempDir),
    /// Stays.
    Kept(PathBuf),
}

impl House {
    /// A temporary directory, or the given one, which must be empty or new.
    pub(crate) fn open(dir: Option<PathBuf>) -> Result<Self, DemoError> {
        let Some(dir) = dir else {
            return tempfile::Builder::new().prefix("cairn-demo-").tempdir().map(Self::Temporary).map_err(
                |source| DemoError::Directory { dir: PathBuf::from("for temporary files"), source },
            );
        };
        let failed = |source: io::Error| DemoError::Directory { dir: dir.clone(), source };
        fs::create_dir_all(&dir).map_err(failed)?;
        if fs::read_dir(&dir).map_err(failed)?.next().is_some() {
            return Err(DemoError::NotEmpty(dir));
        }
        std::path::absolute(&dir).map(Self::Kept).map_err(failed)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(dir) => dir,
        }
    }

    /// How to look around while the nodes are up.
    pub(crate) fn explore(&self, report: &Report, page: &mut Page) {
        let cairn = own_name();
        page.blank();
        page.say("The nodes stay up. Look around from another terminal, for example:");
        page.blank();
        for (dir, command) in report.data_dirs().zip(["inbox", "status", "list"]) {
            let dir = DataDir::new(PathBuf::from(dir)).shell_word();
            page.verbatim(2, &format!("{cairn} --data-dir {dir} {command}"));
        }
        if let Some(dir) = report.data_dirs().next() {
            let dir = DataDir::new(PathBuf::from(dir)).shell_word();
            page.verbatim(2, &format!("{cairn} --data-dir {dir} show \"South Tyneside Alliance/1\""));
            page.verbatim(2, &format!("{cairn} --data-dir {dir} experiment list"));
            page.verbatim(2, &format!("{cairn} --data-dir {dir} cycle list"));
            page.verbatim(2, &format!("{cairn} --data-dir {dir} search trust"));
        }
        if let Some(file) = report.evidence() {
            let file = DataDir::new(PathBuf::from(file)).shell_word();
            page.verbatim(2, &format!("{cairn} verify {file}"));
        }
        page.blank();
        page.say("Press Ctrl-C here to end.");
    }

    /// Removes what is temporary and says what became of the data.
    pub(crate) fn leave(self, session: &mut Session) -> Result<(), Error> {
        let said = match self {
            Self::Temporary(dir) => {
                let path = dir.path().to_owned();
                dir.close().map_err(|source| DemoError::NotRemoved { dir: path, source })?;
                "The nodes have ended, and the temporary directory is gone.".to_owned()
            }
            Self::Kept(dir) => format!("The nodes have ended. Their data is in {}.", dir.display()),
        };
        session.out.progress(|page| {
            page.blank();
            page.say(&said);
        })
    }
}

/// How this program was called, so that commands to copy work where it is not installed, and from any directory.
fn own_name() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let has_directory = called.parent().is_some_and(|parent| !parent.as_os_str().is_empty());
    match std::path::absolute(called) {
        Ok(path) if has_directory => DataDir::new(path).shell_word(),
        _ => "cairn".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::House;

    #[test]
    fn a_named_directory_must_be_empty_or_new() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("a/b");
        assert!(matches!(House::open(Some(new.clone())), Ok(House::Kept(_))));
        fs::write(new.join("letter"), "x").unwrap();
        let error = House::open(Some(new)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("is not empty"), "{error}");
    }

    #[test]
    fn a_temporary_directory_goes_away() {
        let house = House::open(None).unwrap();
        let path = house.path().to_owned();
        assert!(path.is_dir());
        drop(house);
        assert!(!path.exists());
    }
}
