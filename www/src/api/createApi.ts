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

/** `logIn` is called when the server wants to know who asks: the session has ended. */
export function createApi(logIn: () => void): Api {
  async function ask<T>(path: string, decode: (json: unknown) => T | undefined): Promise<Answer<T>> {
    const answer = await fetchJson(path, decode);
    if (!answer.ok && answer.failure.kind === 'refused' && answer.failure.status === 401) logIn();
    return answer;
  }
  return {
    health: () => ask(HEALTH, decodeHealth),
    counts: () => ask(COUNTS, decodeCounts),
    newest: () => ask(NEWEST, decodeEvents),
    olderThan: (n) => ask(olderThan(n), decodeEvents),
  };
}
