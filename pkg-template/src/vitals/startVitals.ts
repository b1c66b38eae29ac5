import { start } from '../hooks/start.js';
import type { Stop, Telemetry } from '../hooks/types.js';
import { listenToVitals } from './webVitals.js';

/**
 * Records LCP, INP, CLS, FCP and TTFB by the `web-vitals` library, each with what it is due to.
 *
 * ```ts
 * import { startVitals } from 'beaconry/vitals';
 *
 * const stop = startVitals(telemetry);
 * ```
 *
 * LCP, CLS and INP are known when the page is left or hidden, and recorded then. In a browser that does not
 * measure one of them, it is left out; without a page it does nothing, and says so in debug mode.
 */
export function startVitals(telemetry: Telemetry): Stop {
  return start(telemetry, 'startVitals', typeof document !== 'object' && 'page', () =>
    listenToVitals(({ id, entries, attribution, ...vital }) => telemetry.vital({ ...vital, attribution: plain(attribution) })),
  );
}

/** What is no entry or element: parts of the time, selectors, URLs, from which the client takes queries. */
function plain(attribution: object): object {
  return Object.fromEntries(Object.entries(attribution).filter(([, value]) => typeof value !== 'object'));
}
