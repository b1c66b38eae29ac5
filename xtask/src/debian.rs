//! Packages by apt, where this runs as root on Debian or one of its children.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command::{Tool, on_path};
use crate::step::Step;

/// True where `apt-get install` can work.
pub(crate) fn can_install() -> bool {
    Path::new("/etc/debian_version").exists() && on_path("apt-get").is_some() && is_root()
}

/// Installs packages without their recommendations; the last line of apt's own complaint when it cannot.
pub(crate) fn install(step: &mut Step, packages: &[&str]) -> Result<()> {
    // An old package list is worth a try: the update may be what the network refuses.
    step.try_run(apt().arg("update"))?;
    let installed = step.try_run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    if !installed {
        bail!("apt-get install {} does not work here", packages.join(" "));
    }
    Ok(())
}

fn apt() -> Tool {
    Tool::new("apt-get")
        .args(["-o", "DPkg::Lock::Timeout=120"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .limit(Duration::from_secs(900))
}

fn is_root() -> bool {
    Tool::new("id").arg("-u").answer().is_some_and(|id| id == "0")
}
