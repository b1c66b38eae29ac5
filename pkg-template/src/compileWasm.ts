import { claimUrls } from './ownUrls.js';

/** The wasm, or where it is. A text is a URL, seen from the page. */
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string;

/** The same as it may be given: as it is, as a promise of it, or as a function that is asked when it is needed. */
export type WasmGiven = WasmSource | PromiseLike<WasmSource> | (() => WasmSource | PromiseLike<WasmSource>);

/** Fetches and compiles the wasm. Throws what a person needs to know to let it through. */
export async function compileWasm(given: WasmGiven | undefined): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== 'object') throw new Error('this browser has no WebAssembly');
  const source = await (typeof given === 'function' ? given() : given);
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return compiled(WebAssembly.compile(source as BufferSource));
  const response = source instanceof Response ? source : await fetchWasm(asUrl(source));
  if (!response.ok) throw new Error(`the wasm cannot be fetched: ${response.status} for ${response.url || String(source)}`);
  return compiled(compileResponse(response));
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const isNamedWasm = response.headers.get('Content-Type')?.startsWith('application/wasm') === true;
  // Streaming refuses what a server calls anything else.
  if (isNamedWasm && typeof WebAssembly.compileStreaming === 'function') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Where a policy refuses it, browsers say `unsafe-eval`, which is more than it needs. */
async function compiled(module: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    const hint = "a Content Security Policy has to allow it: script-src 'wasm-unsafe-eval'";
    throw new Error(`the wasm cannot be compiled (${reason}); ${hint}`);
  }
}

function asUrl(source: unknown): URL {
  if (source instanceof URL) return source;
  if (typeof source === 'string') return new URL(source, globalThis.location?.href);
  throw new RangeError(`config.wasm takes a module, bytes, a Response or a URL, got ${source === null ? 'nothing' : typeof source}`);
}

/** Browsers say no more than "Failed to fetch", whatever has refused it. */
async function fetchWasm(url: URL): Promise<Response> {
  claimUrls(url.href);
  try {
    return await fetch(url);
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    const hint = "a Content Security Policy has to allow it under connect-src, as by 'self'";
    throw new Error(`the wasm cannot be fetched from ${url.href} (${reason}); ${hint}`);
  }
}
