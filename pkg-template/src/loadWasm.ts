import { compileWasm } from './compileWasm.js';
import type { WasmGiven } from './compileWasm.js';
import { createLaunch } from './createLaunch.js';
import type { Launch } from './createLaunch.js';

export type { Instance, Launch, WasmClient } from './createLaunch.js';

/** Fetches and compiles the wasm, once for all instances. */
export async function loadWasm(source: WasmGiven | undefined): Promise<Launch> {
  return createLaunch(await compileWasm(source));
}
