import type { EarlyCalls } from './earlyCalls.js';
import type { Stats } from './types.js';

/** The wasm's account, and that of calls which it has not seen. */
export function addEarly(stats: Stats, early: EarlyCalls): Stats {
  const waiting = early.waiting();
  const discarded: Record<string, number> = { ...stats.discarded };
  let recorded = stats.recorded + waiting;
  for (const [reason, count] of Object.entries(early.discarded())) {
    discarded[reason] = (discarded[reason] ?? 0) + count;
    recorded += count;
  }
  return { ...stats, recorded, waiting: stats.waiting + waiting, discarded };
}

/** The account of a client that has not been there yet. */
export const NO_STATS: Stats = {
  stream: '',
  enabled: false,
  lastSeq: 0,
  recorded: 0,
  adopted: 0,
  acknowledged: 0,
  waiting: 0,
  inFlight: 0,
  queuedBytes: 0,
  sent: 0,
  requests: 0,
  failedRequests: 0,
  spoolWrites: 0,
  spoolRefusals: 0,
  discarded: {},
  flushes: {},
  storage: 'none',
};
