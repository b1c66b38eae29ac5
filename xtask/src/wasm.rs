//! The client as a browser loads it: compiled, glued, made small.
//!
//! Ends with the four files in `target/npm/beaconry/wasm/`: wasm, glue, and the types of both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::bindgen::Bindgen;
use crate::command::Tool;
use crate::names::{Names, SHORTEN};
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
        .word(&MAKE_SMALL.join(" "))
        .output(folder().join("beaconry_bg.wasm"))
        .output(folder().join("beaconry.js"));
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
        for file in ["beaconry.js", "beaconry_bg.wasm.d.ts"] {
            fs::copy(glued.join(file), folder().join(file))?;
        }
        let types = fs::read_to_string(glued.join("beaconry.d.ts"))?;
        fs::write(folder().join("beaconry.d.ts"), without_dispose(&types))?;
        shorten_names(&names)
    })
}

fn compile(toolchain: Toolchain) -> Result<PathBuf> {
    let library = toolchain.library()?;
    step("wasm", library.doing(), |step| {
        step.run(toolchain.cargo_for_size("build", library).args([
            "--profile",
            "wasm",
            "-p",
            "beaconry",
            "--lib",
        ]))
    })?;
    Ok(toolchain.target_folder().join("wasm32-unknown-unknown/wasm/beaconry.wasm"))
}

/// The files beside the wasm learn the names that it has now.
fn shorten_names(names: &Names) -> Result<()> {
    let rewrite = |file: &str, rename: &dyn Fn(&str) -> Result<String>| -> Result<()> {
        let path = folder().join(file);
        Ok(fs::write(&path, rename(&fs::read_to_string(&path)?)?)?)
    };
    rewrite("beaconry.js", &|glue| names.in_glue(glue))?;
    for types in ["beaconry.d.ts", "beaconry_bg.wasm.d.ts"] {
        rewrite(types, &|types| Ok(names.in_types(types)))?;
    }
    Ok(())
}

fn optimizer(from: &Path, to: &Path, passes: &[&str]) -> Tool {
    node::program("wasm-opt").arg(from).args(FEATURES).args(passes).arg("-o").arg(to)
}

/// The types without the method for `using`: it needs a TypeScript library newer than many apps compile with, and
/// the whole file is an error to them otherwise.
fn without_dispose(types: &str) -> String {
    let kept = types.lines().filter(|line| !line.contains("[Symbol.dispose]"));
    kept.flat_map(|line| [line, "\n"]).collect()
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

const MAKE_SMALL: [&str; 7] = [
    "-Oz",
    "--converge",
    // Nothing of ours lies below the first kilobyte, and the memory is our own and new.
    "--low-memory-unused",
    "--zero-filled-memory",
    // More bytes as they are, fewer with gzip: a large function has many locals, each with a number of its own.
    "--one-caller-inline-max-function-size=20",
    "--strip-debug",
    "--strip-producers",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_method_for_using_is_taken_out_of_the_types() {
        let types = "export class A {\n  free(): void;\n  [Symbol.dispose](): void;\n}\n";
        assert_eq!(without_dispose(types), "export class A {\n  free(): void;\n}\n");
    }
}
