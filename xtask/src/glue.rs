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
    // All are the page's own, and come from its scope.
    let scoped = format!("const {{ {} }} = page;\n", asked(web)?.join(", "));
    let body = between(web, FIRST, LOADING)?.replace("\nexport function ", "\nfunction ");
    let is_ours = |line: &&str| !line.trim_start().starts_with("\"./snippets/");
    let body: String = body.lines().filter(is_ours).flat_map(|line| [line, "\n"]).collect();
    Ok([BEGINNING, &scoped, FIRST, &without_old_browsers(&body)?, ENDING].concat())
}

/// Every browser that takes this wasm encodes into a buffer, too.
fn without_old_browsers(body: &str) -> Result<String> {
    let body = OLD_BROWSERS.iter().try_fold(body.to_owned(), |body, (start, end)| {
        let old = [start, between(&body, start, end)?, end].concat();
        anyhow::Ok(body.replacen(&old, "", 1))
    })?;
    let body = UNREAD.iter().fold(body, |body, (unread, instead)| body.replace(unread, instead));
    let body = SELDOM.iter().try_fold(body, |body, (get, kept)| made_anew(&body, get, kept))?;
    Ok(without_freeing(&body))
}

/// A view of the memory that is asked for seldom is made each time, not kept and looked over.
fn made_anew(body: &str, get: &str, kept: &str) -> Result<String> {
    let begin = format!("function {get}() {{\n");
    let Some((before, _)) = body.split_once(&begin) else { return Ok(body.to_owned()) };
    let keeps = between(body, &begin, "\n}\n")?;
    let made = between(keeps, &format!("{kept} = "), ";")?;
    let rest = &body[before.len() + begin.len() + keeps.len()..];
    let body = format!("{before}{begin}    return {made};{rest}");
    Ok(body.replace(&format!("let {kept} = null;\n"), "").replace(&format!("    {kept} = null;\n"), ""))
}

/// What throws while it hands over arguments has broken the instance: nothing of it is used again, so nothing is freed.
fn without_freeing(body: &str) -> String {
    body.split("    try {\n        ptr0").enumerate().fold(String::new(), |done, (at, part)| {
        let Some((begun, rest)) = part.split_once("    } catch (e) {\n").filter(|_| at > 0) else {
            return done + part;
        };
        let rest = rest.split_once("        throw e;\n    }\n").map_or(rest, |(_, rest)| rest);
        [&done, "        ptr0", begun, rest].concat()
    })
}

/// What the glue asks of the page by itself, by its names.
///
/// # Errors
/// As for [`module`].
pub(crate) fn asked(web: &str) -> Result<Vec<&str>> {
    let (imports, _) = web.split_once(FIRST).with_context(|| missing(FIRST))?;
    let lines = imports.lines().filter_map(|line| line.strip_prefix("import {")?.split_once('}'));
    Ok(lines.flat_map(|(names, _)| names.split(',')).map(str::trim).collect())
}

/// The types of that module, out of those for `web`.
///
/// # Errors
/// As for [`module`].
pub(crate) fn types(web: &str) -> Result<String> {
    let exports = between(web, FIRST, "\nexport type InitInput")?;
    let exports = [FIRST, exports].concat().replace("export function ", "declare function ");
    Ok([&exports, TYPES].concat())
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

/// What [`ENDING`] asks of the page.
pub(crate) const ASKED_LATER: [&str; 3] = ["connect", "endAll", "promise"];
/// How the first export begins.
const FIRST: &str = "/**\n * ";
/// What of it is for browsers that do not know `TextEncoder.encodeInto`: from here to there.
const OLD_BROWSERS: [(&str, &str); 2] = [
    ("    if (realloc === undefined) {", "\n    }\n"),
    ("if (!('encodeInto' in cachedTextEncoder)) {", "\n}\n"),
];
/// What it keeps and never reads.
const UNREAD: [(&str, &str); 3] = [
    ("let wasmModule, wasmInstance, wasm;", "let wasm;"),
    ("    wasmInstance = instance;\n", ""),
    ("    wasmModule = module;\n", ""),
];
/// How it gets the views of the memory that few calls need, and where it keeps them.
const SELDOM: [(&str, &str); 2] = [
    ("getDataViewMemory0", "cachedDataViewMemory0"),
    ("getFloat64ArrayMemory0", "cachedFloat64ArrayMemory0"),
];
/// From here on it fetches and instantiates, which the package does itself.
const LOADING: &str = "async function __wbg_load(module, imports) {";

const BEGINNING: &str = "\
/* @ts-self-types=\"./beaconry.d.ts\" */
import { pageIn } from './page.js';

const everywhere = globalThis;

/** A glue for one instance, whose global scope is another one where one is given: Node has no page. */
export function createGlue(globalThis = everywhere) {
    const page = pageIn(globalThis);
";

const ENDING: &str = "    \
    page.connect(happened);
    return { start, tell, read, promise: page.promise, end: page.endAll, imports: __wbg_get_imports, begin: __wbg_finalize_init };
}
";

const TYPES: &str = "
/** The exports that are called for the client; all others are called by the browser. */
export const forGlue: readonly string[];

/** What stands between one instance of the wasm and JavaScript. */
export interface Glue {
  readonly start: typeof start;
  readonly tell: typeof tell;
  readonly read: typeof read;
  /** A promise of what becomes of what was asked under a ticket. */
  promise(client: number, ticket: string): Promise<unknown>;
  /** Lets go of all that the instance holds of its page: it has broken. */
  end(): void;
  /** What the wasm imports. */
  imports(): WebAssembly.Imports;
  /** Begins with the exports of an instance that was made with those imports. */
  begin(instance: { readonly exports: WebAssembly.Exports }, module: WebAssembly.Module): void;
}

/** A glue for one instance, whose global scope is another one where one is given: Node has no page. */
export declare function createGlue(scope?: object): Glue;
";

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "/* types */
import { createPage, perform } from './snippets/beaconry-1/src/browser/page/clients.js';
import { stored } from './snippets/beaconry-1/src/browser/page/storage.js';
import * as import1 from \"./snippets/beaconry-1/src/browser/page/storage.js\"

/**
 * Tells.
 */
export function tell() {
    let ptr0, len0;
    try {
        ptr0 = pass();
    } catch (e) {
        if (ptr0) { wasm.u(ptr0); }
        throw e;
    }
    return ptr0;
}
function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        return 1;
    }
    return 2;
}
if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function () {
    };
}
let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer !== wasm.m.buffer) {
        cachedDataViewMemory0 = new DataView(wasm.m.buffer);
    }
    return cachedDataViewMemory0;
}
function __wbg_get_imports() {
    cachedDataViewMemory0 = null;
    return {
        \"./beaconry_bg.js\": import0,
        \"./snippets/beaconry-1/src/browser/page/storage.js\": import1,
    };
}
async function __wbg_load(module, imports) {
    return WebAssembly.instantiate(module, imports);
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn the_module_keeps_the_functions_and_neither_looks_for_a_script_nor_loads() {
        let module = module(GLUE).unwrap();
        let begun = "const page = pageIn(globalThis);\nconst { createPage, perform, stored } = page;\n/**\n * Tells.\n */\nfunction tell() {\n    let ptr0, len0;\n        ptr0 = pass();\n    return ptr0;\n}\n";
        assert!(module.contains(begun), "{module}");
        assert!(module.ends_with("begin: __wbg_finalize_init };\n}\n"));
        assert!(
            module.contains("function passStringToWasm0(arg, malloc, realloc) {\n    return 2;\n}\n"),
            "{module}"
        );
        let view = "function getDataViewMemory0() {\n    return new DataView(wasm.m.buffer);\n}\n";
        assert!(module.contains(view), "{module}");
        for gone in ["cachedDataView", "snippets", "import1", "WebAssembly.", "initSync", "encodeInto"] {
            assert!(!module.contains(gone), "{gone}");
        }
    }

    #[test]
    fn a_glue_of_another_make_is_an_error_that_says_what_is_missing() {
        let error = module(&GLUE.replace("__wbg_load", "__wbg_fetch")).unwrap_err().to_string();
        assert!(error.ends_with("there is no `async function __wbg_load(module, imports) {`"), "{error}");
    }

    #[test]
    fn the_types_are_those_of_the_functions() {
        let types = types(
            "/* eslint */\n\n/**\n * Tells.\n */\nexport function tell(): void;\n\nexport type InitInput = URL;\n",
        );
        let types = types.unwrap();
        let begun = "/**\n * Tells.\n */\ndeclare function tell(): void;\n\n/** The exports that are called";
        assert!(types.starts_with(begun), "{types}");
        assert!(
            types.contains("export declare function createGlue(scope?: object): Glue;")
                && !types.contains("InitInput")
        );
    }
}
