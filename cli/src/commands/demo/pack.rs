//! The case pack: real experiments and learning cycles as files, with the prompts beside them.

use std::path::PathBuf;

use super::{cast::CAST, error::DemoError};
use crate::{commands::experiment::LARGEST_FILE, error::Error, input};

/// The largest file of a cycle or a pack of prompts, as the node has it.
const LARGEST_BUNDLE: u64 = 8 * 1024 * 1024;

/// The prompts, in the directory beside that of the cases.
const PROMPTS: &str = "../prompts/human-learning-systems.yaml";

/// The directory of the case files.
pub(crate) struct Pack {
    /// Its path.
    pub(crate) dir: PathBuf,
}

impl Pack {
    /// The given directory, or the one that came with the program. Every case that is needed must be there.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Self, DemoError> {
        let candidates = given.map_or_else(usual_places, |dir| vec![dir]);
        let Some(dir) = candidates.iter().find(|dir| dir.is_dir()) else {
            let looked: Vec<_> = candidates.iter().map(|dir| dir.display().to_string()).collect();
            return Err(DemoError::NoCases { looked: looked.join(" and ") });
        };
        let pack = Self { dir: dir.clone() };
        let needed = CAST.iter().flat_map(|place| place.cases);
        match needed.map(|(case, _)| *case).find(|case| !pack.file(case).is_file()) {
            Some(case) => Err(DemoError::NoCase { dir: pack.dir, case }),
            None => Ok(pack),
        }
    }

    /// The file of a case.
    fn file(&self, case: &str) -> PathBuf {
        self.dir.join(format!("{case}.yaml"))
    }

    /// A cycle's file name and bytes.
    pub(crate) fn read_cycle(&self, cycle: &str) -> Result<(String, Vec<u8>), Error> {
        let file = self.dir.join(format!("cycles/{cycle}.yaml"));
        Ok((format!("cycles/{cycle}.yaml"), input::read_text(&file, LARGEST_BUNDLE)?))
    }

    /// The prompts' file name and bytes.
    pub(crate) fn read_prompts(&self) -> Result<(String, Vec<u8>), Error> {
        let file = self.dir.join(PROMPTS);
        Ok(("human-learning-systems.yaml".to_owned(), input::read_text(&file, LARGEST_BUNDLE)?))
    }

    /// A case's file name and bytes.
    pub(crate) fn read(&self, case: &str) -> Result<(String, Vec<u8>), Error> {
        Ok((format!("{case}.yaml"), input::read_text(&self.file(case), LARGEST_FILE)?))
    }
}

/// Beside an installed program, or in the source tree it was built from.
fn usual_places() -> Vec<PathBuf> {
    let installed = std::env::current_exe().ok().and_then(|exe| {
        let bin = exe.parent()?;
        Some(bin.parent()?.join("share/cairn/cases"))
    });
    let source = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../node/cases"));
    installed.into_iter().chain([source.canonicalize().unwrap_or(source)]).collect()
}

#[cfg(test)]
mod tests {
    use super::Pack;

    #[test]
    fn every_case_of_the_cast_is_in_the_pack() {
        let pack = Pack::open(None).unwrap();
        let files = std::fs::read_dir(&pack.dir).unwrap().flatten();
        let mut cases: Vec<_> = files
            .filter_map(|file| file.file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned))
            .collect();
        cases.sort();
        let mut played: Vec<_> =
            super::CAST.iter().flat_map(|place| place.cases).map(|(case, _)| (*case).to_owned()).collect();
        played.sort();
        assert_eq!(cases, played, "every case of the pack has a part in the demo");
    }

    #[test]
    fn every_cycle_of_the_pack_is_kept_by_one_place() {
        let pack = Pack::open(None).unwrap();
        let files = std::fs::read_dir(pack.dir.join("cycles")).unwrap().flatten();
        let mut cycles: Vec<_> = files
            .filter_map(|file| file.file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned))
            .collect();
        cycles.sort();
        let mut kept: Vec<_> =
            super::CAST.iter().flat_map(|place| place.cycles).map(|c| (*c).to_owned()).collect();
        kept.sort();
        assert_eq!(cycles, kept);
        assert!(pack.read_prompts().is_ok());
    }

    #[test]
    fn a_directory_without_cases_is_a_clear_error() {
        let dir = tempfile::tempdir().unwrap();
        let error = Pack::open(Some(dir.path().to_owned())).err().map(|error| error.to_string());
        assert!(error.unwrap_or_default().contains("plymouth-alliance.yaml is missing"));
        let error = Pack::open(Some(dir.path().join("none"))).err().map(|error| error.to_string());
        assert!(error.unwrap_or_default().contains("The case files were not found."));
    }
}
