/**
 * The same client for apps that bring the wasm themselves: as a module, bytes, a `Response` or a URL.
 *
 * ```ts
 * import { init, telemetry } from 'beaconry/slim';
 *
 * await init({ endpoint: '/api/telemetry/batch', wasm: '/assets/beaconry_bg.wasm' });
 * telemetry.log('info', 'Quiz started');
 * ```
 */
import { TelemetryClient as Client } from '../TelemetryClient.js';
import type { WasmGiven } from '../compileWasm.js';
import type { Config } from '../types.js';

/** What every client takes, and the wasm. */
export interface SlimConfig extends Config {
  /** The wasm, or where it is; or a promise of it, or a function that is asked for it when it is needed. */
  readonly wasm: WasmGiven;
}

/** A telemetry client that is given its wasm. Where `wasm` is none, only errors are sent, and the console says so. */
export class TelemetryClient extends Client {
  constructor(config?: SlimConfig) {
    super(config);
  }

  override async start(config: SlimConfig): Promise<void> {
    return super.start(config);
  }
}

/** The client of this page. Calls made before `init` are kept and made when it is ready. */
export const telemetry: TelemetryClient = /* @__PURE__ */ new TelemetryClient();

/** Starts {@link telemetry}, as `init` of `beaconry` does. Never rejects. */
export async function init(config: SlimConfig): Promise<TelemetryClient> {
  await telemetry.start(config);
  return telemetry;
}

export { fromEnv } from '../fromEnv.js';
export type { WasmGiven, WasmSource } from '../compileWasm.js';
export type * from '../types.js';
