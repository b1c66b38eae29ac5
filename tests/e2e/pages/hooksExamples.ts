/** The examples that the hooks' documentation shows, compiled. A test of the package looks for each of them here. */
import { init, telemetry } from "beaconry";
import {
  startAll,
  startBreadcrumbs,
  startClicks,
  startConsole,
  startCsp,
  startErrors,
  startFetch,
  startLongTasks,
  startNavigation,
  startResources,
  startXhr,
  wrapLogger,
} from "beaconry/hooks";
import { startVitals } from "beaconry/vitals";

declare const plainLogger: { action(name: string, context?: object): void };

export const logger = wrapLogger(plainLogger, telemetry);
logger.action('Quiz started', { topic: 'Math' });

{
  const stop = startAll(telemetry, { console: false, fetch: { traceHosts: ['api.example.com'] }, vitals: startVitals });
  stop();
}
{
  const stop = startAll(telemetry, { fetch: { traceHosts: ['api.example.com'] }, vitals: startVitals });
  stop();
}
{
  const stop = startBreadcrumbs(telemetry, { most: 30 });
  stop();
}
{
  const stop = startClicks(telemetry, { rageClicks: 4 });
  stop();
}
{
  const stop = startConsole(telemetry, { methods: ['error'] });
  stop();
}
{
  const stop = startCsp(telemetry);
  stop();
}
{
  const stop = startErrors(telemetry);
  stop();
}
{
  const stop = startFetch(telemetry, { traceHosts: ['api.example.com'] });
  stop();
}
{
  const stop = startLongTasks(telemetry, { minMs: 200 });
  stop();
}
{
  const stop = startNavigation(telemetry, { hashes: 'none' });
  stop();
}
{
  const stop = startResources(telemetry);
  stop();
}
{
  const stop = startXhr(telemetry);
  stop();
}
{
  const stop = startVitals(telemetry);
  stop();
}
startVitals(telemetry);
startErrors(telemetry);
startFetch(telemetry, { traceHosts: ['api.example.com'] });
await init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'your-ingest-key' });
