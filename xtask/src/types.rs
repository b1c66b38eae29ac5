//! The wire contract for those who do not read Rust: as JSON Schema, and as types of TypeScript.
//!
//! Both are made from the types of `crates/protocol` and checked in. A test holds the first against them, the
//! build of the npm package the second.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::node;
use crate::paths;
use crate::step::{Step, step};

/// `cargo xtask types`.
pub(crate) fn run() -> Result<()> {
    node::require()?;
    node::install_packages()?;
    let schema = schema_file();
    if let Some(folder) = schema.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&schema, schema_text())?;
    step("types", "JSON Schema, then json2ts", |step| {
        fs::write(types_file(), types_text(step)?).map_err(Into::into)
    })
}

/// Refuses a package whose types are not those of the protocol.
pub(crate) fn check(step: &mut Step) -> Result<()> {
    if fs::read_to_string(types_file())? == types_text(step)? {
        return Ok(());
    }
    bail!(
        "{} is not what crates/protocol says: `cargo xtask types` writes it anew",
        paths::shown(&types_file())
    )
}

fn types_text(step: &mut Step) -> Result<String> {
    let made = paths::in_target("xtask/wire.ts");
    let from = schema_file();
    step.run(generator(&from, &made))?;
    Ok(fs::read_to_string(made)?)
}

fn generator(from: &Path, to: &Path) -> crate::command::Tool {
    node::program("json2ts")
        .args(["--no-additionalProperties", "--style.singleQuote", "--bannerComment", BANNER])
        .arg("--input")
        .arg(from)
        .arg("--output")
        .arg(to)
}

fn schema_text() -> String {
    format!("{:#}\n", beaconry_protocol::schema::wire().to_value())
}

/// The schema, for everyone.
pub(crate) fn schema_file() -> PathBuf {
    paths::in_root("docs/protocol.schema.json")
}

fn types_file() -> PathBuf {
    paths::in_root("pkg-template/src/wire.ts")
}

const BANNER: &str =
    "/** What goes over the wire. Written by `cargo xtask types` from crates/protocol: change it there. */";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_is_checked_in_is_that_of_the_protocol() {
        let file = fs::read_to_string(schema_file()).unwrap_or_default();
        assert!(
            file == schema_text(),
            "the protocol has changed: `cargo xtask types` writes its schema anew"
        );
    }
}
