import { all } from './attempt.js';
import { createRequestRecorder } from './requests.js';
import type { RequestOptions } from './requests.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { watchXhr } from './watchXhr.js';

/**
 * Records each `XMLHttpRequest` of the app, also one that is not asynchronous, as `startFetch` does for `fetch`.
 *
 * ```ts
 * const stop = startXhr(telemetry);
 * ```
 *
 * Answers are not read. Where there is no `XMLHttpRequest` it does nothing, and says so in debug mode.
 */
export function startXhr(telemetry: Telemetry, options?: RequestOptions): Stop {
  const missing = typeof globalThis.XMLHttpRequest !== 'function' && 'XMLHttpRequest';
  return start(telemetry, 'startXhr', missing, () => {
    const { watcher, stop } = createRequestRecorder(telemetry, 'startXhr', options);
    return all([stop, watchXhr(telemetry, watcher)]);
  });
}
