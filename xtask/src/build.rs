//! Builds all parts in the order in which they need each other.

use std::path::PathBuf;

use anyhow::Result;

use crate::command::Tool;
use crate::example::{self, Addresses};
use crate::node::npm;
use crate::package;
use crate::paths;
use crate::setup;
use crate::stamp::Stamp;
use crate::step::{step, step_unless_current};
use crate::wasm;

/// What a build ends with.
#[derive(Debug)]
pub(crate) struct Built {
    /// The server.
    pub(crate) server: PathBuf,
    /// The folder of the example app; its `dist/` is what a browser loads.
    pub(crate) example: PathBuf,
}

/// `cargo xtask build`: everything, the example for the usual addresses.
pub(crate) fn everything() -> Result<Built> {
    everything_for(&Addresses::usual())
}

/// Builds everything, the example for the given addresses.
pub(crate) fn everything_for(addresses: &Addresses) -> Result<Built> {
    let (toolchain, bindgen) = setup::build_tools()?;
    wasm::build(toolchain, &bindgen)?;
    package::build()?;
    dashboard()?;
    let server = server()?;
    let example = example::build(addresses)?;
    Ok(Built { server, example })
}

/// The dashboard comes before the server, which carries it.
pub(crate) fn dashboard() -> Result<()> {
    let stamp = Stamp::of("dashboard")?
        .folder(&paths::in_root("www"))?
        .file(&paths::in_root("package-lock.json"))
        .output(paths::in_root("www/dist/index.html"));
    step_unless_current("dashboard", "npm run build -w www", &stamp, |step| {
        step.run(npm().args(["run", "build", "-w", "www"])).map(drop)
    })
}

fn server() -> Result<PathBuf> {
    step("server", "cargo build -p beaconry-ingest", |step| {
        step.run(Tool::cargo().args(["build", "-p", "beaconry-ingest"]))
    })?;
    Ok(paths::in_target("debug/beaconry"))
}
