import type { TelemetryClient } from '../TelemetryClient.js';

/** What hooks need of a client: a `TelemetryClient` has it all. */
export type Telemetry = Pick<TelemetryClient, 'log' | 'metric' | 'trace' | 'vital' | 'error' | 'event'> &
  Partial<Pick<TelemetryClient, 'advise' | 'leaveOut'>>;

/** Ends a hook, and puts the page back to how it was. A second call does nothing. */
export type Stop = () => void;
