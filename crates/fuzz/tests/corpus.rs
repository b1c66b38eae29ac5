//! Every file of the corpus, through its target.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is how a wrong answer is told")]

use std::fs;
use std::path::{Path, PathBuf};

use beaconry_fuzz::{TARGETS, target};

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_file_of_the_corpus_passes_its_target() {
    for (name, target) in TARGETS {
        let files = files(&corpus().join(name));
        assert!(!files.is_empty(), "{name} has no corpus");
        files.iter().for_each(|file| target(&fs::read(file).unwrap()));
        // What is cut off anywhere is another input, and no trouble either.
        let shortest = files.iter().map(|file| fs::read(file).unwrap()).min_by_key(Vec::len).unwrap();
        (0..shortest.len().min(64)).for_each(|length| target(&shortest[..length]));
    }
}

#[test]
fn every_corpus_has_its_target() {
    let unknown: Vec<_> = files(&corpus())
        .into_iter()
        .filter(|folder| target(&folder.file_name().unwrap().to_string_lossy()).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
