import { wasmUrl } from '../wasm/url.js';
import { TelemetryClient as SlimClient } from './TelemetryClient.js';
import type { Config } from './types.js';

/**
 * A telemetry client that knows where its wasm stands: beside this module.
 *
 * ```ts
 * import { TelemetryClient } from 'beaconry';
 *
 * const checkout = new TelemetryClient({ endpoint: '/api/telemetry/batch', app: 'checkout' });
 * const receipt = checkout.event('order_placed', { items: 3 });
 * await checkout.delivered(receipt);
 * ```
 */
export class TelemetryClient extends SlimClient {
  constructor(config?: Config) {
    super(config, wasmUrl);
  }
}
