//! The example app, built as a stranger would: copied out of the repository, the packed package installed.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::node::npm;
use crate::package;
use crate::paths;
use crate::stamp::{Stamp, source_files};
use crate::step::step_unless_current;

/// Where the server and the app are reached. The app knows the server's address from its build.
#[derive(Debug)]
pub(crate) struct Addresses {
    /// The server's port on this machine.
    pub(crate) server_port: u16,
    /// The app's port on this machine.
    pub(crate) app_port: u16,
}

impl Addresses {
    /// The ports that are named in the documentation.
    pub(crate) fn usual() -> Self {
        Self { server_port: 7460, app_port: 7461 }
    }

    /// The usual ports, or free ones where those are taken.
    pub(crate) fn free() -> Result<Self> {
        let usual = Self::usual();
        Ok(Self { server_port: free_port(usual.server_port)?, app_port: free_port(usual.app_port)? })
    }

    /// The origin of the server.
    pub(crate) fn server(&self) -> String {
        format!("http://127.0.0.1:{}", self.server_port)
    }

    /// The origin of the app.
    pub(crate) fn app(&self) -> String {
        format!("http://127.0.0.1:{}", self.app_port)
    }

    /// Where the app posts its records.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}/api/telemetry/batch", self.server())
    }
}

/// Builds the quiz into `target/examples/quiz/dist/`.
pub(crate) fn build(addresses: &Addresses) -> Result<PathBuf> {
    let source = paths::in_root("examples/quiz");
    let copy = paths::in_target("examples/quiz");
    let stamp = Stamp::of("example")?
        .folder(&source)?
        .file(&package::tarball())
        .word(&addresses.endpoint())
        .word(TOKEN)
        .word(FLUSH_INTERVAL)
        .output(copy.join("dist/index.html"));
    step_unless_current("example app", "npm install beaconry.tgz, then npm run build", &stamp, |step| {
        copy_sources(&source, &copy)?;
        step.run(npm().arg("install").arg(package::tarball()).in_folder(&copy))?;
        let build = npm()
            .args(["run", "build"])
            .env("VITE_TELEMETRY_ENDPOINT", addresses.endpoint())
            .env("VITE_TELEMETRY_TOKEN", TOKEN)
            .env("VITE_TELEMETRY_FLUSH_INTERVAL", FLUSH_INTERVAL)
            .in_folder(&copy);
        step.run(build).map(drop)
    })?;
    Ok(copy)
}

/// Replaces everything but the installed packages, which npm brings up to date by itself.
fn copy_sources(source: &Path, copy: &Path) -> Result<()> {
    fs::create_dir_all(copy)?;
    for old in source_files(copy)? {
        fs::remove_file(old)?;
    }
    // npm keeps an installed package whose version has not changed, though its content has.
    let installed = copy.join("node_modules/beaconry");
    if installed.exists() {
        fs::remove_dir_all(installed)?;
    }
    for file in source_files(source)? {
        let to = copy.join(file.strip_prefix(source)?);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &to).with_context(|| format!("cannot copy {}", paths::shown(&file)))?;
    }
    Ok(())
}

fn free_port(usual: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", usual)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
    Ok(listener.context("no port is free on 127.0.0.1")?.local_addr()?.port())
}

/// The key of the demo: it opens a server that listens on this machine only.
pub(crate) const TOKEN: &str = "demo";

/// Milliseconds: whoever watches the dashboard sees a click within a second. An app that nobody watches saves
/// its users' batteries with the default of 30 s.
const FLUSH_INTERVAL: &str = "500";
