/**
 * Beaconry in Vue 3.
 *
 * ```ts
 * import { telemetry } from 'beaconry';
 * import { beaconry } from 'beaconry/vue';
 *
 * createApp(App).use(beaconry, { client: telemetry, config: { endpoint: '/api/telemetry/batch' } }).mount('#app');
 * ```
 *
 * The entry brings no client with it: you pay for the one that you pass.
 */
export { beaconry } from './beaconry.js';
export type { BeaconryOptions } from './beaconry.js';
export { useTelemetry } from './useTelemetry.js';
export type { Telemetry } from '../Telemetry.js';
