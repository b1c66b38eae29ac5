import { decodeCounts } from './decodeCounts.ts';
import { decodeHealth } from './decodeHealth.ts';
import { decodeEvents } from './decodeRecord.ts';
import { fetchJson } from './fetchJson.ts';
import { COUNTS, HEALTH, NEWEST, olderThan } from './query.ts';
import type { Answer, Counts, EventsPage, Health } from './types.ts';

/** The queries that the page asks. */
export interface Api {
  health(): Promise<Answer<Health>>;
  counts(): Promise<Answer<Counts>>;
  newest(): Promise<Answer<EventsPage>>;
  olderThan(n: number): Promise<Answer<EventsPage>>;
}

export function createApi(): Api {
  return {
    health: () => fetchJson(HEALTH, decodeHealth),
    counts: () => fetchJson(COUNTS, decodeCounts),
    newest: () => fetchJson(NEWEST, decodeEvents),
    olderThan: (n) => fetchJson(olderThan(n), decodeEvents),
  };
}
