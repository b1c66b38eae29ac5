import { NO_STATS } from './account.js';
import type { Telemetry } from './Telemetry.js';

/** A client that is off, for those who were given none: it takes every call and keeps nothing. */
export function createSilent(): Telemetry {
  const none = () => 0;
  const nothing = () => undefined;
  const off = async () => 'off' as const;
  return {
    start: async () => undefined,
    log: none,
    metric: none,
    trace: none,
    startSpan: () => ({ end: none }),
    vital: none,
    error: none,
    event: none,
    trackEvent: none,
    feedback: none,
    setUser: nothing,
    setConsent: nothing,
    setContext: nothing,
    destination: nothing,
    advise: nothing,
    leaveOut: nothing,
    flush: off,
    delivered: off,
    shutdown: off,
    isEnabled: () => false,
    getSessionId: () => '',
    getBuffer: () => ({ logs: [], traces: [], metrics: [], vitals: [], errors: [], events: [] }),
    stats: () => NO_STATS,
  };
}
