//! The wasm-bindgen command line in exactly the version that `Cargo.lock` names: glue and macro have to agree.
//!
//! It is built by cargo into `target/tools/`, one folder for a version, so nothing has to be on the PATH.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::paths;
use crate::step::{step, up_to_date};

/// The wasm-bindgen programs of one version.
#[derive(Debug)]
pub(crate) struct Bindgen {
    /// The version, as `Cargo.lock` has it.
    pub(crate) version: String,
    folder: PathBuf,
}

impl Bindgen {
    /// The version of `Cargo.lock`, built if it is not there yet.
    pub(crate) fn find_or_get() -> Result<Self> {
        let version = version_in(&paths::in_root("Cargo.lock"))?;
        let folder = paths::in_target("tools").join(format!("wasm-bindgen-{version}"));
        let bindgen = Self { version, folder };
        if bindgen.is_there() {
            up_to_date(&format!("wasm-bindgen {}", bindgen.version));
        } else {
            bindgen.install()?;
        }
        Ok(bindgen)
    }

    /// The program that makes the glue.
    pub(crate) fn glue_maker(&self) -> PathBuf {
        self.folder.join("bin/wasm-bindgen")
    }

    /// The program that runs wasm tests in a browser.
    pub(crate) fn test_runner(&self) -> PathBuf {
        self.folder.join("bin/wasm-bindgen-test-runner")
    }

    fn is_there(&self) -> bool {
        self.glue_maker().is_file() && self.test_runner().is_file()
    }

    fn install(&self) -> Result<()> {
        let doing =
            format!("cargo install wasm-bindgen-cli {} into target/tools (some minutes, once)", self.version);
        step("wasm-bindgen", &doing, |step| {
            let install = Tool::cargo()
                .args(["install", "wasm-bindgen-cli", "--version", &format!("={}", self.version)])
                // Without TLS: both programs talk to this machine only.
                .args([
                    "--no-default-features",
                    "--bin",
                    "wasm-bindgen",
                    "--bin",
                    "wasm-bindgen-test-runner",
                    "--root",
                ])
                .arg(&self.folder)
                .arg("--target-dir")
                .arg(paths::in_target("tools/build"))
                // Built once, run on a small file: the time goes into the build.
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
            step.run(install).map(drop).with_context(|| {
                format!("wasm-bindgen-cli {} cannot be built; cargo has to reach its registry", self.version)
            })
        })
    }
}

/// The version of wasm-bindgen that a `Cargo.lock` names.
pub(crate) fn version_in(lock: &Path) -> Result<String> {
    let shown = paths::shown(lock);
    let lock = fs::read_to_string(lock).with_context(|| format!("{shown} is missing: run `cargo fetch`"))?;
    version_of("wasm-bindgen", &lock).with_context(|| format!("{shown} names no wasm-bindgen"))
}

fn version_of(package: &str, lock: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.find_map(|line| line.strip_prefix("version = "))?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package_and_not_of_one_with_a_longer_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.7\"\n";
        assert_eq!(version_of("wasm-bindgen", lock).as_deref(), Some("0.2.7"));
        assert_eq!(version_of("absent", lock), None);
    }
}
