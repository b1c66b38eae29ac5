//! Node.js and the npm packages that the repository's own tools come from.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::Tool;
use crate::paths;
use crate::stamp::Stamp;
use crate::step::step_unless_current;

/// Checks that a Node.js is there that is new enough, with npm.
pub(crate) fn require() -> Result<()> {
    let Some(version) = Tool::new("node").arg("--version").answer() else {
        bail!("Node.js is missing: install version {OLDEST} or newer");
    };
    if major(&version) < OLDEST {
        bail!("Node.js {version} is too old: install version {OLDEST} or newer");
    }
    if Tool::new("npm").arg("--version").answer().is_none() {
        bail!("npm is missing: install it beside Node.js");
    }
    Ok(())
}

/// Installs the packages of `package-lock.json`.
pub(crate) fn install_packages() -> Result<()> {
    let lock = paths::in_root("package-lock.json");
    let mut stamp = Stamp::of("npm")?.file(&lock).output(paths::in_root("node_modules/.package-lock.json"));
    for workspace in ["", "pkg-template", "www", "tests/e2e", "tests/packaging"] {
        stamp = stamp.file(&paths::in_root(workspace).join("package.json"));
    }
    step_unless_current("npm packages", "npm ci", &stamp, |step| {
        step.run(npm().arg("ci")).map(drop).context(
            "npm packages cannot be installed: npm has to reach its registry, and `npm install` brings an old lock up to date",
        )
    })
}

/// npm, without what only a person at a prompt wants.
pub(crate) fn npm() -> Tool {
    Tool::new("npm").args(["--no-audit", "--no-fund", "--no-update-notifier"])
}

/// A program that an npm package brings, started without the PATH.
pub(crate) fn program(name: &str) -> Tool {
    Tool::new(paths::in_root("node_modules/.bin").join(name))
}

/// The installed version of a package.
pub(crate) fn version_of_package(package: &str) -> Result<String> {
    let manifest = manifest(&paths::in_root("node_modules").join(package))?;
    let version = manifest["version"].as_str().with_context(|| format!("{package} has no version"))?;
    Ok(version.to_owned())
}

/// The `package.json` of a folder.
pub(crate) fn manifest(folder: &Path) -> Result<Value> {
    let path = folder.join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("{} is missing", paths::shown(&path)))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", paths::shown(&path)))
}

fn major(version: &str) -> u32 {
    let digits = version.trim_start_matches('v').split('.').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

const OLDEST: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_and_nonsense_is_too_old() {
        assert_eq!(major("v20.19.4"), 20);
        assert_eq!(major("22.1.0"), 22);
        assert_eq!(major("latest"), 0);
    }
}
