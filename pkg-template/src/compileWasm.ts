import { claimUrls } from './ownUrls.js';

/** Fetches and compiles the wasm. Throws what a person needs to know to let it through. */
export async function compileWasm(url: URL): Promise<WebAssembly.Module> {
  claimUrls(url.href);
  const response = await fetchWasm(url);
  if (!response.ok) throw new Error(`the wasm cannot be fetched: ${response.status} for ${url.href}`);
  const isNamedWasm = response.headers.get('Content-Type')?.startsWith('application/wasm') === true;
  // Streaming refuses what a server calls anything else.
  if (isNamedWasm && typeof WebAssembly.compileStreaming === 'function') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Browsers say no more than "Failed to fetch", whatever has refused it. */
async function fetchWasm(url: URL): Promise<Response> {
  try {
    return await fetch(url);
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    const hint = "a Content Security Policy has to allow it under connect-src, as by 'self'";
    throw new Error(`the wasm cannot be fetched from ${url.href} (${reason}); ${hint}`);
  }
}
