import type { Call } from '../makeRecord.js';
import type { Made, Post } from './createPost.js';

export type Sender = ReturnType<typeof createSender>;

/**
 * Sends errors for the rest of the life of a page where the wasm is refused. It is bounded: so many records a page,
 * and one request at a time with a pause behind it, longer after each that failed. `maySend` says at each whether it may
 * go.
 */
export function createSender(post: Post, maySend: () => boolean) {
  let taken = 0;
  let waiting: readonly Made[] = [];
  let removed = 0;
  /** How often everything was to be forgotten. */
  let denials = 0;
  let isBusy = false;
  let failures = 0;
  const counts = { acknowledged: 0, handedOver: 0, sent: 0, requests: 0, failedRequests: 0, other: 0 };

  function request(keepalive: boolean) {
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
      const { records, answer } = request(false);
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
    if (!isBusy) return;
    if (maySend()) void send();
    else setTimeout(goOn, PAUSE_MS);
  }

  function begin(): void {
    // What happens in one task goes together.
    if (!isBusy) setTimeout(goOn, 0);
    isBusy = true;
  }

  /** The page is still there, and the server has not got them: they go again, under the same places. */
  function putBack(records: readonly Made[]): void {
    counts.handedOver -= records.length;
    counts.failedRequests += 1;
    waiting = [...records, ...waiting];
    if (!isBusy) setTimeout(goOn, PAUSE_MS);
    isBusy = true;
  }

  /** Removes those, as if they had never been taken; how many there were. */
  function remove(records: readonly Made[]): number {
    const count = forget(records);
    removed += count;
    return count;
  }


  return {
    /** Takes a record; whether there was room. */
    take(call: Call, at: number): boolean {
      if (taken >= MOST) return false;
      taken += 1;
      waiting = [...waiting, { call, at }];
      begin();
      return true;
    },
    /** Gives to the browser what fits, since the page goes, and forgets it. */
    sendNow(): void {
      if (waiting.length === 0 || !maySend()) return;
      try {
        const { records, answer } = request(true);
        counts.handedOver += forget(records);
        const before = denials;
        const again = (): void => {
          if (before === denials) putBack(records);
        };
        answer.then(({ ok }) => ok || again(), again);
      } catch {
        // It waits for the page to come back.
      }
    },
    /** Takes what was to be sent by others, however many. */
    adopt(records: readonly Made[]): void {
      if (records.length === 0) return;
      taken += records.length;
      waiting = [...records, ...waiting];
      begin();
    },
    /** Gives up all that waits: how many that were. */
    forget(): number {
      denials += 1;
      return remove(waiting);
    },
    /** Gives away what was in no request yet, so that no server can have it. */
    giveBack(): readonly Made[] {
      const unsent = waiting.filter(({ seq }) => seq === undefined);
      remove(unsent);
      return unsent;
    },
    /** What became of its records, under the names of `Stats`. */
    stats() {
      const { other, ...known } = counts;
      const discarded: Record<string, number> = other > 0 ? { other } : {};
      return { ...known, recorded: taken - removed, withoutWasm: taken - removed, waiting: waiting.length, discarded };
    },
  };
}

/** Enough to see what is wrong with a page, and not enough to be a burden where everything is. */
const MOST = 500;
const PAUSE_MS = 5_000;
const MOST_DOUBLED = 6;
