//! Short names between the wasm and its glue.
//!
//! wasm-bindgen calls an import `__wbg_length_b03a0fabb109b1e9` and names the module of each anew; a hundred of them are
//! kilobytes that no compressor and no minifier can take out. wasm-opt shortens them in the wasm and says how;
//! here the glue and the types learn the same names.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What wasm-opt renames, and prints when it does.
pub(crate) const SHORTEN: &str = "--minify-imports-and-exports-and-modules";

/// The short name of each long one.
#[derive(Debug)]
pub(crate) struct Names {
    imports: BTreeMap<String, String>,
    /// Imports that need no glue: functions of the page.
    direct: BTreeMap<String, String>,
    exports: BTreeMap<String, String>,
}

impl Names {
    /// The names in what wasm-opt printed.
    pub(crate) fn printed(text: &str) -> Result<Self> {
        let json = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
        let map: Value = serde_json::from_str(json.context("wasm-opt printed no names")?)?;
        let (glued, direct) = (|module: &str| module == GLUE_MODULE, |module: &str| module != GLUE_MODULE);
        Ok(Self {
            imports: pairs(&map["imports"], glued)?,
            direct: pairs(&map["imports"], direct)?,
            exports: pairs(&map["exports"], |_| true)?,
        })
    }

    /// What the wasm asks of the page without any glue, by its names.
    pub(crate) fn direct(&self) -> impl Iterator<Item = &str> {
        self.direct.keys().map(String::as_str)
    }

    /// The glue with the names that the wasm has now.
    pub(crate) fn in_glue(&self, glue: &str) -> Result<String> {
        let renamed = rename(glue, |before, word| {
            if before.ends_with("wasm.") { self.exports.get(word) } else { self.imports.get(word) }
        });
        if let Some(name) = self.imports.keys().find(|name| !glue.contains(*name)) {
            bail!("the glue does not have the import {name}");
        }
        let module = format!("\"{GLUE_MODULE}\": import0");
        if !renamed.contains(&module) {
            bail!("the glue does not name its module {GLUE_MODULE}");
        }
        let direct = self.direct.iter().map(|(long, short)| format!(", {short}: page.{long}"));
        Ok(renamed
            .replace(&module, &format!("{SHORT_MODULE}: {{ ...import0{} }}", direct.collect::<String>())))
    }

    /// A line for the glue's module that tells which exports are called for the client. The other one is called by the
    /// browser, for which nobody catches.
    pub(crate) fn for_glue(&self) -> String {
        let is_for_glue = |long: &&String| *long != "happened";
        let names: Vec<_> =
            self.exports.iter().filter(|(long, _)| is_for_glue(long)).map(|(_, short)| short).collect();
        format!("export const forGlue = {};\n", Value::from_iter(names.into_iter().cloned()))
    }

    /// The types with the names of what the wasm exports now.
    pub(crate) fn in_types(&self, types: &str) -> String {
        rename(types, |before, word| {
            let names_an_export = before.ends_with("readonly ") || before.ends_with("export const ");
            names_an_export.then(|| self.exports.get(word)).flatten()
        })
    }
}

/// `[["module", "long", "short"], …]`; exports have no module.
fn pairs(list: &Value, is_wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, String>> {
    let entries = list.as_array().context("wasm-opt printed names of another form")?;
    let pair = |entry: &Value| {
        let [.., long, short] = entry.as_array()?.as_slice() else { return None };
        Some((long.as_str()?.to_owned(), short.as_str()?.to_owned()))
    };
    let module = |entry: &&Value| entry[0].as_str().is_some_and(&is_wanted);
    entries
        .iter()
        .filter(module)
        .map(|entry| pair(entry).context("wasm-opt printed a name of another form"))
        .collect()
}

/// Replaces whole words; the rule sees what stands before them.
fn rename<'n>(text: &str, rule: impl Fn(&str, &str) -> Option<&'n String>) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_word).map(|offset| at + offset) {
        let end = text[start..].find(|c| !is_of_word(c)).map_or(text.len(), |length| start + length);
        renamed.push_str(&text[at..start]);
        let word = &text[start..end];
        renamed.push_str(rule(&text[..start], word).map_or(word, String::as_str));
        at = end;
    }
    renamed + &text[at..]
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '$'
}

const GLUE_MODULE: &str = "./beaconry_bg.js";
/// Every module is called this by wasm-opt, which does not print it.
const SHORT_MODULE: &str = "\"a\"";

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"a warning
{
 "imports": [["./beaconry_bg.js", "__wbg_get_1", "a"], ["./beaconry_bg.js", "__wbg_get_12", "$"], ["./page.js", "wall", "d"]],
 "exports": [["memory", "b"], ["wasmclient_log", "c"]]
}"#;

    #[test]
    fn glue_and_types_get_the_names_of_the_wasm() {
        let names = Names::printed(PRINTED).unwrap();
        let glue = "{ __wbg_get_1() { wasm.memory.buffer }, __wbg_get_12: memory, x: wasm.wasmclient_log };\n\
            return { \"./beaconry_bg.js\": import0 };";
        let short = "{ a() { wasm.b.buffer }, $: memory, x: wasm.c };\nreturn { \"a\": { ...import0, d: page.wall } };";
        assert_eq!(names.in_glue(glue).unwrap(), short);
        let types = "export const memory: Memory; interface X { readonly wasmclient_log: () => memory; }";
        assert_eq!(
            names.in_types(types),
            "export const b: Memory; interface X { readonly c: () => memory; }"
        );
        assert_eq!(names.for_glue(), "export const forGlue = [\"b\",\"c\"];\n");
    }

    #[test]
    fn a_glue_without_an_import_of_the_wasm_is_refused() {
        let names = Names::printed(PRINTED).unwrap();
        let error = names.in_glue("{ __wbg_get_1() {} }").unwrap_err().to_string();
        assert!(error.contains("__wbg_get_12"), "{error}");
        assert!(Names::printed("nothing").is_err());
    }
}
