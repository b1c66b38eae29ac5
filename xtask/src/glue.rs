//! wasm-bindgen's glue as one function of an ES module, so that each instance of the wasm has a glue of its own.
//!
//! wasm-bindgen keeps the instance in a variable of the module: there is one instance for a page, and what a
//! second one starts runs on in the first one's closures. The package needs more: it puts a guard around every
//! export before the glue sees it, and after a trap it begins again with a new instance that no timer or listener
//! of the broken one can reach. So the text for `web` is freed of its own way of loading and put into a function.

use anyhow::{Context, Result};

/// The module: wasm-bindgen's text between a beginning and an end of ours.
///
/// # Errors
/// The text is not what the version of wasm-bindgen in `Cargo.lock` writes.
pub(crate) fn module(web: &str) -> Result<String> {
    let (imports, _) = web.split_once("export class ").with_context(|| missing("export class "))?;
    // All are the page's own, and come from its scope.
    let names =
        imports.lines().find(|line| line.starts_with("import {")).with_context(|| missing("import {"))?;
    let (names, _) = names.split_once(" from ").with_context(|| missing(" from "))?;
    let scoped = format!("{} = page;\n", names.replacen("import", "const", 1));
    let body = between(web, imports, LOADING)?.replacen("export class", "class", 1);
    let is_ours = |line: &&str| !line.trim_start().starts_with("\"./snippets/");
    let body: String = body.lines().filter(is_ours).flat_map(|line| [line, "\n"]).collect();
    Ok([BEGINNING, &scoped, &body, ENDING].concat())
}

/// The page's script as a function of the global scope that it asks: Node has no page, and gives it another one.
///
/// # Errors
/// The script does not name its scope, or exports nothing.
pub(crate) fn scoped(script: &str) -> Result<String> {
    let (before, after) = script.split_once(SCOPE).with_context(|| format!("page.js has no `{SCOPE}`"))?;
    let body = [before, after].concat();
    let exports = body.lines().filter_map(|line| line.strip_prefix("export ")).map(|line| {
        let name =
            line.split(' ').find(|word| !["async", "function", "const"].contains(word)).unwrap_or_default();
        name.split('(').next().unwrap_or_default()
    });
    let names = exports.collect::<Vec<_>>().join(", ");
    let body = body.replace("\nexport ", "\n");
    Ok(format!(
        "/** What the wasm asks of its page, with this for the global scope. */\nexport function pageIn(scope) {{\n{body}\nreturn {{ {names} }};\n}}\n"
    ))
}

/// The types of that module, out of those for `web`.
///
/// The method for `using` is left out: it needs a TypeScript library newer than many apps compile with, and the
/// whole file is an error to them otherwise.
///
/// # Errors
/// As for [`module`].
pub(crate) fn types(web: &str) -> Result<String> {
    let client = between(web, "export class ", "\n}\n")?;
    let kept = client.lines().filter(|line| !line.contains("[Symbol.dispose]"));
    let client: String = kept.flat_map(|line| [line, "\n"]).collect();
    Ok(["declare class ", &client, "}\n\n", TYPES].concat())
}

/// The module that knows where the wasm stands: alone, since who brings the wasm himself must not get it twice.
pub(crate) const URL: &str = "\
/* @ts-self-types=\"./url.d.ts\" */

/** Where the wasm stands. Bundlers that know this form take the file along. */
export const wasmUrl = () => new URL('beaconry_bg.wasm', import.meta.url);
";

/// Its types.
pub(crate) const URL_TYPES: &str = "\
/** Where the wasm stands. Bundlers that know this form take the file along. */
export declare function wasmUrl(): URL;
";

/// What of this file goes into the module, so that a change of it makes the module again.
pub(crate) const SHAPE: &str = include_str!("glue.rs");

fn between<'t>(text: &'t str, start: &str, end: &str) -> Result<&'t str> {
    let (_, rest) = text.split_once(start).with_context(|| missing(start))?;
    let (between, _) = rest.split_once(end).with_context(|| missing(end))?;
    Ok(between)
}

fn missing(mark: &str) -> String {
    format!("wasm-bindgen writes its glue in another way now: there is no `{}`", mark.trim())
}

/// From here on it fetches and instantiates, which the package does itself.
const LOADING: &str = "async function __wbg_load(module, imports) {";
/// How it names the scope that it asks.
const SCOPE: &str = "const scope = globalThis;\n";

const BEGINNING: &str = "\
/* @ts-self-types=\"./beaconry.d.ts\" */
import { pageIn } from './page.js';

const everywhere = globalThis;

/** A glue for one instance, whose global scope is another one where one is given: Node has no page. */
export function createGlue(globalThis = everywhere) {
    const page = pageIn(globalThis);
";

const ENDING: &str = "    \
    return { WasmClient, imports: __wbg_get_imports, start: __wbg_finalize_init };
}
";

const TYPES: &str = "\
/** The exports that the glue itself calls; all others are closures, which the browser calls. */
export const forGlue: readonly string[];

/** What stands between one instance of the wasm and JavaScript. */
export interface Glue {
  readonly WasmClient: typeof WasmClient;
  /** What the wasm imports. */
  imports(): WebAssembly.Imports;
  /** Begins with the exports of an instance that was made with those imports. */
  start(instance: { readonly exports: WebAssembly.Exports }, module: WebAssembly.Module): void;
}

/** A glue for one instance, whose global scope is another one where one is given: Node has no page. */
export declare function createGlue(scope?: object): Glue;

export type { WasmClient };
";

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "/* types */
import { createPage } from './snippets/beaconry-1/src/browser/page.js';
import * as import1 from \"./snippets/beaconry-1/src/browser/page.js\"

export class WasmClient {}
function __wbg_get_imports() {
    return {
        \"./beaconry_bg.js\": import0,
        \"./snippets/beaconry-1/src/browser/page.js\": import1,
    };
}
async function __wbg_load(module, imports) {
    return WebAssembly.instantiate(module, imports);
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn the_module_keeps_the_classes_and_neither_looks_for_a_script_nor_loads() {
        let module = module(GLUE).unwrap();
        let begun = "const page = pageIn(globalThis);\nconst { createPage } = page;\nclass WasmClient {}\n";
        assert!(module.contains(begun), "{module}");
        assert!(module.ends_with("start: __wbg_finalize_init };\n}\n"));
        for gone in ["snippets", "import1", "WebAssembly.", "initSync"] {
            assert!(!module.contains(gone), "{gone}");
        }
    }

    #[test]
    fn a_script_of_the_page_asks_the_scope_that_it_is_given() {
        let script = "// Why.\nconst scope = globalThis;\n\nexport const now = () => scope.now;\nexport function end() {}\n";
        let scoped = scoped(script).unwrap();
        assert!(
            scoped.contains("export function pageIn(scope) {\n// Why.\n\nconst now = () => scope.now;\n"),
            "{scoped}"
        );
        assert!(scoped.ends_with("return { now, end };\n}\n"), "{scoped}");
        assert!(super::scoped("export const now = 1;\n").is_err());
    }

    #[test]
    fn a_glue_of_another_make_is_an_error_that_says_what_is_missing() {
        let error = module(&GLUE.replace("__wbg_load", "__wbg_fetch")).unwrap_err().to_string();
        assert!(error.ends_with("there is no `async function __wbg_load(module, imports) {`"), "{error}");
    }

    #[test]
    fn the_types_are_those_of_the_client_without_the_method_for_using() {
        let types = types(
            "export class WasmClient {\n    free(): void;\n    [Symbol.dispose](): void;\n}\n\n\
             export type InitInput = URL;\n",
        )
        .unwrap();
        assert!(
            types.starts_with(
                "declare class WasmClient {\n    free(): void;\n}\n\n/** The exports that the glue"
            ),
            "{types}"
        );
        assert!(
            types.contains("export declare function createGlue(scope?: object): Glue;")
                && !types.contains("InitInput")
        );
    }
}
