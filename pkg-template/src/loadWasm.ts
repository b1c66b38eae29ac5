import { wasmUrl } from '../wasm/beaconry.js';
import { compileWasm } from './compileWasm.js';
import { createLaunch } from './createLaunch.js';
import type { Launch } from './createLaunch.js';

export type { Instance, Launch, WasmClient } from './createLaunch.js';

/** Fetches and compiles the wasm, once for all instances. */
export async function loadWasm(): Promise<Launch> {
  return createLaunch(await compileWasm(wasmUrl()));
}
