//! wasm-bindgen's glue as one function of an ES module, so that each instance of the wasm has a glue of its own.
//!
//! wasm-bindgen keeps the instance in a variable of the module: there is one instance for a page, and what a
//! second one starts runs on in the first one's closures. The package needs more: it puts a guard around every
//! export before the glue sees it, and after a trap it begins again with a new instance that no timer or listener
//! of the broken one can reach. So the text for `no-modules`, which is a function already, is unwrapped, freed of
//! its own way of loading, and made into `createGlue`.

use anyhow::{Context, Result};

/// The module: wasm-bindgen's text between a beginning and an end of ours.
///
/// # Errors
/// The text is not what the version of wasm-bindgen in `Cargo.lock` writes.
pub(crate) fn module(no_modules: &str) -> Result<String> {
    let body = between(no_modules, OPENING, LOADING)?;
    let (_, body) = body.split_once(SCRIPT_URL_END).with_context(|| missing(SCRIPT_URL_END))?;
    Ok([BEGINNING, "    const exports = {};\n", body, ENDING].concat())
}

/// The types of that module, out of those for `no-modules`, where the client is in a namespace.
///
/// The method for `using` is left out: it needs a TypeScript library newer than many apps compile with, and the
/// whole file is an error to them otherwise.
///
/// # Errors
/// As for [`module`].
pub(crate) fn types(no_modules: &str) -> Result<String> {
    let client = between(no_modules, NAMESPACE, "\n}\n")?;
    let kept = client.lines().filter(|line| !line.contains("[Symbol.dispose]"));
    let kept = kept.map(|line| line.strip_prefix("    ").unwrap_or(line));
    let client: String = kept.flat_map(|line| [line, "\n"]).collect();
    Ok([client.replace("export class", "declare class").trim(), "\n\n", TYPES].concat())
}

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

const OPENING: &str = "let wasm_bindgen = (function(exports) {\n    let script_src;\n";
/// The URL of the script is looked for to find the wasm beside it. A module knows its own.
const SCRIPT_URL_END: &str = "location.href).toString();\n    }\n";
/// From here on it fetches and instantiates, which the package does itself.
const LOADING: &str = "    async function __wbg_load(module, imports) {";
const NAMESPACE: &str = "declare namespace wasm_bindgen {\n";

const BEGINNING: &str = "\
/* @ts-self-types=\"./beaconry.d.ts\" */

/** Where the wasm stands. Bundlers that know this form take the file along. */
export const wasmUrl = () => new URL('beaconry_bg.wasm', import.meta.url);

const page = globalThis;

/** A glue for one instance, whose global scope is another one where one is given: Node has no page. */
export function createGlue(globalThis = page) {
    const { Window } = globalThis;
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

/** Where the wasm stands. Bundlers that know this form take the file along. */
export declare function wasmUrl(): URL;

export type { WasmClient };
";

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "let wasm_bindgen = (function(exports) {
    let script_src;
    if (typeof document !== 'undefined' && document.currentScript !== null) {
        script_src = new URL(document.currentScript.src, location.href).toString();
    }

    class WasmClient {}
    exports.WasmClient = WasmClient;
    async function __wbg_load(module, imports) {
        return WebAssembly.instantiate(module, imports);
    }
    return Object.assign(__wbg_init, { initSync }, exports);
})({ __proto__: null });
";

    #[test]
    fn the_module_keeps_the_classes_and_neither_looks_for_a_script_nor_loads() {
        let module = module(GLUE).unwrap();
        assert!(
            module.contains("    const exports = {};\n\n    class WasmClient {}\n    exports.WasmClient")
        );
        assert!(module.ends_with("start: __wbg_finalize_init };\n}\n"));
        for gone in ["currentScript", "script_src", "WebAssembly.", "initSync"] {
            assert!(!module.contains(gone), "{gone}");
        }
    }

    #[test]
    fn a_glue_of_another_make_is_an_error_that_says_what_is_missing() {
        let error = module(&GLUE.replace("__wbg_load", "__wbg_fetch")).unwrap_err().to_string();
        assert!(error.ends_with("there is no `async function __wbg_load(module, imports) {`"), "{error}");
    }

    #[test]
    fn the_types_are_those_of_the_client_without_the_method_for_using() {
        let types = types(
            "declare namespace wasm_bindgen {\n    export class WasmClient {\n        free(): void;\n        \
             [Symbol.dispose](): void;\n    }\n\n}\ndeclare type InitInput = URL;\n",
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
