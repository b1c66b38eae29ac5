//! The example app in Rust, as a browser loads it: compiled, glued, with the address of the server in its page.
//!
//! Only the end-to-end tests need it, so nothing else waits for a front end to compile.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::bindgen::{Bindgen, version_in};
use crate::command::Tool;
use crate::example::{Addresses, TOKEN};
use crate::paths;
use crate::step::step;
use crate::toolchain::Toolchain;

/// Builds the Leptos app into the folder that is returned.
pub(crate) fn build(toolchain: Toolchain, bindgen: &Bindgen, addresses: &Addresses) -> Result<PathBuf> {
    let source = paths::in_root("examples/leptos");
    let built = paths::in_target("examples/leptos");
    let version = version_in(&source.join("Cargo.lock"))?;
    ensure!(
        version == bindgen.version,
        "examples/leptos has wasm-bindgen {version} in its Cargo.lock, the client {wanted}: \
         `cargo update -p wasm-bindgen --precise {wanted}` in that folder",
        wanted = bindgen.version
    );
    step("example in Rust", "cargo build, then wasm-bindgen (some minutes, once)", |step| {
        let build = toolchain
            .cargo("build")
            .arg("--manifest-path")
            .arg(source.join("Cargo.toml"))
            // Its own folder: another workspace builds the same crate with other versions of what it stands on.
            .env("CARGO_TARGET_DIR", compiled_in());
        step.run(build)?;
        let compiled = compiled_in().join("wasm32-unknown-unknown/debug/beaconry-leptos.wasm");
        let glue = Tool::new(bindgen.glue_maker())
            .args(["--target", "web", "--no-typescript", "--out-name", "app", "--out-dir"])
            .arg(&built)
            .arg(compiled);
        step.run(glue)?;
        let page = fs::read_to_string(source.join("index.html"))?;
        fs::write(built.join("index.html"), for_addresses(&page, addresses)?)?;
        Ok(())
    })?;
    Ok(built)
}

/// The page with the server's address in the place of the usual one.
fn for_addresses(page: &str, addresses: &Addresses) -> Result<String> {
    let usual = Addresses::usual().endpoint();
    let key = format!("content=\"{TOKEN}\"");
    ensure!(page.contains(&usual) && page.contains(&key), "the page of the app names no server");
    Ok(page.replace(&usual, &addresses.endpoint()))
}

fn compiled_in() -> PathBuf {
    paths::in_target("leptos")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_example_is_made_for_the_addresses() {
        let page = fs::read_to_string(paths::in_root("examples/leptos/index.html")).unwrap();
        let addresses = Addresses { server_port: 1, app_port: 2 };
        let made = for_addresses(&page, &addresses).unwrap();
        assert!(made.contains("content=\"http://127.0.0.1:1/api/telemetry/batch\""), "{made}");
        assert!(for_addresses("<html></html>", &addresses).is_err());
    }
}
