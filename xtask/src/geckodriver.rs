//! What speaks WebDriver for Firefox. Debian does not have it, so cargo builds it into `target/tools/`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::paths;
use crate::step::step;

/// The one that was built here before.
pub(crate) fn built() -> Option<PathBuf> {
    Some(program()).filter(|path| path.is_file())
}

/// Builds it.
pub(crate) fn build() -> Result<PathBuf> {
    let doing = format!("cargo install geckodriver {VERSION} into target/tools (some minutes, once)");
    step("geckodriver", &doing, |step| {
        let install = Tool::cargo()
            .args(["install", "geckodriver", "--locked", "--version", &format!("={VERSION}"), "--root"])
            .arg(folder())
            .arg("--target-dir")
            .arg(paths::in_target("tools/build"))
            // Built once, and waits for Firefox for most of its life: the time goes into the build.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        step.run(install).map(drop).with_context(|| {
            format!(
                "geckodriver {VERSION} cannot be built; cargo has to reach its registry, or name one in \
                 BEACONRY_GECKODRIVER"
            )
        })
    })?;
    Ok(program())
}

fn program() -> PathBuf {
    folder().join("bin/geckodriver")
}

fn folder() -> PathBuf {
    paths::in_target("tools").join(format!("geckodriver-{VERSION}"))
}

const VERSION: &str = "0.36.0";
