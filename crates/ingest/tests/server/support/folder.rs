//! A data folder that goes away when the test ends well, and stays to be looked at when it fails.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The segments of the journal, in order.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.join("journal")).unwrap();
        let mut segments: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        segments.sort();
        segments
    }

    pub(crate) fn journal_text(&self) -> String {
        self.segments().iter().map(|segment| text_of(segment)).collect()
    }

    /// Those of them that are compressed.
    pub(crate) fn sealed(&self) -> Vec<PathBuf> {
        self.segments().into_iter().filter(|path| is_sealed(path)).collect()
    }

    /// Every line of the journal, read as a stranger would: as JSON Lines.
    pub(crate) fn journal(&self) -> Vec<Value> {
        self.journal_text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn delete_index(&self) {
        for file in ["index.db", "index.db-wal", "index.db-shm"] {
            let _ = fs::remove_file(self.0.join(file));
        }
        assert!(!self.0.join("index.db").exists());
    }
}

fn is_sealed(segment: &Path) -> bool {
    segment.extension().is_some_and(|extension| extension == "zst")
}

/// What `cat` gives, or `zstdcat`.
fn text_of(segment: &Path) -> String {
    let bytes = fs::read(segment).unwrap();
    let bytes = if is_sealed(segment) { zstd::stream::decode_all(&*bytes).unwrap() } else { bytes };
    String::from_utf8(bytes).unwrap()
}

/// A folder as it was.
pub(crate) struct Copy {
    original: PathBuf,
    copy: PathBuf,
}

impl Folder {
    /// Keeps a folder in it as it is now.
    pub(crate) fn copy(&self, name: &str) -> Copy {
        let (original, copy) = (self.0.join(name), self.0.join(format!("{name}-copy")));
        let _ = fs::remove_dir_all(&copy);
        copy_all(&original, &copy);
        Copy { original, copy }
    }
}

impl Copy {
    pub(crate) fn put_back(&self) {
        fs::remove_dir_all(&self.original).unwrap();
        copy_all(&self.copy, &self.original);
    }

    pub(crate) fn put_into(&self, other: &Folder) {
        let there = other.0.join(self.original.file_name().unwrap());
        fs::remove_dir_all(&there).unwrap();
        copy_all(&self.copy, &there);
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(entry.file_name());
        match entry.path() {
            path if path.is_dir() => copy_all(&path, &there),
            path => drop(fs::copy(path, there).unwrap()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
