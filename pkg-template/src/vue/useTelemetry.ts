import { inject } from 'vue';
import { createSilent } from '../createSilent.js';
import { warn } from '../explain.js';
import type { Telemetry } from '../Telemetry.js';
import { TELEMETRY } from './key.js';

/**
 * The client of the plugin, in `setup`.
 *
 * ```ts
 * const telemetry = useTelemetry();
 * const pay = () => telemetry.event('payment_started');
 * ```
 *
 * In an app without the plugin the console says so, and the client that it returns records nothing.
 */
export function useTelemetry(): Telemetry {
  return inject(TELEMETRY, silent, true);
}

function silent(): Telemetry {
  warn('useTelemetry() is used without app.use(beaconry, { client: telemetry }): nothing is recorded');
  return createSilent();
}
