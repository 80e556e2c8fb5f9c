//! The proof vectors of transparency-dev/merkle (RFC 6962), where a copy lies beside the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cairn_proto::log::{Hash, verify_consistency, verify_inclusion};
use serde_json::Value;

/// `shared/vectors/merkle` in any folder above this crate.
fn folder() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/vectors/merkle")).find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: no shared/vectors/merkle in any folder above this crate");
    }
    found
}

fn cases(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cases.extend(self::cases(&path));
        } else {
            let case = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            cases.push((path, case));
        }
    }
    cases
}

/// `None` where the vector holds something that is not a hash; such a case must be one to refuse.
fn hash(value: &Value) -> Option<Hash> {
    let Some(text) = value.as_str() else { return BASE64_STANDARD.decode("").unwrap().try_into().ok() };
    BASE64_STANDARD.decode(text).unwrap().try_into().ok()
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |list| list.iter().map(hash).collect())
}

fn agrees(path: &Path, case: &Value, accepted: Option<bool>) {
    assert_eq!(accepted == Some(true), case["wantErr"] == false, "{}: {}", path.display(), case["desc"]);
}

#[test]
fn inclusion_vectors_agree() {
    let Some(folder) = folder() else { return };
    let cases = cases(&folder.join("inclusion"));
    assert!(cases.len() > 40, "only {} cases", cases.len());
    for (path, case) in &cases {
        let judge = || {
            let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
            let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
            Some(verify_inclusion(&leaf, index, size, &hashes(&case["proof"])?, &root).is_ok())
        };
        agrees(path, case, judge());
    }
    println!("{} inclusion vectors", cases.len());
}

#[test]
fn consistency_vectors_agree() {
    let Some(folder) = folder() else { return };
    let cases = cases(&folder.join("consistency"));
    assert!(cases.len() > 40, "only {} cases", cases.len());
    for (path, case) in &cases {
        let judge = || {
            let (older, newer) = (hash(&case["root1"])?, hash(&case["root2"])?);
            let (size1, size2) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
            Some(verify_consistency(size1, size2, &hashes(&case["proof"])?, &older, &newer).is_ok())
        };
        agrees(path, case, judge());
    }
    println!("{} consistency vectors", cases.len());
}
