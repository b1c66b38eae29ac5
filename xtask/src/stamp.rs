//! Remembers what a step was made from, so that it does not run again for nothing.
//!
//! A stamp is a hash over the content of the inputs, kept in `target/xtask/stamps/`. Times of files are not
//! looked at: a checkout changes them without changing anything else.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// The inputs of a step, hashed, and the files that it makes.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
    hasher: DefaultHasher,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// The stamp of the named step, with no inputs yet but the steps themselves.
    pub(crate) fn of(step: &str) -> Result<Self> {
        let path = paths::in_target("xtask/stamps").join(step);
        Self { path, hasher: DefaultHasher::new(), outputs: Vec::new() }.folder(&paths::in_root("xtask/src"))
    }

    /// A word counts: a version, an address, an option.
    pub(crate) fn word(mut self, word: &str) -> Self {
        word.hash(&mut self.hasher);
        self
    }

    /// The content of a file counts; a file that is not there counts as such.
    pub(crate) fn file(mut self, path: &Path) -> Self {
        path.hash(&mut self.hasher);
        fs::read(path).ok().hash(&mut self.hasher);
        self
    }

    /// Every file below a folder counts, but for what is built there.
    pub(crate) fn folder(self, folder: &Path) -> Result<Self> {
        let files = source_files(folder)?;
        Ok(files.iter().fold(self, |stamp, file| stamp.file(file)))
    }

    /// The step makes this file or folder.
    pub(crate) fn output(mut self, path: impl Into<PathBuf>) -> Self {
        self.outputs.push(path.into());
        self
    }

    /// True when the inputs are those of the last time and every output is there.
    pub(crate) fn is_current(&self) -> bool {
        let recorded = fs::read_to_string(&self.path);
        recorded.is_ok_and(|recorded| recorded == self.value())
            && self.outputs.iter().all(|output| output.exists())
    }

    /// Called before the step runs: a step that dies half-way is not taken for done.
    pub(crate) fn forget(&self) -> Result<()> {
        if self.path.exists() {
            fs::remove_file(&self.path)?;
        }
        Ok(())
    }

    /// Called after the step has run.
    pub(crate) fn record(&self) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, self.value())
            .with_context(|| format!("cannot write {}", paths::shown(&self.path)))
    }

    fn value(&self) -> String {
        format!("{:016x}", self.hasher.finish())
    }
}

/// The files below a folder in a fixed order, without what tools put there.
pub(crate) fn source_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", paths::shown(folder)))?;
    for entry in entries {
        let path = entry?.path();
        let is_built = BUILT.iter().any(|name| path.ends_with(name));
        if is_built {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

const BUILT: [&str; 3] = ["node_modules", "dist", "target"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_input_or_a_missing_output_makes_the_step_run_again() {
        let folder = paths::in_target("xtask/test-stamp");
        fs::create_dir_all(&folder).unwrap();
        let (input, output) = (folder.join("input"), folder.join("output"));
        fs::write(&input, "one").unwrap();
        fs::write(&output, "made").unwrap();
        let stamp = || Stamp::of("test-stamp").unwrap().word("v1").file(&input).output(&output);

        stamp().record().unwrap();
        assert!(stamp().is_current());

        fs::write(&input, "two").unwrap();
        assert!(!stamp().is_current());

        stamp().record().unwrap();
        fs::remove_file(&output).unwrap();
        assert!(!stamp().is_current());
    }
}
