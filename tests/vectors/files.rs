//! Where the cases stand: the choice in this repository, and the collection that it was made from.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folders of a collection that hold cases for our methods.
const FAMILIES: [&str; 6] =
    ["aws-sigv4", "azure-batch", "azure-eventhub-sas", "azure-iothub-sas", "cybersource", "aws-hosts"];

pub(crate) struct VectorFile {
    pub(crate) label: String,
    pub(crate) cases: Vec<Value>,
}

/// `data/FAMILY.FILE.json` beside this file.
pub(crate) fn in_repository() -> Vec<VectorFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/data");
    json_files(&folder).into_iter().map(|path| read(&path, stem(&path).replacen('.', "/", 1))).collect()
}

/// `FOLDER/FAMILY/SET/FILE.json`. A family without files is a fault: its folder was given by mistake.
pub(crate) fn in_collection(folder: &Path) -> Vec<VectorFile> {
    FAMILIES.iter().flat_map(|family| in_family(&folder.join(family), family)).collect()
}

fn in_family(folder: &Path, family: &str) -> Vec<VectorFile> {
    let sets = entries(folder).into_iter().filter(|path| path.is_dir());
    let paths: Vec<_> = sets.flat_map(|set| json_files(&set)).collect();
    assert!(!paths.is_empty(), "{} holds no vectors", folder.display());
    paths.iter().map(|path| read(path, format!("{family}/{}", stem(path)))).collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    entries(folder).into_iter().filter(is_json).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("file names are ASCII")
}

fn read(path: &Path, label: String) -> VectorFile {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<Value> =
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!cases.is_empty(), "{} is empty", path.display());
    VectorFile { label, cases }
}
