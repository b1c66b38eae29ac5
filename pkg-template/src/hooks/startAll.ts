import { all } from './attempt.js';
import { startBreadcrumbs } from './startBreadcrumbs.js';
import type { BreadcrumbOptions } from './startBreadcrumbs.js';
import { startClicks } from './startClicks.js';
import type { ClickOptions } from './startClicks.js';
import { startConsole } from './startConsole.js';
import type { ConsoleOptions } from './startConsole.js';
import { startCsp } from './startCsp.js';
import { startErrors } from './startErrors.js';
import type { ErrorOptions } from './startErrors.js';
import { startFetch } from './startFetch.js';
import { startLongTasks } from './startLongTasks.js';
import type { LongTaskOptions } from './startLongTasks.js';
import { startNavigation } from './startNavigation.js';
import type { NavigationOptions } from './startNavigation.js';
import { startResources } from './startResources.js';
import { startXhr } from './startXhr.js';
import type { RequestOptions } from './requests.js';
import { advise } from './start.js';
import type { Stop, Telemetry } from './types.js';

/** Which hooks `startAll` starts: each one that is not `false`, with its options. */
export interface AllOptions {
  readonly breadcrumbs?: false | BreadcrumbOptions | undefined;
  readonly errors?: false | ErrorOptions | undefined;
  readonly console?: false | ConsoleOptions | undefined;
  readonly fetch?: false | RequestOptions | undefined;
  readonly xhr?: false | RequestOptions | undefined;
  readonly navigation?: false | NavigationOptions | undefined;
  readonly longTasks?: false | LongTaskOptions | undefined;
  readonly resources?: false | object | undefined;
  readonly csp?: false | object | undefined;
  readonly clicks?: false | ClickOptions | undefined;
  /** `startVitals` of `beaconry/vitals`, so that only those pay for it who ask for it. */
  readonly vitals?: false | ((telemetry: Telemetry) => Stop) | undefined;
}

/**
 * Starts every hook. The one `stop` ends them all.
 *
 * ```ts
 * import { startVitals } from 'beaconry/vitals';
 *
 * const stop = startAll(telemetry, { console: false, fetch: { traceHosts: ['api.example.com'] }, vitals: startVitals });
 * ```
 *
 * A hook whose API is missing is left out, and says so in debug mode.
 */
export function startAll(telemetry: Telemetry, options?: AllOptions): Stop {
  const given = (typeof options === 'object' && options !== null ? options : {}) as Record<string, unknown>;
  const names = [...Object.keys(HOOKS), 'vitals'];
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) advise(telemetry, `startAll() takes no option ${name}, only ${names.join(', ')}`);
  }
  const stops = Object.entries(HOOKS)
    .filter(([name]) => given[name] !== false)
    .map(([name, begin]) => begin(telemetry, given[name] === true ? undefined : (given[name] as never)));
  const { vitals } = given;
  if (typeof vitals === 'function') stops.push((vitals as (telemetry: Telemetry) => Stop)(telemetry));
  else if (vitals) advise(telemetry, "startAll({ vitals }) takes startVitals of 'beaconry/vitals'");
  return all(stops);
}

const HOOKS: Readonly<Record<string, (telemetry: Telemetry, options?: never) => Stop>> = {
  breadcrumbs: startBreadcrumbs,
  errors: startErrors,
  console: startConsole,
  fetch: startFetch,
  xhr: startXhr,
  navigation: startNavigation,
  longTasks: startLongTasks,
  resources: startResources,
  csp: startCsp,
  clicks: startClicks,
};
