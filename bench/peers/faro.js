// What its web SDK brings by itself: errors, console, vitals, sessions.
import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';

const faro = initializeFaro({
  url: 'https://telemetry.example/collect',
  app: { name: 'shop' },
  instrumentations: getWebInstrumentations(),
});
faro.api.pushLog(['Hello']);
