import type { Call } from '../makeRecord.js';
import type { Config } from '../types.js';
import { createPost } from './createPost.js';
import type { Made } from './createPost.js';

export type Sender = ReturnType<typeof createSender>;

/**
 * Sends errors for the rest of the life of a page where the wasm is refused. It is bounded: so many records a page,
 * and one request at a time with a pause behind it, longer after each that failed.
 */
export function createSender(config: Config) {
  const post = createPost(config);
  let taken = 0;
  let waiting: readonly Made[] = [];
  let isBusy = false;
  let failures = 0;
  const counts = { acknowledged: 0, handedOver: 0, sent: 0, requests: 0, failedRequests: 0, other: 0 };

  function begin(keepalive: boolean) {
    const posted = post(waiting, keepalive);
    counts.requests += 1;
    counts.sent += posted.records.length;
    return posted;
  }

  /** How many of them still waited. */
  function forget(records: readonly Made[]): number {
    const before = waiting.length;
    waiting = waiting.filter((made) => !records.includes(made));
    return before - waiting.length;
  }

  async function send(): Promise<void> {
    try {
      const { records, answer } = begin(false);
      const response = await answer;
      const { acknowledged } = (response.ok ? await response.json() : {}) as { acknowledged?: [number, number][] };
      if (acknowledged === undefined) throw response;
      const isNamed = ({ seq = 0 }: Made) => acknowledged.some(([first, last]) => seq >= first && seq <= last);
      counts.acknowledged += forget(records.filter(isNamed));
      // The others were refused for good.
      counts.other += forget(records);
      failures = 0;
    } catch {
      counts.failedRequests += 1;
      failures = Math.min(failures + 1, MOST_DOUBLED);
    }
    setTimeout(goOn, PAUSE_MS * 2 ** failures);
  }

  function goOn(): void {
    isBusy = waiting.length > 0;
    if (isBusy) void send();
  }

  return {
    /** Takes a record; whether there was room. */
    take(call: Call, at: number): boolean {
      if (taken >= MOST) return false;
      taken += 1;
      waiting = [...waiting, { call, at }];
      // What happens in one task goes together.
      if (!isBusy) setTimeout(goOn, 0);
      isBusy = true;
      return true;
    },
    /** Gives to the browser what fits, since the page goes, and forgets it. */
    sendNow(): void {
      if (waiting.length === 0) return;
      try {
        const { records, answer } = begin(true);
        answer.then(undefined, () => undefined);
        counts.handedOver += forget(records);
      } catch {
        // It waits for the page to come back.
      }
    },
    /** What became of its records, under the names of `Stats`. */
    stats() {
      const { other, ...known } = counts;
      const discarded: Record<string, number> = other > 0 ? { other } : {};
      return { ...known, recorded: taken, withoutWasm: taken, waiting: waiting.length, discarded };
    },
  };
}

/** Enough to see what is wrong with a page, and not enough to be a burden where everything is. */
const MOST = 500;
const PAUSE_MS = 5_000;
const MOST_DOUBLED = 6;
