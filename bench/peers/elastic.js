// Errors, page loads and requests; it has no logs.
import { init } from '@elastic/apm-rum';

init({ serviceName: 'shop', serverUrl: 'https://telemetry.example' }).captureError(new Error('Hello'));
