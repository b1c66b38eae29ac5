import initWasm, { WasmClient } from '../wasm/beaconry.js';

export type { WasmClient };

/** Makes a client of the wasm module, which is fetched once, when it is first needed. */
export async function loadWasm(): Promise<(options: object) => WasmClient> {
  await initWasm();
  return (options) => new WasmClient(options);
}
