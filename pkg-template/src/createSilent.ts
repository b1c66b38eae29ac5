import type { Telemetry } from './Telemetry.js';
import type { Stats } from './types.js';

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
    stats: () => NO_ACCOUNT,
  };
}

const NO_ACCOUNT: Stats = {
  stream: '',
  enabled: false,
  lastSeq: 0,
  recorded: 0,
  adopted: 0,
  acknowledged: 0,
  handedOver: 0,
  leftToBrowser: 0,
  waiting: 0,
  inFlight: 0,
  queuedBytes: 0,
  sent: 0,
  requests: 0,
  failedRequests: 0,
  spoolWrites: 0,
  spoolRefusals: 0,
  discarded: {},
  abandoned: 0,
  withoutWasm: 0,
  traps: 0,
  restarts: 0,
  flushes: {},
  cpuMs: 0,
  storage: 'none',
};
