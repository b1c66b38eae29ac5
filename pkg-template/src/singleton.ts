import { TelemetryClient } from './withWasm.js';
import type { Config } from './types.js';

/**
 * The client of this page. Calls made before `init` are kept and made when it is ready.
 *
 * ```ts
 * import { telemetry } from 'beaconry';
 *
 * telemetry.log('info', 'Quiz started', { topic: 'Math' });
 * ```
 */
export const telemetry: TelemetryClient = /* @__PURE__ */ new TelemetryClient();

/**
 * Starts {@link telemetry}. Resolves when it records, or when it is known that it is off; never
 * rejects. A config that is wrong is explained on the console and leaves the client off. A second
 * call changes nothing.
 *
 * ```ts
 * import { init } from 'beaconry';
 *
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key' });
 * ```
 */
export async function init(config: Config): Promise<TelemetryClient> {
  await telemetry.start(config);
  return telemetry;
}
