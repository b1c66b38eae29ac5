/**
 * Beaconry: browser telemetry that does not lose anything.
 *
 * ```ts
 * import { init, telemetry } from 'beaconry';
 *
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key' });
 * telemetry.log('info', 'Quiz started', { topic: 'Math' });
 * ```
 */
export { fromEnv } from './fromEnv.js';
export { TelemetryClient } from './withWasm.js';
export { init, telemetry } from './singleton.js';
export type {
  Buffered,
  Config,
  Consent,
  Context,
  Delivery,
  Destination,
  FeatureFlag,
  Feedback,
  Level,
  OutgoingRecord,
  Receipt,
  Recorded,
  Span,
  Stats,
  TraceIds,
  User,
  Vital,
} from './types.js';
