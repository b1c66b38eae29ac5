// Its main entry, as its documentation says to import it.
import posthog from 'posthog-js';

posthog.init('key', { api_host: 'https://telemetry.example' });
posthog.capture('hello');
