// The same with uncaught errors, console, requests, navigation, clicks, breadcrumbs and vitals.
import { init, telemetry } from 'beaconry';
import { startAll } from 'beaconry/hooks';
import { startVitals } from 'beaconry/vitals';

startAll(telemetry, { vitals: startVitals });
init({ endpoint: 'https://telemetry.example/api/telemetry/batch', token: 'key', app: 'shop' });
