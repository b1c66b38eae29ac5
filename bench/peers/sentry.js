// Errors, logs, page loads and requests traced, and its offline queue.
import { browserTracingIntegration, init, logger, makeBrowserOfflineTransport, makeFetchTransport } from '@sentry/browser';

init({
  dsn: 'https://key@telemetry.example/1',
  enableLogs: true,
  integrations: [browserTracingIntegration()],
  transport: makeBrowserOfflineTransport(makeFetchTransport),
});
logger.info('Hello');
