/**
 * What a page can record by itself. Each hook starts alone, costs nothing when it is not imported, and
 * gives back a `stop` that puts the page back to how it was.
 *
 * ```ts
 * import { init, telemetry } from 'beaconry';
 * import { startErrors, startFetch } from 'beaconry/hooks';
 *
 * startErrors(telemetry);
 * startFetch(telemetry, { traceHosts: ['api.example.com'] });
 * await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key' });
 * ```
 */
export { startAll } from './startAll.js';
export { startBreadcrumbs } from './startBreadcrumbs.js';
export { startClicks } from './startClicks.js';
export { startConsole } from './startConsole.js';
export { startCsp } from './startCsp.js';
export { startErrors } from './startErrors.js';
export { startFetch } from './startFetch.js';
export { startLongTasks } from './startLongTasks.js';
export { startNavigation } from './startNavigation.js';
export { startResources } from './startResources.js';
export { startXhr } from './startXhr.js';
export { wrapLogger } from './wrapLogger.js';
export type { AllOptions } from './startAll.js';
export type { BreadcrumbOptions } from './startBreadcrumbs.js';
export type { ClickOptions } from './startClicks.js';
export type { ConsoleOptions } from './startConsole.js';
export type { ErrorOptions } from './startErrors.js';
export type { LongTaskOptions } from './startLongTasks.js';
export type { NavigationOptions } from './startNavigation.js';
export type { RequestOptions } from './requests.js';
export type { Stop, Telemetry } from './types.js';
