import type { Receipt } from '../types.js';
import { NodeTelemetryClient } from './NodeTelemetryClient.js';
import type { NodeConfig } from './NodeTelemetryClient.js';
import type { TelemetryEvent } from './readEvent.js';

/**
 * The client of this process. Calls made before `init` are kept and made when it is ready.
 *
 * ```ts
 * import { telemetry } from 'beaconry/node';
 *
 * telemetry.log('info', 'Listening', { port: 3000 });
 * ```
 */
export const telemetry: NodeTelemetryClient = /* @__PURE__ */ new NodeTelemetryClient();

/**
 * Starts {@link telemetry}. Resolves when it records, or when it is known that it is off; never rejects. A config
 * that is wrong is explained on the console and leaves the client off. A second call changes nothing.
 *
 * ```ts
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key', spoolDir: './spool' });
 * ```
 */
export async function init(config: NodeConfig): Promise<NodeTelemetryClient> {
  await telemetry.start(config);
  return telemetry;
}

/**
 * Records an event of the server. It never throws and waits for nothing: the promise, which is there so that code
 * which awaits it goes on working, is resolved already, with what names the record.
 *
 * ```ts
 * await logTelemetry({ event: 'api_call', endpoint: '/api/products', method: 'GET', response_time: 150, status_code: 200 });
 * await logTelemetry({ event: 'system_health', properties: { component: 'database' }, userId: 'user-7' });
 * ```
 *
 * An event without a proper name is counted in `telemetry.stats()`; with `debug: true` the console says what to write.
 */
export async function logTelemetry(event: TelemetryEvent): Promise<Receipt> {
  return telemetry.logTelemetry(event);
}
