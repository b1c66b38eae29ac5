// Page views and events; errors, vitals and requests are plugins that are not in here.
import { newTracker, trackPageView } from '@snowplow/browser-tracker';

newTracker('shop', 'https://telemetry.example', { appId: 'shop' });
trackPageView();
