import { all } from './attempt.js';
import { createRequestRecorder } from './requests.js';
import type { RequestOptions } from './requests.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { watchFetch } from './watchFetch.js';

/**
 * Records each `fetch` of the app as a trace, `GET /api/items/[id]`, from the call to the answer's head, with status and
 * size, and sends a W3C `traceparent` to the own origin and to `traceHosts`.
 *
 * ```ts
 * const stop = startFetch(telemetry, { traceHosts: ['api.example.com'] });
 * ```
 *
 * Bodies are neither read nor cloned. A `traceparent` of the app is kept, and the record takes its ids. Where
 * there is no `fetch` it does nothing, and says so in debug mode.
 */
export function startFetch(telemetry: Telemetry, options?: RequestOptions): Stop {
  const missing = typeof globalThis.fetch !== 'function' && 'fetch';
  return start(telemetry, 'startFetch', missing, () => {
    const { watcher, stop } = createRequestRecorder(telemetry, 'startFetch', options);
    return all([stop, watchFetch(telemetry, watcher)]);
  });
}
