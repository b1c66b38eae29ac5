import type { TelemetryClient } from './TelemetryClient.js';

/**
 * What a client can do, whoever made it: the one of this page, one of your own, or a fake in a test.
 *
 * ```ts
 * import type { Telemetry } from 'beaconry/react';
 *
 * const checkout = (telemetry: Telemetry) => telemetry.event('checkout_started');
 * ```
 */
export type Telemetry = Pick<TelemetryClient, keyof TelemetryClient>;
