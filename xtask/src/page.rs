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
    let is_kept = |line: &&str| !OF_FILES.iter().any(|start| line.starts_with(start));
    let body = [before, after].concat();
    let (constants, body): (Vec<_>, Vec<_>) =
        body.lines().filter(is_kept).partition(|line| is_constant(line));
    let [constants, body] = [constants, body].map(|lines| [lines.join("\n"), "\n".to_owned()].concat());
    for name in wanted {
        let begins = ["function ", "const "].map(|kind| format!("\nexport {kind}{name}"));
        ensure!(begins.iter().any(|begin| body.contains(begin)), "no script of the page exports `{name}`");
    }
    let constants = format!("\n{constants}").replace("\nexport ", "\n");
    let body = body.replace("\nexport ", "\n");
    let names = wanted.iter().copied().collect::<Vec<_>>().join(", ");
    Ok(format!("{constants}{BEGINNING}{body}\nreturn {{ {names} }};\n}}\n"))
}

/// Bundlers write a constant where it is used, if it stands in no function.
fn is_constant(line: &str) -> bool {
    let name =
        line.trim_start_matches("export ").strip_prefix("const ").and_then(|rest| rest.split(' ').next());
    name.is_some_and(|name| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'))
}

const BEGINNING: &str = "
/** What the wasm asks of its page, with this for the global scope. */
export function pageIn(scope) {
";
/// What is only between files.
const OF_FILES: [&str; 3] = ["import ", "export {", "export *"];
/// How they name the scope that they ask.
const SCOPE: &str = "export const scope = globalThis;\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts() -> Vec<String> {
        let clock = "// Why.\nimport { scope } from './scope.js';\n\nexport const now = () => scope.now;\nexport function end() {}\nexport const LAST = 3;\n";
        [clock, "// All.\nexport const scope = globalThis;\n"].map(str::to_owned).into()
    }

    #[test]
    fn they_ask_the_scope_that_they_are_given_and_give_what_is_wanted() {
        let joined = in_one(&scripts(), &BTreeSet::from(["now"])).unwrap();
        let begun = "\nconst LAST = 3;\n\n/** What the wasm asks of its page, with this for the global scope. */\nexport function pageIn(scope) {\n// Why.\n\nconst now = () => scope.now;\nfunction end() {}\n// All.\n";
        assert!(joined.starts_with(begun), "{joined}");
        assert!(joined.ends_with("return { now };\n}\n"), "{joined}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = in_one(&scripts(), &BTreeSet::from(["then"])).unwrap_err().to_string();
        assert!(error.contains("`then`"), "{error}");
        assert!(in_one(&scripts()[..1], &BTreeSet::new()).is_err());
    }
}
