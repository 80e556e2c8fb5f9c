//! No method of `Store` or `Tx` without a contract: the source is read as text.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// This crate's directory.
const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_method_is_called_by_a_contract() {
    let methods: Vec<String> = store_sources().iter().flat_map(|source| methods(source)).collect();
    assert!(methods.len() >= 40, "only {methods:?} found: has the layout of the source changed?");
    let suite = suite();
    let called =
        |name: &str| suite.contains(&format!(".{name}(")) || suite.contains(&format!("Store::{name}("));
    let missing: Vec<&String> = methods.iter().filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "methods of the store without a contract: {missing:?}");
}

#[test]
fn methods_are_found_as_they_are_written() {
    let source = "impl Tx {\n    pub async fn one(&mut self) {\n    async fn own(\n    pub fn two(\n}\n\
                  impl Row {\n    pub fn other(\n}\nimpl Store {\n    pub async fn three<T>(\n}\n";
    assert_eq!(methods(source), ["one", "two", "three"]);
}

fn store_sources() -> Vec<String> {
    let mut sources = texts(&Path::new(CRATE).join("src/store"));
    sources.push(fs::read_to_string(Path::new(CRATE).join("src/store.rs")).unwrap());
    sources
}

/// All of the suite but this file, whose samples are not calls.
fn suite() -> String {
    texts(&Path::new(CRATE).join("tests/store_contract")).concat()
}

/// Whatever is in a directory and below it.
fn texts(dir: &Path) -> Vec<String> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| !path.ends_with("completeness.rs"));
    let text = |path: PathBuf| match path.is_dir() {
        true => texts(&path),
        false => vec![fs::read_to_string(path).unwrap()],
    };
    paths.flat_map(text).collect()
}

/// Names of the public methods in `impl Tx` and `impl Store`.
fn methods(source: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in source.lines() {
        match line {
            "impl Tx {" | "impl Store {" => inside = true,
            "}" => inside = false,
            _ if inside => names.extend(method(line.trim_start())),
            _ => {}
        }
    }
    names
}

fn method(line: &str) -> Option<String> {
    let signature = line.strip_prefix("pub async fn ").or_else(|| line.strip_prefix("pub fn "))?;
    let name = signature.split(['(', '<']).next()?;
    Some(name.to_owned())
}
