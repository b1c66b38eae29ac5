import { useContext, useEffect, useMemo } from 'react';
import { createSilent } from '../createSilent.js';
import { warn } from '../explain.js';
import type { Telemetry } from '../Telemetry.js';
import { TelemetryContext } from './TelemetryContext.js';

/**
 * The client of the nearest {@link TelemetryProvider}.
 *
 * ```tsx
 * function Pay() {
 *   const telemetry = useTelemetry();
 *   return <button onClick={() => telemetry.event('payment_started')}>Pay</button>;
 * }
 * ```
 *
 * Call it in event handlers and effects: what a component records while it renders is recorded at every render.
 * Outside of a provider the console says so, and the client that it returns records nothing.
 */
export function useTelemetry(): Telemetry {
  const client = useContext(TelemetryContext);
  const isMissing = client === undefined;
  useEffect(() => {
    if (isMissing) warn('useTelemetry() is used outside of <TelemetryProvider client={telemetry}>: nothing is recorded');
  }, [isMissing]);
  return useMemo(() => client ?? createSilent(), [client]);
}
