//! Where things are: every path that more than one module needs, from the root of the repository.

use std::path::{Path, PathBuf};

/// The root of the repository, wherever the command was typed.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// A path below the root.
pub(crate) fn in_root(path: &str) -> PathBuf {
    root().join(path)
}

/// A path below `target/`, where everything that is built goes.
pub(crate) fn in_target(path: &str) -> PathBuf {
    root().join("target").join(path)
}

/// The path as a person in the root would type it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
