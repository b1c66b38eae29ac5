import type { TelemetryClient } from '../TelemetryClient.js';

/** What the element needs of a client. */
export type Reporter = Pick<TelemetryClient, 'feedback' | 'flush' | 'delivered' | 'destination' | 'log'>;
