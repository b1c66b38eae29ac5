/**
 * Beaconry in Node, 20 or newer.
 *
 * ```ts
 * import { init, logTelemetry } from 'beaconry/node';
 *
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key', spoolDir: './spool' });
 * await logTelemetry({ event: 'api_call', endpoint: '/api/products', response_time: 150 });
 * ```
 *
 * Records are in `spoolDir` before they are sent and leave it when the server has them; what a killed process left
 * there, the next one sends.
 */
export { NodeTelemetryClient } from './NodeTelemetryClient.js';
export type { NodeConfig } from './NodeTelemetryClient.js';
export { init, logTelemetry, telemetry } from './singleton.js';
export type { TelemetryEvent } from './readEvent.js';
export type { Config, Consent, Context, Delivery, Level, Receipt, Span, Stats, TraceIds, User, Vital } from '../types.js';
