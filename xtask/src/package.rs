//! The npm package: `pkg-template/` with the wasm in it, packed as it would be published.
//!
//! The folder is `target/npm/beaconry/`, the package `target/npm/beaconry.tgz`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::node::{npm, program};
use crate::paths;
use crate::stamp::{Stamp, source_files};
use crate::step::{Step, step_unless_current};
use crate::types;
use crate::wasm;

/// The packed package.
pub(crate) fn tarball() -> PathBuf {
    paths::in_target("npm/beaconry.tgz")
}

/// The package as a folder.
pub(crate) fn folder() -> PathBuf {
    paths::in_target("npm/beaconry")
}

/// Compiles the TypeScript, puts the package together and packs it.
pub(crate) fn build() -> Result<()> {
    let template = paths::in_root("pkg-template");
    let mut stamp = Stamp::of("package")?
        .folder(&template)?
        .folder(&wasm::folder())?
        .file(&paths::in_root("package-lock.json"))
        .file(&types::schema_file())
        .folder(&paths::in_root("docs"))?
        .output(tarball())
        .output(folder().join("dist"));
    for licence in LICENCES {
        stamp = stamp.file(&paths::in_root(licence));
    }
    step_unless_current("npm package", "tsc, esbuild for the scripts, then npm pack", &stamp, |step| {
        compile_typescript(step)?;
        bundle_scripts(step)?;
        write_manifest(step, &template)?;
        copy_texts(&template)?;
        pack(step)
    })
}

fn compile_typescript(step: &mut Step) -> Result<()> {
    types::check(step)?;
    let dist = folder().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    for part in ["build", "build:node"] {
        step.run(npm().args(["run", part, "-w", "pkg-template", "--", "--outDir"]).arg(&dist))?;
    }
    Ok(())
}

/// The scripts for pages without a bundler, each whole in one file, and the wasm beside the one that looks for it.
fn bundle_scripts(step: &mut Step) -> Result<()> {
    let dist = folder().join("dist");
    for (module, script, oldest) in SCRIPTS {
        let bundler = program("esbuild")
            .arg(dist.join(module))
            .args(["--bundle", "--minify", "--format=iife", "--log-level=warning"])
            .arg(format!("--target={oldest}"))
            .arg(format!("--outfile={}", dist.join(script).display()));
        step.run(bundler)?;
    }
    fs::copy(wasm::folder().join("beaconry_bg.wasm"), dist.join("beaconry_bg.wasm"))?;
    Ok(())
}

/// The manifest of the template, without what only this repository needs. npm edits it, since it keeps the
/// order of the fields: in `exports` the order has a meaning.
fn write_manifest(step: &mut Step, template: &Path) -> Result<()> {
    fs::copy(template.join("package.json"), folder().join("package.json"))
        .context("pkg-template has no manifest")?;
    let edit = npm().args(["pkg", "delete", "private", "scripts", "devDependencies"]).in_folder(&folder());
    step.run(edit).map(drop)
}

fn copy_texts(template: &Path) -> Result<()> {
    let readme = template.join("README.md");
    let licences = LICENCES.iter().map(|name| paths::in_root(name));
    for text in licences.chain([readme]).filter(|text| text.exists()) {
        let name = text.file_name().context("a text without a name")?;
        fs::copy(&text, folder().join(name))?;
    }
    // Those that the README names.
    fs::create_dir_all(folder().join("docs"))?;
    for page in PAGES {
        fs::copy(paths::in_root("docs").join(page), folder().join("docs").join(page))?;
    }
    Ok(())
}

fn pack(step: &mut Step) -> Result<()> {
    let npm_folder = paths::in_target("npm");
    for old in
        source_files(&npm_folder)?.iter().filter(|path| path.extension().is_some_and(|end| end == "tgz"))
    {
        fs::remove_file(old)?;
    }
    step.run(npm().args(["pack", "--pack-destination"]).arg(&npm_folder).in_folder(&folder()))?;
    let packed = npm_folder.read_dir()?.flatten().map(|entry| entry.path());
    let packed = packed.into_iter().find(|path| path.extension().is_some_and(|end| end == "tgz"));
    fs::rename(packed.context("npm pack made no package")?, tarball())?;
    Ok(())
}

/// A module of `dist/`, the script that is made of it, and the oldest language that has to be able to read it: the
/// loader runs where the client does not.
const SCRIPTS: [(&str, &str, &str); 2] =
    [("loader/inline.js", "loader.js", "es2021"), ("global/index.js", "beaconry.global.js", "es2021")];
const PAGES: [&str; 3] = ["hooks.md", "report-bug.md", "first-party.md"];
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];
