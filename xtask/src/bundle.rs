//! What a bundler makes of a module for production: esbuild's output, without what is loaded later.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::node;
use crate::paths;
use crate::step::step;

/// The bytes of a module with all that it imports. A module that is imported while it runs is a file of its own,
/// which only those download who need it.
pub(crate) fn minified(name: &str, module: &Path) -> Result<Vec<u8>> {
    let folder = paths::in_target("xtask/size").join(name);
    let facts = folder.join("facts.json");
    fs::create_dir_all(&folder)?;
    step(&format!("size of {name}"), "esbuild --bundle --minify --splitting", |step| {
        let bundler = node::program("esbuild")
            .arg(module)
            .args(["--bundle", "--minify", "--splitting", "--format=esm", "--target=es2022"])
            .args(["--log-level=warning", "--external:react", "--external:vue"])
            .arg(format!("--outdir={}", folder.display()))
            .arg(format!("--metafile={}", facts.display()));
        step.run(bundler)
    })?;
    let facts: Value = serde_json::from_str(&fs::read_to_string(&facts)?)?;
    let mut bytes = Vec::new();
    for file in loaded_at_once(&facts["outputs"])? {
        let path = paths::in_root(&file);
        bytes.extend(fs::read(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?);
    }
    Ok(bytes)
}

/// The file of the module itself, and those that it cannot do without.
fn loaded_at_once(outputs: &Value) -> Result<BTreeSet<String>> {
    let files = outputs.as_object().context("esbuild wrote no outputs")?;
    // The first: whatever is imported later is an entry to esbuild, too, and comes from another file.
    let is_first = |output: &Value| output["entryPoint"].is_string() && !is_imported_later(outputs, output);
    let first = files.iter().find(|(_, output)| is_first(output)).context("esbuild wrote no entry")?;
    let mut needed = BTreeSet::new();
    let mut open = vec![first.0.clone()];
    while let Some(file) = open.pop() {
        if !needed.insert(file.clone()) {
            continue;
        }
        let imports = outputs[&file]["imports"].as_array().into_iter().flatten();
        let at_once =
            imports.filter(|import| import["kind"] == "import-statement" && import["external"] != true);
        open.extend(at_once.filter_map(|import| import["path"].as_str()).map(str::to_owned));
    }
    Ok(needed)
}

fn is_imported_later(outputs: &Value, output: &Value) -> bool {
    let all = outputs.as_object().into_iter().flatten();
    let mut imports = all.flat_map(|(_, other)| other["imports"].as_array().into_iter().flatten());
    let is_it =
        |path: &Value| path.as_str().is_some_and(|path| outputs[path]["entryPoint"] == output["entryPoint"]);
    imports.any(|import| import["kind"] == "dynamic-import" && is_it(&import["path"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_imported_while_it_runs_is_not_counted() {
        let outputs = json!({
            "out/index.js": { "entryPoint": "index.js", "imports": [
                { "path": "out/chunk.js", "kind": "import-statement" },
                { "path": "out/panel.js", "kind": "dynamic-import" },
            ] },
            "out/chunk.js": { "imports": [] },
            "out/panel.js": { "entryPoint": "panel.js", "imports": [
                { "path": "out/chunk.js", "kind": "import-statement" },
            ] },
        });
        let needed: Vec<_> = loaded_at_once(&outputs).unwrap().into_iter().collect();
        assert_eq!(needed, ["out/chunk.js", "out/index.js"]);
    }
}
