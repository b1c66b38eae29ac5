// Errors, vitals and requests from one package, logs from the other.
import { datadogLogs } from '@datadog/browser-logs';
import { datadogRum } from '@datadog/browser-rum';

datadogRum.init({ applicationId: 'id', clientToken: 'token', site: 'datadoghq.com' });
datadogLogs.init({ clientToken: 'token', site: 'datadoghq.com' });
datadogLogs.logger.info('Hello');
