/**
 * Web vitals with what they are due to, by the `web-vitals` library.
 *
 * ```ts
 * import { init, telemetry } from 'beaconry';
 * import { startVitals } from 'beaconry/vitals';
 *
 * startVitals(telemetry);
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key' });
 * ```
 */
export { startVitals } from './startVitals.js';
export type { Stop } from '../hooks/types.js';
