//! The client as a browser loads it: compiled, glued, made small.
//!
//! Ends with the files in `target/npm/beaconry/wasm/`: wasm, glue, where the wasm stands, the client's own JavaScript, and
//! the types.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::bindgen::Bindgen;
use crate::command::Tool;
use crate::glue;
use crate::names::{Names, SHORTEN};
use crate::node;
use crate::page;
use crate::paths;
use crate::stamp::Stamp;
use crate::step::{step, step_unless_current};
use crate::toolchain::Toolchain;

/// Where the files for the browser end up.
pub(crate) fn folder() -> PathBuf {
    paths::in_target("npm/beaconry/wasm")
}

/// Compiles the client and puts its files into the npm package.
pub(crate) fn build(toolchain: Toolchain, bindgen: &Bindgen) -> Result<()> {
    let compiled = compile(toolchain)?;
    let stamp = Stamp::of("wasm")?
        .file(&compiled)
        .word(&bindgen.version)
        .word(&node::version_of_package("binaryen")?)
        .word(&MAKE_SMALL.join(" "))
        .word(glue::SHAPE)
        .folder(&page::folder())?
        .output(folder().join("beaconry_bg.wasm"))
        .output(folder().join("beaconry.js"))
        .output(folder().join("url.js"));
    step_unless_current("wasm files", "wasm-bindgen, then wasm-opt -Oz", &stamp, |step| {
        let glued = paths::in_target("xtask/bindgen");
        let glue = Tool::new(bindgen.glue_maker())
            .args(["--target", "web", "--out-name", "beaconry", "--remove-name-section", "--out-dir"])
            .arg(&glued)
            .arg(&compiled);
        step.run(glue)?;
        fs::create_dir_all(folder())?;
        let (made, small) = (glued.join("beaconry_bg.wasm"), folder().join("beaconry_bg.wasm"));
        step.run(optimizer(&made, &small, &MAKE_SMALL))?;
        let names = Names::printed(&step.run(optimizer(&small, &small, &[SHORTEN]))?)?;
        rewrite("beaconry.js", &glued, |glue| Ok(glue::module(&names.in_glue(glue)?)? + &names.for_glue()))?;
        rewrite("beaconry.d.ts", &glued, |types| glue::types(&names.in_types(types)))?;
        rewrite("beaconry_bg.wasm.d.ts", &glued, |types| Ok(names.in_types(types)))?;
        let web = fs::read_to_string(glued.join("beaconry.js"))?;
        let asked = glue::asked(&web)?.into_iter().chain(names.direct()).chain(glue::ASKED_LATER).collect();
        fs::write(folder().join("page.js"), page::joined(&asked)?)?;
        fs::write(folder().join("url.js"), glue::URL)?;
        fs::write(folder().join("url.d.ts"), glue::URL_TYPES)?;
        Ok(())
    })
}

fn compile(toolchain: Toolchain) -> Result<PathBuf> {
    let library = toolchain.library()?;
    step("wasm", library.doing(), |step| {
        let client = ["--profile", "wasm", "-p", "beaconry", "--lib", "--features", "npm"];
        step.run(toolchain.cargo_for_size("build", library).args(client))
    })?;
    Ok(toolchain.target_folder().join("wasm32-unknown-unknown/wasm/beaconry.wasm"))
}

/// A file beside the wasm, which learns the names that the wasm has now.
fn rewrite(file: &str, from: &Path, how: impl Fn(&str) -> Result<String>) -> Result<()> {
    let text = fs::read_to_string(from.join(file))?;
    fs::write(folder().join(file), how(&text)?)?;
    Ok(())
}

fn optimizer(from: &Path, to: &Path, passes: &[&str]) -> Tool {
    node::program("wasm-opt").arg(from).args(FEATURES).args(passes).arg("-o").arg(to)
}

/// The features that rustc turns on for this target, and no more: with every feature on, wasm-opt writes types
/// that browsers refuse.
const FEATURES: [&str; 7] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

const MAKE_SMALL: [&str; 12] = [
    "-Oz",
    "--converge",
    // Nothing of ours lies below the first kilobyte, and the memory is our own and new.
    "--low-memory-unused",
    "--zero-filled-memory",
    // Loads and divisions of Rust are checked before they are made: what traps is a panic, which says so.
    "--ignore-implicit-traps",
    // More bytes as they are, fewer with gzip: a large function has many locals, each with a number of its own.
    "--one-caller-inline-max-function-size=15",
    // No larger than a call with its arguments, which were other bytes at each place.
    "--always-inline-max-function-size=5",
    // A local for what two places compute costs gzip more than the second computing.
    "--skip-pass=local-cse",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    // No hint of how an address is aligned: engines need none, and without it the same load is the same byte.
    "--dealign",
];
