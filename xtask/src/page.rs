//! The scripts of the page as one function, for the package.
//!
//! To a Rust app wasm-bindgen carries them as they are, and they import one another. The package has them with a
//! scope that can be another than the global one, and with those names only that the wasm asks for: no bundler
//! finds out that a property is never read.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::paths;
use crate::stamp::source_files;

/// Where they stand.
pub(crate) fn folder() -> PathBuf {
    paths::in_root("src/browser/page")
}

/// The module that has them all, as a function that gives the wanted names.
///
/// # Errors
/// None names the global scope, or a wanted name is in none.
pub(crate) fn joined(wanted: &BTreeSet<&str>) -> Result<String> {
    let texts = source_files(&folder())?.into_iter().map(fs::read_to_string);
    in_one(&texts.collect::<Result<Vec<_>, _>>()?, wanted)
}

fn in_one(scripts: &[String], wanted: &BTreeSet<&str>) -> Result<String> {
    let all = scripts.concat();
    let (before, after) = all.split_once(SCOPE).with_context(|| format!("no script has `{SCOPE}`"))?;
    let is_kept = |line: &&str| !line.starts_with("import ");
    let body: String =
        [before, after].concat().lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect();
    for name in wanted {
        let begins = ["function ", "const "].map(|kind| format!("\nexport {kind}{name}"));
        ensure!(begins.iter().any(|begin| body.contains(begin)), "no script of the page exports `{name}`");
    }
    let body = body.replace("\nexport ", "\n");
    let names = wanted.iter().copied().collect::<Vec<_>>().join(", ");
    Ok(format!("{BEGINNING}{body}\nreturn {{ {names} }};\n}}\n"))
}

const BEGINNING: &str = "\
/** What the wasm asks of its page, with this for the global scope. */
export function pageIn(scope) {
";
/// How they name the scope that they ask.
const SCOPE: &str = "export const scope = globalThis;\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts() -> Vec<String> {
        let clock = "// Why.\nimport { scope } from './scope.js';\n\nexport const now = () => scope.now;\nexport function end() {}\n";
        [clock, "// All.\nexport const scope = globalThis;\n"].map(str::to_owned).into()
    }

    #[test]
    fn they_ask_the_scope_that_they_are_given_and_give_what_is_wanted() {
        let joined = in_one(&scripts(), &BTreeSet::from(["now"])).unwrap();
        let begun = "export function pageIn(scope) {\n// Why.\n\nconst now = () => scope.now;\nfunction end() {}\n// All.\n";
        assert!(joined.contains(begun), "{joined}");
        assert!(joined.ends_with("return { now };\n}\n"), "{joined}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = in_one(&scripts(), &BTreeSet::from(["then"])).unwrap_err().to_string();
        assert!(error.contains("`then`"), "{error}");
        assert!(in_one(&scripts()[..1], &BTreeSet::new()).is_err());
    }
}
