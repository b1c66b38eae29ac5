//! `cargo xtask bench peers`: what an app downloads with Beaconry, and with the others.
//!
//! Each file of `bench/peers/` is an app that does nothing but start one of them, as its own documentation says,
//! and says in its first line what it gets for it. All are bundled alike.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bundle::minified;
use crate::node::{self, npm};
use crate::package;
use crate::paths;
use crate::setup;
use crate::size::gzip;
use crate::step::step;
use crate::wasm;

/// Prints the table, the smallest first.
pub(crate) fn run() -> Result<()> {
    let (toolchain, bindgen) = setup::build_tools()?;
    wasm::build(toolchain, &bindgen)?;
    package::build()?;
    install()?;
    let mut rows = apps()?.iter().map(|app| row(app)).collect::<Result<Vec<_>>>()?;
    rows.sort_by_key(|row| row.gzip);
    println!("\n{:<24}{:>9}{:>9}  what it is", "", "raw", "gzip");
    for Row { name, raw, gzip, about } in rows {
        println!("{name:<24}{raw:>9}{gzip:>9}  {about}");
    }
    Ok(())
}

#[derive(Debug)]
struct Row {
    name: String,
    raw: u64,
    gzip: u64,
    about: String,
}

/// A copy of the apps, with all that they import: what they need is no part of the workspace.
fn install() -> Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder)?;
    for file in fs::read_dir(paths::in_root("bench/peers"))?.flatten() {
        fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    step("peers", "npm ci, and Beaconry as it is packed", |step| {
        step.run(npm().args(["ci", "--ignore-scripts"]).in_folder(&folder))?;
        let own = npm().args(["install", "--no-save", "--ignore-scripts"]).arg(package::tarball());
        step.run(own.in_folder(&folder)).map(drop)
    })
}

fn apps() -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder())?.flatten().map(|file| file.path());
    Ok(files.filter(|path| path.extension().is_some_and(|end| end == "js")).collect())
}

fn row(app: &Path) -> Result<Row> {
    let name = app.file_stem().context("an app without a name")?.to_string_lossy().into_owned();
    let first_line = fs::read_to_string(app)?.lines().next().unwrap_or_default().to_owned();
    let bundle = minified(&format!("peer-{name}"), app)?;
    let mut parts = vec![bundle];
    if name.starts_with("beaconry") {
        parts.push(fs::read(wasm::folder().join("beaconry_bg.wasm"))?);
    }
    let raw = parts.iter().map(|part| part.len() as u64).sum();
    let gzip = parts.iter().map(|part| gzip(part)).sum::<Result<u64>>()?;
    Ok(Row { name: versioned(&name), raw, gzip, about: first_line.trim_start_matches("// ").to_owned() })
}

/// With the major version of the package that the app is named after, where there is one.
fn versioned(name: &str) -> String {
    let Ok(manifest) = node::manifest(&folder()) else { return name.to_owned() };
    let dependencies = manifest["dependencies"].as_object().into_iter().flatten();
    let version =
        dependencies.filter(|(package, _)| package.contains(name)).find_map(|(_, version)| version.as_str());
    version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"))
}

fn folder() -> PathBuf {
    paths::in_target("peers")
}
