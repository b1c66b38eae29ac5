import { wasmUrl } from '../wasm/url.js';
import { TelemetryClient as SlimClient } from './TelemetryClient.js';
import type { Config } from './types.js';

/** A telemetry client that knows where its wasm stands: beside this module. */
export class TelemetryClient extends SlimClient {
  constructor(config?: Config) {
    super(config, wasmUrl);
  }
}
