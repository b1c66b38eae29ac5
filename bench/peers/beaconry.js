// Logs, errors, metrics, traces and events; the wasm counts, too.
import { init, telemetry } from 'beaconry';

init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'key', app: 'shop' });
telemetry.log('info', 'Hello');
