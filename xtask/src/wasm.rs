//! The client as a browser loads it: compiled, glued, made small.
//!
//! Ends with the four files in `target/npm/beaconry/wasm/`: wasm, glue, and the types of both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::bindgen::Bindgen;
use crate::command::Tool;
use crate::glue;
use crate::node;
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
        .word(&WASM_OPT.join(" "))
        .word(glue::SHAPE)
        .output(folder().join("beaconry_bg.wasm"))
        .output(folder().join("beaconry.js"));
    step_unless_current("wasm files", "wasm-bindgen, then wasm-opt -Oz", &stamp, |step| {
        let glued = paths::in_target("xtask/bindgen");
        let glue = Tool::new(bindgen.glue_maker())
            .args(["--target", "no-modules", "--out-name", "beaconry", "--remove-name-section", "--out-dir"])
            .arg(&glued)
            .arg(&compiled);
        step.run(glue)?;
        fs::create_dir_all(folder())?;
        step.run(make_small(&glued.join("beaconry_bg.wasm"), &folder().join("beaconry_bg.wasm")))?;
        fs::copy(glued.join("beaconry_bg.wasm.d.ts"), folder().join("beaconry_bg.wasm.d.ts"))?;
        rewrite("beaconry.js", &glued, glue::module)?;
        rewrite("beaconry.d.ts", &glued, glue::types)
    })
}

fn compile(toolchain: Toolchain) -> Result<PathBuf> {
    step("wasm", "cargo build --profile wasm", |step| {
        let client = ["--profile", "wasm", "-p", "beaconry", "--lib", "--features", "npm"];
        step.run(toolchain.cargo("build").args(client))
    })?;
    Ok(toolchain.target_folder().join("wasm32-unknown-unknown/wasm/beaconry.wasm"))
}

fn rewrite(file: &str, from: &Path, how: fn(&str) -> Result<String>) -> Result<()> {
    let text = fs::read_to_string(from.join(file))?;
    fs::write(folder().join(file), how(&text)?)?;
    Ok(())
}

fn make_small(from: &Path, to: &Path) -> Tool {
    node::program("wasm-opt").arg(from).args(WASM_OPT).arg("-o").arg(to)
}

/// The features that rustc turns on for this target, and no more: with every feature on, wasm-opt writes types
/// that browsers refuse.
const WASM_OPT: [&str; 10] = [
    "-Oz",
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--strip-debug",
    "--strip-producers",
];
