//! Gets what the other commands need, and nothing that is already there.

use anyhow::Result;

use crate::bindgen::Bindgen;
use crate::browser::{Browser, Engine};
use crate::node;
use crate::toolchain::Toolchain;

/// `cargo xtask setup`.
pub(crate) fn everything() -> Result<()> {
    build_tools()?;
    for engine in Engine::USUAL {
        Browser::find_or_get(engine)?;
    }
    println!("Everything is set up.");
    Ok(())
}

/// What a build needs: the compiler for wasm, the glue maker, the npm packages.
pub(crate) fn build_tools() -> Result<(Toolchain, Bindgen)> {
    // First what cannot be had from here: better to hear it before the long steps.
    node::require()?;
    let toolchain = Toolchain::find_or_get()?;
    node::install_packages()?;
    let bindgen = Bindgen::find_or_get()?;
    Ok((toolchain, bindgen))
}
